"""Where a spectrum ends: the wall a lossy codec or a low sample rate leaves."""

import numpy as np

from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import Signal, decibels
from assistant.request import MIX

__all__ = ["find_bandwidth", "wall"]

_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000)
"""Sample rates that recordings are converted up from."""
_FALL_DB = 24.0
_WITHIN_HZ = 1000.0
_LOWEST_HZ = 3500.0
_DEEPEST_DB = 85.0  # under the spectrum's top: what lies lower is no sound that was cut
_LOWEST_CODEC_HZ = 10000.0
"""No codec in use for music cuts lower; a lower wall is how an instrument was sampled."""


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
        if end > row.start * 1000 or (not upsampled and end < _LOWEST_CODEC_HZ):
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


def wall(signal: Signal) -> float | None:
    """Return the frequency in Hz where the spectrum falls off a wall for good, or None where it fades or goes on."""
    freqs = np.linspace(0.0, signal.sample_rate / 2, signal.spectrum.size)
    step = freqs[1]
    width = max(3, round(250 / step))
    level = decibels(np.convolve(signal.spectrum, np.ones(width) / width, mode="same"), 1e-17)
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
        fall.max() < _FALL_DB
        or level[at] < max(-118.0, level.max() - _DEEPEST_DB)
        or np.quantile(above, 0.95) > level[at] - _FALL_DB + 6
    ):
        return None
    steady = before - level[at] < 14  # no fade before the wall
    if not steady:
        return None
    inside = slice(at, at + reach + 1)
    return float(freqs[inside][np.argmax(level[inside] < level[at] - 12)])
