"""Events of a turn -> chat messages. Pure: no gradio, no session."""

import re
from collections.abc import Sequence
from html import escape

from assistant.events import Asked, Diagnosed, Event, Failed, Heard, Measured, Moved, Progress, Said, Understood
from assistant.request import MIX, Request
from assistant.tell import name_channel

__all__ = ["EXAMPLES", "TurnView", "describe_request", "in_lines", "message"]

EXAMPLES = (
    "make the lead warmer and bring it forward, and tame the boomy bass",
    "the keys are muddy",
    "more punch on the kick",
    "cut 3 dB at 300 Hz on the keys",
    "what is wrong with this mix?",
)
"""Sentences offered before anything was said."""

_AFTER_EDIT = ("a bit more", "a bit less", "undo")
_AFTER_UNDO = ("redo",)
_AFTER_FINDINGS = ("fix the first", "fix the first two", "what would you do first?", "is it ready for streaming?")

_STEPS = {
    "aim": "Working out where the sound should go",
    "tune": "Turning knobs",
    "render": "Rendering",
    "check": "Measuring",
    "listen": "Listening",
}


def message(role: str, text: str) -> dict:
    """Return a chat message whose text shows as it is: gradio reads even plain messages as HTML."""
    return {"role": role, "content": escape(text, quote=False)}


def describe_request(request: Request) -> str:
    """Return a request in a few words: "Lead Vox: more warm"."""
    if request.intent != "edit":
        return request.intent
    where = ", ".join(name_channel(target) for target in request.targets or (MIX,))
    parts = []
    if request.descriptor:
        sign = {"+": "more ", "-": "less ", "=": ""}[request.direction]
        size = "" if abs(request.amount - 1.0) < 0.05 else f" (x {request.amount:.2g})"
        parts.append(f"{sign}{request.descriptor.replace('_', ' ')}{size}")
    parts += [f"{name.replace('_', ' ')} {value:g}" for name, value in request.numbers.items()]
    parts += [constraint.replace(":", " ") for constraint in request.constraints]
    return f"{where}: {', '.join(parts)}" if parts else where


class TurnView:
    """The messages of one turn as its events come in."""

    def __init__(self, text: str):
        self.text = text
        self.understood = ""
        self.working: str | None = "Reading"
        self.reply: str | None = None
        self.suggestions: tuple[str, ...] = ()
        self.moved = False
        self.figures: tuple = ()

    def add(self, event: Event) -> None:
        """Take the next event in."""
        match event:
            case Heard():
                self.working = "Reading"
            case Understood(requests):
                self.understood = "; ".join(describe_request(request) for request in requests)
                self.working = "Listening to the song"
                self._back = any(request.intent == "undo" for request in requests)
            case Progress(step, _, note):
                self.working = _progress(step, note)
            case Moved():
                self.moved = True
                self.working = None
                self.suggestions = _AFTER_UNDO if self._back else _AFTER_EDIT
            case Measured():
                self.working = None
            case Diagnosed(findings, figures):
                self.working = None
                self.figures = figures
                self.suggestions = _AFTER_FINDINGS if findings else self.suggestions
            case Asked(_, choices):
                self.suggestions = tuple(choices)
            case Failed():
                self.working = None  # the reply that follows says why
            case Said(text):
                self.reply, self.working = text, None

    def messages(self) -> Sequence[dict]:
        """Return the turn as it stands; the last message is the reply, or what is being done."""
        shown = [message("user", self.text)]
        if self.understood and self.reply is None:
            shown.append(message("assistant", f"{self.understood}\n{self.working or 'Working'} ..."))
        elif self.reply is None:
            shown.append(message("assistant", f"{self.working or 'Working'} ..."))
        if self.reply is not None:
            shown.append(message("assistant", in_lines(self.reply)))
        return shown


def in_lines(reply: str) -> str:
    """Put every sentence on a line of its own and a blank line between paragraphs.

    A sentence starts with a capital or a digit.
    """
    return re.sub(r'(?<=[.!?"]) (?=[A-Z0-9])', "\n", reply.replace("\n", "\n\n"))


def _progress(step: str, note: str) -> str:
    doing = _STEPS.get(step, step.capitalize())
    return f"{doing}: {note}" if note else doing
