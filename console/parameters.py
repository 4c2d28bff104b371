"""The one table of console parameters: name, unit, range, default, label, curve.

Code, sliders, clipping, exports, documentation and tests read this table; nothing else states a range.

A parameter's name is `processor.parameter`, e.g. `compressor.threshold_db`. `curve` says how a slider (or an
optimiser) travels the range: "linear" in the unit itself, "log" in octaves of it. `step` is the grid a person
would type on. `kind` is "number", "switch" (0 or 1) or "choice" (one of `choices`).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from console.errors import ParameterError

__all__ = ["PROCESSORS", "SATURATION_TYPES", "ParameterSpec", "Value", "check_value", "spec", "specs_of"]

Value = float | str


@dataclass(frozen=True)
class ParameterSpec:
    """One knob: what it is called, what it is measured in and where it may stand."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: Value
    curve: str = "linear"
    step: float = 0.1
    kind: str = "number"
    choices: tuple[str, ...] = ()

    @property
    def processor(self) -> str:
        return self.name.split(".")[0]

    def normalise(self, value: float) -> float:
        """Map a value in the parameter's unit to 0..1 along its curve."""
        if self.curve == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def denormalise(self, position: float) -> float:
        """Map 0..1 along the curve back to the parameter's unit."""
        if self.curve == "log":
            return self.low * (self.high / self.low) ** position
        return self.low + position * (self.high - self.low)

    def clip(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def round(self, value: float) -> float:
        """Return the nearest number a person would type: on `step`, or to two significant figures if log."""
        if self.curve == "log" and value > 0:
            digits = 1 - math.floor(math.log10(value))
            return self.clip(round(value, digits))
        return self.clip(round(round(value / self.step) * self.step, 6))


def _number(
    name: str, label: str, unit: str, low: float, high: float, default: float, curve: str, step: float
) -> ParameterSpec:
    return ParameterSpec(name, label, unit, low, high, default, curve, step)


def _switch(name: str, label: str) -> ParameterSpec:
    return ParameterSpec(name, label, "on/off", 0.0, 1.0, 0.0, step=1.0, kind="switch")


def _choice(name: str, label: str, choices: tuple[str, ...]) -> ParameterSpec:
    return ParameterSpec(name, label, "", 0.0, 0.0, choices[0], kind="choice", choices=choices)


def _dynamics(processor: str, low_attack_ms: float, release_ms: float) -> list[ParameterSpec]:
    return [
        _number(f"{processor}.attack_ms", "Attack", "ms", low_attack_ms, 250.0, 10.0, "log", 0.1),
        _number(f"{processor}.release_ms", "Release", "ms", 5.0, 2500.0, release_ms, "log", 1.0),
    ]


_BELLS = (("bell_1", 200.0), ("bell_2", 500.0), ("bell_3", 1500.0), ("bell_4", 4000.0))
_SLOPES = ("12", "24")
SATURATION_TYPES = ("tape", "tube", "clip")


def _table() -> Iterable[ParameterSpec]:
    yield _number("trim.gain_db", "Trim", "dB", -36.0, 36.0, 0.0, "linear", 0.1)
    yield _switch("trim.invert", "Polarity invert")

    yield _switch("highpass.on", "High-pass")
    yield _number("highpass.freq_hz", "High-pass frequency", "Hz", 16.0, 1000.0, 80.0, "log", 1.0)
    yield _choice("highpass.slope_db_per_octave", "High-pass slope", _SLOPES)
    yield _switch("lowpass.on", "Low-pass")
    yield _number("lowpass.freq_hz", "Low-pass frequency", "Hz", 500.0, 22000.0, 16000.0, "log", 1.0)
    yield _choice("lowpass.slope_db_per_octave", "Low-pass slope", _SLOPES)

    yield _number("eq.low_shelf_gain_db", "Low shelf", "dB", -18.0, 18.0, 0.0, "linear", 0.1)
    yield _number("eq.low_shelf_freq_hz", "Low shelf frequency", "Hz", 30.0, 800.0, 120.0, "log", 1.0)
    yield _number("eq.low_shelf_q", "Low shelf Q", "Q", 0.3, 2.0, 0.71, "log", 0.01)
    for bell, freq_hz in _BELLS:
        title = f"Bell {bell[-1]}"
        yield _number(f"eq.{bell}_gain_db", title, "dB", -18.0, 18.0, 0.0, "linear", 0.1)
        yield _number(f"eq.{bell}_freq_hz", f"{title} frequency", "Hz", 25.0, 20000.0, freq_hz, "log", 1.0)
        yield _number(f"eq.{bell}_q", f"{title} Q", "Q", 0.1, 18.0, 1.0, "log", 0.01)
    yield _number("eq.high_shelf_gain_db", "High shelf", "dB", -18.0, 18.0, 0.0, "linear", 0.1)
    yield _number("eq.high_shelf_freq_hz", "High shelf frequency", "Hz", 1000.0, 20000.0, 8000.0, "log", 1.0)
    yield _number("eq.high_shelf_q", "High shelf Q", "Q", 0.3, 2.0, 0.71, "log", 0.01)

    yield _number("gate.threshold_db", "Gate threshold", "dB", -90.0, 0.0, -50.0, "linear", 0.5)
    yield _number("gate.ratio", "Expansion ratio", ":1", 1.0, 20.0, 1.0, "log", 0.1)
    yield _number("gate.range_db", "Gate range", "dB", 0.0, 90.0, 40.0, "linear", 0.5)
    yield from _dynamics("gate", 0.05, 150.0)

    yield _number("deesser.threshold_db", "De-esser threshold", "dB", -70.0, 0.0, -30.0, "linear", 0.5)
    yield _number("deesser.ratio", "De-esser ratio", ":1", 1.0, 20.0, 1.0, "log", 0.1)
    yield _number("deesser.freq_hz", "De-esser frequency", "Hz", 2000.0, 12000.0, 6000.0, "log", 10.0)
    yield _number("deesser.range_db", "De-esser range", "dB", 0.0, 30.0, 12.0, "linear", 0.5)
    yield from _dynamics("deesser", 0.05, 60.0)

    yield _number("compressor.threshold_db", "Threshold", "dB", -80.0, 0.0, -20.0, "linear", 0.5)
    yield _number("compressor.ratio", "Ratio", ":1", 1.0, 20.0, 1.0, "log", 0.1)
    yield _number("compressor.knee_db", "Knee", "dB", 0.0, 40.0, 6.0, "linear", 0.5)
    yield from _dynamics("compressor", 0.05, 150.0)
    yield _number("compressor.sidechain_highpass_hz", "Side-chain high-pass", "Hz", 5.0, 500.0, 5.0, "log", 1.0)
    yield _number("compressor.makeup_db", "Make-up gain", "dB", -12.0, 30.0, 0.0, "linear", 0.1)
    yield _number("compressor.mix", "Dry/wet", "0..1", 0.0, 1.0, 1.0, "linear", 0.01)

    yield _choice("saturation.type", "Saturation type", SATURATION_TYPES)
    yield _number("saturation.drive_db", "Drive", "dB", 0.0, 40.0, 6.0, "linear", 0.1)
    yield _number("saturation.mix", "Saturation dry/wet", "0..1", 0.0, 1.0, 0.0, "linear", 0.01)
    yield _number("saturation.output_db", "Saturation output", "dB", -24.0, 24.0, 0.0, "linear", 0.1)

    yield _number("stereo.width", "Width", "0..2", 0.0, 2.0, 1.0, "linear", 0.01)
    yield _number("stereo.mono_below_hz", "Mono below", "Hz", 5.0, 500.0, 5.0, "log", 1.0)
    yield _number("stereo.pan", "Pan", "-1..1", -1.0, 1.0, 0.0, "linear", 0.01)

    yield _number("fader.gain_db", "Fader", "dB", -90.0, 12.0, 0.0, "linear", 0.1)
    yield _switch("fader.mute", "Mute")

    yield _number("send.reverb_db", "Reverb send", "dB", -60.0, 6.0, -60.0, "linear", 0.1)
    yield _number("send.delay_db", "Delay send", "dB", -60.0, 6.0, -60.0, "linear", 0.1)

    yield _number("limiter.ceiling_dbtp", "Ceiling", "dBTP", -20.0, 0.0, -1.0, "linear", 0.1)
    yield _switch("limiter.on", "Limiter")
    yield _number("limiter.gain_db", "Limiter input gain", "dB", -12.0, 24.0, 0.0, "linear", 0.1)
    yield _number("limiter.release_ms", "Limiter release", "ms", 5.0, 1000.0, 80.0, "log", 1.0)

    yield _number("reverb.decay_s", "Decay", "s", 0.1, 8.0, 1.6, "log", 0.01)
    yield _number("reverb.predelay_ms", "Pre-delay", "ms", 0.0, 200.0, 20.0, "linear", 1.0)
    yield _number("reverb.damping_hz", "Damping", "Hz", 500.0, 20000.0, 6000.0, "log", 10.0)
    yield _number("reverb.size", "Size", "0..1", 0.0, 1.0, 0.5, "linear", 0.01)
    yield _number("reverb.colour_db", "Colour (dark - bright)", "dB", -12.0, 12.0, 0.0, "linear", 0.1)
    yield _number("reverb.lowcut_hz", "Reverb low cut", "Hz", 20.0, 1000.0, 150.0, "log", 1.0)
    yield _number("reverb.return_db", "Reverb return", "dB", -60.0, 12.0, 0.0, "linear", 0.1)

    yield _number("delay.time_ms", "Delay time", "ms", 1.0, 1500.0, 320.0, "log", 1.0)
    yield _number("delay.feedback", "Feedback", "0..1", 0.0, 0.9, 0.3, "linear", 0.01)
    yield _number("delay.damping_hz", "Delay damping", "Hz", 500.0, 20000.0, 5000.0, "log", 10.0)
    yield _number("delay.ping_pong", "Ping-pong", "0..1", 0.0, 1.0, 0.0, "linear", 0.01)
    yield _number("delay.return_db", "Delay return", "dB", -60.0, 12.0, 0.0, "linear", 0.1)


_SPECS = {entry.name: entry for entry in _table()}

_STRIP = (
    "trim",
    "highpass",
    "lowpass",
    "eq",
    "gate",
    "deesser",
    "compressor",
    "saturation",
    "stereo",
    "fader",
    "send",
)
PROCESSORS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "track": _STRIP,
        "group": _STRIP,
        "master": (
            "trim",
            "highpass",
            "lowpass",
            "eq",
            "compressor",
            "saturation",
            "stereo",
            "fader",
            "limiter",
        ),
        "reverb": ("reverb",),
        "delay": ("delay",),
    }
)
"""Processors of each kind of channel, in signal order."""


