"""Write a project as a .dawproject file."""

import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from console.parameters import spec
from console.settings import BUSES
from exchange.audio import write_audio
from exchange.automation import still_choices
from exchange.dawproject.channel_write import Ids, Target, automation_points, write_channel
from exchange.destination import file_names, new_file
from exchange.extension import extension_json
from exchange.project import Project
from exchange.stems import Track

__all__ = ["EXTENSION", "WrittenProject", "metadata_xml", "project_xml", "write_dawproject"]

EXTENSION = "studiospeak/settings.json"
"""Where in the zip our own settings stand; docs/exports.md says what they hold."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes
_TEMPO_BPM = 120.0
_UNSEEN = {
    "deesser": "de-esser",
    "saturation": "saturation",
    "reverb": "reverb",
    "delay": "delay",
}
_UNSEEN_KNOBS = {
    "trim.invert": "polarity",
    "compressor.knee_db": "compressor knee",
    "compressor.sidechain_highpass_hz": "compressor side-chain filter",
    "compressor.mix": "compressor dry/wet",
    "stereo.width": "width",
    "stereo.mono_below_hz": "mono below a frequency",
}


@dataclass(frozen=True)
class WrittenProject:
    """What was written.

    Attributes:
        path: the project file.
        notes: what other programs will not see of it, in sentences.
    """

    path: Path
    notes: tuple[str, ...]


def write_dawproject(project: Project, path: str | os.PathLike[str]) -> WrittenProject:
    """Write a project with its audio into one file that other DAWs open.

    Args:
        project: what to write.
        path: ends in .dawproject and must not exist.
    Returns:
        Where it went, and what of it other DAWs will not see.
    Raises:
        ProjectFileError: something is there already, or the disk refuses.
    """
    path = Path(path)
    names = file_names(track.name for track in project.song.tracks)
    with new_file(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        _add(archive, "project.xml", ElementTree.tostring(project_xml(project), "utf-8", xml_declaration=True))
        _add(archive, "metadata.xml", ElementTree.tostring(metadata_xml(project), "utf-8", xml_declaration=True))
        text = json.dumps(extension_json(project), indent=2, ensure_ascii=False)
        _add(archive, EXTENSION, text.encode("utf-8"))
        with TemporaryDirectory() as folder:
            for track in project.song.tracks:
                file = write_audio(
                    Path(folder) / f"{names[track.name]}.wav", track.audio, project.song.sample_rate, "float"
                ).path
                info = zipfile.ZipInfo(_audio_path(names[track.name]), _EPOCH)
                with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                    while block := source.read(1 << 20):
                        target.write(block)
                file.unlink()
    return WrittenProject(path, tuple(_unseen(project)))


def project_xml(project: Project) -> ElementTree.Element:
    """Return project.xml: tracks inside their groups, effects, master; then the arrangement."""
    ids = Ids()
    root = ElementTree.Element("Project", {"version": "1.0"})
    ElementTree.SubElement(root, "Application", {"name": "Studiospeak", "version": metadata.version("studiospeak")})
    transport = ElementTree.SubElement(root, "Transport")
    tempo = {"id": ids.new(), "name": "Tempo", "max": "666.0", "min": "20.0", "unit": "bpm"}
    ElementTree.SubElement(transport, "Tempo", {**tempo, "value": repr(_TEMPO_BPM)})
    ElementTree.SubElement(transport, "TimeSignature", {"id": ids.new(), "denominator": "4", "numerator": "4"})
    structure = ElementTree.SubElement(root, "Structure")
    addresses = [*project.settings.addresses()]
    used = [address for address in addresses if address not in ("reverb", "delay") or _bus_used(project, address)]
    channel_ids = {address: ids.new() for address in used}
    track_ids = {address: ids.new() for address in used}
    targets: dict[tuple[str, str], Target] = {}
    folders: dict[str, ElementTree.Element] = {}
    by_name = {track.name: track for track in project.song.tracks}

    def add(parent: ElementTree.Element, address: str, name: str, content: str, colour: str = "", channels: int = 2):
        attributes = {"id": track_ids[address], "name": name, "contentType": content, "loaded": "true"}
        element = ElementTree.SubElement(parent, "Track", {**attributes, **({"color": colour} if colour else {})})
        write_channel(element, project, address, ids, channel_ids, targets, channels)
        return element

    for name in project.settings.tracks:
        group = project.settings.routing.get(name)
        if group is not None and group not in folders:
            folders[group] = add(structure, f"group:{group}", group, "tracks")
        track = by_name[name]
        parent = structure if group is None else folders[group]
        add(parent, name, name, "audio", track.colour, track.audio.shape[0])
    for group in project.settings.groups:
        if group not in folders:
            add(structure, f"group:{group}", group, "tracks")
    for bus in ("reverb", "delay"):
        if bus in channel_ids:
            add(structure, bus, bus.capitalize(), "audio")
    add(structure, "master", "Master", "audio")
    _arrangement(root, project, ids, track_ids, targets)
    ElementTree.indent(root)
    return root


def metadata_xml(project: Project) -> ElementTree.Element:
    """Return metadata.xml."""
    root = ElementTree.Element("MetaData")
    ElementTree.SubElement(root, "Title").text = project.title
    ElementTree.SubElement(root, "Comment").text = f"Mixed with Studiospeak; exact settings in {EXTENSION}."
    ElementTree.indent(root)
    return root


def _bus_used(project: Project, bus: str) -> bool:
    low, send = spec(f"send.{bus}_db").low, f"send.{bus}_db"
    channels = [address for address in project.settings.addresses() if address not in BUSES]
    opened = any(project.values(address).get(send, low) != low for address in channels)
    moved = any(send in project.moves_in_time(address) for address in channels)
    return opened or moved or bool(project.values(bus))


def _arrangement(
    root: ElementTree.Element,
    project: Project,
    ids: Ids,
    track_ids: dict[str, str],
    targets: dict[tuple[str, str], Target],
) -> None:
    arrangement = ElementTree.SubElement(root, "Arrangement", {"id": ids.new()})
    lanes = ElementTree.SubElement(arrangement, "Lanes", {"id": ids.new(), "timeUnit": "seconds"})
    names = file_names(track.name for track in project.song.tracks)
    tracks = {track.name: track for track in project.song.tracks}
    for address, track_id in track_ids.items():
        moving = [parameter for parameter in targets if parameter[0] == address and parameter in project.automation]
        if address not in tracks and not moving:
            continue
        lane = ElementTree.SubElement(lanes, "Lanes", {"id": ids.new(), "track": track_id})
        if address in tracks:
            _clip(lane, ids, tracks[address], names[address], project)
        for key in moving:
            automation_points(lane, ids, targets[key], project.automation[key])
    if project.sections:
        markers = ElementTree.SubElement(arrangement, "Markers", {"id": ids.new(), "timeUnit": "seconds"})
        for section in project.sections:
            ElementTree.SubElement(markers, "Marker", {"time": repr(section.start_s), "name": section.name})


def _clip(lane: ElementTree.Element, ids: Ids, track: Track, file_name: str, project: Project) -> None:
    duration = repr(project.song.duration_s)
    clips = ElementTree.SubElement(lane, "Clips", {"id": ids.new()})
    place = {"time": "0.0", "duration": duration, "contentTimeUnit": "seconds", "playStart": "0.0"}
    clip = ElementTree.SubElement(clips, "Clip", {**place, "name": track.name, "enable": "true"})
    audio = ElementTree.SubElement(
        clip,
        "Audio",
        {
            "id": ids.new(),
            "duration": duration,
            "channels": str(track.audio.shape[0]),
            "sampleRate": str(project.song.sample_rate),
        },
    )
    ElementTree.SubElement(audio, "File", {"path": _audio_path(file_name), "external": "false"})


def _audio_path(file_name: str) -> str:
    return f"audio/{file_name}.wav"


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _unseen(project: Project) -> list[str]:
    """Say what the format's built-in devices cannot hold, as far as this mix uses it."""
    found: dict[str, list[str]] = {}
    for address in project.settings.addresses():
        values = project.values(address)
        for name in values:
            what = _UNSEEN_KNOBS.get(name) or _UNSEEN.get(spec(name).processor)
            if what is not None and address not in found.setdefault(what, []):
                found[what].append(address)
    for bus in ("reverb", "delay"):
        if _bus_used(project, bus):
            found.setdefault(bus, [bus])
    still = [
        f"{spec(name).label} of {address} changes in a section; other programs hear it as it starts."
        for address, name in still_choices(project.settings)
    ]
    if not found:
        return still
    words = [f"{what} ({_listed(where)})" if what not in where else what for what, where in found.items()]
    return [
        f"Other programs will not see: {', '.join(words)}. "
        f"They stand in {EXTENSION} inside the file, and Studiospeak reads them back.",
        *still,
    ]


def _listed(addresses: Sequence[str]) -> str:
    shown = [address.removeprefix("group:") for address in addresses[:4]]
    return ", ".join(shown) + (f" and {len(addresses) - 4} more" if len(addresses) > 4 else "")
