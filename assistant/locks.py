"""Locks: tracks, parts of a track and single parameters that no edit may turn."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from assistant.parts import PARTS, part_of
from assistant.request import MIX
from console.blend import differing, standing
from console.settings import Settings

__all__ = ["Lock", "covers", "held", "turned_though_locked"]


class Lock(BaseModel):
    """What is locked: `track` (or "mix": every channel), all of it or one part (`assistant.parts`) or parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    what: str | None = None

    def covers(self, address: str, parameter: str) -> bool:
        """Say whether a knob is locked by this."""
        here = self.track in (MIX, address)
        return here and (self.what is None or self.what in (parameter, part_of(parameter)))

    def __str__(self) -> str:
        where = "everything" if self.track == MIX else self.track
        if self.what is None:
            return where
        what = self.what.replace("_", "-") if self.what in PARTS else self.what
        return f"the {what} of {where}"


def covers(locks: Sequence[Lock], address: str, parameter: str | None = None) -> bool:
    """Say whether a knob, or a whole channel, is locked."""
    if parameter is None:
        return any(lock.what is None and lock.track in (MIX, address) for lock in locks)
    return any(lock.covers(address, parameter) for lock in locks)


def held(locks: Sequence[Lock], before: Settings, after: Settings) -> Settings:
    """Return `after` with every locked knob where it stood before."""
    for key in turned_though_locked(locks, before, after):
        after = after.turned({key[1:]: standing(before, key)}, key[0])
    return after


def turned_though_locked(locks: Sequence[Lock], before: Settings, after: Settings) -> list[tuple]:
    """Return the locked knobs that stand differently, as `console.blend` names knobs."""
    if not locks:
        return []
    return [key for key in differing(before, after)
            if standing(before, key) != standing(after, key) and covers(locks, key[1], key[2])]  # fmt: skip
