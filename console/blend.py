"""Blend two settings: any share of the way from one to the other, and beyond.

Each knob travels the domain in which its effect grows evenly: dB as they are, frequencies and times by their ratio,
compression by its slope (1 - 1/ratio, so that half is half the gain reduction), sends by their amplitude. A processor
or band that one side leaves idle is not dragged through idle places: its depth grows from nothing while frequency, Q,
threshold and times stand at once where the side that uses it has them.
"""

import math
from collections.abc import Mapping

from console.parameters import ParameterSpec, Value, spec
from console.settings import Settings, Stretch

__all__ = ["Key", "blend", "differing", "standing"]

Key = tuple[Stretch | None, str, str]
"""A knob: in which stretch of the song (None: all of it), of which channel, which parameter."""

_SLOPE_OF_RATIO = ("compressor.ratio", "deesser.ratio")
_SWITCHED = {"highpass": "highpass.freq_hz", "lowpass": "lowpass.freq_hz", "limiter": "limiter.gain_db"}
"""Processors with a switch, and the knob that is their depth."""
_OPEN = {"highpass.freq_hz": "low", "lowpass.freq_hz": "high"}
"""Which end of its range a filter's frequency comes from when it is switched on."""
_DEPTHS = {
    "gate": ("gate.ratio",),
    "deesser": ("deesser.ratio",),
    "compressor": ("compressor.ratio", "compressor.makeup_db"),
    "saturation": ("saturation.mix",),
}
"""What stands at its default where such a processor does nothing."""
_CAN_IDLE = ("eq", *_SWITCHED, *_DEPTHS)


def blend(before: Settings, after: Settings, share: Mapping[Key, float]) -> Settings:
    """Return `after` with some of the knobs that differ only part of the way, or further than all of it.

    Args:
        before, after: settings of the same channels.
        share: how far each knob goes from before (0) over after (1) to half as far again (1.5); those left out go all
            the way. All at 0 gives `before`, all at 1 `after`, exactly.
    Returns:
        Settings whose new values are such as a person would type, inside the table's ranges.
    """
    values: dict[Key, Value] = {}
    for key in differing(before, after):
        values[key] = _value(before, after, key, share.get(key, 1.0))
    return _with(after, values)


def differing(before: Settings, after: Settings) -> list[Key]:
    """Return the knobs that stand differently, those of stretches after those of the whole song.

    With a high- or low-pass that is switched comes its frequency, even where that stays.
    """
    keys: list[Key] = []
    stretches = sorted({region.time_s for settings in (before, after) for region in settings.regions})
    for time_s in (None, *stretches):
        for address in before.addresses():
            names = {name for settings in (before, after) for name in _held(settings, time_s, address)}
            found = {
                name
                for name in names
                if standing(before, (time_s, address, name)) != standing(after, (time_s, address, name))
            }
            found |= {freq for freq in _OPEN if f"{spec(freq).processor}.on" in found}
            keys += [(time_s, address, name) for name in sorted(found)]
    return keys


def standing(settings: Settings, key: Key) -> Value:
    """Return where a knob stands, in a stretch of the song or outside all of them."""
    time_s, address, name = key
    return _held(settings, time_s, address).get(name, settings.get(address, name))


def _held(settings: Settings, time_s: Stretch | None, address: str) -> Mapping[str, Value]:
    if time_s is None:
        return settings.channel(address)
    return next((r.channels.get(address, {}) for r in settings.regions if r.time_s == time_s), {})


def _with(settings: Settings, values: Mapping[Key, Value]) -> Settings:
    for time_s in dict.fromkeys(key[0] for key in values):
        settings = settings.turned({key[1:]: value for key, value in values.items() if key[0] == time_s}, time_s)
    return settings


def _value(before: Settings, after: Settings, key: Key, share: float) -> Value:
    time_s, address, name = key
    one, other = standing(before, key), standing(after, key)
    if share in (0.0, 1.0):
        return other if share else one
    entry = spec(name)
    idle_before, idle_after = (_idle(settings, time_s, address, name) for settings in (before, after))
    if name in _OPEN and idle_before != idle_after:
        end = entry.low if _OPEN[name] == "low" else entry.high
        one, other = (end, other) if idle_before else (one, end)
    elif (idle_before != idle_after) and not _is_depth(name):
        return other if idle_before else one
    if entry.kind != "number":
        return one if share < 0.5 else other
    return entry.round(entry.clip(_travel(entry, float(one), float(other), share)))


def _travel(entry: ParameterSpec, one: float, other: float, share: float) -> float:
    if entry.name in _SLOPE_OF_RATIO:
        slope = _between(1 - 1 / one, 1 - 1 / other, share)
        return 1 / max(1 - slope, 1 / entry.high)
    if entry.name == "gate.ratio":  # below the threshold an expander takes (ratio - 1) dB a dB
        return _between(one, other, share)
    if entry.name.startswith("send."):
        off = 10 ** (entry.low / 20)  # the console takes it off, so that a send opens from silence
        gain = _between(10 ** (one / 20) - off, 10 ** (other / 20) - off, share)
        return 20 * math.log10(max(gain + off, off))
    if entry.curve == "log":
        return math.exp(_between(math.log(one), math.log(other), share))
    return _between(one, other, share)


def _between(one: float, other: float, share: float) -> float:
    return one + share * (other - one)


def _is_depth(name: str) -> bool:
    entry = spec(name)
    if entry.kind != "number":
        return False
    if entry.processor not in _CAN_IDLE or name in _SWITCHED.values() or name in _DEPTHS.get(entry.processor, ()):
        return True
    return entry.processor == "eq" and name.endswith("_gain_db")


def _idle(settings: Settings, time_s: Stretch | None, address: str, name: str) -> bool:
    """Say whether the processor or band that a knob belongs to does nothing."""
    processor = spec(name).processor

    def at(parameter: str) -> Value:
        return standing(settings, (time_s, address, parameter))

    if processor == "eq":
        band = name.rsplit("_", 2)[0] if name.endswith(("_gain_db", "_freq_hz")) else name[: -len("_q")]
        return at(f"{band}_gain_db") == 0.0
    if processor in _SWITCHED:
        return at(f"{processor}.on") == 0.0
    if processor in _DEPTHS:
        return all(at(depth) == spec(depth).default for depth in _DEPTHS[processor])
    return False
