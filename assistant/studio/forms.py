"""The forms that a language model may fill: requests with names checked and numbers clamped, and nothing else.

Whatever a model writes becomes a `Request` or is refused with what to write instead. Track names are compared with the
song's, words with the ontology's; a number outside its range is set to the end of the range, which is said.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.request import MIX, NUMBERS, Direction, Request
from assistant.understand.tracks import TrackName, name_phrases, tracks_of_part
from console.errors import RequestError
from ontology import Ontology
from ontology.language import load_language

__all__ = ["AMOUNT", "Change", "Knob", "Part", "Targets", "targets_of", "to_request"]

AMOUNT = (0.05, 4.0)
"""Least and greatest amount that a request can carry."""

Part = Literal["eq", "compression", "saturation", "reverb", "delay", "width", "level", "gate", "de_ess", "pan"]


Targets = Annotated[list[str], Field(description='track or group names as listed, or "mix"')]


class Knob(BaseModel):
    """One knob of the console and the value it is set to."""

    model_config = ConfigDict(extra="forbid")

    channel: Annotated[str, Field(description='a track, "master", "reverb" or "delay"')]
    parameter: Annotated[str, Field(description='"compressor.threshold_db", "limiter.ceiling_dbtp", "gate.range_db"')]
    value: Annotated[float | str, Field(description="in the parameter's own unit; 0 or 1 for a switch")]


class Change(BaseModel):
    """One change of the mix: a studio word or explicit numbers, on some tracks."""

    model_config = ConfigDict(extra="forbid")

    targets: Annotated[list[str], Field(description='track or group names as listed, or "mix"')]
    descriptor: Annotated[str | None, Field(description='a studio word: "warm", "muddy", "forward", "punchy"')] = None
    direction: Annotated[Direction, Field(description='"+" more of the word, "-" less of it, "=" with numbers')] = "+"
    amount: Annotated[float, Field(description="1 is what a person means by the bare word; 0.5 a touch, 2 a lot")] = 1.0
    constraints: Annotated[
        list[str], Field(description='"keep:TRACK" must stay clear, "lock:TRACK" untouched, "only:PROCESSOR"')
    ] = []
    numbers: Annotated[dict[str, float], Field(description=f"explicit settings: {', '.join(NUMBERS)}")] = {}
    section: Annotated[str | None, Field(description='where in the song: "chorus", "0:45-1:10"; null: all of it')] = (
        None
    )


def to_request(change: Change, tracks: Sequence[TrackName], ontology: Ontology) -> tuple[Request, list[str]]:
    """Turn a filled form into a request.

    Returns:
        The request, and a sentence for every number that had to be clamped.
    Raises:
        RequestError: a target, word, number or constraint that does not exist; what does is named.
    """
    notes: list[str] = []
    amount = _clamped("amount", change.amount, *AMOUNT, notes)
    numbers = {}
    for name, value in change.numbers.items():
        if name not in NUMBERS:
            raise RequestError(f"{name!r} is not a number that can be set. Use {', '.join(NUMBERS)}.")
        numbers[name] = _clamped(name, value, NUMBERS[name].low, NUMBERS[name].high, notes)
    word, direction = _word(change, ontology)
    if word is None and not numbers:
        raise RequestError("A change needs a word or numbers.")
    constraints = tuple(_constraint(entry, tracks) for entry in change.constraints)
    return (
        Request(
            intent="edit",
            targets=targets_of(change.targets, tracks),
            descriptor=word,
            direction=direction,
            amount=amount,
            constraints=constraints,
            numbers=numbers,
            section=change.section,
        ),
        notes,
    )


def targets_of(names: Sequence[str], tracks: Sequence[TrackName]) -> tuple[str, ...]:
    """Return the tracks that names stand for: tracks, groups ("drums"), or the mix.

    Raises:
        RequestError: a name that is not here.
    """
    here = {track.name.lower(): track.name for track in tracks}
    found: list[str] = []
    for name in names:
        part = name.strip().lower()
        if part in (MIX, "master", "everything"):
            found.append(MIX)
        elif part in here:
            found.append(here[part])
        else:
            meant = _named(part, tracks)
            if not meant:
                raise RequestError(f"No track or group is called {name!r}. There are: mix, {', '.join(here.values())}.")
            found += meant
    if not found:
        raise RequestError(f"Say on which tracks: mix, {', '.join(here.values())}.")
    return tuple(dict.fromkeys(found))


def _named(name: str, tracks: Sequence[TrackName]) -> tuple[str, ...]:
    """Return the tracks of a group or part ("drums", "guitars", "lead vox"); empty where the song has none."""
    own = name_phrases([track.name for track in tracks]).get(tuple(name.split()))
    if own:
        return own
    for part_id, part in load_language().parts.items():
        if name in (part_id.replace("_", " "), *part.words):
            return tracks_of_part(part_id, False, tracks)
        if name.removesuffix("s") in part.words:
            return tracks_of_part(part_id, True, tracks)
    return ()


def _word(change: Change, ontology: Ontology) -> tuple[str | None, Direction]:
    if change.descriptor is None:
        return None, change.direction
    match = ontology.find(change.descriptor)
    if match is None:
        raise RequestError(f"{change.descriptor!r} is not a word known here. Use a common studio word.")
    if match.direction == "-" and change.direction != "=":
        return match.word_id, "-" if change.direction == "+" else "+"
    return match.word_id, change.direction


def _constraint(entry: str, tracks: Sequence[TrackName]) -> str:
    kind, _, what = entry.partition(":")
    if kind not in ("keep", "lock", "only", "except", "without") or not what:
        raise RequestError(f"{entry!r} is not a constraint. Use keep:TRACK, lock:TRACK or only:PROCESSOR.")
    if kind == "lock":
        return f"lock:{targets_of([what], tracks)[0]}"
    return entry


def _clamped(name: str, value: float, low: float, high: float, notes: list[str]) -> float:
    inside = min(max(value, low), high)
    if inside != value:
        notes.append(f"{name} {value:g} is outside {low:g} to {high:g}; {inside:g} was used.")
    return inside
