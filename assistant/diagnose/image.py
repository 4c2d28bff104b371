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
_WANTED_MIDDLE = 1.3  # over side, in power: a correlation of 0.13
_UPSIDE_DOWN = -0.8
_LIKE_SIDES, _LIKE_SIDES_CLOSE = 0.06, 0.3  # beyond 1 ms; within it, where spaced microphones lie


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
            findings += _phasey(name, signal) + _late_side(name, signal)
    if hearing.mix.silent:
        return findings
    if not any(finding.problem == "mono-loss" for finding in findings):
        findings += _late_side(MIX, hearing.mix)
    mix = hearing.mix
    return findings + _phasey(MIX, mix) + _lopsided(mix, hearing, table) + _narrow(mix, table) + _wide_lows(mix, table)


def _phasey(name: str, signal: Signal) -> list[Finding]:
    row = problem("phasey")
    value = signal.correlation
    if value > row.start:
        return []
    # Side shrinks until middle over side is what the correlation wanted says.
    middle_over_side = max(1 + value, 1e-3) / max(1 - value, 1e-3)
    amount = f"{100 * np.clip(np.sqrt(middle_over_side / _WANTED_MIDDLE), 0.05, 0.6):.0f}"
    mendable = value > _UPSIDE_DOWN
    severity = row.severity(value)
    return [row.finding((name,), value, "above 0 (mono compatible)", severity, amount=amount, mendable=mendable)]


def _late_side(name: str, signal: Signal) -> list[Finding]:
    """Find one side later than the other: in mono the two comb each other."""
    row = problem("mono-loss")
    sides = signal.sides
    if sides is None:
        return []
    late = abs(sides.lag_ms)
    if late < row.start or sides.likeness < (_LIKE_SIDES if late >= 1.0 else _LIKE_SIDES_CLOSE):
        return []
    side = "right" if sides.lag_ms > 0 else "left"
    expected = f"below {row.start:g} ms; {500 / late:.0f} Hz and its odd multiples cancel in mono"
    return [row.finding((name,), late, expected, row.severity(late), side=side, amount=f"{late:.2f}")]


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
    low, _high, count = table.readings["width_db"]["mix"]
    start = min(low, row.start)
    if value > start:
        return []
    severity = 0.5 + 0.5 * (start - value) / max(start - row.full, 1.0)
    mono = value < -55
    expected = f"above {low:.0f} dB in 19 of 20 finished tracks (of {count:.0f})"
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
    # As narrow as the lows need, not so narrow that all the rest is called narrow.
    least = 10 ** ((min(table.readings["width_db"]["mix"][0], problem("narrow").start) + 3.0 - width_db(mix)) / 20)
    width = max(10 ** ((start - 2.0 - value) / 20), least)
    amount = f"{100 * np.clip(width, 0.05, 0.9):.0f}"
    return [row.finding((MIX,), value, expected, severity, band_hz=(20.0, _LOWS_HZ), amount=amount)]
