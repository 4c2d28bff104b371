"""The change of tone that a word asks for, as a curve: what the next person who hears the word would set.

People's curves and the books', drawn together over related words (`models.text_to_effect`), predict a person nobody
heard better than the mean of the word's own people do; where that model lacks a word, the ontology's senses speak, each
as strong as its share of the people.
"""

import functools
from collections.abc import Callable

import numpy as np

from console.errors import ModelError, RequestError
from models.text_to_effect import TextToEffect, load_text_to_effect
from ontology import BANDS_HZ, Word

__all__ = ["Tones", "helping", "shrunk", "tone_of", "tone_of_senses"]

Tones = Callable[[Word], np.ndarray]
"""A word's (40,) curve on `BANDS_HZ` at amount 1, dB."""

_DOUBT = 0.5  # where people do not agree at all, this share of the strength they use
_HELP_DB = 2.0
_FULL = 0.5  # confidence from which they are followed fully


def tone_of(word: Word) -> np.ndarray:
    """Return the curve of a word; zeros where nobody means a tone by it, or most do not and it is no balance word.

    Its strength is what people use, less where they disagree: the next person then has less to take back.
    """
    senses_db = tone_of_senses(word)
    model = _model()
    if not np.any(senses_db) or model is None or word.id not in model.words:
        return helping(word, senses_db)
    try:
        direction = model.direction(word.id)
    except RequestError:
        return helping(word, senses_db)
    return helping(word, shrunk(direction.curve_db.astype(np.float64), direction.confidence))


def helping(word: Word, curve_db: np.ndarray) -> np.ndarray:
    """Return a curve as it is; of a word that asks for level, at most 2 dB of it: its tone must not undo the level."""
    if word.kind != "balance":
        return curve_db
    return curve_db * min(1.0, _HELP_DB / max(float(np.abs(curve_db).max()), 1e-9))


def shrunk(curve_db: np.ndarray, agreed: float) -> np.ndarray:
    """Return a curve of people's strength as far as they agree (0..1, the correlation to expect with the next one)."""
    return curve_db * min(1.0, _DOUBT + _DOUBT * agreed / _FULL)


def tone_of_senses(word: Word) -> np.ndarray:
    """Return the curve of the ontology alone; of a balance word, what those mean by it who mean a tone."""
    main = max(word.senses, key=lambda sense: sense.share)
    senses = [sense for sense in word.senses if np.any(sense.eq_db)]
    if not senses or (main not in senses and word.kind != "balance"):
        return np.zeros(len(BANDS_HZ))
    shares = sum(sense.share for sense in senses) if word.kind == "balance" else 1.0
    return sum((sense.share / shares * np.array(sense.eq_db) for sense in senses), np.zeros(len(BANDS_HZ)))


@functools.cache
def _model() -> TextToEffect | None:
    try:
        return load_text_to_effect("fx")
    except ModelError:
        return None
