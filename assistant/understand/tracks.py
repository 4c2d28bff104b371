"""Which tracks a name means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from assistant.understand.tokens import tokenise
from exchange.names import guess_instrument
from ontology.language import Part, load_language

__all__ = ["NamedTrack", "TrackName", "by_number", "name_phrases", "say_targets", "tracks_of_part"]

_PLAIN = frozenset(
    [
        "di",
        "amp",
        "mic",
        "in",
        "out",
        "l",
        "r",
        "c",
        "m",
        "s",
        "top",
        "bottom",
        "left",
        "right",
        "the",
        "a",
        "and",
        "of",
        "to",
        "track",
        "stem",
        "mix",
        "bus",
        "lead",
    ]
)
_LONGEST_NAME = 5


class TrackName(Protocol):
    """What understanding needs to know of a track; `exchange.Track` fits."""

    @property
    def name(self) -> str: ...
    @property
    def instrument(self) -> str: ...
    @property
    def group(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NamedTrack:
    """A track of which only the name is known."""

    name: str
    instrument: str
    group: str

    @classmethod
    def guess(cls, name: str) -> "NamedTrack":
        """Guess the instrument from the name."""
        guess = guess_instrument(name)
        return cls(name, guess.instrument, guess.group)


def _words(name: str) -> tuple[str, ...]:
    """The words of a track name, lower case; camelCase and underscores open."""
    opened = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return tuple(token.text for token in tokenise(opened) if token.text[0].isalnum())[:8]


def name_phrases(names: Sequence[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every way to say a track's own name -> the tracks: the whole name, without its number, or a part of it."""
    return _name_phrases(tuple(names))


@lru_cache(maxsize=32)
def _name_phrases(names: tuple[str, ...]) -> dict[tuple[str, ...], tuple[str, ...]]:
    full: dict[tuple[str, ...], list[str]] = {}
    partial: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        words = _words(name)
        bare = words[1:] if len(words) > 1 and words[0].isdigit() else words
        for phrase in {words, bare}:
            if phrase:
                full.setdefault(phrase, []).append(name)
        if len(bare) > _LONGEST_NAME:
            continue  # a sentence in the place of a name: no part of it may stand for the track
        for start in range(len(bare)):
            for end in range(start + 1, len(bare) + 1):
                phrase = bare[start:end]
                if phrase == bare or all(word in _PLAIN or word.isdigit() or len(word) < 2 for word in phrase):
                    continue
                partial.setdefault(phrase, []).append(name)
    return {phrase: tuple(found) for phrase, found in (partial | full).items()}


def by_number(number: int, tracks: Sequence[TrackName]) -> tuple[str, ...]:
    """Track 7: the one whose name starts with 7, else the seventh; empty where there is none."""
    for track in tracks:
        words = _words(track.name)
        if words and words[0].isdigit() and int(words[0]) == number:
            return (track.name,)
    return (tracks[number - 1].name,) if 1 <= number <= len(tracks) else ()


def tracks_of_part(part_id: str, plural: bool, tracks: Sequence[TrackName]) -> tuple[str, ...]:
    """Names of the tracks that a part means; empty where the song has none."""
    part: Part = load_language().parts[part_id]

    def having(instruments: Sequence[str] = (), groups: Sequence[str] = ()) -> tuple[str, ...]:
        return tuple(track.name for track in tracks if track.instrument in instruments or track.group in groups)

    if part.first and not (plural and part.plural_all):
        found = having(part.first)
        if found:
            return found
        named = tuple(t.name for t in tracks if set(_words(t.name)) & set(part.name_words))
        if named:
            return named
    if part.instruments:
        return having(part.instruments) or having(part.or_) or having((), part.groups)
    return having((), part.groups)


def say_targets(targets: Sequence[str], tracks: Sequence[TrackName]) -> str:
    """Say targets as a person would, for a sentence that can be said again."""
    if not targets or list(targets) == ["mix"]:
        return "the mix"
    if len(targets) > 1 and len(targets) > len(tracks) / 2:
        return "everything"
    return " and ".join(re.sub(r"^\d+\s*[-_.]?\s*", "", name) or name for name in targets[:3])
