"""One channel of the console from DAWproject XML, ours or another program's."""

import math
from collections.abc import Mapping
from xml.etree import ElementTree

from console.parameters import PROCESSORS, Value, spec, specs_of
from exchange.dawproject.devices import CUTS, DEVICES, EQ_BANDS, Device
from exchange.levels import db_of, send_db_of

__all__ = ["channel_targets", "channel_values"]

_LOUDEST_DB = float(spec("fader.gain_db").high)


def channel_values(
    channel: ElementTree.Element, kind: str, bus_of: Mapping[str, str]
) -> tuple[dict[str, Value], list[str]]:
    """Read a Channel.

    Args:
        channel: the element.
        kind: "track", "group", "master", "reverb" or "delay".
        bus_of: id of an effect channel -> "reverb" or "delay".
    Returns:
        Console values that it holds, inside their ranges; and what of it has no place on the console.
    """
    values: dict[str, Value] = {}
    notes: list[str] = []
    for device in channel.iterfind("Devices/*"):
        _read_device(device, kind, values, notes)
    volume = _number(channel.find("Volume"))
    if kind in ("reverb", "delay"):
        if volume is not None:
            values[f"{kind}.return_db"] = db_of(volume, float(spec(f"{kind}.return_db").low))
        return _inside(values, kind), notes
    if volume is not None:
        values["fader.gain_db"] = min(db_of(volume), _LOUDEST_DB)
    mute, pan = channel.find("Mute"), channel.find("Pan")
    if mute is not None:
        values["fader.mute"] = float(_is_on(mute))
    if (where := _number(pan)) is not None:
        values["stereo.pan"] = round(2 * where - 1, 9) if pan.get("unit") == "normalized" else where
    for send in channel.iterfind("Sends/Send"):
        bus, level = bus_of.get(send.get("destination", "")), _number(send.find("Volume"))
        if bus is None or level is None:
            notes.append("a send to an effect the console does not have")
        elif kind != "master":
            values[f"send.{bus}_db"] = send_db_of(level)
            if send.get("type") == "pre":
                notes.append("a pre-fader send, read as post-fader")
    return _inside(values, kind), notes


def channel_targets(channel: ElementTree.Element, kind: str, bus_of: Mapping[str, str]) -> dict[str, str]:
    """Return id -> parameter of what automation may move on a Channel outside its devices."""
    found = {"Volume": "fader.gain_db", "Mute": "fader.mute", "Pan": "stereo.pan"}
    if kind in ("reverb", "delay"):
        found = {"Volume": f"{kind}.return_db"}
    targets = {}
    for element, parameter in found.items():
        holder = channel.find(element)
        if holder is not None and holder.get("id"):
            targets[holder.get("id", "")] = parameter
    for send in channel.iterfind("Sends/Send"):
        bus, level = bus_of.get(send.get("destination", "")), send.find("Volume")
        if bus is not None and level is not None and kind != "master":
            targets[level.get("id", "")] = f"send.{bus}_db"
    return targets


def _read_device(element: ElementTree.Element, kind: str, values: dict[str, Value], notes: list[str]) -> None:
    name = element.get("deviceName", "")
    device = next((d for d in DEVICES if d.tag == element.tag and (d.standard or d.name == name)), None)
    if device is None or not set(device.processors) & set(PROCESSORS[kind]):
        notes.append(f"the device {name or element.tag}")
        return
    enabled = element.find("Enabled")
    if device.tag == "Limiter":
        values["limiter.on"] = float(enabled is None or _is_on(enabled))
    elif enabled is not None and not _is_on(enabled):
        return
    for parameter in element.iterfind("Parameters/*"):
        _read_parameter(parameter, device, values)
    for slot in device.slots:
        if (value := _number(element.find(slot.element))) is not None:
            values[slot.parameter] = round(value / slot.scale, 9)
    if device.tag == "Equalizer":
        _read_bands(element, values, notes)


def _read_parameter(parameter: ElementTree.Element, device: Device, values: dict[str, Value]) -> None:
    name = parameter.get("name", "")
    if name.split(".")[0] not in device.processors:
        return
    entry = next((s for kind in PROCESSORS for s in specs_of(kind) if s.name == name), None)
    if entry is None:
        return
    if entry.kind == "choice":
        index = int(parameter.get("value", "0"))
        values[name] = entry.choices[index] if 0 <= index < len(entry.choices) else entry.choices[0]
    elif entry.kind == "switch":
        values[name] = float(_is_on(parameter))
    elif (value := _number(parameter)) is not None:
        values[name] = round(value / (1e-3 if entry.unit == "ms" else 1.0), 9)


def _read_bands(element: ElementTree.Element, values: dict[str, Value], notes: list[str]) -> None:
    cuts: dict[str, list[ElementTree.Element]] = {name: [] for name in CUTS}
    free = {kind: [band for band, of in EQ_BANDS.items() if of == kind] for kind in set(EQ_BANDS.values())}
    for band in element.iterfind("Band"):
        kind = band.get("type", "")
        cut = next((name for name, of in CUTS.items() if of == kind), None)
        if cut is not None:
            cuts[cut].append(band)
            continue
        enabled = band.find("Enabled")
        if enabled is not None and not _is_on(enabled):
            continue
        if not free.get(kind):
            notes.append(f"an equaliser band ({kind})")
            continue
        _read_band(band, _nearest(band, free[kind]), free[kind], values)
    for cut, bands in cuts.items():
        freq = _number(bands[0].find("Freq")) if bands else None
        if freq is not None:
            enabled = bands[0].find("Enabled")
            values[f"{cut}.on"] = float(enabled is None or _is_on(enabled))
            values[f"{cut}.freq_hz"] = freq
            values[f"{cut}.slope_db_per_octave"] = "24" if len(bands) > 1 else "12"


def _read_band(band: ElementTree.Element, name: str, free: list[str], values: dict[str, Value]) -> None:
    free.remove(name)
    for element, part in (("Freq", "freq_hz"), ("Gain", "gain_db"), ("Q", "q")):
        if (value := _number(band.find(element))) is not None:
            values[f"eq.{name}_{part}"] = value


def _nearest(band: ElementTree.Element, free: list[str]) -> str:
    """Return the free band whose label the element carries, else the first."""
    label = next((e.get("name", "") for e in band if e.tag == "Gain"), "")
    return next((name for name in free if spec(f"eq.{name}_gain_db").label == label), free[0])


def _inside(values: dict[str, Value], kind: str) -> dict[str, Value]:
    """Return the values this kind of channel has, held inside the parameter table's ranges."""
    known = {entry.name: entry for entry in specs_of(kind)}
    return {
        name: value if isinstance(value, str) else known[name].clip(value)
        for name, value in values.items()
        if name in known
    }


def _number(element: ElementTree.Element | None) -> float | None:
    """Return an element's value; None where it has none, or none that is a finite number."""
    text = None if element is None else element.get("value")
    value = math.nan if text is None else float(text)
    return value if math.isfinite(value) else None


def _is_on(element: ElementTree.Element) -> bool:
    return element.get("value", "true").strip().lower() in ("true", "1")
