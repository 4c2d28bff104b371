"""Read a .dawproject file: ours exactly, those of other programs as far as the console has a place for them."""

import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from console.errors import ProjectFileError
from console.parameters import Value, spec
from console.settings import Settings, kind_of
from exchange.dawproject.channel_read import channel_targets, channel_values
from exchange.dawproject.timeline import Tempo, read_pieces, read_points
from exchange.dawproject.write import EXTENSION, project_xml
from exchange.destination import unique_names
from exchange.extension import Extension, read_extension
from exchange.limits import LIMITS, describe_bytes
from exchange.names import guess_instrument, load_table
from exchange.placing import place_pieces
from exchange.project import Project, Section
from exchange.stems import Song, Track

__all__ = ["ReadProject", "read_dawproject"]

_LARGEST_XML = 64 * 2**20
_SAME = 1e-6
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class ReadProject:
    """What a file held.

    Attributes:
        project: the mix.
        notes: what the console has no place for, in sentences.
    """

    project: Project
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """A track of the file with its address on the console."""

    address: str
    element: ElementTree.Element
    channel: ElementTree.Element
    group: str | None


def read_dawproject(path: str | os.PathLike[str]) -> ReadProject:
    """Read a project with its audio.

    Knobs that another program changed, or that someone edited in project.xml, win over our own settings in the file.

    Args:
        path: a .dawproject file.
    Returns:
        The mix, and what of the file could not be taken.
    Raises:
        ProjectFileError: not a DAWproject, damaged, or without audio.
        AudioFileError: audio in it that cannot be read.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            root = _xml(archive, path)
            extension = _extension(archive)
            return _read(path, archive, root, extension)
    except OSError as error:
        raise ProjectFileError(f"{path} cannot be read ({error.strerror}). Check the name.") from error
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OverflowError) as error:
        raise ProjectFileError(f"{path.name} is not a DAWproject file, or is damaged ({error}).") from error


def _xml(archive: zipfile.ZipFile, path: Path) -> ElementTree.Element:
    if "project.xml" not in archive.namelist():
        raise ProjectFileError(f"{path.name} holds no project.xml, so it is not a DAWproject file.")
    size = archive.getinfo("project.xml").file_size
    if size > _LARGEST_XML:
        raise ProjectFileError(f"{path.name}: project.xml has {describe_bytes(size)}, which is more than any project.")
    root = ElementTree.fromstring(archive.read("project.xml"))
    if root.tag != "Project":
        raise ProjectFileError(f"{path.name}: project.xml begins with {root.tag}, not Project.")
    return root


def _extension(archive: zipfile.ZipFile) -> Extension | None:
    if EXTENSION not in archive.namelist():
        return None
    if archive.getinfo(EXTENSION).file_size > _LARGEST_XML:
        raise ProjectFileError(f"{EXTENSION} is larger than any project. Export it again.")
    return read_extension(archive.read(EXTENSION).decode("utf-8"))


def _read(path: Path, archive: zipfile.ZipFile, root: ElementTree.Element, extension: Extension | None) -> ReadProject:
    notes: list[str] = []
    entries = list(_entries(root, notes))
    tempo = Tempo.of(root)
    pieces = {
        entry.address: read_pieces(root, entry.element.get("id", ""), tempo, notes)
        for entry in entries
        if kind_of(entry.address) == "track"
    }
    silent = [name for name, found in pieces.items() if not found]
    if silent:
        notes.append(f"Tracks without audio were left out: {', '.join(silent)}.")
    entries = [entry for entry in entries if entry.address not in silent]
    if not any(kind_of(entry.address) == "track" for entry in entries):
        raise ProjectFileError(f"{path.name} holds no audio clips. Render its instruments to audio first.")
    known = {} if extension is None else extension.tracks
    rate = None if extension is None else extension.sample_rate
    samples = None if extension is None else extension.samples
    placed, rate, length = place_pieces(
        {name: found for name, found in pieces.items() if found}, archive, path, rate, samples
    )
    tracks = []
    for entry in entries:
        if kind_of(entry.address) == "track":
            tracks.append(_track(entry, placed[entry.address], path, known.get(entry.address, {})))
    song = Song(tuple(tracks), rate, length, path.name, ())
    settings = _settings(entries, notes)
    sections = _sections(root, tempo, length / rate)
    if extension is not None and _fits(extension, settings):
        settings, sections = _merged(song, settings, sections, extension)
        order = {name: place for place, name in enumerate(settings.tracks)}
        song = replace(song, tracks=tuple(sorted(tracks, key=lambda track: order[track.name])))
    else:
        _note_automation(root, entries, tempo, notes)
    title = path.stem if extension is None else extension.title
    return ReadProject(Project(title, song, settings, sections), tuple(dict.fromkeys(notes)))


def _entries(root: ElementTree.Element, notes: list[str]) -> Iterator[_Entry]:
    """Yield every track that has a place on the console, with its address."""
    found: list[tuple[str, ElementTree.Element, ElementTree.Element, str | None]] = []
    buses: dict[str, str] = {}

    def walk(element: ElementTree.Element, group: str | None) -> None:
        for track in element.findall("Track"):
            channel = track.find("Channel")
            name = (track.get("name") or "Track").strip() or "Track"
            inside = track.findall("Track")
            role = "regular" if channel is None else channel.get("role", "regular")
            if channel is None and not inside:
                notes.append(f"The track {name} has no channel and was left out.")
            elif inside or "tracks" in track.get("contentType", "").split():
                if group is not None:
                    notes.append(f"The group {name} stands inside {group}; its tracks were put into {group}.")
                elif channel is not None:
                    found.append(("group", track, channel, None))
                walk(track, group or name)
            elif role == "master":
                found.append(("master", track, channel, None))
            elif role == "effect":
                bus = _bus(track, name)
                if bus in buses:
                    notes.append(f"The effect {name} was left out: the console has one reverb and one delay.")
                else:
                    buses[bus] = name
                    found.append((bus, track, channel, None))
            elif role == "vca":
                notes.append(f"The VCA {name} was left out.")
            else:
                found.append(("track", track, channel, group))

    structure = root.find("Structure")
    if structure is not None:
        walk(structure, None)
    plain = [element.get("name") or "Track" for kind, element, _, _ in found if kind == "track"]
    names = iter(unique_names(plain, reserved=("master", "reverb", "delay")))
    for kind, element, channel, group in found:
        address = next(names) if kind == "track" else kind
        if kind == "group":
            address = f"group:{(element.get('name') or 'Track').strip()}"
        yield _Entry(address, element, channel, group)


def _bus(track: ElementTree.Element, name: str) -> str:
    devices = [device.get("deviceName", "") for device in track.iterfind("Channel/Devices/*")]
    words = " ".join((name, *devices)).lower()
    return "delay" if "delay" in words or "echo" in words else "reverb"


def _track(entry: _Entry, audio: np.ndarray, path: Path, known: Mapping[str, Any]) -> Track:
    guess = guess_instrument(entry.address)
    table = load_table().instruments
    if known.get("instrument") in table:
        guess = replace(guess, instrument=known["instrument"], group=table[known["instrument"]]["group"])
    colours = (known.get("colour"), entry.element.get("color"))
    return Track(
        entry.address,
        guess.instrument,
        guess.group,
        next((colour for colour in colours if isinstance(colour, str) and _COLOUR.fullmatch(colour)), guess.colour),
        audio,
        path,
        min(max(float(known.get("confidence", guess.confidence)), 0.0), 1.0),
        bool(np.abs(audio).max() < 10 ** (LIMITS.silence_dbfs / 20)),
    )


def _channels(entries: list[_Entry], notes: list[str]) -> dict[str, dict[str, Value]]:
    bus_of = {e.channel.get("id", ""): e.address for e in entries if e.address in ("reverb", "delay")}
    values = {}
    for entry in entries:
        values[entry.address], unheard = channel_values(entry.channel, kind_of(entry.address), bus_of)
        notes += [f"Left out of {entry.address.removeprefix('group:')}: {what}." for what in unheard]
    return values


def _settings(entries: list[_Entry], notes: list[str]) -> Settings:
    values = _channels(entries, notes)
    groups = [entry.address.removeprefix("group:") for entry in entries if entry.address.startswith("group:")]
    tracks = [entry for entry in entries if kind_of(entry.address) == "track"]
    by_channel = {e.channel.get("id", ""): e.address.removeprefix("group:") for e in entries}
    routing = {}
    for entry in tracks:
        into = entry.group or by_channel.get(entry.channel.get("destination", ""))
        if into in groups:
            routing[entry.address] = into
    return Settings(
        tracks={entry.address: values[entry.address] for entry in tracks},
        groups={name: values[f"group:{name}"] for name in groups},
        routing=routing,
        **{bus: values.get(bus, {}) for bus in ("master", "reverb", "delay")},
    )


def _note_automation(root: ElementTree.Element, entries: list[_Entry], tempo: Tempo, notes: list[str]) -> None:
    """Say which automation of another program was left out: the console's knobs change by sections alone."""
    bus_of = {e.channel.get("id", ""): e.address for e in entries if e.address in ("reverb", "delay")}
    for entry in entries:
        targets = channel_targets(entry.channel, kind_of(entry.address), bus_of)
        moving = [name for target, name in targets.items() if read_points(root, target, tempo)]
        if moving:
            who = entry.address.removeprefix("group:")
            labels = ", ".join(spec(name).label.lower() for name in moving)
            notes.append(f"Automation of {who} was left out ({labels}); its knobs stand where they begin.")


