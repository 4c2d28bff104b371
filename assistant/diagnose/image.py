"""The stereo field: leaning, hollow, narrow, wide at the bottom."""

import numpy as np

from assistant.diagnose.expectations import Expectations, expectations
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import BAND_HZ, Signal, decibels
from assistant.request import MIX

__all__ = ["balance_db", "find_image", "low_width_db", "width_db"]

_LOWS_HZ = 120.0
_LOW_SHARE_DB = -22.0


def balance_db(signal: Signal) -> float:
    """Return left against right, dB."""
    return float(np.diff(decibels(signal.side_power[::-1]))[0])


def width_db(signal: Signal) -> float:
    """Return side against middle, dB."""
    total, cross = 2 * signal.power, signal.cross
    return float(decibels(max(total - 2 * cross, 0.0) / max(total + 2 * cross, 1e-15), 1e-9))


def low_width_db(signal: Signal) -> float | None:
    """Return side against middle below 120 Hz, dB; None where little sounds there."""
    low = BAND_HZ < _LOWS_HZ
    power, cross = float(signal.band_power[low].sum()), float(signal.band_cross[low].sum())
    if decibels(power / max(float(signal.band_power.sum()), 1e-15)) < _LOW_SHARE_DB:
        return None
    return float(decibels(max(power - cross, 0.0) / max(power + cross, 1e-15), 1e-9))


def find_image(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return faults of the stereo field of the mix, and of every stereo track where it is upside down."""
    table = table or expectations()
    findings = []
    for name, signal in hearing.tracks.items():
        if not signal.silent:
            findings += _phasey(name, signal)
    if hearing.mix.silent:
        return findings
    mix = hearing.mix
    return findings + _phasey(MIX, mix) + _lopsided(mix, hearing, table) + _narrow(mix, table) + _wide_lows(mix, table)


def _phasey(name: str, signal: Signal) -> list[Finding]:
    row = problem("phasey")
    value = signal.correlation
    if value > row.start:
        return []
    width = 30 if name == MIX else 40
    return [row.finding((name,), value, "above 0 (mono compatible)", row.severity(value), amount=width)]


def _lopsided(mix: Signal, hearing: Hearing, table: Expectations) -> list[Finding]:
    row = problem("lopsided")
    value = balance_db(mix)
    low, high, count = table.readings["balance_db"]["mix"]
    start = max(row.start, high)
    if abs(value) < start:
        return []
    del hearing
    severity = 0.5 + 0.5 * (abs(value) - start) / (row.full - start)
    expected = f"{low:.1f} to {high:.1f} dB in 19 of 20 finished tracks (of {count:.0f})"
    side = "right" if value > 0 else "left"
    # The balance control's law is that of the console's pan on a stereo channel: see `console.stereo.place`.
    amount = f"{100 * _pan_for(abs(value)):.0f}"
    return [row.finding((MIX,), value, expected, severity, side=side, amount=amount)]


def _pan_for(balance: float) -> float:
    """Return the pan, 0..1, that takes back so many dB between the sides under a constant-power law."""
    angle = np.arctan(10 ** (balance / 20))
    return float(min(1.0, (angle - np.pi / 4) / (np.pi / 4)))


def _narrow(mix: Signal, table: Expectations) -> list[Finding]:
    row = problem("narrow")
    value = width_db(mix)
    low, high, count = table.readings["width_db"]["mix"]
    start = min(low, row.start)
    if value > start:
        return []
    severity = 0.5 + 0.5 * (start - value) / max(start - row.full, 1.0)
    mono = value < -55
    expected = f"{low:.0f} to {high:.0f} dB in 19 of 20 finished tracks (of {count:.0f})"
    return [row.finding((MIX,), value, expected, min(severity, 0.9), mendable=not mono)]


def _wide_lows(mix: Signal, table: Expectations) -> list[Finding]:
    row = problem("wide-lows")
    value = low_width_db(mix)
    _, high, count = table.readings["low_width_db"]["mix"]
    start = max(high, row.start)
    if value is None or value < start:
        return []
    severity = 0.5 + 0.5 * (value - start) / max(row.full - start, 1.0)
    expected = f"below {high:.0f} dB in 19 of 20 finished tracks (of {count:.0f})"
    return [row.finding((MIX,), value, expected, severity, band_hz=(20.0, _LOWS_HZ))]
