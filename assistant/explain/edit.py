"""What the last edit did, from the record of its version: nothing is said that does not stand there."""

from collections.abc import Iterable
from typing import Literal

from assistant.events import Measurement
from assistant.request import Request
from assistant.session import Session, Version
from assistant.tell import describe_moves, measured, name_channel
from console.parameters import spec
from console.settings import Move
from ontology import Ontology

__all__ = ["Depth", "explain_edit"]

Depth = Literal["short", "knobs", "full"]


def explain_edit(session: Session, ontology: Ontology, depth: Depth = "knobs") -> str:
    """Explain the last edit that still stands.

    Args:
        session: whose edit.
        ontology: says what the words mean.
        depth: "short": what for and the main result; "knobs": what turned, where, and why; "full": every value, every
            reading, and where the word's meaning comes from.
    """
    version = _edit_of(session)
    if version is None:
        return "Nothing has been changed yet: this is the mix as it was loaded."
    head = f'You said "{version.said}".'
    goals = [entry for entry in version.measured if entry.wanted is not None]
    if depth == "short":
        channels = _channels(version.moves)
        what = f"{len(version.moves)} knobs turned on {_listed(name_channel(name) for name in channels)}."
        return " ".join([head, what, *(measured(entry) for entry in goals[:1])])
    lines = [head, *_meanings(version.requests, ontology, depth == "full")]
    for channel, turned in _channels(version.moves).items():
        title = name_channel(channel)
        lines.append(f"{title[0].upper() + title[1:]}: {describe_moves(turned)}.")
        if depth == "full":
            lines += [f"  {_exactly(move)}" for move in turned]
    several = len({entry.track for entry in goals}) > 1
    lines += [f"{name_channel(entry.track)}: {measured(entry)}" if several else measured(entry) for entry in goals]
    if depth == "full":
        lines += [_reading(entry) for entry in version.measured if entry.wanted is None]
    return "\n".join(lines)


def _edit_of(session: Session) -> Version | None:
    """Return the version whose edit is heard: of a rescaled one, the edit itself."""
    version = session.version
    return None if version.parent is None else version if version.of is None else session.versions[version.of]


def _channels(moves: Iterable[Move]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in moves:
        found.setdefault(move.track, []).append(move)
    return found


def _meanings(requests: Iterable[Request], ontology: Ontology, sources: bool) -> list[str]:
    """Return a line on each word that was asked for: what it means, how far people agree."""
    lines = []
    for name in dict.fromkeys(request.descriptor for request in requests if request.descriptor):
        word = ontology[name]
        sense = max(word.senses, key=lambda sense: sense.share)
        line = f"{word.id.capitalize()}: {word.gloss}"
        if sense.people:
            agreement = "" if sense.agreement is None else f", agreement {sense.agreement:.2f}"
            line += f" ({sense.people} people's settings{agreement})"
        lines.append(line)
        if sources:
            lines.append(f"  from {', '.join(ontology.sources[source].short for source in word.sources)}")
    return lines


def _exactly(move: Move) -> str:
    entry = spec(move.parameter)
    before, after = (f"{value:g}" if isinstance(value, int | float) else value for value in (move.before, move.after))
    return f"{entry.label}: {before} to {after} {move.unit}".rstrip()


def _reading(entry: Measurement) -> str:
    where = name_channel(entry.track)
    return f"{entry.what} of {where}: {entry.before:.1f} to {entry.after:.1f} {entry.unit}."


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
