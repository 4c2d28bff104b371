"""Technical faults, stated as facts: levels, offsets, gaps, what a file lost on its way."""

import numpy as np

from assistant.diagnose.damage import Event
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import Signal
from assistant.request import MIX

__all__ = ["USUAL_LUFS", "find_technical"]

_TOLD_TIMES = 40
_FEWEST_TOPS = 3
_SURE = 5.0  # standard errors: low notes have a mean by chance
_NEAR_PEAK = 0.94  # of the highest sample: where the curve between samples may go over
_MOST_FADER_DB = 12.0
USUAL_LUFS = (-27.0, -7.0)
_FILE = "none in a sound recording (counted in the file)"
_FIXED_POINT = "at most 0 dBFS, where fixed-point files clip"


def find_technical(hearing: Hearing) -> list[Finding]:
    """Return every technical fault of the mix, the tracks and their files."""
    findings = _damage(hearing) + _levels(hearing)
    for name, signal in _named(hearing):
        if not signal.silent:
            findings += _offset(name, signal)
    return findings


def _named(hearing: Hearing) -> list[tuple[str, Signal]]:
    return list(hearing.tracks.items()) or [(MIX, hearing.mix)]


def _damage(hearing: Hearing) -> list[Finding]:
    findings = []
    for name, damage in hearing.damage.items():
        seconds = max(hearing.signal(name).seconds, 1e-3)
        if damage.clipped and damage.bits is None:  # coarse samples have flat tops: their steps
            row = problem("clipped")
            rate = damage.tops / seconds
            if damage.tops >= _FEWEST_TOPS:
                severity = max(0.5, row.severity(rate))
                findings.append(row.finding((name,), rate, _FILE, severity, time_s=_times(damage.clipped)))
        if damage.bits is not None and not hearing.signal(name).silent:
            row = problem("coarse")
            expected = "16 bits or more (a file of music)"
            findings.append(row.finding((name,), damage.bits, expected, max(0.5, row.severity(damage.bits))))
        if damage.clicks:
            row = problem("clicks")
            count = len(damage.clicks)
            findings.append(
                row.finding((name,), count, _FILE, max(0.5, row.severity(count)), time_s=_times(damage.clicks))
            )
        short = tuple(event for event in damage.dropouts if event.stop_s - event.start_s < 0.3)
        long = tuple(event for event in damage.dropouts if event.stop_s - event.start_s >= 0.3)
        if name == MIX:
            long = tuple(sorted({*long, *(e for e in damage.inner_silence if e.stop_s - e.start_s >= 1.0)}, key=_start))
        if short:
            row = problem("dropout")
            severity = max(0.5, row.severity(len(short)))
            findings.append(row.finding((name,), len(short), _FILE, severity, time_s=_times(short)))
        if long:
            row = problem("gap")
            longest = max(event.stop_s - event.start_s for event in long)
            severity = max(0.6, row.severity(longest))
            findings.append(row.finding((name,), longest, _FILE, severity, time_s=_times(long)))
    return findings


def _levels(hearing: Hearing) -> list[Finding]:
    findings = []
    for name, signal in _named(hearing):
        peak_dbfs = 20 * float(np.log10(max(signal.peak, 1e-9)))
        if signal.silent:
            findings.append(
                problem("silent-track").finding((name,), peak_dbfs, "above -60 dBFS for a part that plays", 1.0)
            )
        elif hearing.stems and peak_dbfs < problem("gain-staging").start:
            row = problem("gain-staging")
            expected = "-18 to -3 dBFS, usual for recorded tracks"
            amount = f"{min(_MOST_FADER_DB, -12 - peak_dbfs):.1f}"
            findings.append(row.finding((name,), peak_dbfs, expected, row.severity(peak_dbfs), amount=amount))
    if hearing.mix.silent:
        return findings
    findings += _loudness(hearing)
    peak_dbfs = 20 * float(np.log10(hearing.mix.peak))
    over = problem("low-headroom")
    peaks = problem("intersample-peaks")
    if hearing.stems and peak_dbfs > 0.05:
        amount = f"{min(24.0, peak_dbfs + 1.0):.1f}"
        findings.append(over.finding((MIX,), peak_dbfs, _FIXED_POINT, over.severity(peak_dbfs), amount=amount))
    elif hearing.true_peak_dbtp > peaks.start:
        value = hearing.true_peak_dbtp
        amount = f"{value + 1.0:.1f}"
        expected = "at most -1 dBTP (EBU R 128, streaming platforms)"
        times = _peak_times(hearing.mix)
        severity = peaks.severity(value)
        findings.append(peaks.finding((MIX,), value, expected, severity, time_s=times, amount=amount))
    return findings


def _loudness(hearing: Hearing) -> list[Finding]:
    row = problem("off-target")
    low, high = USUAL_LUFS
    loudness = hearing.loudness_lufs
    off = max(low - loudness, loudness - high)
    if not np.isfinite(loudness) or off <= 0:
        return []
    way, target = ("up", low + 2) if loudness < low else ("down", high - 2)
    expected = f"{low:g} to {high:g} LUFS; most platforms play at -14"
    amount = f"{min(_MOST_FADER_DB, abs(target - loudness)):.1f}"
    return [row.finding((MIX,), loudness, expected, row.severity(off), way=way, amount=amount)]


def _offset(name: str, signal: Signal) -> list[Finding]:
    row = problem("dc-offset")
    percent = 100 * float(np.abs(signal.mean).max())
    if percent < row.start or percent < _SURE * 100 * signal.mean_error:
        return []
    return [row.finding((name,), percent, "below 0.3 % (converters and files)", row.severity(percent))]


def _peak_times(signal: Signal) -> tuple[tuple[float, float], ...]:
    """Return the steps of the envelope in which the highest samples lie, neighbours joined."""
    near = np.flatnonzero(signal.envelope[:, 1] >= _NEAR_PEAK * signal.peak**2)
    if not near.size:  # steps were joined since: their peaks are means
        near = np.array([int(np.argmax(signal.envelope[:, 1]))])
    runs = np.split(near, np.flatnonzero(np.diff(near) > 1) + 1)
    spans = [(run[0] * signal.step_s, (run[-1] + 1) * signal.step_s) for run in runs[:_TOLD_TIMES]]
    return tuple((round(float(start), 3), round(float(stop), 3)) for start, stop in spans)


def _times(events: tuple[Event, ...]) -> tuple[tuple[float, float], ...]:
    return tuple((round(event.start_s, 4), round(event.stop_s, 4)) for event in events[:_TOLD_TIMES])


def _start(event: Event) -> float:
    return event.start_s
