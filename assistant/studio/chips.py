"""What could be said next, as chips to tap: more, less, undo, A/B, why, another reading, an option, an answer."""

from collections.abc import Sequence

from assistant.events import Chip
from assistant.request import MIX
from assistant.session import Session
from assistant.studio.outcome import Outcome
from ontology import Ontology

__all__ = ["chips_after"]

_UNDO = Chip("Undo", "undo", "undo")
_AB = Chip("A/B", "compare with the version before", "a/b")
_WHY = Chip("Why?", "explain what you just did", "why")
_MORE, _LESS = Chip("A bit more", "a bit more", "more"), Chip("A bit less", "a bit less", "less")
_MOST_OPTIONS = 6


def chips_after(session: Session, outcomes: Sequence[Outcome], ontology: Ontology) -> tuple[Chip, ...]:
    """Return what could be said after a turn.

    Args:
        session: as it stands after the turn.
        outcomes: of the turn.
        ontology: says which words have several readings.
    """
    chips: list[Chip] = []
    for outcome in outcomes:
        chips += [Chip(choice, choice, "answer") for choice in outcome.choices]
        if outcome.options is not None:
            chips += [
                Chip(f"{option.number}: {option.reading.name}", f"option {option.number}", "option")
                for option in outcome.options.options[:_MOST_OPTIONS]
            ]
            chips.append(Chip("None of these", "nothing like these", "next"))
        if outcome.findings:
            chips.append(Chip("Fix the first", "fix the first", "next"))
            if outcome.findings > 1:
                chips.append(Chip("Fix the first two", "fix the first two", "next"))
    if any(outcome.moves for outcome in outcomes):
        chips += _after_a_move(session, ontology)
    return tuple(dict.fromkeys(chips))


def _after_a_move(session: Session, ontology: Ontology) -> list[Chip]:
    chips: list[Chip] = []
    last = session.version
    if session.redoable:
        chips.append(Chip("Redo", "redo", "redo"))
    elif last.parent is not None:
        if last.of is None and any(request.intent == "edit" for request in last.requests):
            chips += [_MORE, _LESS]
        chips.append(_UNDO)
    if last.parent is not None:
        chips += [_AB, _WHY]
    chips += _other_readings(session, ontology)
    return chips


def _other_readings(session: Session, ontology: Ontology) -> list[Chip]:
    """Return a chip where a word of the last change means several things to people."""
    for request in session.version.requests:
        if request.intent != "edit" or request.descriptor is None or request.descriptor not in ontology:
            continue
        if len(ontology[request.descriptor].senses) > 1:
            word = ontology[request.descriptor].id.replace("-", " ")
            more = "less" if request.direction == "-" else "more"
            where = "the mix" if request.targets in ((), (MIX,)) else " and ".join(request.targets)
            return [Chip("Other readings", f"show me options for {more} {word} on {where}", "other reading")]
    return []
