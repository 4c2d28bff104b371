"""A knob's value as people write it, and back."""

import re

from console.errors import ParameterError
from console.parameters import ParameterSpec, Value, spec

__all__ = ["KNEE_DB", "PROCESSOR_NAMES", "format_value", "parse_value", "slider_of"]

PROCESSOR_NAMES = {
    "trim": "Trim",
    "highpass": "High-pass",
    "lowpass": "Low-pass",
    "eq": "Equaliser",
    "gate": "Gate",
    "deesser": "De-esser",
    "compressor": "Compressor",
    "saturation": "Saturation",
    "stereo": "Stereo",
    "fader": "Fader",
    "send": "Sends",
    "limiter": "Limiter",
    "reverb": "Reverb",
    "delay": "Delay",
}

KNEE_DB = -20.0
"""Where a fader's slider turns from fine to coarse; `page.js` knows it too."""
_UPPER = 0.6
_NUMBER = re.compile(r"[-+−]?\d+(?:[.,]\d+)?")


def format_value(parameter: str, value: Value) -> str:
    """Return a knob's value with its unit: "+2.5 dB", "3.2 kHz", "4:1", "L 30", "on"."""
    entry = spec(parameter)
    if entry.kind == "switch":
        return "on" if value else "off"
    if entry.kind == "choice":
        return str(value)
    number = float(value)
    if entry.unit == "Hz":
        return f"{number / 1000:.3g} kHz" if number >= 1000 else f"{number:.4g} Hz"
    if entry.unit == "dB":
        signed = entry.low < 0 < entry.high or parameter == "fader.gain_db"
        return f"{number:+.1f} dB" if signed and number else f"{number:.1f} dB"
    if entry.unit == "-1..1":
        return "centre" if number == 0 else f"{'L' if number < 0 else 'R'} {abs(number) * 100:.0f}"
    if ".." in entry.unit:
        return f"{number * 100:.0f} %"
    if entry.unit == ":1":
        return f"{number:g}:1"
    return f"Q {number:g}" if entry.unit == "Q" else f"{number:g} {entry.unit}"


def slider_of(entry: ParameterSpec, value: float) -> tuple[float, str]:
    """Return where a slider stands, 0..1, and the curve it travels: the parameter's own, or "fader" for levels.

    A level that reaches far down spends 60 % of its way on what lies above `KNEE_DB`, as faders do.
    """
    if entry.unit != "dB" or not (entry.low <= -60 and entry.high > 0):
        return entry.normalise(value), entry.curve
    if value >= KNEE_DB:
        return 1 - _UPPER * (entry.high - value) / (entry.high - KNEE_DB), "fader"
    return (1 - _UPPER) * (value - entry.low) / (KNEE_DB - entry.low), "fader"


def parse_value(parameter: str, typed: str) -> Value:
    """Return the value that was typed: "3.2 kHz", "-2,5", "L 30", "40 %", "4:1", "on".

    Raises:
        ParameterError: it says no number, or one outside the knob's range.
    """
    entry = spec(parameter)
    words = typed.strip().lower()
    if entry.kind == "choice":
        return _choice(entry, words)
    if entry.kind == "switch":
        return 1.0 if words in ("on", "1", "true") else 0.0
    found = _NUMBER.search(words)
    if found is None and words in ("centre", "center", "c"):
        return 0.0
    if found is None:
        raise ParameterError(f"{typed!r} is no number. Type {entry.low:g} to {entry.high:g} {entry.unit}.")
    number = float(found[0].replace(",", ".").replace("−", "-"))
    if entry.unit == "Hz" and re.search(r"\dk|\d\s+k", words):
        number *= 1000
    if entry.unit == "-1..1":
        number = -abs(number) / 100 if words.startswith("l") else number / 100
    elif ".." in entry.unit:
        number /= 100
    if not entry.low <= number <= entry.high:
        low, high = (format_value(parameter, end) for end in (entry.low, entry.high))
        raise ParameterError(f"{entry.label}: {typed.strip()} is out of range. Type {low} to {high}.")
    return number


def _choice(entry: ParameterSpec, words: str) -> str:
    if words not in entry.choices:
        raise ParameterError(f"{entry.label}: {words!r} is no choice. Use {', '.join(entry.choices)}.")
    return words
