"""One channel of the console as DAWproject XML.

The channel's Volume, Pan, Mute and Sends hold fader, pan, mute and sends; everything before them stands in devices.
The console's master has its limiter after the fader, a DAW before it: there the fader's gain goes into the limiter's
input, which sounds the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from console.parameters import ParameterSpec, Value, spec, specs_of
from console.settings import kind_of
from exchange.dawproject.devices import CUTS, EQ_BANDS, Device, Slot, devices_of
from exchange.levels import gain_of, ramp, send_gain_of
from exchange.project import Project

__all__ = ["Ids", "Target", "automation_points", "write_channel"]

_BUTTERWORTH_Q = {"12": (0.5**0.5,), "24": (0.5411961001461969, 1.3065629648763764)}
_ON_CHANNEL = ("stereo.pan", "fader.gain_db", "fader.mute", "send.reverb_db", "send.delay_db")
_RETURNS = ("reverb.return_db", "delay.return_db")
_UNITS = {"dB": "decibel", "dBTP": "decibel", "Hz": "hertz", "s": "seconds"}


class Ids:
    """Give out document-wide ids: id1, id2, ..."""

    def __init__(self) -> None:
        self._given = 0

    def new(self) -> str:
        """Return the next id."""
        self._given += 1
        return f"id{self._given}"


@dataclass(frozen=True)
class Target:
    """An element that automation can point at.

    Attributes:
        element_id: its id.
        unit: of its value; None for a switch.
        convert: from the console's value to the file's.
        straight: whether `convert` keeps straight lines straight.
    """

    element_id: str
    unit: str | None
    convert: Callable[[float], float]
    straight: bool = True


@dataclass
class _Writer:
    project: Project
    address: str
    ids: Ids
    targets: dict[tuple[str, str], Target]

    def value(self, parameter: str) -> Value:
        return self.project.values(self.address).get(parameter, spec(parameter).default)

    def uses(self, device: Device) -> bool:
        return any(
            spec(name).processor in device.processors and name not in (*_ON_CHANNEL, *_RETURNS)
            for name in self.project.values(self.address)
        )

    def real(
        self,
        parent: ElementTree.Element,
        element: str,
        parameter: str,
        unit: str,
        convert: Callable[[float], float] = float,
        straight: bool = True,
        label: str | None = None,
    ) -> None:
        """Add a number."""
        entry, element_id = spec(parameter), self.ids.new()
        ends = sorted((convert(entry.low), convert(entry.high)))
        ElementTree.SubElement(
            parent,
            element,
            {
                "id": element_id,
                "name": label or entry.label,
                "max": repr(ends[1]),
                "min": repr(ends[0]),
                "unit": unit,
                "value": repr(convert(float(self.value(parameter)))),
            },
        )
        self.targets[self.address, parameter] = Target(element_id, unit, convert, straight)

    def switch(self, parent: ElementTree.Element, element: str, parameter: str, label: str | None = None) -> None:
        """Add an on/off knob."""
        element_id = self.ids.new()
        value = "true" if float(self.value(parameter)) else "false"
        ElementTree.SubElement(
            parent, element, {"id": element_id, "name": label or spec(parameter).label, "value": value}
        )
        self.targets[self.address, parameter] = Target(element_id, None, float)

    def constant(self, parent: ElementTree.Element, element: str, unit: str, value: float, name: str) -> None:
        """Add a number that no knob of ours moves."""
        ElementTree.SubElement(
            parent, element, {"id": self.ids.new(), "name": name, "unit": unit, "value": repr(value)}
        )


def write_channel(
    parent: ElementTree.Element,
    project: Project,
    address: str,
    ids: Ids,
    channel_ids: Mapping[str, str],
    targets: dict[tuple[str, str], Target],
    channels: int = 2,
) -> None:
    """Add a Channel element.

    Args:
        parent: the Track.
        project: what is written.
        address: of the console's channel.
        ids: where ids come from.
        channel_ids: address -> id of every channel in the file.
        targets: filled with what automation may point at.
        channels: 1 or 2, of the audio.
    """
    kind = kind_of(address)
    role = {"track": "regular", "group": "submix", "master": "master"}.get(kind, "effect")
    attributes = {"id": channel_ids[address], "audioChannels": str(channels), "role": role, "solo": "false"}
    if kind != "master":
        into = project.settings.routing.get(address) if kind == "track" else None
        attributes["destination"] = channel_ids[f"group:{into}" if into else "master"]
    channel = ElementTree.SubElement(parent, "Channel", attributes)
    writer = _Writer(project, address, ids, targets)
    used = [device for device in devices_of(kind) if writer.uses(device)]
    if used:
        holder = ElementTree.SubElement(channel, "Devices")
        for device in used:
            _write_device(writer, holder, device)
    if kind in ("reverb", "delay"):
        writer.real(channel, "Volume", f"{kind}.return_db", "linear", gain_of, straight=False)
        return
    writer.switch(channel, "Mute", "fader.mute")
    writer.real(channel, "Pan", "stereo.pan", "normalized", lambda pan: (pan + 1) / 2)
    sends = [bus for bus in ("reverb", "delay") if kind != "master" and bus in channel_ids]
    if sends:
        holder = ElementTree.SubElement(channel, "Sends")
        for bus in sends:
            send = ElementTree.SubElement(
                holder, "Send", {"id": ids.new(), "destination": channel_ids[bus], "type": "post"}
            )
            writer.real(send, "Volume", f"send.{bus}_db", "linear", send_gain_of, straight=False)
    if _fader_in_limiter(project, address):
        writer.constant(channel, "Volume", "linear", 1.0, "Fader")
    else:
        writer.real(channel, "Volume", "fader.gain_db", "linear", gain_of, straight=False)


def _fader_in_limiter(project: Project, address: str) -> bool:
    limits = address == "master" and project.settings.number("master", "limiter.on") == 1.0
    still = not {"fader.gain_db", "limiter.gain_db"} & project.moves_in_time(address)
    return limits and still and project.settings.number("master", "fader.gain_db") != 0.0


def _write_device(writer: _Writer, parent: ElementTree.Element, device: Device) -> None:
    attributes = {"id": writer.ids.new(), "deviceName": device.name, "deviceRole": "audioFX", "loaded": "true"}
    if not device.standard:
        attributes["deviceVendor"] = "Studiospeak"
    element = ElementTree.SubElement(parent, device.tag, attributes)
    own = [entry for entry in _knobs(writer, device) if not _has_element(device, entry.name)]
    if own:
        holder = ElementTree.SubElement(element, "Parameters")
        for entry in own:
            _write_parameter(writer, holder, entry)
    if device.tag == "Limiter":
        writer.switch(element, "Enabled", "limiter.on")
    else:
        ElementTree.SubElement(element, "Enabled", {"id": writer.ids.new(), "name": "On", "value": "true"})
    if device.tag == "Equalizer":
        for band in _bands(writer):
            element.append(band)
    for slot in device.slots:
        if slot.parameter == "limiter.gain_db" and _fader_in_limiter(writer.project, writer.address):
            both = float(writer.value("limiter.gain_db")) + float(writer.value("fader.gain_db"))
            writer.constant(element, slot.element, slot.unit, both, "Limiter input gain and fader")
            continue
        writer.real(element, slot.element, slot.parameter, slot.unit, _scaled(slot))


def _scaled(slot: Slot) -> Callable[[float], float]:
    return lambda value: value * slot.scale


def _knobs(writer: _Writer, device: Device) -> list[ParameterSpec]:
    kind = kind_of(writer.address)
    return [
        entry
        for entry in specs_of(kind)
        if entry.processor in device.processors and entry.name not in (*_ON_CHANNEL, *_RETURNS)
    ]


def _has_element(device: Device, parameter: str) -> bool:
    if device.tag == "Equalizer":
        return parameter != "trim.invert"
    return parameter == "limiter.on" or any(slot.parameter == parameter for slot in device.slots)


def _write_parameter(writer: _Writer, parent: ElementTree.Element, entry: ParameterSpec) -> None:
    if entry.kind == "switch":
        writer.switch(parent, "BoolParameter", entry.name, entry.name)
    elif entry.kind == "choice":
        ElementTree.SubElement(
            parent,
            "EnumParameter",
            {
                "id": writer.ids.new(),
                "name": entry.name,
                "count": str(len(entry.choices)),
                "labels": " ".join(entry.choices),
                "value": str(entry.choices.index(str(writer.value(entry.name)))),
            },
        )
    else:
        scale = 1e-3 if entry.unit == "ms" else 1.0
        unit = "seconds" if entry.unit == "ms" else _UNITS.get(entry.unit, "linear")
        writer.real(parent, "RealParameter", entry.name, unit, lambda value: value * scale, label=entry.name)


def _bands(writer: _Writer) -> Iterator[ElementTree.Element]:
    """Yield the cuts, a 24 dB/octave one as two bands of Butterworth Q, and every band of the equaliser in use."""
    values, order = writer.project.values(writer.address), 0
    for processor, band_type in CUTS.items():
        if not any(name.startswith(f"{processor}.") for name in values):
            continue
        qs = _BUTTERWORTH_Q[str(writer.value(f"{processor}.slope_db_per_octave"))]
        for number, q in enumerate(qs):
            band = ElementTree.Element("Band", {"type": band_type, "order": str(order)})
            order += 1
            if number == 0:
                writer.real(band, "Freq", f"{processor}.freq_hz", "hertz")
                writer.constant(band, "Q", "linear", q, "Q")
                writer.switch(band, "Enabled", f"{processor}.on")
            else:
                writer.constant(band, "Freq", "hertz", float(writer.value(f"{processor}.freq_hz")), "Frequency")
                writer.constant(band, "Q", "linear", q, "Q")
                on = "true" if float(writer.value(f"{processor}.on")) else "false"
                ElementTree.SubElement(band, "Enabled", {"id": writer.ids.new(), "name": "On", "value": on})
            yield band
    for name, band_type in EQ_BANDS.items():
        if not any(value.startswith(f"eq.{name}_") for value in values):
            continue
        band = ElementTree.Element("Band", {"type": band_type, "order": str(order)})
        order += 1
        writer.real(band, "Freq", f"eq.{name}_freq_hz", "hertz")
        writer.real(band, "Gain", f"eq.{name}_gain_db", "decibel")
        writer.real(band, "Q", f"eq.{name}_q", "linear")
        ElementTree.SubElement(band, "Enabled", {"id": writer.ids.new(), "name": "On", "value": "true"})
        yield band


def automation_points(
    parent: ElementTree.Element, ids: Ids, target: Target, points: tuple[tuple[float, float], ...]
) -> None:
    """Add a Points element: what moves a parameter in time, s."""
    attributes = {"id": ids.new(), **({"unit": target.unit} if target.unit else {})}
    holder = ElementTree.SubElement(parent, "Points", attributes)
    ElementTree.SubElement(holder, "Target", {"parameter": target.element_id})
    if target.unit is None:
        for time_s, value in points:
            ElementTree.SubElement(holder, "BoolPoint", {"time": repr(time_s), "value": "true" if value else "false"})
        return
    step = float("inf") if target.straight else 1.0
    for time_s, value in ramp(points, target.convert, step):
        ElementTree.SubElement(
            holder, "RealPoint", {"time": repr(time_s), "value": repr(value), "interpolation": "linear"}
        )
