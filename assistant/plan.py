"""Which channel every edit moves, and which are watched: locks, groups and parts of one stereo mix."""

from collections.abc import Sequence

from assistant.regions import region_of
from assistant.request import MIX, Request
from assistant.session import Session
from assistant.tell import say

__all__ = ["by_target", "named", "stronger", "to_watch"]


def by_target(edits: Sequence[Request], session: Session) -> tuple[dict[str, list[Request]], list[str]]:
    """Sort requests by the channel they move; with locks, "mix" means every track that is not locked."""
    names = [track.name for track in session.song.tracks]
    locked = [*named(edits, "lock"), *(name for name in (*names, "master") if session.is_locked(name))]
    locked += [MIX] if "master" in locked else []
    plan: dict[str, list[Request]] = {}
    for request in edits:
        targets: Sequence[str] = request.targets or (MIX,)
        if MIX in targets and locked:
            targets = names
        for target in targets:
            if len(names) == 1 and target not in names and region_of((target,)) is not None:
                target = MIX  # a part of one stereo mix is reached by its band
            if target not in locked and (target == MIX or target in names):
                plan.setdefault(target, []).append(request)
    parts = [lock for lock in session.locks if lock.what is not None and lock.track in (*plan, MIX)]
    notes = [say("locked", track=name) for name in names if name in locked]
    return plan, [*notes, *(say("locked_part", what=str(lock)) for lock in parts)]


def named(edits: Sequence[Request], constraint: str) -> list[str]:
    """Return the tracks that a constraint ("keep", "lock") names."""
    found = [entry for request in edits for entry in request.constraints]
    return list(dict.fromkeys(entry[5:] for entry in found if entry.startswith(f"{constraint}:")))


def to_watch(plan: dict[str, list[Request]], edits: Sequence[Request], session: Session) -> list[str]:
    """Return the channels whose sound is measured: what moves, and what must stay clear."""
    kept = named(edits, "keep")
    names = {track.name for track in session.song.tracks}
    return list(dict.fromkeys([*plan, *(name for name in kept if name in names)]))


def stronger(request: Request, factor: float) -> Request:
    """Return a request with its amount multiplied, as far as amounts go."""
    amount = min(4.0, max(0.05, request.amount * factor))
    return request.model_copy(update={"amount": amount})