def spec(name: str) -> ParameterSpec:
    """Return the table row of a parameter.

    Raises:
        ParameterError: no parameter has that name.
    """
    try:
        return _SPECS[name]
    except KeyError:
        raise ParameterError(f"No console parameter is called {name!r}. Known: {', '.join(_SPECS)}.") from None


def specs_of(kind: str) -> tuple[ParameterSpec, ...]:
    """Return the parameters of a kind of channel ("track", "group", "master", "reverb", "delay"), in signal order."""
    return tuple(entry for processor in PROCESSORS[kind] for entry in _SPECS.values() if entry.processor == processor)


def check_value(name: str, value: Value) -> Value:
    """Return `value` as the parameter stores it, or say why it cannot be.

    Raises:
        ParameterError: unknown parameter, wrong type, not finite, or outside the range.
    """
    entry = spec(name)
    if entry.kind == "choice":
        if str(value) not in entry.choices:
            raise ParameterError(f"{name}={value!r} is not a choice. Use one of {', '.join(entry.choices)}.")
        return str(value)
    if not isinstance(value, (int, float)):
        raise ParameterError(f"{name}={value!r} is not a number. Use {entry.low:g} to {entry.high:g} {entry.unit}.")
    try:
        number = float(value)
    except OverflowError:  # JSON integers have no end
        number = math.inf if value > 0 else -math.inf
    if not math.isfinite(number) or not entry.low <= number <= entry.high:
        raise ParameterError(
            f"{name}={number:g} {entry.unit} is outside {entry.low:g} to {entry.high:g} {entry.unit}. "
            "Use a value inside."
        )
    if entry.kind == "switch" and number not in (0.0, 1.0):
        raise ParameterError(f"{name}={number:g} is a switch. Use 0 (off) or 1 (on).")
    return number
