"""What each stretch of a sentence can be: the longest known phrase wins, and says what it may stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName, name_phrases
from assistant.understand.vocabulary import words
from ontology.language import load_language
from ontology.phrases import Openers

__all__ = ["Mark", "effects_in", "head", "is_all", "is_finite", "mark"]

_LONGEST = 7
_LONGEST_OPENER = 14


@dataclass(slots=True)
class Mark:
    """A stretch of the sentence.

    Attributes:
        text: as it reads, normalised.
        kinds: everything it can be -> the value of that reading.
        kind: the reading that was taken; "" while it is open, "other" where nothing is known.
    """

    text: str
    kinds: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    token: Token | None = None

    @property
    def value(self) -> Any:
        return self.kinds.get(self.kind)


def mark(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> list[Mark]:
    """Cover a sentence with the longest phrases that are known.

    Args:
        tokens: one sentence.
        tracks: the song's tracks; their names come before other readings of equal length.
    """
    table = words().phrases
    names = name_phrases([track.name for track in tracks])
    marks: list[Mark] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            phrase = tuple(t.text for t in tokens[at : at + length])
            kinds = dict(table.get(phrase, {}))
            if phrase in names and (words().is_free(phrase) or (marks and _introduces(marks[-1].text))):
                kinds["track"] = names[phrase]
            if kinds or length == 1:
                break
        if not kinds and token.value is not None:
            kinds = {"number": token}
        elif not kinds and token.text.isalpha():
            kinds = dict(words().single(token.text))
        text = " ".join(t.text for t in tokens[at : at + length])
        marks.append(Mark(text, kinds, token=token))
        at += length
    return marks


def effects_in(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> list[str]:
    """Return the effects that are named, in order: "eq", "compression", ..."""
    return [found.kinds["effect"] for found in mark(tokens, tracks) if "effect" in found.kinds]


def _introduces(text: str) -> bool:
    """ "the", "track": what stands before a name."""
    language = load_language()
    return text in language.determiners or text in language.numbered


def is_finite(text: str) -> bool:
    """Whether this looks like a verb of the third person ("rings", "clouds"), which describes and does not order."""
    return text.endswith("s") and not text.endswith("ss") and " " not in text


@lru_cache(maxsize=128)
def _openers(phrases: tuple[str, ...]) -> Openers:
    return Openers(phrases, load_language().adverbs)


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text.replace(" ", "") for token in tokens]


def head(tokens: Sequence[Token], phrases: tuple[str, ...]) -> int:
    """How many tokens at the front are the longest of `phrases`; 0 where none fits."""
    openers = _openers(phrases)
    if not tokens or not openers.may_start(tokens[0].text):
        return 0
    return openers.length(_words(tokens[:_LONGEST_OPENER]))


def is_all(tokens: Sequence[Token], phrases: tuple[str, ...]) -> bool:
    """Whether the tokens are one of `phrases` and nothing else."""
    openers = _openers(phrases)
    return bool(tokens) and openers.may_start(tokens[0].text) and openers.all_of(_words(tokens))