def _sections(root: ElementTree.Element, tempo: Tempo, end_s: float) -> tuple[Section, ...]:
    holder = root.find("Arrangement/Markers")
    if holder is None:
        return ()
    scale = tempo.seconds(holder.get("timeUnit"))
    marks = sorted((float(mark.get("time", 0)) * scale, mark.get("name", "")) for mark in holder)
    ends = [start for start, _ in marks[1:]] + [end_s]
    return tuple(Section(name, start, end) for (start, name), end in zip(marks, ends, strict=True) if end > start)


def _fits(extension: Extension, settings: Settings) -> bool:
    own = extension.settings
    same_channels = set(own.tracks) == set(settings.tracks) and set(own.groups) == set(settings.groups)
    return same_channels and own.routing == settings.routing


def _merged(
    song: Song, settings: Settings, sections: tuple[Section, ...], extension: Extension
) -> tuple[Settings, tuple[Section, ...]]:
    """Return the extension's exact values, but where project.xml says something else, that.

    What project.xml would say is found by writing it anew from the extension and reading that.
    """
    own = extension.settings
    fresh = project_xml(Project(extension.title, song, own, extension.sections))
    expected = _settings(list(_entries(fresh, [])), [])
    changes = {}
    for address in settings.addresses():
        for name in {*settings.channel(address), *expected.channel(address)}:
            value = settings.get(address, name)
            if not _same(value, expected.get(address, name)):
                changes[address, name] = value
    marks = _sections(fresh, Tempo.of(fresh), song.duration_s)
    return own.turned(changes), extension.sections if marks == sections else sections


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= _SAME * max(1.0, abs(one), abs(other))
