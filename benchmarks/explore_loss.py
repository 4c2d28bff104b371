"""The audio-feature loss of the style-transfer literature, without loudness: how far apart two productions are.

The family and its weights are those of Diff-MST (Vanka et al., ISMIR 2024), on features of De Man et al. (2014): crest
factor, Bark spectrum of mid and side, stereo width, stereo imbalance. Its fifth feature, RMS, is left out and both
sounds are brought to one loudness before, so that being louder is neither rewarded nor punished.
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from console.loudness import integrated_lufs

__all__ = ["WEIGHTS", "FeatureLoss", "feature_loss"]

WEIGHTS = {"crest": 0.001, "width": 1.0, "imbalance": 1.0, "spectrum": 0.1}
_LUFS = -20.0
_BANDS, _LOW_HZ, _HIGH_HZ = 24, 20.0, 20000.0
_WINDOW = 32768
_FLOOR = 1e-8


@dataclass(frozen=True)
class FeatureLoss:
    """The terms, each weighted, and what they add up to."""

    crest: float
    width: float
    imbalance: float
    spectrum: float

    @property
    def total(self) -> float:
        return self.crest + self.width + self.imbalance + self.spectrum


def feature_loss(one: np.ndarray, other: np.ndarray, sample_rate: int) -> FeatureLoss:
    """Compare two mixes, (2, samples) each, of any length and loudness."""
    first, second = (_features(audio, sample_rate) for audio in (one, other))
    terms = {name: WEIGHTS[name] * float(np.mean(np.square(first[name] - second[name]))) for name in WEIGHTS}
    return FeatureLoss(**terms)


def _features(audio: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    audio = audio.astype(np.float64)
    audio = audio * 10 ** ((_LUFS - integrated_lufs(audio, sample_rate)) / 20)
    left, right = np.square(audio).mean(axis=1)
    total, difference = audio[0] + audio[1], audio[0] - audio[1]
    rms = np.sqrt(np.maximum([left, right], _FLOOR**2))
    return {
        "crest": 20 * np.log10(np.maximum(np.abs(audio).max(axis=1), _FLOOR) / rms),
        "width": np.array(np.square(difference).mean() / max(np.square(total).mean(), _FLOOR)),
        "imbalance": np.array((right - left) / max(right + left, _FLOOR)),
        "spectrum": np.stack([_bark_spectrum(part, sample_rate) for part in (total, difference)]),
    }


def _bark_spectrum(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return (24,) natural logs of the mean magnitude in each band."""
    transform = ShortTimeFFT(hann(_WINDOW, sym=False), _WINDOW // 4, sample_rate, scale_to=None)
    magnitude = np.abs(transform.stft(audio, padding="zeros")).mean(axis=1)
    return np.log(_bark_bands(sample_rate) @ magnitude + _FLOOR)


@functools.lru_cache(maxsize=4)
def _bark_bands(sample_rate: int) -> np.ndarray:
    """Return (24, bins) triangles evenly spaced on the Bark scale of Traunmueller (1990)."""
    bins_hz = np.fft.rfftfreq(_WINDOW, 1.0 / sample_rate)
    edges = np.linspace(_bark(_LOW_HZ), _bark(min(_HIGH_HZ, sample_rate / 2)), _BANDS + 2)
    place = _bark(bins_hz)
    rising = (place - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - place) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(np.minimum(rising, falling), 0.0)


def _bark(freq_hz):
    return 26.81 * freq_hz / (1960.0 + freq_hz) - 0.53
