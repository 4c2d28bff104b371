"""Orders about changes rather than about sound: undo and redo, back to a version, more or less of an edit, locks.

None of them needs tuning, so they take effect at once. Each yields what moved and returns the sentence to say.
"""

from collections.abc import Generator, Sequence

from assistant.amount import rescale
from assistant.check import overall
from assistant.events import Event, Measured, Moved
from assistant.hearing import hear
from assistant.locks import Lock
from assistant.parts import all_but, part_named
from assistant.request import MIX, Request
from assistant.session import Session
from assistant.tell import say
from console.errors import RequestError
from console.settings import moves

__all__ = ["carry_out", "is_order", "set_amount"]

Order = Generator[Event, None, str]


def is_order(request: Request) -> bool:
    """Say whether a request is about changes or locks."""
    return request.intent in ("undo", "redo", "lock") or (request.intent == "edit" and "amount" in request.numbers)


def carry_out(session: Session, text: str, request: Request) -> Order:
    """Carry out an order, yield `Moved` and `Measured` where something moved, return what to say.

    Raises:
        StudiospeakError: there is nothing to undo or to rescale, or no such version or part.
    """
    if request.intent == "lock":
        return _lock(session, request)
    parts, tracks = _parts(request), _tracks(session, request)
    if request.intent == "edit":
        return (yield from set_amount(session, text, request.numbers["amount"], parts, tracks))
    if request.intent == "undo" and (parts or tracks):
        return (yield from set_amount(session, text, 0.0, parts, tracks))
    return (yield from _walk(session, request))


def set_amount(
    session: Session, text: str, amount: float, parts: Sequence[str] = (), tracks: Sequence[str] = ()
) -> Order:
    """Put the last edit, or a part of it, at an amount; the result is a version of its own.

    Args:
        session: gets the version if anything moved.
        text: what the person said or did.
        amount, parts, tracks: as in `assistant.amount.rescale`.
    """
    found = rescale(session, amount, parts, tracks)
    edit = session.versions[found.of]
    words = {"amount": f"{100 * amount:.0f}", "what": _what(parts, tracks), "said": edit.said}
    turned = moves(session.settings, found.settings)
    if not turned:
        return say("amount_same", **words)
    before, after = (hear(session, settings) for settings in (session.settings, found.settings))
    measured = overall(before, after)
    loudness = measured[0]
    reply = say("amount", before=f"{loudness.before:.1f}", after=f"{loudness.after:.1f}", **words)
    version = session.add(text, found.settings, edit.requests, measured, reply, found.of, found.shares)
    yield Moved(tuple(turned), version.number)
    yield Measured(measured, 1.0)
    return reply


def _walk(session: Session, request: Request) -> Order:
    """Undo, redo or go to a version: settings that were there before, so the audio is bit-identical."""
    left = session.settings
    if "version" in request.numbers:
        version = session.restore(int(request.numbers["version"]))
        sentence = "restored"
    else:
        steps = int(request.numbers.get("versions", 1))
        version = session.undo(steps) if request.intent == "undo" else session.redo(steps)
        sentence = "undone" if request.intent == "undo" else "redone"
    yield Moved(tuple(moves(left, version.settings)), version.number)
    return say(sentence, said=session.title_of(version.number))


def _lock(session: Session, request: Request) -> str:
    whats: Sequence[str | None] = [*_parts(request)] or [None]
    targets = request.targets or (MIX,)
    if "unlock" in request.constraints:
        gone = sum(session.unlock(target, what) for target in targets for what in whats)
        names = "everything" if MIX in targets else ", ".join(targets)
        return say("unlocked" if gone else "not_locked", what=names)
    for target in targets:
        for what in whats:
            session.lock(target, what)
    return say("locked_now", what=", ".join(str(Lock(track=target, what=what)) for target in targets for what in whats))


def _parts(request: Request) -> tuple[str, ...]:
    only = tuple(part_named(entry[5:]) for entry in request.constraints if entry.startswith("only:"))
    kept = [entry[7:] for entry in request.constraints if entry.startswith("except:")]
    if only and kept:
        raise RequestError("Only one part and all but one cannot both be meant. Say which part.")
    return all_but(kept) if kept else only


def _tracks(session: Session, request: Request) -> tuple[str, ...]:
    """Return the channels an order is about; none means all of them, as where every track that moved is named."""
    named = tuple(target for target in request.targets if target in session.settings.addresses())
    edit = session.version if session.version.of is None else session.versions[session.version.of]
    moved = {move.track for move in edit.moves} & set(session.settings.tracks)
    return () if moved <= set(named) else named


def _what(parts: Sequence[str], tracks: Sequence[str]) -> str:
    """Return what of an edit is meant, in words."""
    named = " and ".join(f"its {part.replace('_', '-')}" for part in parts) if len(parts) < 4 else "the rest of it"
    where = f" on {', '.join(tracks)}" if tracks else ""
    return f"{named or 'it'}{where}"
