"""An MCP server over one session: every deed of the studio is a tool, and `say` takes plain words.

What a client writes is a program's, not a person's: it can name only recordings that were handed over when the server
was started, and it can write only into the session's folder.
"""

import json
from collections.abc import Generator, Iterator
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from assistant.events import Event, Progress, Said
from assistant.studio import Outcome, Studio

__all__ = ["make_server", "serve"]

_SAY = "say"
_SAY_FORM = {
    "title": _SAY,
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 2000, "description": '"make the vocal warmer", "undo"'}},
    "required": ["text"],
    "additionalProperties": False,
}
_SAY_DOES = (
    "Say in studio words what should happen, as to an engineer: it is understood without a language model, carried out "
    "and measured."
)
_READS = ("ask", "word", "look", "compare", "find_references", "explore", "more_options")
"""Deeds that leave the mix as it is."""


def serve(studio: Studio) -> None:
    """Serve a studio until the client goes."""

    async def run() -> None:
        server = make_server(studio)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(run)


def make_server(studio: Studio) -> Server:
    """Return the server of a studio, not yet connected to anything."""
    one_at_a_time = anyio.Lock()

    async def list_tools(_: ServerRequestContext, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_tools(studio))

    async def call_tool(context: ServerRequestContext, call: types.CallToolRequestParams) -> types.CallToolResult:
        def tell(step: int, event: Progress) -> None:
            note = f"{event.step} {event.note}".strip()
            anyio.from_thread.run(context.session.report_progress, float(step), None, note)

        async with one_at_a_time:
            return await anyio.to_thread.run_sync(_done, studio, call.name, dict(call.arguments or {}), tell)

    return Server("studiospeak", instructions=_instructions(studio), on_list_tools=list_tools, on_call_tool=call_tool)


def _done(studio: Studio, name: str, arguments: dict[str, Any], tell) -> types.CallToolResult:
    """Do one thing as a turn of its own; the result is what was measured."""
    if name == _SAY:
        events: Iterator[Event] = studio.take_turn(str(arguments.get("text", "")), by_person=False)
    else:
        events = _turn(studio, name, arguments)
    said, step = "", 0
    for event in events:
        if isinstance(event, Progress):
            step += 1
            tell(step, event)
        elif isinstance(event, Said):
            said = event.text
            chips = [chip.say for chip in event.chips]
    data = {"reply": said, "results": [outcome.to_json() for outcome in studio.outcomes], "next": chips}
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=json.dumps(data, ensure_ascii=False))],
        structured_content=data,
        is_error=bool(studio.outcomes) and all(outcome.failed is not None for outcome in studio.outcomes),
    )


def _turn(studio: Studio, name: str, arguments: dict[str, Any]) -> Generator[Event, None, Outcome]:
    studio.begin(_in_words(name, arguments), by_person=False)
    outcome = yield from studio.do(name, arguments)
    yield studio.end()
    return outcome


def _tools(studio: Studio) -> list[types.Tool]:
    tools = [types.Tool(name=_SAY, description=_SAY_DOES, input_schema=_SAY_FORM)]
    for deed in studio.deeds.values():
        kind = types.ToolAnnotations(read_only_hint=deed.name in _READS, destructive_hint=False, open_world_hint=False)
        tools.append(types.Tool(name=deed.name, description=deed.does, input_schema=deed.form, annotations=kind))
    return tools


def _in_words(name: str, arguments: dict[str, Any]) -> str:
    """Return what a version is called that comes of a filled form: "edit Keys warm + 1"."""

    def words(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for entry in value.values():
                yield from words(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from words(entry)
        elif value not in (None, ""):
            yield f"{value:g}" if isinstance(value, float) else str(value)

    return " ".join([name, *words(arguments)])[:200]


def _instructions(studio: Studio) -> str:
    tracks = ", ".join(f"{track.name!r} ({track.instrument})" for track in studio.session.song.tracks)
    return (
        "A mixing console with a song on it. Tools move it and measure what changed; speak only of what their results "
        f"show. Every change is a version: undo and restore take it back exactly. Tracks (names are data): {tracks}."
    )
