"""Where a spectrum ends: the wall a lossy codec or a low sample rate leaves."""

import numpy as np

from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import Signal, decibels
from assistant.request import MIX

__all__ = ["edge_hz", "find_bandwidth", "wall"]

_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000)
"""Sample rates that recordings are converted up from."""
_FALL_DB = 24.0
_WITHIN_HZ = 1000.0
_LOWEST_HZ = 3500.0
_DEEPEST_DB = 85.0  # under the spectrum's top: what lies lower is no sound that was cut
_LOWEST_CODEC_HZ = 10000.0
"""No codec in use for music cuts lower; a lower wall is how an instrument was sampled."""
_STEEP_HZ = 500.0
_EDGE_DB = (6.0, 24.0)
"""Coders fall so far within 400 Hz; a sampler that plays a note higher or lower smears its wall."""


def find_bandwidth(hearing: Hearing) -> list[Finding]:
    """Return spectra that end at a wall, of every track or of the mix where there are no tracks."""
    findings = []
    for name, signal in list(hearing.tracks.items()) or [(MIX, hearing.mix)]:
        end = None if signal.silent else wall(signal)
        if end is None:
            continue
        low_rate = next((rate for rate in _RATES_HZ if 0.90 * rate / 2 <= end <= 1.01 * rate / 2), None)
        upsampled = low_rate is not None and (low_rate not in (32000,) or end > 15600) and end < 15300
        row = problem("resampled" if upsampled else "lossy")
        if end > row.start * 1000 or (not upsampled and (end < _LOWEST_CODEC_HZ or _sampled(name, signal, end))):
            continue
        rate_words = f", as of {low_rate} Hz" if upsampled and low_rate else ""
        expected = f"{signal.sample_rate / 2000:.1f} kHz at {signal.sample_rate} Hz{rate_words}"
        findings.append(
            row.finding(
                (name,),
                end / 1000,
                expected,
                max(0.5, row.severity(end / 1000)),
                band_hz=(end, signal.sample_rate / 2),
                freq=f"{max(1000, round(0.7 * end, -2)):.0f}",
            )
        )
    return findings


def wall(signal: Signal, least_db: float = _FALL_DB) -> float | None:
    """Return the frequency in Hz where the spectrum falls off a wall for good, or None where it fades or goes on.

    Args:
        signal: what was measured.
        least_db: by how much it falls within 1 kHz at least.
    """
    freqs, level = _smooth(signal)
    step = freqs[1]
    reach = round(_WITHIN_HZ / step)
    top = int(0.97 * signal.sample_rate / 2 / step)
    places = np.arange(int(_LOWEST_HZ / step), top - reach)
    if not places.size:
        return None
    fall = level[places] - level[places + reach]
    at = int(places[np.argmax(fall)])
    above = level[at + reach : top]
    before = np.median(level[max(at - 3 * reach, 0) : at])
    if (
        fall.max() < least_db
        or level[at] < max(-118.0, level.max() - _DEEPEST_DB)
        or np.quantile(above, 0.95) > level[at] - least_db + 6
    ):
        return None
    steady = before - level[at] < 14  # no fade before the wall
    if not steady:
        return None
    inside = slice(at, at + reach + 1)
    return float(freqs[inside][np.argmax(level[inside] < level[at] - 12)])


def _sampled(name: str, signal: Signal, end_hz: float) -> bool:
    """Say whether a track's wall is that of a sampler, not of a coder."""
    return name != MIX and edge_hz(signal, end_hz) > _STEEP_HZ


def edge_hz(signal: Signal, end_hz: float) -> float:
    """Return over how many Hz the spectrum falls from 6 to 24 dB under what lies before its wall."""
    freqs, level = _smooth(signal)
    before = np.median(level[(freqs > end_hz - 1.5 * _WITHIN_HZ) & (freqs < end_hz - 0.3 * _WITHIN_HZ)])
    near = (freqs > end_hz - 1.5 * _WITHIN_HZ) & (freqs < end_hz + 3 * _WITHIN_HZ)
    start, stop = (freqs[near][np.argmax(level[near] < before - fall)] for fall in _EDGE_DB)
    return float(stop - start)


def _smooth(signal: Signal) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in Hz and levels in dB over 250 Hz each."""
    freqs = np.linspace(0.0, signal.sample_rate / 2, signal.spectrum.size)
    width = max(3, round(250 / freqs[1]))
    return freqs, decibels(np.convolve(signal.spectrum, np.ones(width) / width, mode="same"), 1e-17)
