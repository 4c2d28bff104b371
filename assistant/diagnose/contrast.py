"""How one stretch of a song differs from the rest of it where the same is played, in terms of known faults.

A song is its own best reference: what is usual differs by 4 to 9 dB a band from song to song, but by 2 to 3 dB from one
bar of a song to the bar most like it. Each second of a stretch is compared with the seconds elsewhere that are most
like it in everything but the fault asked about; where there is nothing like it (a breakdown, another instrument) what
is left over makes the estimate uncertain, so a new arrangement is not taken for a fault. A fault also has to set in and
stop at once, and to be there throughout.

Source: generalised least squares (S. M. Kay, "Estimation", 4.5); the spread grows with the residual, as in a t-test.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.diagnose.expectations import Contrast
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import BAND_HZ, Signal, decibels
from assistant.diagnose.tone import fault_shape_db, plain_severity

__all__ = ["LOUDER", "SOFTER", "Blocks", "Change", "changes", "compared", "contrast_db", "severity"]

LOUDER, SOFTER = "louder", "softer"
"""Changes of level, beside the faults of tone."""
_BLOCK_S, _MOST_BLOCKS = 1.0, 120
_LENGTHS_S = (8.0, 12.0, 16.0, 24.0, 36.0)
_HOP_S, _EDGE_S = 2.0, 4.0
_MATCHES = 3
_PLAYS_DB, _FLOOR_DB, _WITHIN_DB = 25.0, 75.0, 70.0
_FEWEST, _MOSTLY = 4, 0.25
_WORTH_DB = 3.0
_UNLIKE = 4.0  # times the uncertainty of a perfect match: nothing elsewhere is like it
_SLACK = 1.5  # what its softest quarter and its edges may fall short of the mean before it counts less
_LEVEL_FREE_DB = 30.0
_OWN_NOISE_DB = 0.7


@dataclass(frozen=True)
class Change:
    """A stretch in which a fault is stronger than elsewhere.

    Attributes:
        name: row of problems.yaml, LOUDER or SOFTER.
        amount_db: how much stronger; positive.
        uncertainty_db: standard deviation of that, from how well the rest of the song matches.
        score: amount over uncertainty, less where it comes and goes.
        span_s: from when to when.
    """

    name: str
    amount_db: float
    uncertainty_db: float
    score: float
    span_s: tuple[float, float]


@dataclass(frozen=True)
class Blocks:
    """Band levels of about a second each.

    Attributes:
        levels_db: (blocks, 40), no lower than 75 dB under the loudest block.
        within_db: (blocks, 40), no lower than 70 dB under their own block: what a change of level moves as a whole.
        plays: (blocks,) whether anything sounds.
        seconds: how long a block is.
    """

    levels_db: np.ndarray
    within_db: np.ndarray
    plays: np.ndarray
    seconds: float

    @classmethod
    def of(cls, signal: Signal) -> "Blocks":
        """Cut a signal into at most 120 blocks."""
        wanted = max(_BLOCK_S, signal.seconds / _MOST_BLOCKS)
        cells = max(1, round(wanted / signal.cell_s))
        count = len(signal.cells) // cells
        power = signal.cells[: count * cells].reshape(count, cells, BAND_HZ.size).mean(axis=1)
        total = power.sum(axis=1)
        loud, top = (float(np.quantile(total, 0.9)), float(total.max())) if count else (0.0, 0.0)
        levels = np.maximum(decibels(power), decibels(top) - _FLOOR_DB)
        within = np.maximum(decibels(power, 1e-20), decibels(total)[:, None] - _WITHIN_DB)
        return cls(levels, within, total > max(loud * 10 ** (-_PLAYS_DB / 10), 1e-11), cells * signal.cell_s)


def changes(signal: Signal, contrast: Contrast, names: tuple[str, ...]) -> dict[str, Change]:
    """Return the stretch in which each fault stands out most, for those that stand out anywhere."""
    blocks = Blocks.of(signal)
    found = {}
    for name in names:
        change = _scanned(_Against(blocks, contrast, name), name)
        if change is not None:
            found[name] = change
    return found


def contrast_db(signal: Signal, contrast: Contrast, name: str, span_s: tuple[float, float]) -> float | None:
    """Return how much stronger a fault is in a stretch than in what is like it elsewhere, dB; None where too little
    plays.
    """
    blocks = Blocks.of(signal)
    first, last = (round(at / blocks.seconds) for at in span_s)
    estimate = _Against(blocks, contrast, name).estimate(first, last)
    return None if estimate is None else estimate[0]


def compared(off_db: np.ndarray, contrast: Contrast, name: str) -> tuple[float, float]:
    """Return (amount, uncertainty) in dB of a fault in the difference of two spectra, (40,) dB."""
    read, error_db, shape, whiten = _ways(contrast, name)
    amount = float(off_db @ read)
    misfit = float(np.square(whiten @ (off_db - amount * shape)).sum()) / (BAND_HZ.size - 2)
    return amount, error_db * (1.0 + misfit)


def severity(score: float, limits: tuple[float, float], audible: float) -> float:
    """Return below 0.5 for a hint, else as much as a difference is audible and certain.

    Args:
        score: of the difference.
        limits: scores above which it is hinted at, and stated plainly.
        audible: its amount, as a share of what is gross.
    """
    hint, plain = limits
    if score < plain:
        return 0.3 + 0.19 * (score - hint) / max(plain - hint, 1e-6)
    return plain_severity(0.5 + 0.5 * (score - plain) / plain, audible)


class _Against:
    """One fault in every block, and how alike any two blocks are beside it."""

    def __init__(self, blocks: Blocks, contrast: Contrast, name: str):
        read, self.error_db, shape, whiten = _ways(contrast, name)
        self.blocks = blocks
        levels = blocks.within_db if name in (LOUDER, SOFTER) else blocks.levels_db
        self.amounts = levels @ read
        rest = (levels - self.amounts[:, None] * shape) @ whiten.T
        product = rest @ rest.T
        size = np.diag(product)
        self.unlike = np.maximum(size + size[:, None] - 2 * product, 0.0) / (BAND_HZ.size - 2)
        self.unlike[:, ~blocks.plays] = 1e6

    def estimate(self, first: int, last: int) -> tuple[float, float, float] | None:
        """Return (amount, uncertainty, amount that three quarters reach) of blocks first to last - 1, dB."""
        plays = self.blocks.plays
        inside = np.arange(first, last)[plays[first:last]]
        outside = np.r_[0:first, last : plays.size]
        if inside.size < _FEWEST or plays[outside].sum() < _FEWEST:
            return None
        unlike = self.unlike[np.ix_(inside, outside)]
        nearest = np.argpartition(unlike, _MATCHES - 1, axis=1)[:, :_MATCHES]
        more = self.amounts[inside] - self.amounts[outside][nearest].mean(axis=1)
        misfit = np.take_along_axis(unlike, nearest, axis=1).mean(axis=1)
        amount = float(np.average(more, weights=1 / (1 + misfit)))
        uncertainty = self.error_db * (1.0 + float(np.median(misfit)))
        return amount, uncertainty, float(np.quantile(more, 0.25))

    def step(self, at: int) -> float | None:
        """Return by how much the fault grows at the start of a block, dB; None at the ends of the music."""
        reach = max(2, round(_EDGE_S / self.blocks.seconds))
        playing = np.flatnonzero(self.blocks.plays)  # the nearest ones: many parts pause
        middle = int(np.searchsorted(playing, at))
        before, after = playing[max(middle - reach, 0) : middle], playing[middle : middle + reach]
        if min(before.size, after.size) < 2:
            return None
        return float(np.median(self.amounts[after]) - np.median(self.amounts[before]))


def _scanned(against: _Against, name: str) -> Change | None:
    """Return the best stretch of all lengths and places."""
    plays, amounts, seconds = against.blocks.plays, against.amounts, against.blocks.seconds
    sums, counts = (np.concatenate([[0], np.cumsum(series)]) for series in (amounts * plays, plays))
    best: Change | None = None
    lengths = [max(_FEWEST, round(long / seconds)) for long in _LENGTHS_S]
    for length in (one for one in lengths if 2 * one <= plays.size):
        for first in range(0, plays.size - length + 1, max(1, round(_HOP_S / seconds))):
            last = first + length
            inside = counts[last] - counts[first]
            outside = counts[-1] - inside
            if inside < max(_FEWEST, _MOSTLY * length) or outside < max(inside, 2 * _FEWEST):
                continue
            own = sums[last] - sums[first]
            if own / inside - (sums[-1] - own) / outside < _WORTH_DB:
                continue
            change = _judged(against, name, first, last)
            if change is not None and (best is None or change.score > best.score):
                best = change
    return None if best is None else _trimmed(against, best)


def _judged(against: _Against, name: str, first: int, last: int) -> Change | None:
    estimate = against.estimate(first, last)
    if estimate is None or estimate[0] < _WORTH_DB or estimate[1] > _UNLIKE * against.error_db:
        return None
    amount, uncertainty, mostly = estimate
    start, stop = against.step(first), against.step(last)
    steps = [step for step in (start, None if stop is None else -stop) if step is not None]
    least = min([mostly * _SLACK, *(step * (_SLACK if len(steps) == 2 else 1.0) for step in steps)])
    share = min(1.0, max(0.0, least / amount)) if len(steps) == 2 else 0.0
    seconds = against.blocks.seconds
    return Change(name, amount, uncertainty, share * amount / uncertainty, (first * seconds, last * seconds))


def _trimmed(against: _Against, change: Change) -> Change:
    """Move the edges, by up to the hop, to where the fault sets in and stops most."""
    seconds = against.blocks.seconds
    first, last = (round(at / seconds) for at in change.span_s)
    reach = max(1, round(_HOP_S / seconds))
    count = against.blocks.plays.size
    starts = {at: against.step(at) for at in range(max(first - reach, 1), min(first + reach, count - 1) + 1)}
    stops = {at: against.step(at) for at in range(max(last - reach, 1), min(last + reach, count - 1) + 1)}
    ups = {at: step for at, step in starts.items() if step is not None} if first > 0 else {}
    downs = {at: -step for at, step in stops.items() if step is not None} if last < count else {}
    first = max(ups, key=lambda at: ups[at]) if ups else first
    last = max(downs, key=lambda at: downs[at]) if downs else last
    moved = _judged(against, change.name, first, last) if last - first >= _FEWEST else None
    return moved if moved is not None and moved.score >= change.score else change


@lru_cache(maxsize=64)
def _ways(contrast: Contrast, name: str) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Return what reads a fault's amount off (40,) levels, its standard deviation in dB, its shape, and a whitener."""
    noise = contrast.covariance + np.eye(BAND_HZ.size) * _OWN_NOISE_DB**2
    if name in (LOUDER, SOFTER):
        shape = np.full(BAND_HZ.size, 1.0 if name == LOUDER else -1.0)
        precision = np.linalg.inv(noise)
    else:
        shape = fault_shape_db(problem(name).shape)
        precision = np.linalg.inv(noise + _LEVEL_FREE_DB**2)  # level tells nothing
    information = float(shape @ precision @ shape)
    return precision @ shape / information, information**-0.5, shape, np.linalg.cholesky(precision).T
