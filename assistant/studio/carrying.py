"""From requests to an outcome, and from new settings to a version: what most deeds end with."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assistant.check import overall
from assistant.events import Asked, Diagnosed, Event, Failed, Measured, Measurement, Moved, Said
from assistant.hearing import hear
from assistant.request import Request
from assistant.studio.deed import Doing
from assistant.studio.outcome import Outcome
from assistant.tell import describe_moves, name_channel, say
from console.settings import Move, Settings, moves

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["answered", "carry_out", "described", "stand"]


def carry_out(studio: "Studio", requests: Sequence[Request], notes: Sequence[str] = ()) -> Doing:
    """Carry out requests as the assistant does, whoever filled them."""
    events = studio.assistant.carry_out(studio.session, studio.said, requests, studio.amount, studio.clock)
    return (yield from answered(events, notes))


def answered(events: Iterable[Event], notes: Sequence[str] = ()) -> Doing:
    """Pass on the events of a turn but its reply, and gather what came of it."""
    turned: list[Move] = []
    measured: list[Measurement] = []
    reply, failed, choices, version, findings = "", None, (), None, 0
    for event in events:
        if isinstance(event, Said):  # the turn has one reply
            reply = event.text
            continue
        if isinstance(event, Moved):
            turned += event.moves
            version = event.version
        elif isinstance(event, Measured):
            measured += event.measurements
        elif isinstance(event, Failed):
            failed = event.what
        elif isinstance(event, Asked):
            choices = event.choices
        elif isinstance(event, Diagnosed):
            findings = len(event.findings)
        yield event
    return Outcome(
        reply, tuple(turned), tuple(measured), failed, choices, version, findings=findings, notes=tuple(notes)
    )


def stand(
    studio: "Studio",
    settings: Settings,
    requests: tuple[Request, ...],
    reply: str,
    measured: tuple[Measurement, ...] = (),
    notes: Sequence[str] = (),
) -> Doing:
    """Let settings stand as a new version, measured against the one before.

    Args:
        settings: where the knobs go; what is locked stays.
        requests: what asked for it.
        reply: what is said; loudness and true peak of the mix are added as they were measured.
        measured: further readings.
        notes: sentences that follow.
    """
    session = studio.session
    settings = session.held(settings)
    turned = tuple(moves(session.settings, settings))
    if not turned:
        return Outcome(say("nothing", why=say("same")), notes=tuple(notes))
    before, after = (hear(session, one) for one in (session.settings, settings))
    whole = overall(before, after)
    loudness, peak = whole
    closing = say(
        "watched",
        loudness_before=f"{loudness.before:.1f}",
        loudness_after=f"{loudness.after:.1f}",
        peak_before=f"{peak.before:.1f}",
        peak_after=f"{peak.after:.1f}",
    )
    known = {(entry.what, entry.track) for entry in measured}
    measured += tuple(entry for entry in whole if (entry.what, entry.track) not in known)
    text = "\n".join([reply, closing, *notes])
    version = session.add(studio.said, settings, requests, measured, text)
    yield Moved(turned, version.number)
    yield Measured(measured, 1.0)
    return Outcome(text, turned, measured, version=version.number)


def described(turned: Sequence[Move]) -> list[str]:
    """Return a line for each channel that moved."""
    return [
        f"{name_channel(channel)}: {describe_moves([move for move in turned if move.track == channel])}."
        for channel in dict.fromkeys(move.track for move in turned)
    ]
