"""From what somebody typed to the word that is meant, or an honest None.

Order: exact label, then inflection (`warmer`, `muddiness`, `unmuddy`), then spelling. Every answer says why.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rapidfuzz.distance import OSA

from console.errors import OntologyError
from ontology.model import Direction, Source, Word

__all__ = ["Match", "Ontology", "normalise_label"]

# Suffix -> what may stand in its place. The longest suffix is tried first.
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sounding", ("",)),
    ("iness", ("y", "e")),
    ("iest", ("y", "ey")),
    ("ness", ("",)),
    ("edly", ("ed",)),
    ("ened", ("", "e")),
    ("ening", ("", "e")),
    ("like", ("",)),
    ("ier", ("y", "ey")),
    ("ily", ("y",)),
    ("ies", ("y",)),
    ("est", ("", "e")),
    ("ish", ("", "e")),
    ("ing", ("", "e", "y", "ed")),
    ("ity", ("", "e")),
    ("ens", ("", "e")),
    ("en", ("", "e")),
    ("ed", ("", "e", "y")),
    ("er", ("", "e")),
    ("ly", ("", "le", "e")),
    ("y", ("", "e")),
    ("s", ("",)),
)
_MINUS_PREFIXES = ("un", "de", "non", "anti", "less ", "not ")
_LABEL_NOISE = re.compile(r"[^\w\s'&+]|_")


def normalise_label(text: str) -> str:
    """Bring a label to the form in which labels are compared: lower case, no accents, hyphens as spaces."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("’", "'")
    return " ".join(_LABEL_NOISE.sub(" ", text).split())


@dataclass(frozen=True)
class Match:
    """What a text was taken for, and why."""

    word_id: str
    label: str  # the label that matched, as it stands in the table
    direction: Direction
    confidence: float  # 1 for an exact label
    why: str


def _allowed_slips(length: int) -> int:
    """How many typing slips a word of this length survives: short words collide with real ones."""
    return 0 if length < 5 else 1 if length < 8 else 2


class Ontology(Mapping[str, Word]):
    """All words, by id, with lookup by what people type.

    Raises:
        OntologyError: two words share a label, a reference leads nowhere, or an opposite is one-sided.
    """

    def __init__(self, words: dict[str, Word], sources: dict[str, Source]) -> None:
        self._words = dict(words)
        self.sources = dict(sources)
        self._labels: dict[str, tuple[str, str, Direction]] = {}
        for word in self._words.values():
            self._check_references(word)
            for label in (word.id, *word.labels):
                self._add_label(word.id, label, "+")
            for label in word.labels_minus:
                self._add_label(word.id, label, "-")

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
        why = "the word itself" if label == word_id else f"another name for {word_id}"
        return Match(word_id, label, direction, 1.0, why)

    def _inflected(self, key: str) -> Match | None:
        for stem in _stems(key):
            hit = self._labels.get(stem)
            if hit is not None:
                word_id, label, direction = hit
                return Match(word_id, label, direction, 0.95, f"'{key}' is a form of '{label}'")
        return None

    def _negated(self, key: str) -> Match | None:
        for prefix in _MINUS_PREFIXES:
            if not key.startswith(prefix) or len(key) - len(prefix) < 3:
                continue
            rest = key[len(prefix) :].strip()
            hit = self._exact(rest) or self._inflected(rest)
            if hit is not None:
                flipped: Direction = "-" if hit.direction == "+" else "+"
                return Match(hit.word_id, hit.label, flipped, 0.85, f"'{prefix.strip()}' turns '{hit.label}' round")
        return None

    def _misspelt(self, key: str) -> Match | None:
        slips = _allowed_slips(len(key))
        if key in self.plain_words or len(key) < 4:
            return None
        best: tuple[int, float, str] | None = None
        tied = False
        for label in self._labels:
            # The first letter is seldom wrong; swapped letters are, in any word.
            if abs(len(label) - len(key)) > 2 or label[0] not in key[:2]:
                continue
            distance = OSA.distance(key, label, score_cutoff=2)
            swapped = distance == 1 and sorted(key) == sorted(label)
            if distance > slips and not swapped:
                continue
            rank = (distance, abs(len(label) - len(key)) + (key[0] != label[0]), label)
            if best is not None and rank[:2] == best[:2] and self._labels[label][0] != self._labels[best[2]][0]:
                tied = True
            elif best is None or rank[:2] < best[:2]:
                best, tied = rank, False
        if best is None or tied:
            return self._misspelt_form(key)
        word_id, label, direction = self._labels[best[2]]
        confidence = round(0.9 - 0.15 * best[0], 2)
        return Match(word_id, label, direction, confidence, f"'{key}' looks like '{label}' misspelt")

    def _misspelt_form(self, key: str) -> Match | None:
        """A slip inside an inflection ("brigther"): look for the stem with one slip."""
        for stem in _stems(key):
            if len(stem) < 5 or stem in self.plain_words:
                continue
            near = {
                self._labels[label][0]: label
                for label in self._labels
                if label[0] == stem[0] and len(label) > 3 and OSA.distance(stem, label, score_cutoff=1) <= 1
            }
            if len(near) == 1:
                word_id, label = next(iter(near.items()))
                direction = self._labels[label][2]
                return Match(word_id, label, direction, 0.7, f"'{key}' looks like a form of '{label}' misspelt")
        return None


def _stems(key: str) -> list[str]:
    """Every base form that the endings of English allow, likely ones first."""
    stems = []
    for ending, replacements in _ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= 3:
            base = key[: -len(ending)].rstrip()
            stems += [base + replacement for replacement in replacements]
            if len(base) > 3 and base[-1] == base[-2]:  # fatter, thinned
                stems.append(base[:-1])
    return stems
