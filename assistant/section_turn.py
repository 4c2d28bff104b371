"""Edits that live in a section: aimed, tuned and checked on that stretch of the song, then laid over it.

Each part of the turn runs on a session of its own (the stretch, with the console as it stands there; the whole song for
what was said without a section); what it moved is laid together into one version, so that one sentence is one step.
"""

from collections.abc import Callable, Iterator, Sequence

from assistant.events import Event, Measured, Measurement, Moved, Said
from assistant.request import Request
from assistant.sections import Place, carried, clock, cut, find
from assistant.session import Session
from assistant.tell import say
from console.settings import Settings, Stretch, moves

__all__ = ["edit_in_sections"]

Edit = Callable[[Session, list[Request]], Iterator[Event]]


def edit_in_sections(session: Session, text: str, edits: Sequence[Request], edit: Edit) -> Iterator[Event]:
    """Carry out edits of which some live in a section; the last event is `Said`.

    Args:
        session: gets one version if anything moved.
        text: what the person said.
        edits: all edits of the turn.
        edit: carries out edits on a session, as a turn without sections does.
    Raises:
        RequestError: nobody knows where a section is.
    """
    settings = session.settings
    measured: list[Measurement] = []
    replies: list[str] = []
    confident: list[float] = []
    places = {request.section: find(session, request.section) for request in edits if request.section is not None}
    for section in dict.fromkeys(request.section for request in edits):
        place = places.get(section)
        scratch = _scratch(session, settings, place)
        here = [request.model_copy(update={"section": None}) for request in edits if request.section == section]
        for event in edit(scratch, here):
            if isinstance(event, Measured):
                measured += [_in(entry, place) for entry in event.measurements]
                confident.append(event.confident)
            elif isinstance(event, Said):
                replies.append(event.text if place is None else say("in_section", where=str(place), reply=event.text))
            elif not isinstance(event, Moved):
                yield event
        settings = _laid(settings, scratch, place, session.song.sample_rate)
        if place is not None and place.heard:
            replies.append(say("section_heard", where=str(place), name=place.name))
    reply = "\n".join(replies)
    turned = moves(session.settings, settings)
    if turned:
        version = session.add(text, settings, tuple(edits), tuple(measured), reply)
        yield Moved(tuple(turned), version.number)
        yield Measured(tuple(measured), min(confident, default=1.0))
    yield Said(reply)


def _scratch(session: Session, settings: Settings, place: Place | None) -> Session:
    """Return a session of a place's longest stretch, or of the whole song, that begins at `settings`."""
    if place is None:
        scratch = Session(session.song, settings)
        scratch.kept = session.kept
    else:
        scratch = Session(cut(session.song, place.longest), settings.within(place.longest))
    scratch.locks = session.locks
    return scratch


def _laid(settings: Settings, scratch: Session, place: Place | None, sample_rate: int) -> Settings:
    """Return settings with what a scratch session turned, everywhere or in each stretch of a place."""
    begun = scratch.versions[0].settings
    if place is None:
        return carried(begun, scratch.settings, sample_rate)
    for stretch in place.stretches:
        settings = settings.turned(_whole_bands(begun, scratch.settings), stretch)
    return settings


def _whole_bands(before: Settings, after: Settings) -> dict:
    """Return what was turned, an equaliser band with all three of its knobs: in a section it must not be torn."""
    changes = {(move.track, move.parameter): move.after for move in moves(before, after)}
    for address, name in list(changes):
        if name.startswith("eq."):
            band = name.removesuffix("_gain_db").removesuffix("_freq_hz").removesuffix("_q")
            changes |= {(address, f"{band}_{part}"): after.get(address, f"{band}_{part}")
                        for part in ("gain_db", "freq_hz", "q")}  # fmt: skip
    return changes


def _in(entry: Measurement, place: Place | None) -> Measurement:
    return entry if place is None else entry.model_copy(update={"what": f"{entry.what}, {_times(place.longest)}"})


def _times(stretch: Stretch) -> str:
    return f"{clock(stretch[0])}-{clock(stretch[1])}"
