"""From any text to a mixture of known words: by its name, by everyday association, or by its sentence vector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from console.errors import RequestError
from models.text_encoder import TextEncoder, as_sound
from models.text_to_effect.lexicon import Lexicon, normalise
from models.weights import missing_sentence

__all__ = ["Reader", "Reading", "SentenceEncoder", "Smoother", "fit_smoother"]

_SHARPNESS = 8.0  # of the kernel exp(sharpness (cosine - 1)); CARD.md has what was tried
_RIDGE = 0.5
_MOST_WORDS = 6
_FILLERS = frozenset({"and", "a", "the", "more", "very", "sound", "sounds", "sounding", "it", "make", "but", "with"})


class SentenceEncoder(Protocol):
    """What is needed of `models.TextEncoder`."""

    def embed(self, texts: list[str]) -> Tensor: ...


@dataclass(frozen=True)
class Smoother:
    """A kernel machine from sentence vectors to words.

    Attributes:
        vectors: (texts, 384) of every label and association.
        words: (texts, words) what each contributes.
    """

    vectors: np.ndarray
    words: np.ndarray

    def mix(self, vectors: np.ndarray) -> np.ndarray:
        """Return (texts, words) for (texts, 384): near 0 for what resembles nothing."""
        return np.exp(_SHARPNESS * (vectors @ self.vectors.T - 1.0)) @ self.words


def fit_smoother(vectors: np.ndarray, owners: np.ndarray) -> Smoother:
    """Fit by kernel ridge regression.

    Args:
        vectors: (texts, 384) of length 1.
        owners: (texts, words) the word each text names, or its association's mixture.
    """
    kernel = np.exp(_SHARPNESS * (vectors @ vectors.T - 1.0))
    return Smoother(vectors, np.linalg.solve(kernel + _RIDGE * np.eye(len(vectors)), owners))


def owned_texts(lexicon: Lexicon) -> tuple[list[str], np.ndarray]:
    """Return every text of a lexicon and (texts, words) what it stands for."""
    place = lexicon.index()
    texts: list[str] = []
    rows: list[np.ndarray] = []
    for text, (word, sign) in lexicon.names().items():
        row = np.zeros(len(place))
        row[place[word]] = sign
        texts.append(text)
        rows.append(row)
    for text, mixture in lexicon.associations.items():
        row = np.zeros(len(place))
        for word, weight in mixture.items():
            row[place[word]] = weight
        texts.append(text)
        rows.append(row)
    return texts, np.array(rows)


@dataclass(frozen=True)
class Reading:
    """What a text was taken for.

    Attributes:
        word: place of the word it names, if it names one.
        sign: -1 where it names less of it.
        mixture: (words,) weights; magnitudes sum to 1.
        certainty: 1 for a name; for others how much of the mixture the smoother stood behind, 0..1.
        known: whether all of it was found in the tables.
    """

    word: int | None
    sign: int
    mixture: np.ndarray
    certainty: float
    known: bool


class Reader:
    """Reads texts; the sentence encoder is loaded when the first unknown text comes."""

    def __init__(
        self,
        count: int,
        names: Mapping[str, tuple[int, int]],
        mixtures: Mapping[str, Mapping[str, float]],
        smoother: Smoother,
        sentences: SentenceEncoder | None = None,
    ) -> None:
        self._count = count
        self._names = names
        self._mixtures = mixtures
        self._smoother = smoother
        self._sentences = sentences

    def read(self, text: str) -> Reading:
        """Read one text.

        Raises:
            RequestError: it is empty, or unknown and the sentence encoder is not on this machine.
        """
        key = normalise(text)
        if not key:
            raise RequestError("There is no word in the text. Say a word for a sound, such as 'warm'.")
        if key in self._names:
            place, sign = self._names[key]
            return Reading(place, sign, self._one(key), 1.0, True)
        if key in self._mixtures:
            return Reading(None, 1, self._one(key), 1.0, True)
        tokens = [token for token in key.split() if token not in _FILLERS]
        if tokens and all(token in self._names or token in self._mixtures for token in tokens):
            mixture = np.mean([self._one(token) for token in tokens], axis=0)
            places = [self._names.get(token) for token in tokens]
            word, sign = places[0] if len(places) == 1 and places[0] else (None, 1)
            return Reading(word, sign, mixture, 1.0, True)
        raw = self._smoother.mix(self._vector(text))[0]
        kept = np.where(np.abs(raw) >= np.sort(np.abs(raw))[-_MOST_WORDS:][0], raw, 0.0)
        total = float(np.abs(kept).sum())
        return Reading(None, 1, kept / max(total, 1e-9), min(float(np.abs(raw).max()), 1.0), False)

    def _one(self, key: str) -> np.ndarray:
        row = np.zeros(self._count, dtype=np.float32)
        if key in self._names:
            place, sign = self._names[key]
            row[place] = sign
        else:
            for index, weight in self._mixtures[key].items():
                row[int(index)] = weight
        return row

    def _vector(self, text: str) -> np.ndarray:
        if self._sentences is None:
            if not TextEncoder.available():
                raise RequestError(
                    f"'{text.strip()}' is not a word known here, and nothing on this machine reads other words. "
                    f"Use a word of the ontology. {missing_sentence('minilm')}"
                )
            self._sentences = TextEncoder.load()
        return self._sentences.embed([as_sound(normalise(text))]).numpy()
