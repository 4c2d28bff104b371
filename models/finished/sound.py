"""The long-term spectrum of a sound in 60 bands, apart from its loudness."""

import functools

import numpy as np
from scipy import fft

__all__ = ["CENTRES_HZ", "band_levels"]

_EDGES_HZ = np.geomspace(22.0, 20000.0, 61)
CENTRES_HZ = np.sqrt(_EDGES_HZ[:-1] * _EDGES_HZ[1:])
"""(60,) band centres, Hz, six to an octave."""

_WINDOW_S = 0.19
_FLOOR_DB = -75.0  # against the whole: what is emptier is a codec's or a filter's doing
_TOGETHER = 32  # windows transformed at once


def band_levels(audio: np.ndarray, sample_rate: int) -> np.ndarray | None:
    """Measure a sound.

    Args:
        audio: (2, samples).
        sample_rate: Hz.
    Returns:
        (60,) level of each band, dB, with mean 0, so that loudness does not count; None for silence or less than two
        windows.
    """
    size = fft.next_fast_len(int(_WINDOW_S * sample_rate), real=True)
    if audio.shape[-1] < 2 * size or not np.any(audio):
        return None
    window = np.hanning(size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(audio, size, axis=-1)[:, :: size // 2]
    power = np.zeros(size // 2 + 1)
    for first in range(0, frames.shape[1], _TOGETHER):
        bins = fft.rfft(frames[:, first : first + _TOGETHER] * window, axis=-1)
        power += (np.square(bins.real) + np.square(bins.imag)).sum(axis=(0, 1))
    bands = power @ _bands(size, sample_rate)
    level_db = 10.0 * np.log10(np.maximum(bands / bands.sum(), 10 ** (_FLOOR_DB / 10)))
    return level_db - level_db.mean()


@functools.lru_cache(maxsize=4)
def _bands(size: int, sample_rate: int) -> np.ndarray:
    """Return (bins, 60): each bin's power shared out to the bands by overlap."""
    half = 0.5 * sample_rate / size
    hz = np.arange(size // 2 + 1) * (sample_rate / size)
    low, high = np.maximum(hz - half, 0.0), hz + half
    inside = np.minimum(high[:, None], _EDGES_HZ[None, 1:]) - np.maximum(low[:, None], _EDGES_HZ[None, :-1])
    return np.maximum(inside, 0.0) / (high - low)[:, None]
