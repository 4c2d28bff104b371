"""From people's curves to one curve a word: weighted mean, shrunk where people are few, scaled back to dB."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ontology.model import BANDS_HZ, Word
from scripts.ontology.people import Curve

# The prior weighs as much as this many people: the best of 0..12 for predicting people it has not seen.
PRIOR_PEOPLE = 4.0
PRIOR_PEOPLE_RARE = 8.0
RARE = 3  # up to this many people a word is rare
ENOUGH_PEOPLE = 16  # from here on people speak for themselves
LITERATURE_TRUST = 0.6  # rms of the books' curve against one full agreement, for the prior
WEIGHT_FLOOR = 0.3  # a rater who contradicts himself still counts a little
PEAK_DB = (3.0, 9.0)
TYPICAL_RMS_PEOPLE = 3.0  # how many people's dB the overall median weighs


def unit(curve: np.ndarray) -> np.ndarray:
    """Mean 0, rms 1: the shape alone."""
    centred = curve - curve.mean()
    rms = float(np.sqrt(np.mean(centred**2)))
    return centred / rms if rms > 1e-9 else centred


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation over the 40 bands."""
    return float(np.mean(unit(a) * unit(b)))


def stack(curves: Sequence[Curve]) -> tuple[np.ndarray, np.ndarray]:
    """Shapes (people, 40) and weights (people,)."""
    shapes = np.array([curve.shape for curve in curves])
    weights = np.array([WEIGHT_FLOOR + curve.weight for curve in curves])
    return shapes, weights


def agreement(curves: Sequence[Curve]) -> float | None:
    """Mean correlation of one person with the weighted mean of the others; None for one person."""
    shapes, weights = stack(curves)
    if len(shapes) < 2:
        return None
    return float(
        np.mean(
            [
                correlation(shapes[i], np.average(np.delete(shapes, i, 0), axis=0, weights=np.delete(weights, i)))
                for i in range(len(shapes))
            ]
        )
    )


def pair_agreement(shapes: np.ndarray) -> float:
    """Mean correlation of two people."""
    n = len(shapes)
    return float(((shapes @ shapes.T).sum() / shapes.shape[1] - n) / (n * (n - 1)))


def beats_chance(curves: Sequence[Curve], everyone: np.ndarray, draws: int = 2000, seed: int = 0) -> bool:
    """Whether these people agree more than as many picked from all words (permutation, 5 %)."""
    shapes, _ = stack(curves)
    if len(shapes) < 3:
        return False
    rng = np.random.default_rng(seed)
    mine = pair_agreement(shapes)
    others = [pair_agreement(everyone[rng.choice(len(everyone), len(shapes), replace=False)]) for _ in range(draws)]
    return float(np.mean(np.array(others) >= mine)) < 0.05


@dataclass
class ToneFit:
    """All people's curves and the books', and what to make of them."""

    words: dict[str, Word]  # as the books have them
    curves: dict[str, list[Curve]]
    means: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.means = {}
        for word, curves in self.curves.items():
            shapes, weights = stack(curves)
            self.means[word] = np.average(shapes, axis=0, weights=weights)
        spoken = [curve.rms_db for curves in self.curves.values() for curve in curves if curve.rms_db]
        self.typical_rms_db = float(np.median(spoken))

    def literature(self, word: str) -> np.ndarray | None:
        """The books' shape, or None where they give none."""
        curve = np.array(self.words[word].senses[0].eq_db)
        return unit(curve) if np.any(curve) else None

    def neighbours(self, word: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
        """Mean of the related words and the mirrored opposites, each weighted by its people up to eight."""
        entry = self.words[word]
        shapes, weights, names = [], [], []
        for other, sign in (*((r, 1.0) for r in entry.related), *((o, -1.0) for o in entry.opposites)):
            books = self.literature(other)
            if other in self.means:
                shapes.append(sign * self.means[other])
                weights.append(min(len(self.curves[other]), 8) / 8)
                names.append(other)
            elif books is not None and sign > 0:
                shapes.append(0.5 * books)
                weights.append(0.3)
                names.append(other)
        if not shapes:
            return None, ()
        return np.average(shapes, axis=0, weights=weights), tuple(names)

    def prior(self, word: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """What to expect of a word before people are heard: half the books, half the neighbours."""
        books = self.literature(word)
        near, names = self.neighbours(word)
        if books is not None and near is not None:
            return 0.5 * LITERATURE_TRUST * books + 0.5 * near, ("literature", *names)
        if books is not None:
            return LITERATURE_TRUST * books, ("literature",)
        if near is not None:
            return near, names
        return np.zeros(len(BANDS_HZ)), ()

    def shape(self, word: str, curves: Sequence[Curve]) -> tuple[np.ndarray, tuple[str, ...]]:
        """Shape of a word as these people have it, and what a thin fit leans on."""
        shapes, weights = stack(curves) if curves else (np.zeros((0, len(BANDS_HZ))), np.zeros(0))
        if len(shapes) >= ENOUGH_PEOPLE:
            return unit(np.average(shapes, axis=0, weights=weights)), ()
        prior, leans_on = self.prior(word)
        if len(shapes) == 0:
            return unit(prior), leans_on
        mean = np.average(shapes, axis=0, weights=weights)
        pull = PRIOR_PEOPLE_RARE if len(shapes) <= RARE else PRIOR_PEOPLE
        pull *= float(np.any(prior))
        return unit((len(shapes) * mean + pull * prior) / (len(shapes) + pull)), leans_on

    def to_db(self, word: str, shape: np.ndarray) -> list[float]:
        """Give a shape the strength of a typical person's setting, peak within `PEAK_DB`."""
        spoken = [curve.rms_db for curve in self.curves.get(word, ()) if curve.rms_db]
        logs = np.log([*spoken, *([self.typical_rms_db] * int(TYPICAL_RMS_PEOPLE))])
        rms_db = float(np.exp(np.mean(logs)))
        peak = rms_db * float(np.max(np.abs(shape)))
        rms_db *= float(np.clip(peak, *PEAK_DB)) / max(peak, 1e-9)
        return [round(float(db), 1) for db in rms_db * shape]


def describe(eq_db: Sequence[float]) -> str:
    """Name a curve by what it does: "more 83-380 Hz, less 1-1.9 kHz"."""
    curve = np.array(eq_db)
    parts = []
    order = [("more", curve), ("less", -curve)]
    if curve.min() < -curve.max():
        order.reverse()
    for verb, values in order:
        top = int(np.argmax(values))
        if values[top] < 0.35 * np.max(np.abs(curve)):
            continue
        low = high = top
        while low > 0 and values[low - 1] > 0.7 * values[top]:
            low -= 1
        while high < len(values) - 1 and values[high + 1] > 0.7 * values[top]:
            high += 1
        if low == 0:
            parts.append(f"{verb} below {_hz(BANDS_HZ[high])}")
        elif high == len(values) - 1:
            parts.append(f"{verb} above {_hz(BANDS_HZ[low])}")
        else:
            parts.append(f"{verb} {_range(BANDS_HZ[low], BANDS_HZ[high])}")
    return ", ".join(parts)


def _hz(hz: float) -> str:
    rounded = float(f"{hz:.2g}")
    return f"{rounded / 1000:g} kHz" if rounded >= 1000 else f"{rounded:g} Hz"


def _range(low_hz: float, high_hz: float) -> str:
    low, high = _hz(low_hz), _hz(high_hz)
    if low == high:
        return f"at {low}"
    number, low_unit = low.split()
    return f"{number}-{high}" if high.split()[1] == low_unit else f"{low}-{high}"
