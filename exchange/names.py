"""Guess what plays on a track from what its file is called. The knowledge is in names.yaml."""

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from exchange.limits import EXTENSIONS

__all__ = ["InstrumentGuess", "guess_instrument", "instrument_ids", "load_table"]

#: BVs | LV of LVComp | Lead, lead | 12
_PARTS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class InstrumentGuess:
    """What a file name says.

    Attributes:
        instrument: an id of names.yaml; `unknown` when the name says nothing.
        group: the id of its group: vocals, drums, bass, guitars, keys, strings, winds, fx, mix or other.
        colour: `#RRGGBB` to draw the track with.
        confidence: 0..1; 0 for unknown.
        why: a sentence with the words that decided it.
    """

    instrument: str
    group: str
    colour: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class _Rule:
    classes: frozenset[str]
    instrument: str
    confidence: float


@dataclass(frozen=True, slots=True)
class NameTable:
    """names.yaml, ready to look up.

    Attributes:
        instruments: id -> {group, colour}.
        classes: word, as its parts -> class; None for words that say nothing.
        longest: parts in the longest word.
        rules: in order of priority.
        short_letters: a word of at most so many letters is short.
        short_factor: what a match on short words alone, beside unknown ones, is multiplied by.
    """

    instruments: dict[str, dict[str, str]]
    classes: dict[tuple[str, ...], str | None]
    longest: int
    rules: tuple[_Rule, ...]
    short_letters: int
    short_factor: float


def guess_instrument(file_name: str | os.PathLike[str]) -> InstrumentGuess:
    """Guess the instrument on a track from its file name.

    Args:
        file_name: a file or track name, with or without folders and extension.
    Returns:
        The guess; `unknown` with confidence 0 when no word is known.
    """
    table = load_table()
    parts = _split(os.fspath(file_name))
    found: dict[str, list[str]] = {}
    unknown: list[str] = []
    position = 0
    while position < len(parts):
        word = _longest_word(parts, position, table)
        if word is None:
            unknown.append(parts[position])
            position += 1
            continue
        if (word_class := table.classes[word]) is not None:
            found.setdefault(word_class, []).append(" ".join(word))
        position += len(word)
    rule = next((rule for rule in table.rules if rule.classes <= found.keys()), None)
    if rule is None:
        return InstrumentGuess(
            "unknown", **table.instruments["unknown"], confidence=0.0, why="No word in the name is known."
        )
    words = [word for name, words in found.items() if name in rule.classes for word in words]
    confidence = rule.confidence
    accident = any(part.isalpha() for part in unknown)
    if accident and all(len(word) <= table.short_letters for word in words):
        confidence *= table.short_factor
    quoted = " and ".join(f"'{word}'" for word in dict.fromkeys(words))
    return InstrumentGuess(
        rule.instrument,
        **table.instruments[rule.instrument],
        confidence=round(confidence, 3),
        why=f"The name says {quoted}.",
    )


def instrument_ids() -> tuple[str, ...]:
    """List every instrument id a guess can have, in the order of names.yaml."""
    return tuple(load_table().instruments)


@cache
def load_table() -> NameTable:
    """Read names.yaml, once.

    Raises:
        ValueError: the table contradicts itself: our own mistake, which a test catches.
    """
    text = Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    classes: dict[tuple[str, ...], str | None] = {}
    for name, words in [*data["words"].items(), (None, data["neutral"])]:
        for word in words:
            parts = tuple(word.split())
            if parts in classes:
                raise ValueError(f"names.yaml: {word!r} stands in both {classes[parts]} and {name}. Keep one.")
            classes[parts] = name
    rules = tuple(_Rule(frozenset(rule["all"]), rule["instrument"], rule["confidence"]) for rule in data["rules"])
    for rule in rules:
        if strange := rule.classes - data["words"].keys() | {rule.instrument} - data["instruments"].keys():
            raise ValueError(f"names.yaml: a rule names {sorted(strange)}, which the tables above lack.")
    return NameTable(
        instruments=data["instruments"],
        classes=classes,
        longest=max(map(len, classes)),
        rules=rules,
        short_letters=data["short"]["letters"],
        short_factor=data["short"]["factor"],
    )


def _split(file_name: str) -> list[str]:
    """Cut a name into lower-case words and numbers, without folders and extension.

    `12_LeadVox.wav` gives 12, lead, vox; accents are dropped, so that `Réverbe` reads as `reverbe`.
    """
    name = re.split(r"[/\\]", file_name)[-1]
    stem, suffix = os.path.splitext(name)
    if suffix.lower() not in EXTENSIONS:
        stem = name
    plain = "".join(c for c in unicodedata.normalize("NFKD", stem) if not unicodedata.combining(c))
    return [part.lower() for part in _PARTS.findall(plain.replace("'", ""))]


def _longest_word(parts: list[str], position: int, table: NameTable) -> tuple[str, ...] | None:
    """The longest known word that starts at a part, or None."""
    for length in range(min(table.longest, len(parts) - position), 0, -1):
        word = tuple(parts[position : position + length])
        if word in table.classes:
            return word
    return None
