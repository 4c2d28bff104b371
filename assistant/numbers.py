"""Requests by number: knobs set exactly as said."""

import math

from assistant.request import MIX, Request
from console.errors import RequestError
from console.parameters import Value, spec
from console.settings import Settings

__all__ = ["number_changes"]

_ABSOLUTE = {
    "ratio": "compressor.ratio",
    "threshold_db": "compressor.threshold_db",
    "attack_ms": "compressor.attack_ms",
    "release_ms": "compressor.release_ms",
    "makeup_db": "compressor.makeup_db",
    "pan": "stereo.pan",
    "width": "stereo.width",
    "reverb_send_db": "send.reverb_db",
    "delay_send_db": "send.delay_db",
}
_BELLS = tuple(f"eq.bell_{number}" for number in range(1, 5))
_SHELVES = ("eq.low_shelf", "eq.high_shelf")
_THRESHOLD_UNDER_PEAK_DB = 14.0


def number_changes(request: Request, settings: Settings, target: str, peak_dbfs: float) -> dict[tuple[str, str], Value]:
    """Return the knobs that a request's numbers set on one channel.

    Args:
        request: with numbers.
        settings: where the console stands.
        target: a track's name or "mix".
        peak_dbfs: the channel's peak, for a threshold that was not given.
    Raises:
        RequestError: the console cannot do that there, or all four bells are taken.
    """
    address = "master" if target == MIX else target
    numbers = dict(request.numbers)
    changes: dict[tuple[str, str], Value] = {}

    def turn(name: str, value: Value, where: str = address) -> None:
        entry = spec(name)
        if isinstance(value, float) and not entry.low <= value <= entry.high:
            raise RequestError(
                f"{entry.label} cannot go to {value:g} {entry.unit} on {target}: it goes from {entry.low:g} to "
                f"{entry.high:g} {entry.unit}. Ask for less."
            )
        changes[where, name] = value

    if "gain_db" in numbers and "freq_hz" in numbers:
        shelf = numbers.get("shelf")
        band = _bell(settings, address, numbers["freq_hz"]) if shelf is None else _SHELVES[shelf > 0]
        turn(f"{band}_gain_db", settings.number(address, f"{band}_gain_db") + numbers["gain_db"])
        turn(f"{band}_freq_hz", numbers["freq_hz"])
        turn(f"{band}_q", numbers.get("q", float(spec(f"{band}_q").default)))
    elif "gain_db" in numbers:
        turn("fader.gain_db", settings.number(address, "fader.gain_db") + numbers["gain_db"])
    for name in ("highpass", "lowpass"):
        if f"{name}_hz" in numbers:
            turn(f"{name}.on", 1.0)
            turn(f"{name}.freq_hz", numbers[f"{name}_hz"])
    if "ratio" in numbers and "threshold_db" not in numbers and settings.number(address, "compressor.ratio") == 1.0:
        turn("compressor.threshold_db", spec("compressor.threshold_db").round(peak_dbfs - _THRESHOLD_UNDER_PEAK_DB))
    if "drive_db" in numbers:
        turn("saturation.drive_db", numbers["drive_db"])
        turn("saturation.mix", max(settings.number(address, "saturation.mix"), 0.8))
    if "decay_s" in numbers:
        turn("reverb.decay_s", numbers["decay_s"], where="reverb")
    if "delay_time_ms" in numbers:
        turn("delay.time_ms", numbers["delay_time_ms"], where="delay")
    for name, parameter in _ABSOLUTE.items():
        if name in numbers:
            if address == "master" and parameter.startswith("send."):
                raise RequestError("The mix has no sends. Name the tracks that should go to the reverb or the delay.")
            turn(parameter, float(numbers[name]))
    return changes


def _bell(settings: Settings, address: str, freq_hz: float) -> str:
    """Return the bell to use: one already within a sixth of an octave, else the free one whose place is nearest."""

    def distance(bell: str) -> float:
        return abs(math.log2(settings.number(address, f"{bell}_freq_hz") / freq_hz))

    used = [bell for bell in _BELLS if settings.number(address, f"{bell}_gain_db") != 0.0]
    near = [bell for bell in used if distance(bell) < 1 / 6]
    free = [bell for bell in _BELLS if bell not in used]
    if not near and not free:
        raise RequestError(f"All four bells of {address} are in use. Undo one, or ask for another frequency near one.")
    return min(near or free, key=distance)
