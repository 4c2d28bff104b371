"""What points back: "a bit more", "same on the snare", "undo the last two"."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.request import NUMBERS, Request
from assistant.understand.clarify import ask
from assistant.understand.tokens import Token
from ontology.language import load_language

__all__ = ["Context", "again", "less_again", "same_on", "undo_steps"]

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
    """

    requests: tuple[Request, ...] = ()
    undoable: int = 0
    redoable: int = 0
    version: int | None = None

    @property
    def edits(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.intent == "edit")


def _scaled(request: Request, share: float, flip: bool) -> Request | None:
    """The same again with a share of its amount; None where only absolute numbers were asked for."""
    numbers = {
        name: value * share * (-1 if flip else 1) for name, value in request.numbers.items() if name in _RELATIVE
    }
    numbers |= {name: value for name, value in request.numbers.items() if name in ("freq_hz", "q") and numbers}
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


def same_on(context: Context, targets: Sequence[str]) -> list[Request]:
    """The last edits on other targets."""
    return [request.model_copy(update={"targets": tuple(targets)}) for request in context.edits]


def undo_steps(rest: Sequence[Token], context: Context) -> Request:
    """How many versions to go back."""
    language = load_language()
    texts = [token.text for token in rest]
    steps = 1.0
    number = next((t.value for t in rest if t.value is not None and t.unit == "none"), None)
    if number is None:
        number = next((language.words[text] for text in texts if text in language.words and text != "one"), None)
    place = next((language.ordinals[text] for text in texts if language.ordinals.get(text, -1) > 0), None)
    if "version" in texts and (place is not None or number is not None) and context.version is not None:
        steps = context.version - float(place if place is not None else number or 0)
        if steps < 1:
            return ask("That version is not behind this one. How far back should I go?", "undo", "undo the last two")
    elif "version" in texts and place is not None:
        return ask(f"How many steps back is version {place}?", "undo", "undo the last two", "undo everything")
    elif any(phrase in " ".join(texts) for phrase in language.undo_all):
        steps = float(context.undoable or NUMBERS["versions"].high)
    elif number is not None:
        steps = number
    spec = NUMBERS["versions"]
    if not spec.low <= steps <= spec.high:
        return ask(
            f"I can go back {spec.low:g} to {spec.high:g} steps. How many?",
            "undo",
            "undo the last two",
            "undo everything",
        )
    return Request(intent="undo", direction="=", numbers={"versions": float(round(steps))})
