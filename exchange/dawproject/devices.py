"""Which knob of the console stands where in DAWproject's devices: one table that writing and reading share.

The built-in Equalizer, NoiseGate, Compressor and Limiter take what they have an element for. A knob they have none
for goes into the device's `Parameters` under its own name; a processor the format has no device for becomes a
`BuiltinDevice` named after it. Times are seconds and levels dB, as the format's units say.
"""

from dataclasses import dataclass

from console.filters import BANDS
from console.parameters import PROCESSORS

__all__ = ["CUTS", "DEVICES", "EQ_BANDS", "Device", "Slot", "devices_of"]


@dataclass(frozen=True)
class Slot:
    """An element of a device that holds one knob.

    Attributes:
        element: its name.
        parameter: the console's.
        unit: the format's.
        scale: file value = console value * scale.
    """

    element: str
    parameter: str
    unit: str
    scale: float = 1.0


@dataclass(frozen=True)
class Device:
    """A device and the knobs it holds.

    Attributes:
        tag: its element; "BuiltinDevice" where the format knows no such device.
        name: for people.
        processors: of the console, all of whose knobs it holds.
        slots: knobs with an element of their own, in the order the schema asks for.
    """

    tag: str
    name: str
    processors: tuple[str, ...]
    slots: tuple[Slot, ...] = ()

    @property
    def standard(self) -> bool:
        """Whether other programs know this device."""
        return self.tag != "BuiltinDevice"


def _ms(element: str, parameter: str) -> Slot:
    return Slot(element, parameter, "seconds", 1e-3)


DEVICES: tuple[Device, ...] = (
    Device(
        "Equalizer",
        "Equalizer",
        ("trim", "highpass", "lowpass", "eq"),
        (Slot("InputGain", "trim.gain_db", "decibel"),),
    ),
    Device(
        "NoiseGate",
        "Gate",
        ("gate",),
        (
            _ms("Attack", "gate.attack_ms"),
            Slot("Range", "gate.range_db", "decibel", -1.0),
            Slot("Ratio", "gate.ratio", "linear"),
            _ms("Release", "gate.release_ms"),
            Slot("Threshold", "gate.threshold_db", "decibel"),
        ),
    ),
    Device("BuiltinDevice", "De-esser", ("deesser",)),
    Device(
        "Compressor",
        "Compressor",
        ("compressor",),
        (
            _ms("Attack", "compressor.attack_ms"),
            Slot("OutputGain", "compressor.makeup_db", "decibel"),
            Slot("Ratio", "compressor.ratio", "linear"),
            _ms("Release", "compressor.release_ms"),
            Slot("Threshold", "compressor.threshold_db", "decibel"),
        ),
    ),
    Device("BuiltinDevice", "Saturation", ("saturation",)),
    Device("BuiltinDevice", "Stereo", ("stereo",)),
    Device(
        "Limiter",
        "Limiter",
        ("limiter",),
        (
            Slot("InputGain", "limiter.gain_db", "decibel"),
            _ms("Release", "limiter.release_ms"),
            Slot("Threshold", "limiter.ceiling_dbtp", "decibel"),
        ),
    ),
    Device("BuiltinDevice", "Reverb", ("reverb",)),
    Device("BuiltinDevice", "Delay", ("delay",)),
)
"""In signal order."""

CUTS = {"highpass": "highPass", "lowpass": "lowPass"}
"""Cut of the console -> the format's band type."""

EQ_BANDS: dict[str, str] = {
    band: "bell" if band.startswith("bell") else "lowShelf" if band == "low_shelf" else "highShelf" for band in BANDS
}
"""Band of the console's equaliser -> the format's band type."""


def devices_of(kind: str) -> tuple[Device, ...]:
    """Return the devices of a kind of channel ("track", "group", "master", "reverb", "delay"), in signal order."""
    return tuple(device for device in DEVICES if set(device.processors) & set(PROCESSORS[kind]))
