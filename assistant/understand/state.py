"""What one turn has gathered so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.request import MIX, Request
from assistant.understand.heard import Asked, Reading
from assistant.understand.refer import Context
from assistant.understand.tracks import TrackName

__all__ = ["EXAMPLES", "Draft", "Turn", "last_targets", "targets_for"]


@dataclass(slots=True)
class Draft:
    """An edit in the making: constraints and later clauses may still change it.

    Attributes:
        complaint: it was read from a complaint, which an order may answer otherwise.
        open: it names no target, so that one named right after it may be meant.
    """

    targets: tuple[str, ...]
    words: list[Asked]
    numbers: dict[str, float]
    amount: float
    section: str | None
    only: str | None
    complaint: bool = False
    open: bool = False


@dataclass(slots=True)
class Turn:
    """Everything the clauses of one text have asked for so far."""

    tracks: Sequence[TrackName]
    context: Context
    drafts: list[Draft] = field(default_factory=list)
    others: list[Request] = field(default_factory=list)
    questions: list[Request] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    keeps: list[Reading] = field(default_factory=list)
    locks: list[tuple[str, ...]] = field(default_factory=list)
    targets: tuple[str, ...] | None = None
    section: str | None = None
    remark: int | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)


def last_targets(turn: Turn) -> tuple[str, ...] | None:
    """Return what the turns before this one spoke of last; None if of nothing."""
    if turn.context.spoken:
        return turn.context.spoken
    asked = turn.context.asked
    for request in (*((asked,) if asked is not None else ()), *reversed(turn.context.requests)):
        if request.targets:
            return request.targets
    return None


def targets_for(turn: Turn, reading: Reading) -> tuple[str, ...] | None:
    """Named here, else named before in this text, else in the turns before; None where nothing was named."""
    if reading.targets is not None:
        return reading.targets
    if reading.rest:
        named = {name for locked in turn.locks for name in locked} | set(turn.targets or last_targets(turn) or ())
        named |= {name for draft in turn.drafts for name in draft.targets}
        return tuple(track.name for track in turn.tracks if track.name not in named) or (MIX,)
    if turn.targets is not None:
        turn.note(f"no target is named, so it stays {', '.join(turn.targets)}")
        return turn.targets
    if last := last_targets(turn):
        turn.note(f"no target is named, so it is what was spoken of last: {', '.join(last)}")
        return last
    return None


EXAMPLES = ("make the mix warmer", "what is wrong with the mix?", "make the vocal louder")
