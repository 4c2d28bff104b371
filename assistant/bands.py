"""The band in which a curve does most."""

import numpy as np

from ontology import BANDS_HZ

__all__ = ["main_band_hz"]


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
    edges = np.sqrt(np.array(BANDS_HZ[:-1]) * np.array(BANDS_HZ[1:]))
    low_hz = float(edges[low - 1]) if low else 20.0
    high_hz = float(edges[high]) if high < len(edges) else 20000.0
    return _two_figures(low_hz), _two_figures(high_hz)


def _two_figures(hz: float) -> float:
    return float(f"{hz:.2g}")
