"""Clicks: jumps shorter than a millisecond that the sound around them does not explain.

Candidates are cells whose third difference stands over both sides; each is then whitened by linear prediction, where an
attack is loud for as long as it rings and a click for its few samples only (S. J. Godsill, P. J. W. Rayner, "Digital
Audio Restoration", 1998, ch. 5).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

__all__ = ["CELL", "Click", "ClickFinder"]

CELL = 32
"""Samples of the finest cell, 0.7 ms at 44.1 kHz."""
_FAINT_RATIO = 3.5
_STRONG = 60.0  # ratio times what prediction leaves
_ALONE_STRONG = 40.0
_ALONE = 2.0  # times the strongest of all others, where sounds are nearly clicks
_TOWERS = 4.0  # and where they are clicks
_APART_S = 0.01
_UNEXPLAINED = 3.6  # what prediction leaves at the click, over the most that it leaves 1 to 20 ms away
_LOWEST = 10 ** (-46 / 20)
_AROUND = 6  # cells between a click and its sides
_MOST_IN_A_CHUNK = 12
_TEXTURE_PER_S = 2.0
_ORDER = 32
_REACH = 2048
_EDGE_S = 0.005  # a file may begin in the middle of a wave


@dataclass(frozen=True)
class Click:
    """One candidate.

    Attributes:
        at_s: where.
        ratio: third difference over that of the louder side.
        unexplained: what linear prediction leaves there over the most it leaves on either side.
    """

    at_s: float
    ratio: float
    unexplained: float

    @property
    def strength(self) -> float:
        return self.ratio * self.unexplained

    @property
    def sure(self) -> bool:
        return self.unexplained >= _UNEXPLAINED


@dataclass
class ClickFinder:
    """Find clicks chunk by chunk."""

    rate: int
    most: int
    _candidates: list[Click] = field(default_factory=list)

    def add(self, known: np.ndarray, start: int, mine: tuple[int, int]) -> None:
        """Look through one chunk.

        Args:
            known: (channels, samples).
            start: index in the song of its first sample.
            mine: (first, last + 1) index in the chunk of what no other chunk looks at.
        """
        if len(self._candidates) >= self.most:
            return
        jump = known[:, 3:] - known[:, :-3] + 3 * (known[:, 1:-2] - known[:, 2:-1])
        count = jump.shape[1] // CELL
        if count < 20:
            return
        cut = np.abs(jump[:, : count * CELL]).max(axis=0).reshape(count, CELL)
        peak = cut.max(axis=1)
        near = maximum_filter1d(peak, 7, mode="constant")
        before, after = np.zeros(count, np.float32), np.zeros(count, np.float32)
        before[_AROUND:], after[:-_AROUND] = near[:-_AROUND], near[_AROUND:]
        # Ratio to the louder side: an attack is loud after, a torn end is loud before, a click has both sides quiet.
        ratio = peak / np.maximum(np.maximum(before, after), 1e-5)
        inner = slice(_AROUND, count - _AROUND)
        cells = np.flatnonzero((peak > _LOWEST)[inner] & (ratio > _FAINT_RATIO)[inner]) + _AROUND
        places = cells * CELL + cut[cells].argmax(axis=1) + 1
        kept = (places >= mine[0]) & (places < mine[1]) & ((start + places) / self.rate > _EDGE_S)
        cells, places = cells[kept], places[kept]
        # Where many cells stand out, those that do so most and those that are highest.
        likely = {*np.argsort(-ratio[cells])[:_MOST_IN_A_CHUNK], *np.argsort(-peak[cells])[:_MOST_IN_A_CHUNK]}
        for index in sorted(likely):
            place, cell = int(places[index]), int(cells[index])
            side = known[int(np.abs(jump[:, place - 1]).argmax())]
            left = max(_unexplained(side, place), _unexplained(known.mean(axis=0), place) if len(known) > 1 else 0.0)
            self._candidates.append(Click(max(0.0, (start + place) / self.rate), float(ratio[cell]), left))

    def result(self, seconds: float) -> list[Click]:
        """Return the clicks; where the music itself is made of clicks (chips, glitches) one that towers over it."""
        sure = [one for one in self._candidates if one.sure]
        if len(sure) > _TEXTURE_PER_S * seconds:
            return self._alone(sure, _TOWERS)
        if len(sure) >= 0.5 * len(self._candidates):
            return sure
        # Many sounds are nearly clicks: only what stands far out is none of them.
        return [one for one in sure if one.strength >= _STRONG] or self._alone(sure, _ALONE)

    def _alone(self, sure: list[Click], times: float) -> list[Click]:
        """Return the click that is so many times as strong as every candidate at another place, if there is one."""
        best = max(sure, key=lambda one: one.strength, default=None)
        if best is None or best.strength < _ALONE_STRONG:
            return []
        others = [one.strength for one in self._candidates if abs(one.at_s - best.at_s) > _APART_S]
        return [best] if best.strength > times * max(others, default=0.0) else []


def _unexplained(side: np.ndarray, place: int) -> float:
    """Return the peak of the prediction error around a place over its peaks on both sides."""
    first = max(0, place - _REACH)
    part = side[first : place + _REACH].astype(np.float64)
    at = place - first
    windowed = part * np.hanning(part.size)
    size = 1 << (2 * part.size - 1).bit_length()
    lags = np.fft.irfft(np.square(np.abs(np.fft.rfft(windowed, size))), size)[: _ORDER + 1]
    if lags[0] <= 0:
        return 0.0
    lags[0] *= 1.0001
    coefficients = solve_toeplitz(lags[:-1], lags[1:])
    error = np.abs(lfilter(np.r_[1.0, -coefficients], [1.0], part))
    sides = [error[max(at - 900, _ORDER) : max(at - 44, 0)], error[at + 60 : at + 900]]
    loudest = max((float(one.max()) for one in sides if one.size > 100), default=np.inf)
    return float(error[max(at - 8, 0) : at + 9].max() / max(loudest, 1e-9))
