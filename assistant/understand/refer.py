"""What points back: "a bit more", "same on the snare", "undo the last two"."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.request import MIX, NUMBERS, Request
from assistant.understand.clarify import ask
from assistant.understand.marks import Mark, mark
from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName, tracks_of_part
from ontology.language import load_language

__all__ = ["Context", "again", "amended", "less_again", "same_on", "targets_in", "undo_steps"]

_STEP = 0.5
_RELATIVE = ("gain_db",)


@dataclass(frozen=True, slots=True)
class Context:
    """What was said before.

    Attributes:
        requests: those of the turn before.
        undoable: how many versions can be taken back.
        redoable: how many can be put back.
        version: the number of the version that is heard, None where versions are not counted.
        asked: the question that the last reply ended with, or what it looked into; None where it left nothing open.
        spoken: the targets that were spoken of last, also where the change was taken back.
        offered: sentences that the last reply offered to say ("the second one").
    """

    requests: tuple[Request, ...] = ()
    undoable: int = 0
    redoable: int = 0
    version: int | None = None
    asked: Request | None = None
    spoken: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()

    @property
    def edits(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.intent == "edit")


def _scaled(request: Request, share: float, flip: bool) -> Request | None:
    """The same again with a share of its amount; None where only absolute numbers were asked for."""
    numbers = {
        name: value * share * (-1 if flip else 1) for name, value in request.numbers.items() if name in _RELATIVE
    }
    numbers |= {name: value for name, value in request.numbers.items() if name in ("freq_hz", "q") and numbers}
    if "pan" in request.numbers:
        numbers["pan"] = min(max(request.numbers["pan"] * (1 - share if flip else 1 + share), -1.0), 1.0)
    if request.descriptor is None and not numbers:
        return None
    turned = {"+": "-", "-": "+", "=": "="}[request.direction] if flip else request.direction
    amount = min(max(request.amount * share, 0.05), 4.0)
    return request.model_copy(update={"numbers": numbers, "direction": turned, "amount": amount})


def again(context: Context, amount: float | None) -> list[Request]:
    """ "a bit more": the last edits once more, by half or by the amount that was said."""
    found = [_scaled(request, amount or _STEP, False) for request in context.edits]
    return [request for request in found if request is not None]


def less_again(context: Context, amount: float | None) -> list[Request]:
    """ "too much": half of the last edits back."""
    found = [
        _scaled(request, min(amount or _STEP, 1.0) * (0.5 if amount and amount > 1 else 1.0), True)
        for request in context.edits
    ]
    return [request for request in found if request is not None]


def amended(context: Context, numbers: Mapping[str, float]) -> list[Request]:
    """ "Make that 2 dB", "with a Q of 4": the last edit taken back and made again with other numbers."""
    last = context.edits[-1] if context.edits else None
    if last is None or not last.numbers or not numbers.keys() <= {*last.numbers, "q"} or "freq_hz" in numbers:
        return []
    gain = numbers.get("gain_db")
    merged = {**last.numbers, **numbers}
    if gain is not None:
        merged["gain_db"] = math.copysign(gain, last.numbers["gain_db"])
    return [
        Request(intent="undo", direction="=", numbers={"versions": 1.0}),
        last.model_copy(update={"numbers": merged}),
    ]


def same_on(context: Context, targets: Sequence[str]) -> list[Request]:
    """The last edits on other targets."""
    return [request.model_copy(update={"targets": tuple(targets)}) for request in context.edits]


def targets_in(marks: Sequence[Mark], tracks: Sequence[TrackName]) -> tuple[str, ...]:
    """Every track that is named, in order; part ids where the song's tracks are not known."""
    found: list[str] = []
    for m in marks:
        if "track" in m.kinds:
            found += m.kinds["track"]
        elif "part" in m.kinds:
            found += tracks_of_part(*m.kinds["part"], tracks) if tracks else (m.kinds["part"][0],)
        elif "mix" in m.kinds:
            found.append("mix")
    return tuple(dict.fromkeys(found))


def undo_steps(rest: Sequence[Token], context: Context, tracks: Sequence[TrackName]) -> Request:
    """How far to go back, and which part of the change to take back."""
    language = load_language()
    text = " ".join(token.text for token in rest)
    marks = mark(rest, tracks)
    number = next((t.value for t in rest if t.value is not None and t.unit == "none"), None)
    if number is None:
        number = next((language.words[t.text] for t in rest if t.text in language.words and t.text != "one"), None)
    place = next((language.ordinals[t.text] for t in rest if language.ordinals.get(t.text, -1) > 0), None)
    numbers = {"versions": number if number is not None else 1.0}
    if any(phrase in text for phrase in language.as_loaded):
        numbers = {"version": 0.0}
    elif "version" in text.split() and (place is not None or number is not None):
        numbers = {"version": float(place if place is not None else number or 0)}
    elif any(re.search(rf"\b{phrase}\b", text) for phrase in language.undo_all):
        numbers = {"versions": float(context.undoable or NUMBERS["versions"].high)}
    for name, value in numbers.items():
        spec = NUMBERS[name]
        if not spec.low <= value <= spec.high or value != round(value):
            return ask(
                f"I can go back {spec.low:g} to {spec.high:g} {spec.unit}. How many?",
                "undo",
                "undo the last two",
                "undo everything",
            )
    targets = tuple(name for name in targets_in(marks, tracks) if name != MIX)
    parts = tuple(dict.fromkeys(f"only:{m.kinds['effect']}" for m in marks if "effect" in m.kinds))
    return Request(intent="undo", targets=targets, direction="=", constraints=parts, numbers=numbers)
