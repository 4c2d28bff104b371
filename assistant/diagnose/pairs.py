"""Two microphones on one source: how much later one hears it, and whether one is upside down.

Cross-spectra of every pair are summed over the song; the phase transform then sharpens the correlation to a peak at
the lag (Knapp & Carter, "The generalized correlation method for estimation of time delay", IEEE TASSP 24(4), 1976).
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

__all__ = ["Pair", "PairStatistics", "compared"]

_EVERY = 4  # frames: what two tracks share does not change from frame to frame
_WINDOW = 1 << 12
_MOST_LAG_S = 0.030
_OVERSAMPLE = 4
_LOW_HZ, _HIGH_HZ = 60.0, 14000.0


@dataclass(frozen=True)
class Pair:
    """What two tracks have in common.

    Attributes:
        first, second: their names.
        lag_ms: how much later the second is; negative: earlier.
        inverted: one is the other upside down.
        likeness: height of the peak, 0..1: 1 for copies, below 0.1 for sounds that have nothing in common.
        coherence: how much of the quieter one's power the other explains, 0..1.
        level_db: second against first.
    """

    first: str
    second: str
    lag_ms: float
    inverted: bool
    likeness: float
    coherence: float
    level_db: float


class PairStatistics:
    """Sum cross-spectra of all pairs of tracks."""

    def __init__(self, names: list[str], sample_rate: int):
        self.names, self.rate = names, sample_rate
        self._matrix = np.zeros((_WINDOW // 2 + 1, len(names), len(names)), np.complex64)

    def add(self, spectra: list[np.ndarray]) -> None:
        """Add one chunk: (frames, bins) complex of every track's middle, in the order of the names."""
        stacked = np.stack([one[::_EVERY] for one in spectra], axis=1).transpose(2, 1, 0)
        self._matrix += stacked @ stacked.conj().transpose(0, 2, 1)

    def result(self) -> list[Pair]:
        """Return every pair of tracks that both sound."""
        count = len(self.names)
        power = np.real(np.einsum("bii->ib", self._matrix))
        return [
            self._pair(first, second, power)
            for first in range(count)
            for second in range(first + 1, count)
            if power[first].sum() > 1e-9 and power[second].sum() > 1e-9
        ]

    def _pair(self, first: int, second: int, power: np.ndarray) -> Pair:
        names = self.names[first], self.names[second]
        return compared(names, self._matrix[:, second, first], power[first], power[second], self.rate)


def compared(names: tuple[str, str], cross: np.ndarray, first: np.ndarray, second: np.ndarray, rate: int) -> Pair:
    """Compare two signals by their summed spectra.

    Args:
        names: what they are called.
        cross: (bins,) complex, second times the first's conjugate.
        first, second: (bins,) their power.
        rate: Hz.
    """
    window = 2 * (cross.size - 1)
    product = first * second
    coherence = np.square(np.abs(cross)) / np.maximum(product, 1e-30)
    freqs = np.arange(cross.size) * rate / window
    both = np.sqrt(product)
    used = (freqs > _LOW_HZ) & (freqs < min(_HIGH_HZ, 0.45 * rate)) & (both > both.max() * 1e-6)
    weight = np.where(used, np.sqrt(coherence), 0.0)
    phase = cross / np.maximum(np.abs(cross), 1e-20) * weight
    curve = scipy.fft.irfft(phase, window * _OVERSAMPLE) * window * _OVERSAMPLE / max(2.0 * used.sum(), 1.0)
    lags = np.fft.fftfreq(curve.size, 1 / curve.size) / (rate * _OVERSAMPLE)
    curve = np.where(np.abs(lags) <= _MOST_LAG_S, curve, 0.0)
    at = int(np.argmax(np.abs(curve)))
    return Pair(
        first=names[0],
        second=names[1],
        lag_ms=float(lags[at] * 1000),
        inverted=bool(curve[at] < 0),
        likeness=float(abs(curve[at])),
        coherence=float((coherence * both)[used].sum() / max(both[used].sum(), 1e-30)),
        level_db=float(10 * np.log10(max(second.sum(), 1e-30) / max(first.sum(), 1e-30))),
    )
