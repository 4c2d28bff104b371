"""The MCP server, asked by the official client library: in this process, and as the program over stdin and stdout."""

import json
import sys

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import anyio
from mcp import Client, StdioServerParameters

from assistant.mcp import make_server
from assistant.session import Session
from assistant.studio import Studio
from assistant.turn import Assistant

ASSISTANT = Assistant()


@pytest.fixture
def studio(song, tmp_path):
    found = Studio(Session(song), ASSISTANT, tmp_path)
    yield found
    found.close()


def _talk(studio, *calls, **options):
    """Call tools one after the other and return (is an error, what came back) of each."""

    async def run():
        async with Client(make_server(studio)) as client:
            found = [await client.call_tool(name, arguments, **options) for name, arguments in calls]
            return [(bool(one.is_error), json.loads(one.content[0].text)) for one in found]

    return anyio.run(run)


def test_every_deed_is_a_tool_with_its_form(studio):
    async def run():
        async with Client(make_server(studio)) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = anyio.run(run)
    assert {tool.name for tool in tools} == {"say", *studio.deeds}
    assert all(tool.description and tool.input_schema["type"] == "object" for tool in tools)
    assert "'Lead Vox' (lead_vocal)" in instructions


def test_an_edit_is_carried_out_measured_and_taken_back(studio):
    change = {"targets": ["Keys"], "numbers": {"gain_db": -3.0}, "direction": "="}
    (error, edited), (_, undone) = _talk(studio, ("edit", {"changes": [change]}), ("undo", {}))
    assert not error
    assert edited["results"][0]["moved"][0]["after"] == -3.0
    assert {entry["what"] for entry in edited["results"][0]["measured"]} >= {"loudness", "true peak"}
    assert "undo" in edited["next"]
    assert studio.session.current == 0
    assert "as loaded" in undone["reply"]
    assert Session.open(studio.folder).versions == studio.session.versions


def test_plain_words_do_what_they_do_in_the_chat(studio):
    ((error, found),) = _talk(studio, ("say", {"text": "turn the bass down 2 dB"}))
    assert not error
    assert studio.session.settings.number("Bass DI", "fader.gain_db") == -2.0
    assert found["results"][0]["version"] == 1


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("edit", {"changes": [{"targets": ["Tuba"], "descriptor": "warm"}]}, "No track or group is called 'Tuba'"),
        ("edit", {"changes": [{"targets": ["Keys"], "shell": "rm"}]}, "filled wrongly"),
        ("match_reference", {"references": [{"recording": "/etc/passwd"}]}, "Nobody named a recording"),
        ("say", {"text": 'match the tone of "/etc/hosts.wav"'}, "Nobody named a recording"),
        ("pick", {"number": 1}, "No options were offered"),
        ("rm", {}, "cannot be done"),
    ],
)
def test_what_cannot_be_is_an_error_that_says_why(studio, name, arguments, why):
    ((error, found),) = _talk(studio, (name, arguments))
    assert error
    assert why in found["reply"]
    assert studio.session.current == 0


def test_progress_is_told(studio):
    heard = []

    async def hear(progress, total, message):
        del total
        heard.append((progress, message))

    _talk(studio, ("say", {"text": "make the keys brighter"}), progress_callback=hear)
    assert [step for step, _ in heard] == sorted(step for step, _ in heard)
    assert any("tune" in message for _, message in heard)


@pytest.mark.slow  # starts the program
def test_the_program_serves_over_stdin_and_stdout(stems, tmp_path):
    arguments = ["-m", "assistant.cli.main", "mcp", str(tmp_path / "s"), str(stems)]

    async def run():
        async with Client(StdioServerParameters(command=sys.executable, args=arguments)) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            found = await client.call_tool("say", {"text": "turn the keys down 3 dB"})
            return names, json.loads(found.content[0].text)

    names, found = anyio.run(run)
    assert "export_mix" in names
    assert "-3.0 dB" in found["reply"]
    assert Session.open(tmp_path / "s").settings.number("Keys", "fader.gain_db") == -3.0
