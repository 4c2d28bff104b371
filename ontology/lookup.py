"""From what somebody typed to the word that is meant, or an honest None.

Order: exact label, then inflection (`warmer`, `muddiness`, `unmuddy`), then spelling. Every answer says why.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from console.errors import OntologyError
from ontology.model import Direction, Source, Word
from ontology.spelling import Speller, adjective_stems, stems

__all__ = ["Match", "Ontology", "normalise_label"]

_MINUS_PREFIXES = ("un", "de", "non", "anti", "less ", "not ")
_LABEL_NOISE = re.compile(r"[^\w\s'&+]|_")


def normalise_label(text: str) -> str:
    """Bring a label to the form in which labels are compared: lower case, no accents, hyphens as spaces."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("’", "'")
    return " ".join(_LABEL_NOISE.sub(" ", text).split())


How = Literal["personal", "label", "form", "turned", "spelling", "everyday", "meaning"]


@dataclass(frozen=True)
class Match:
    """What a text was taken for, and why."""

    word_id: str
    label: str  # the label that matched, as it stands in the table
    direction: Direction
    confidence: float  # 1 for an exact label
    why: str
    how: How = "label"


class Ontology(Mapping[str, Word]):
    """All words, by id, with lookup by what people type.

    Raises:
        OntologyError: two words share a label, a reference leads nowhere, or an opposite is one-sided.
    """

    def __init__(self, words: dict[str, Word], sources: dict[str, Source], yours: frozenset[str] = frozenset()) -> None:
        self._words = dict(words)
        self.yours = yours  # ids of the user's own words
        self.sources = dict(sources)
        self._labels: dict[str, tuple[str, str, Direction]] = {}
        self._everyday: dict[str, tuple[str, str]] = {}
        for word in self._words.values():
            self._check_references(word)
            if word.listening_only:
                continue
            for label in (word.id, *word.labels):
                self._add_label(word.id, label, "+")
            for label in word.labels_minus:
                self._add_label(word.id, label, "-")
        for word in self._words.values():
            own = (word.id, *word.labels) if word.listening_only else ()
            for label in (*own, *word.everyday):
                self._add_everyday(word.id, label)

    def __getitem__(self, word_id: str) -> Word:
        return self._words[word_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def _add_label(self, word_id: str, label: str, direction: Direction) -> None:
        key = normalise_label(label)
        taken = self._labels.get(key)
        if taken is not None:
            raise OntologyError(f"The label '{label}' belongs to both '{taken[0]}' and '{word_id}'. Keep one.")
        self._labels[key] = (word_id, label, direction)

    def _add_everyday(self, word_id: str, label: str) -> None:
        key = normalise_label(label)
        taken = self._labels.get(key) or self._everyday.get(key)
        if taken is not None:
            raise OntologyError(f"The everyday word '{label}' belongs to both '{taken[0]}' and '{word_id}'. Keep one.")
        self._everyday[key] = (word_id, label)

    def _check_references(self, word: Word) -> None:
        confused = tuple(confusion.id for confusion in word.confused_with)
        shrunk = tuple(s for sense in word.senses for s in sense.shrunk_towards if s != "literature")
        for other in (*word.opposites, *word.related, *word.broader, *confused, *shrunk):
            if other not in self._words or other == word.id:
                raise OntologyError(f"'{word.id}' refers to '{other}', which is not another word of the table.")
        for other in word.opposites:
            if word.id not in self._words[other].opposites:
                raise OntologyError(f"'{word.id}' names '{other}' as its opposite, but not the other way round.")
        for source in word.sources:
            if source not in self.sources:
                raise OntologyError(f"'{word.id}' cites '{source}', which is not in sources.yaml.")

    @property
    def labels(self) -> Mapping[str, tuple[str, str, Direction]]:
        """Every label in its compared form -> (word id, label as written, direction)."""
        return self._labels

    @property
    def everyday(self) -> Mapping[str, tuple[str, str]]:
        """Everyday words in their compared form -> (word id, as written): never read out of an order."""
        return self._everyday

    def narrower(self, word_id: str) -> tuple[str, ...]:
        """Return the words that are kinds of this one."""
        return tuple(word.id for word in self._words.values() if word_id in word.broader)

    def broader_all(self, word_id: str) -> frozenset[str]:
        """Return every word that this one is a kind of, over all steps."""
        found: set[str] = set()
        open_ids = [word_id]
        while open_ids:
            for other in self._words[open_ids.pop()].broader:
                if other not in found:
                    found.add(other)
                    open_ids.append(other)
        return frozenset(found)

    @cached_property
    def plain_words(self) -> frozenset[str]:
        """Everyday words that look like a label with a slip and are none ("right", "there")."""
        path = Path(__file__).parent / "data" / "plain_words.txt"
        return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()

    def find(self, text: str) -> Match | None:
        """Find the word that `text` names.

        Args:
            text: one word or short phrase ("warmer", "in your face", "musddy"), not a sentence.
        Returns:
            The match with its direction ("unmuddy" asks for less muddy), or None where nothing fits.
        """
        key = normalise_label(text)
        if not key:
            return None
        return self._exact(key) or self._inflected(key) or self._negated(key) or self._misspelt(key)

    def _exact(self, key: str) -> Match | None:
        hit = self._labels.get(key) or self._labels.get(key.replace(" ", ""))
        if hit is None:
            return None
        word_id, label, direction = hit
        if word_id in self.yours:
            return Match(word_id, label, direction, 1.0, "as you said you mean it", "personal")
        why = "the word itself" if label == word_id else f"another name for {word_id}"
        return Match(word_id, label, direction, 1.0, why)

    def _inflected(self, key: str) -> Match | None:
        for stem in stems(key):
            hit = self._labels.get(stem)
            if hit is not None:
                word_id, label, direction = hit
                return Match(word_id, label, direction, 0.95, f"'{key}' is a form of '{label}'", "form")
        return None

    def _negated(self, key: str) -> Match | None:
        for prefix in _MINUS_PREFIXES:
            if not key.startswith(prefix) or len(key) - len(prefix) < 3:
                continue
            rest = key[len(prefix) :].strip()
            hit = self._exact(rest) or self._inflected(rest)
            if hit is not None:
                flipped: Direction = "-" if hit.direction == "+" else "+"
                why = f"'{prefix.strip()}' turns '{hit.label}' round"
                return Match(hit.word_id, hit.label, flipped, 0.85, why, "turned")
        return None

    def _misspelt(self, key: str) -> Match | None:
        if key in self.plain_words or key in self._everyday or len(key) < 4:
            return None
        slips = self._speller.nearest(key)
        if slips is not None:
            word_id, label, direction = self._labels[slips.label]
            confidence = round(0.9 - 0.15 * slips.count, 2)
            why = f"'{key}' looks like '{label}' misspelt"
            return Match(word_id, label, direction, confidence, why, "spelling")
        for stem in adjective_stems(key):
            if stem in self.plain_words or stem in self._everyday:
                continue
            slip = self._speller.one_slip(stem)
            if slip is not None:
                word_id, label, direction = self._labels[slip]
                why = f"'{key}' looks like a form of '{label}' misspelt"
                return Match(word_id, label, direction, 0.7, why, "spelling")
        return None

    def suggestions(self, text: str, count: int = 3) -> list[str]:
        """Return labels that look like a text, the likest first, for what was not understood."""
        return self._speller.suggestions(normalise_label(text), count)

    @cached_property
    def _speller(self) -> Speller:
        return Speller({label: word_id for label, (word_id, _, _) in self._labels.items()})
