"""A language model behind a local OpenAI-compatible address: what it is sent, streaming, and what it may not claim."""

import http.server
import json
import threading

import pytest

from assistant.chat import Talk
from assistant.chat.providers import load_model
from assistant.events import Moved, Said, Saying
from assistant.session import Session
from assistant.studio import Studio
from assistant.turn import Assistant
from console.errors import ModelError

ASSISTANT = Assistant()


class _Server(http.server.ThreadingHTTPServer):
    """Answers chat completions from a script, as a stream of chunks."""

    def __init__(self, script):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script, self.asked = list(script), []


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        deltas = self.server.script.pop(0)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta in deltas:
            self._send({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, data):
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "fake", **data}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    def log_message(self, *_):
        pass


def _call(name, **arguments):
    """A tool call in pieces, as servers stream it."""
    text = json.dumps(arguments)
    half = len(text) // 2
    return [
        {"role": "assistant", "tool_calls": [
            {"index": 0, "id": "c1", "type": "function", "function": {"name": name, "arguments": text[:half]}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": text[half:]}}]},
    ]  # fmt: skip


def _text(*pieces):
    return [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]


@pytest.fixture
def serve():
    pytest.importorskip("langchain_openai", reason="the extra openai is not installed")
    servers = []

    def start(*script):
        server = _Server(script)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}/v1#fake"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


CHANGE = {"targets": ["Keys"], "numbers": {"gain_db": -3.0}, "direction": "="}


def test_a_local_model_fills_forms_and_its_true_sentences_are_streamed(session, serve):
    server, address = serve(
        _call("edit", changes=[CHANGE]),
        _text("The Keys are 3", " dB quieter. The Lead Vox is ", "9 dB louder now. Say undo", " to take it back."),
    )
    talk = Talk(Studio(session, ASSISTANT), address)
    events = list(talk.say("a bit less keys"))
    assert session.settings.number("Keys", "fader.gain_db") == -3.0
    assert [event.version for event in events if isinstance(event, Moved)] == [1]
    assert [event.text for event in events if isinstance(event, Saying)] == ["The Keys are 3 dB quieter."]
    said = events[-1]
    assert isinstance(said, Said)
    assert "9 dB" not in said.text
    assert "fader -3.0 dB" in said.text
    assert "Say undo to take it back." in said.text

    first, second = server.asked
    assert first["stream"] is True
    forms = {tool["function"]["name"]: tool["function"]["parameters"] for tool in first["tools"]}
    assert set(forms) == set(talk.studio.deeds)
    assert forms["pick"]["properties"]["number"]["maximum"] == 8
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "tool"]
    assert json.loads(second["messages"][-1]["content"])["moved"][0]["after"] == -3.0


def test_a_conversation_with_a_local_model_goes_on_after_a_restart(song, tmp_path, serve):
    server, address = serve(_call("edit", changes=[CHANGE]), _text("Done."), _text("You are welcome."))
    studio = Studio(Session(song), ASSISTANT, tmp_path)
    talk = Talk(studio, address)
    list(talk.say("keys down 3 dB"))
    talk.close()
    studio.close()
    again = Studio(Session.open(tmp_path), ASSISTANT, tmp_path)
    later = Talk(again, address)
    assert list(later.say("thanks"))[-1].text == "You are welcome."
    later.close()
    again.close()
    roles = [message["role"] for message in server.asked[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


def test_a_server_that_is_not_there_is_told(session):
    pytest.importorskip("langchain_openai", reason="the extra openai is not installed")
    talk = Talk(Studio(session, ASSISTANT), "http://127.0.0.1:9/v1#none")
    events = list(talk.say("keys down 3 dB"))
    assert session.current == 0
    assert "Connection" in events[-1].text


@pytest.mark.parametrize("name", ["gpt", "openai:", "acme:x", "http:///x"])
def test_a_name_that_is_no_model_is_refused(name):
    with pytest.raises(ModelError):
        load_model(name)
