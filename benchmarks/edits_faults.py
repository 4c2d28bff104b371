"""SonicMaster's faults of finished music, made with scipy so that nothing is shared with the console.

Bands, metric and faults as the paper has them (see docs/edits.md): a ratio is the power in a band over the whole, from
an STFT of 2048 samples every 512, mono, 44.1 kHz.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from models.training.corpus import SAMPLE_RATE

__all__ = ["FAULTS", "Fault", "band_ratio"]

_FFT, _HOP = 2048, 512
_NYQUIST_HZ = SAMPLE_RATE / 2
_BAND_EDGE_OCTAVES = 0.15
_LOWPASS_ORDERS = (2, 4)

Generator = np.random.Generator


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Attributes:
        band_hz: where it is measured.
        prompts: plain ways to have it mended.
        spoil: (audio, generator) -> audio of the same shape.
    """

    band_hz: tuple[float, float]
    prompts: tuple[str, ...]
    spoil: Callable[[np.ndarray, Generator], np.ndarray]


def band_ratio(audio: np.ndarray, band_hz: tuple[float, float]) -> float:
    """Return the share of the power of (2, samples) that lies in a band."""
    mono = audio.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _FFT)[::_HOP]
    power = np.zeros(_FFT // 2 + 1)
    for first in range(0, len(frames), 256):
        bins = np.fft.rfft(frames[first : first + 256] * np.hanning(_FFT).astype(np.float32), axis=-1)
        power += np.square(np.abs(bins)).sum(axis=0)
    hz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    inside = (hz >= band_hz[0]) & (hz <= band_hz[1])
    return float(power[inside].sum() / max(power.sum(), 1e-12))


def _shelf(kind: str, freq_hz: float, low_db: float, high_db: float, q: float = 0.707):
    """Return what applies a shelf of a random gain (R. Bristow-Johnson, Audio EQ Cookbook)."""

    def spoil(audio: np.ndarray, rng: Generator) -> np.ndarray:
        a = 10 ** (rng.uniform(low_db, high_db) / 40)
        w = 2 * np.pi * freq_hz / SAMPLE_RATE
        cos, root = np.cos(w), 2 * np.sqrt(a) * np.sin(w) / (2 * q)
        sign = 1.0 if kind == "low" else -1.0
        b = (
            a * ((a + 1) - sign * (a - 1) * cos + root),
            sign * 2 * a * ((a - 1) - sign * (a + 1) * cos),
            a * ((a + 1) - sign * (a - 1) * cos - root),
        )
        c = (
            (a + 1) + sign * (a - 1) * cos + root,
            -sign * 2 * ((a - 1) + sign * (a + 1) * cos),
            (a + 1) + sign * (a - 1) * cos - root,
        )
        section = np.array([[*b, *c]]) / c[0]
        return sosfilt(section, audio, axis=1).astype(np.float32)

    return spoil


def _band(low_hz: float, high_hz: float, low_db: float, high_db: float):
    """Return what changes the level of a band by a random gain, with edges a seventh of an octave wide."""

    def spoil(audio: np.ndarray, rng: Generator) -> np.ndarray:
        gain_db = rng.uniform(low_db, high_db)
        hz = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE)
        octaves = np.minimum(np.log2(np.maximum(hz, 1.0) / low_hz), np.log2(high_hz / np.maximum(hz, 1.0)))
        inside = np.clip(octaves / _BAND_EDGE_OCTAVES + 0.5, 0.0, 1.0)
        spectrum = np.fft.rfft(audio, axis=1) * 10 ** (gain_db * inside / 20)
        return np.fft.irfft(spectrum, audio.shape[1], axis=1).astype(np.float32)

    return spoil


def _lowpass(audio: np.ndarray, rng: Generator) -> np.ndarray:
    sections = butter(int(rng.choice(_LOWPASS_ORDERS)), 4000.0, fs=SAMPLE_RATE, output="sos")
    return sosfilt(sections, audio, axis=1).astype(np.float32)


FAULTS: Mapping[str, Fault] = {
    "clarity": Fault(
        (4000.0, _NYQUIST_HZ), ("make it clearer", "more clarity", "it sounds muffled, make it clear"), _lowpass
    ),
    "bright": Fault(
        (6000.0, _NYQUIST_HZ),
        ("make it brighter", "brighten it up", "it needs more brightness"),
        _shelf("high", 6000.0, -12.0, -6.0),
    ),
    "dark": Fault(
        (6000.0, _NYQUIST_HZ), ("make it darker", "make it less bright", "darken it"), _shelf("high", 6000.0, 6.0, 12.0)
    ),
    "airy": Fault(
        (10000.0, _NYQUIST_HZ),
        ("make it airier", "add some air", "bring the air back"),
        _shelf("high", 10000.0, -12.0, -6.0),
    ),
    "warm": Fault(
        (20.0, 400.0), ("make it warmer", "add warmth", "give it some warmth"), _shelf("low", 400.0, -12.0, -6.0)
    ),
    "boom, cut": Fault(
        (20.0, 150.0),
        ("bring the low end back", "give it more low end", "more bass"),
        _shelf("low", 120.0, -20.0, -10.0),
    ),
    "boom, raised": Fault(
        (20.0, 150.0),
        ("make it less boomy", "reduce the boominess", "it is too boomy"),
        _shelf("low", 120.0, 6.0, 12.0),
    ),
    "muddy": Fault(
        (200.0, 500.0), ("make it less muddy", "remove the mud", "clean up the mud"), _band(200.0, 500.0, 6.0, 12.0)
    ),
    "vocals": Fault(
        (350.0, 3500.0),
        ("bring the vocals forward", "make the vocals stand out", "bring the vocals back"),
        _band(350.0, 3500.0, -12.0, -6.0),
    ),
}
"""By attribute; "boom" twice: as published (a cut), and the other way."""
