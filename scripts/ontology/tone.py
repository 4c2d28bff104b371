"""From people's curves to one curve a word: weighted mean, shrunk where people are few, scaled back to dB."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.text_to_effect.lexicon import lexicon_of
from models.text_to_effect.word_fit import Ties, covariance, gather, posterior
from ontology.model import BANDS_HZ, Word
from scripts.ontology.people import Curve

# The prior weighs as much as this many people: docs/words.md has what else was tried on people left out.
PRIOR_PEOPLE = 12.0
ENOUGH_PEOPLE = 16  # from here on people speak for themselves
LITERATURE_TRUST = 0.6  # rms of the books' curve against one full agreement, for the prior
NET_TIES = Ties(noise=4.0)  # how words lend each other what people set
NET_GAIN = 2.0  # the net's mean is shrunk already; as a part of the prior it counts more
SMOOTH_BANDS = 2.0  # people's curves are ragged, the next person's rags lie elsewhere
WEIGHT_FLOOR = 0.3  # a rater who contradicts himself still counts a little
PEAK_DB = (3.0, 9.0)
USUAL_AGREEMENT = 0.35  # of one person with the others, over all words
AGREEMENT_PEOPLE = 6.0  # how many people's agreement the usual one weighs
LEAST_AGREEMENT = 0.15
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

    @cached_property
    def _net(self) -> "_Net":
        return _Net(self.words, self.curves)

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
        """What to expect of a word before its own people are heard: books, neighbours, and the net of all words."""
        books = self.literature(word)
        near, names = self.neighbours(word)
        parts = [NET_GAIN * self._net.without(word)]
        if books is not None:
            parts.append(LITERATURE_TRUST * books)
            names = ("literature", *names)
        if near is not None:
            parts.append(near)
        return np.mean(parts, axis=0), names

    def shape(self, word: str, curves: Sequence[Curve]) -> tuple[np.ndarray, tuple[str, ...]]:
        """Shape of a word as these people have it, and what a thin fit leans on."""
        shapes, weights = stack(curves) if curves else (np.zeros((0, len(BANDS_HZ))), np.zeros(0))
        if len(shapes) >= ENOUGH_PEOPLE:
            return unit(smooth(np.average(shapes, axis=0, weights=weights))), ()
        prior, leans_on = self.prior(word)
        if len(shapes) == 0:
            return unit(smooth(prior)), leans_on
        mean = np.average(shapes, axis=0, weights=weights)
        pull = PRIOR_PEOPLE * float(np.any(prior))
        return unit(smooth((len(shapes) * mean + pull * prior) / (len(shapes) + pull))), leans_on

    def to_db(self, word: str, shape: np.ndarray, curves: Sequence[Curve] = ()) -> list[float]:
        """Give a shape a strength, peak within `PEAK_DB`.

        A typical person's setting is the strength that people use; the strength that misses the next person's curve by
        the least dB is that times the correlation to expect with it. The geometric mean of the two is taken.

        Args:
            word: id.
            shape: (40,) mean 0, rms 1.
            curves: the people of this sense, whose agreement says what correlation to expect.
        """
        spoken = [curve.rms_db for curve in self.curves.get(word, ()) if curve.rms_db]
        logs = np.log([*spoken, *([self.typical_rms_db] * int(TYPICAL_RMS_PEOPLE))])
        rms_db = float(np.exp(np.mean(logs))) * np.sqrt(expected_agreement(curves))
        peak = rms_db * float(np.max(np.abs(shape)))
        rms_db *= float(np.clip(peak, *PEAK_DB)) / max(peak, 1e-9)
        return [round(float(db), 1) for db in rms_db * shape]


def expected_agreement(curves: Sequence[Curve]) -> float:
    """Return the correlation to expect with one more person: what these agree by, few of them shrunk to the usual."""
    found = agreement(curves) if len(curves) > 1 else None
    if found is None:
        return USUAL_AGREEMENT
    return max(
        (len(curves) * found + AGREEMENT_PEOPLE * USUAL_AGREEMENT) / (len(curves) + AGREEMENT_PEOPLE), LEAST_AGREEMENT
    )


class _Net:
    """A Gaussian process over all words: relatives and opposites, over several steps, lend each other people.

    The same as the text model's (models/text_to_effect/word_fit.py), asked what it makes of a word whose own people
    are not heard.
    """

    def __init__(self, words: dict[str, Word], curves: dict[str, list[Curve]]) -> None:
        lexicon = lexicon_of(words.values())
        self._place = lexicon.index()
        self._prior = covariance(lexicon, NET_TIES)
        self._mean = NET_TIES.mean * lexicon.books()
        self._curves = {word: rows for word, rows in curves.items() if rows}

    def without(self, word: str) -> np.ndarray:
        """Return (40,): what the other words' people make of this one."""
        heard = [curve for other, rows in self._curves.items() if other != word for curve in rows]
        shapes, weights = stack(heard) if heard else (np.zeros((0, len(BANDS_HZ))), np.zeros(0))
        people = gather([self._place[curve.word] for curve in heard], shapes, weights.tolist())
        return posterior(self._prior, people, NET_TIES.noise, self._mean)[self._place[word]]


def smooth(curve: np.ndarray) -> np.ndarray:
    """Run a Gaussian of `SMOOTH_BANDS` bands over a curve; at the ends it uses what there is."""
    steps = np.arange(len(curve))
    weights = np.exp(-0.5 * ((steps[:, None] - steps[None]) / SMOOTH_BANDS) ** 2)
    return weights @ curve / weights.sum(axis=1)


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
