"""Every word's equaliser curve: what people and books say, shrunk by disagreement, and at the strength people use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.people import Curve, shape_of
from models.text_to_effect.senses import describe, split
from models.text_to_effect.word_fit import Ties, covariance, gather, posterior

__all__ = ["TONE", "Tone", "ToneSense", "expect_shapes", "fit_tone"]

TONE = Ties()
_STRENGTH_PEOPLE = 3.0  # how many people's dB the median of everybody weighs
_PEAK_DB = (3.0, 9.0)
_HEARD = 2.0  # weight of people from which a word without the books' word has a tone of its own
_SENSE_PULL = 2.0  # people's worth of the whole word in each of its senses


@dataclass(frozen=True)
class ToneSense:
    """One group of a word's people: `curve_db` (40,), its share of them, and what it does."""

    word: int
    name: str
    share: float
    curve_db: np.ndarray


@dataclass(frozen=True)
class Tone:
    """The curves of all words.

    Attributes:
        expected: (words, 40) shapes; their rms is the correlation to expect with one more person.
        curves_db: (words, 40) at amount 1.
        senses: of words whose people split.
    """

    expected: np.ndarray
    curves_db: np.ndarray
    senses: tuple[ToneSense, ...]


def expect_shapes(lexicon: Lexicon, curves: Sequence[Curve], ties: Ties = TONE) -> np.ndarray:
    """Return (words, 40): the shape to expect from the next person, for every word."""
    place = lexicon.index()
    shapes = np.array([curve.shape for curve in curves]).reshape(len(curves), 40)
    people = gather([place[curve.word] for curve in curves], shapes, [curve.weight for curve in curves])
    return posterior(covariance(lexicon, ties), people, ties.noise, ties.mean * lexicon.books())


def fit_tone(lexicon: Lexicon, curves: Sequence[Curve], ties: Ties = TONE) -> Tone:
    """Fit all words.

    Args:
        lexicon: words and what the books say.
        curves: what people set.
        ties: how words lend each other.
    """
    place = lexicon.index()
    expected = expect_shapes(lexicon, curves, ties)
    curves_db = np.zeros_like(expected)
    senses: list[ToneSense] = []
    for entry in lexicon.entries:
        at = place[entry.id]
        mine = [curve for curve in curves if curve.word == entry.id]
        weights = [curve.weight for curve in mine]
        strength_db = _strength(mine, curves)
        heard = bool(np.any(entry.books_db)) or sum(weights) >= _HEARD
        shape, rms = shape_of(expected[at])
        curves_db[at] = _at_strength(shape, strength_db) * (1.0 if heard else min(rms, 1.0))
        if len(mine) == 0:
            continue
        groups, _ = split(np.array([curve.shape for curve in mine]), weights)
        for group in groups if len(groups) > 1 else ():
            members = [mine[member] for member in group.members]
            total = sum(curve.weight for curve in members)
            own = sum(curve.weight * curve.shape for curve in members)
            curve_db = _at_strength(
                shape_of((own + _SENSE_PULL * expected[at]) / (total + _SENSE_PULL))[0], strength_db
            )
            senses.append(ToneSense(at, describe(curve_db), group.share, curve_db))
    return Tone(expected, curves_db, tuple(senses))


def _strength(mine: Sequence[Curve], everybody: Sequence[Curve]) -> float:
    """Return the rms in dB a word is used with: the geometric mean of its people and a few typical ones."""
    spoken = [curve.rms_db for curve in everybody if curve.rms_db]
    typical = float(np.median(spoken)) if spoken else _PEAK_DB[0]
    own = [curve.rms_db for curve in mine if curve.rms_db]
    return float(np.exp((np.sum(np.log(own)) + _STRENGTH_PEOPLE * np.log(typical)) / (len(own) + _STRENGTH_PEOPLE)))


def _at_strength(shape: np.ndarray, rms_db: float) -> np.ndarray:
    peak = rms_db * float(np.max(np.abs(shape)))
    return shape * rms_db * float(np.clip(peak, *_PEAK_DB)) / max(peak, 1e-9)
