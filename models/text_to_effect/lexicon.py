"""What is known about words before anybody's settings are read: names, opposites, relatives, and what the books say.

The ontology lies above this room, so its entries come in as plain objects (`WordLike`); associations are a table here.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from console.errors import ModelError

__all__ = ["BANDS_HZ", "Effect", "Entry", "Lexicon", "lexicon_of", "normalise", "read_associations"]

BANDS_HZ = (
    20, 50, 83, 120, 161, 208, 259, 318, 383, 455, 537, 628, 729, 843, 971, 1114, 1273, 1452, 1652, 1875,
    2126, 2406, 2719, 3070, 3462, 3901, 4392, 4941, 5556, 6244, 7014, 7875, 8839, 9917, 11124, 12474, 13984,
    15675, 17566, 19682,
)  # fmt: skip
"""Centres of the 40 bands on which every curve is sampled, Hz: SocialEQ's."""

ASSOCIATIONS = Path(__file__).parent / "associations.yaml"
_NOISE = re.compile(r"[^\w\s'&+]|_")
_FILLERS = frozenset({"and", "a", "the", "bit", "slightly", "more", "very", "adds", "add", "with", "sound", "some"})


class WordLike(Protocol):
    """What is read of one entry of the ontology."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def labels_minus(self) -> tuple[str, ...]: ...
    @property
    def opposites(self) -> tuple[str, ...]: ...
    @property
    def related(self) -> tuple[str, ...]: ...
    @property
    def senses(self) -> tuple[Any, ...]: ...


@dataclass(frozen=True)
class Effect:
    """One processor of a word, in the ontology's terms (`wet`, `decay_s`, `ratio`, ...)."""

    name: str
    values: Mapping[str, float]
    type: str | None = None


@dataclass(frozen=True)
class Entry:
    """One word.

    Attributes:
        id, kind: as the ontology has them.
        labels: names for more of it, the id among them; `labels_minus` for less of it.
        opposites, related: ids.
        books_db: (40,) what the literature says, dB; zeros where it says nothing about tone.
        effects: other processors it asks for.
    """

    id: str
    kind: str
    labels: tuple[str, ...]
    labels_minus: tuple[str, ...]
    opposites: tuple[str, ...]
    related: tuple[str, ...]
    books_db: np.ndarray
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Lexicon:
    """All words, in a fixed order, and everyday words as mixtures of them.

    Attributes:
        entries: the words.
        associations: text -> {word id: weight}, magnitudes summing to 1; a negative weight is the opposite side.
    """

    entries: tuple[Entry, ...]
    associations: Mapping[str, Mapping[str, float]]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(entry.id for entry in self.entries)

    def index(self) -> dict[str, int]:
        """Return the place of every word."""
        return {entry.id: place for place, entry in enumerate(self.entries)}

    def names(self) -> dict[str, tuple[str, int]]:
        """Return every label in its compared form -> (word id, +1 or -1)."""
        found: dict[str, tuple[str, int]] = {}
        for entry in self.entries:
            found |= {normalise(label): (entry.id, 1) for label in entry.labels}
            found |= {normalise(label): (entry.id, -1) for label in entry.labels_minus}
        return found

    def books(self) -> np.ndarray:
        """Return (words, 40) the books' curves as shapes: mean 0, rms 1, or zeros."""
        return np.stack([_shape(entry.books_db) for entry in self.entries])

    def pairs(self, what: str) -> list[tuple[int, int]]:
        """Return each pair of "opposites" or "related" once, as places."""
        place = self.index()
        both = {
            (min(place[entry.id], place[other]), max(place[entry.id], place[other]))
            for entry in self.entries
            for other in getattr(entry, what)
            if other in place
        }
        return sorted(both)

    def without_pair(self, first: str, second: str) -> "Lexicon":
        """Return a lexicon that does not say how two words relate."""

        def cut(entry: Entry) -> Entry:
            if entry.id not in (first, second):
                return entry
            other = {first, second} - {entry.id}
            return replace(
                entry,
                opposites=tuple(name for name in entry.opposites if name not in other),
                related=tuple(name for name in entry.related if name not in other),
            )

        return replace(self, entries=tuple(cut(entry) for entry in self.entries))

    def words_of(self, text: str) -> list[str]:
        """Return the ids a descriptor names, empty where any part of it is something else or asks for less.

        Exact labels only: a guess at spelling is fine for somebody who can object, not for data.
        """
        return words_of(text, self.names())


def words_of(text: str, names: Mapping[str, tuple[str, int]]) -> list[str]:
    """Do `Lexicon.words_of` with its `names()` already made."""
    key = normalise(text)
    hit = names.get(key)
    if hit is not None:
        return [hit[0]] if hit[1] > 0 else []
    found: list[str] = []
    for token in key.split():
        hit = names.get(token)
        if hit is not None and hit[1] > 0:
            found.append(hit[0])
        elif token not in _FILLERS:
            return []
    return list(dict.fromkeys(found))


def normalise(text: str) -> str:
    """Bring a label to the form in which labels are compared: lower case, no accents, hyphens as spaces."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).replace("’", "'")
    return " ".join(_NOISE.sub(" ", text).split())


def lexicon_of(words: Iterable[WordLike], associations: Mapping[str, Sequence[str]] | None = None) -> Lexicon:
    """Gather entries of the ontology.

    Args:
        words: entries as the books have them (`ontology.load.read_literature`), so that nothing in them comes from
            people's settings.
        associations: studio words, "-" before one for its opposite side -> everyday words; None: none.
    Raises:
        ModelError: an association names a word that is not there.
    """
    entries = []
    for word in words:
        first = word.senses[0]
        effects = tuple(Effect(e.name, dict(e.values), e.type) for e in first.effects)
        labels = (word.id.replace("-", " "), *word.labels)
        curve = np.asarray(first.eq_db, dtype=float)
        entries.append(
            Entry(word.id, word.kind, labels, word.labels_minus, word.opposites, word.related, curve, effects)
        )
    lexicon = Lexicon(tuple(entries), {})
    known, names = set(lexicon.ids), lexicon.names()
    mixtures: dict[str, dict[str, float]] = {}
    for anchors, texts in (associations or {}).items():
        signed = {anchor.lstrip("-"): -1.0 if anchor.startswith("-") else 1.0 for anchor in anchors.split()}
        for anchor in signed.keys() - known:
            raise ModelError(f"An association names '{anchor}', which is no word of the ontology. Correct the table.")
        mixture = {anchor: sign / len(signed) for anchor, sign in signed.items()}
        mixtures |= {key: mixture for text in texts if (key := normalise(text)) not in names}
    return replace(lexicon, associations=mixtures)


def read_associations(path: Path = ASSOCIATIONS) -> dict[str, list[str]]:
    """Read the table of associations.

    Raises:
        ModelError: it is missing or damaged.
    """
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(anchors): [str(text) for text in texts] for anchors, texts in table.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise ModelError(f"The associations in {path} cannot be read: {error}") from error


def _shape(curve: np.ndarray) -> np.ndarray:
    centred = curve - curve.mean()
    rms = float(np.sqrt(np.mean(np.square(centred))))
    return centred / rms if rms > 1e-9 else np.zeros_like(centred)
