"""Sounds and curves on the 40 bands in which words are: power in each, and the band in which a curve does most."""

import numpy as np

from console.measures import power_spectrum
from ontology import BANDS_HZ

__all__ = ["band_powers", "main_band_hz"]

_BETWEEN_HZ = np.sqrt(np.multiply(BANDS_HZ[:-1], BANDS_HZ[1:]))
_EDGES_HZ = np.concatenate(([0.0], _BETWEEN_HZ, [24000.0]))


def band_powers(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return (40,) the power of (channels, samples) in the bands around `BANDS_HZ`, which together are the whole."""
    spectrum = power_spectrum(audio, sample_rate)
    return np.asarray(spectrum.band_power(_EDGES_HZ[:-1], np.minimum(_EDGES_HZ[1:], sample_rate / 2)))


def main_band_hz(curve_db: np.ndarray) -> tuple[float, float]:
    """Return the band around the curve's greatest change (against its median) in which it keeps half of it."""
    shape = curve_db - np.median(curve_db)
    peak = int(np.argmax(np.abs(shape)))
    inside = shape * np.sign(shape[peak]) >= 0.5 * abs(shape[peak])
    low = high = peak
    while low > 0 and inside[low - 1]:
        low -= 1
    while high < len(shape) - 1 and inside[high + 1]:
        high += 1
    low_hz = float(_BETWEEN_HZ[low - 1]) if low else 20.0
    high_hz = float(_BETWEEN_HZ[high]) if high < len(_BETWEEN_HZ) else 20000.0
    return _two_figures(low_hz), _two_figures(high_hz)


def _two_figures(hz: float) -> float:
    return float(f"{hz:.2g}")
