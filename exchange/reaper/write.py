"""Write a project as a REAPER .rpp with its audio and effects beside it."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from console.errors import ProjectFileError
from console.parameters import spec
from console.settings import BUSES
from exchange.audio import write_audio
from exchange.automation import still_choices
from exchange.destination import file_names, new_file, new_folder
from exchange.levels import gain_of, send_gain_of
from exchange.project import Project
from exchange.reaper.chunks import Chunk, colour_number, envelope, guid
from exchange.reaper.effects import (
    bus_effect,
    bus_response,
    effect_text,
    slider_numbers,
    slider_value,
    sliders,
)
from exchange.stems import Track

__all__ = ["WrittenReaper", "write_reaper"]

PAN_LAW = 2**0.5
"""What a hard-panned channel gains over one in the centre: the console's law, constant power."""

_SLIDERS = 64
_ON_MIXER = {"fader.gain_db", "fader.mute", "stereo.pan", "send.reverb_db", "send.delay_db"}
_README = """Studiospeak mix for REAPER: {title}

1. In REAPER choose Options > Show REAPER resource path, and open the folder Effects there.
2. Copy the folder Effects/Studiospeak from here into it.
3. Open {project}.

Faders, pans, mutes, folders, sends and automation are REAPER's own. Everything before a fader is one effect a channel,
"Studiospeak channel strip", with the console's formulas and one slider a knob. The reverb and the delay play the
responses they had when this was written ({buses}); to change them, export again.
REAPER draws its own curve between centre and side when a channel is panned; centre and ends are the console's.
"""


@dataclass(frozen=True)
class WrittenReaper:
    """What was written.

    Attributes:
        path: the .rpp.
        media: the folder with its audio and effects.
        notes: sentences on what to do and what REAPER does otherwise.
    """

    path: Path
    media: Path
    notes: tuple[str, ...]


def write_reaper(project: Project, path: str | os.PathLike[str]) -> WrittenReaper:
    """Write a project that REAPER opens.

    Args:
        project: what to write.
        path: ends in .rpp and must not exist; audio and effects go into "NAME media" beside it.
    Returns:
        Where it went, and what to do with the effects.
    Raises:
        ProjectFileError: something is there already, or the disk refuses.
    """
    path = Path(path)
    media = path.with_name(f"{path.stem} media")
    if os.path.lexists(path):
        raise ProjectFileError(f"{path} already exists and is never written over. Choose another name with --out.")
    names = file_names(track.name for track in project.song.tracks)
    # Two mixes of one title must not take one another's reverb when both are copied into REAPER's folder.
    mark = hashlib.sha256(project.settings.to_json().encode()).hexdigest()[:6]
    title = f"{file_names([project.title])[project.title]} {mark}"
    with new_folder(media) as folder:
        (folder / "audio").mkdir()
        for track in project.song.tracks:
            write_audio(folder / "audio" / f"{names[track.name]}.wav", track.audio, project.song.sample_rate, "float")
        effects = folder / "Effects" / "Studiospeak" / title
        effects.mkdir(parents=True)
        for effect in ("strip", "limiter"):
            (effects / f"{effect}.jsfx").write_text(effect_text(effect), encoding="utf-8")
        buses = used_buses(project)
        for bus in buses:
            response = bus_response(project.settings.whole(), bus, project.song.sample_rate)
            write_audio(effects / f"{bus}.wav", response, project.song.sample_rate, "float")
            (effects / f"{bus}.jsfx").write_text(bus_effect(bus, f"{bus}.wav"), encoding="utf-8")
        listed = ", ".join(f"{bus}.wav" for bus in buses) or "none is used in this mix"
        text = _README.format(title=project.title, project=path.name, buses=listed)
        (folder / "READ ME.txt").write_text(text, encoding="utf-8")
    try:
        with new_file(path) as partial:
            text = "\n".join(project_chunk(project, f"Studiospeak/{title}", f"{media.name}/audio").lines()) + "\n"
            partial.write_text(text, encoding="utf-8")
    except ProjectFileError:
        shutil.rmtree(media)
        raise
    return WrittenReaper(path, media, tuple(_notes(project, media)))


def used_buses(project: Project) -> list[str]:
    """Return the effects that something is sent to, now or in a section."""
    channels = [address for address in project.settings.addresses() if address not in BUSES]
    return [
        bus
        for bus in ("reverb", "delay")
        if any(
            f"send.{bus}_db" in project.settings.channel(address) or f"send.{bus}_db" in project.moves_in_time(address)
            for address in channels
        )
    ]


def project_chunk(project: Project, effects: str, audio: str) -> Chunk:
    """Return the whole project.

    Args:
        project: what to write.
        effects: where its JSFX stand under REAPER's Effects folder.
        audio: where its audio stands, from the .rpp.
    """
    root = Chunk(("REAPER_PROJECT", 0.1, "6.80", 0))
    root.add("SAMPLERATE", project.song.sample_rate, 1, 0)
    root.add("TEMPO", 120, 4, 4)
    root.add("PANLAW", PAN_LAW)
    root.add("PANMODE", 3)
    root.add("MASTER_NCH", 2, 2)
    root.add("MASTER_VOLUME", 1, 0, -1, -1, 1)
    root.add("MASTER_PANMODE", 3)
    root.add("MASTER_FX", 1)
    for number, section in enumerate(project.sections, 1):
        root.add("MARKER", number, section.start_s, _word(section.name), 1)
        root.add("MARKER", number, section.end_s, "", 1)
    root.body.append(_Effects(project, "master", effects).chain("MASTERFXLIST"))
    order = _order(project)
    numbers = {address: number for number, (address, _) in enumerate(order)}
    for address, closes in order:
        root.body.append(_track(project, address, closes, numbers, effects, audio))
    return root


def _order(project: Project) -> list[tuple[str, bool]]:
    """Return the channels as REAPER lists them, folders before their tracks, and whether each closes a folder."""
    settings, found, done = project.settings, [], set()
    members = {group: [t for t in settings.tracks if settings.routing.get(t) == group] for group in settings.groups}
    for name in settings.tracks:
        group = settings.routing.get(name)
        if group is None:
            found.append((name, False))
        elif group not in done:
            done.add(group)
            found.append((f"group:{group}", False))
            found += [(member, member == members[group][-1]) for member in members[group]]
    return found + [(bus, False) for bus in used_buses(project)]


def _track(project: Project, address: str, closes: bool, numbers: dict[str, int], effects: str, audio: str) -> Chunk:
    settings, is_bus = project.settings, address in BUSES
    group = address.startswith("group:")
    moving = project.moves_in_time(address)
    level = f"{address}.return_db" if is_bus else "fader.gain_db"
    track = {track.name: track for track in project.song.tracks}.get(address)
    chunk = Chunk(("TRACK", guid("track", project.title, address)))
    chunk.add("NAME", _word(address.capitalize() if is_bus else address.removeprefix("group:")))
    if track is not None:
        chunk.add("PEAKCOL", colour_number(track.colour))
    chunk.add("AUTOMODE", 1 if moving else 0)
    volume = 1.0 if level in moving else gain_of(settings.number(address, level))
    pan = 0.0 if is_bus or "stereo.pan" in moving else settings.number(address, "stereo.pan")
    muted = 0 if is_bus or "fader.mute" in moving else int(settings.number(address, "fader.mute"))
    chunk.add("VOLPAN", volume, pan, -1, -1, 1)
    chunk.add("MUTESOLO", muted, 0, 0)
    chunk.add("IPHASE", 0)
    chunk.add("ISBUS", *((1, 1) if group else (2, -1) if closes else (0, 0)))
    chunk.add("NCHAN", 2)
    chunk.add("FX", 1)
    chunk.add("TRACKID", guid("track", project.title, address))
    chunk.add("MAINSEND", 1, 0)
    if is_bus:
        _receives(project, address, chunk, numbers)
    _envelopes(project, address, level, chunk)
    chain = _Effects(project, address, effects).chain("FXCHAIN")
    if chain.body:
        chunk.body.append(chain)
    if track is not None:
        chunk.body.append(_item(project, track, audio))
    return chunk


def _receives(project: Project, bus: str, chunk: Chunk, numbers: dict[str, int]) -> None:
    name = f"send.{bus}_db"
    for address, number in numbers.items():
        if address in BUSES:
            continue
        moving = name in project.moves_in_time(address)
        value = project.settings.number(address, name)
        if not moving and value <= spec(name).low:
            continue
        level = 1.0 if moving else send_gain_of(value)
        chunk.add("AUXRECV", number, 0, level, 0, 0, 0, 0, 0, 0, "-1:U", 0, -1, "")
        if moving:
            points = project.automation[address, name]
            chunk.body.append(envelope(("AUXVOLENV",), points, send_gain_of, f"{address} {name}", step=1.0))


def _envelopes(project: Project, address: str, level: str, chunk: Chunk) -> None:
    """Add the envelopes of fader, pan and mute; REAPER's mute envelope is 1 where the track sounds."""
    found = project.automation
    if (address, level) in found:
        key = f"{address} {level}"
        chunk.body.append(envelope(("VOLENV2",), found[address, level], gain_of, key, step=1.0))
    if (address, "stereo.pan") in found:
        # An envelope's pan runs the other way: 1 is left.
        points = found[address, "stereo.pan"]
        chunk.body.append(envelope(("PANENV2",), points, lambda pan: -pan, f"{address} pan"))
    if (address, "fader.mute") in found:
        points = found[address, "fader.mute"]
        chunk.body.append(envelope(("MUTEENV",), points, lambda mute: 1.0 - mute, f"{address} mute", jumps=True))


@dataclass(frozen=True)
class _Effects:
    """The effects of one channel."""

    project: Project
    address: str
    folder: str

    def chain(self, name: str) -> Chunk:
        """Return its chain; empty where nothing is used."""
        chunk = Chunk((name,))
        if self.address in ("reverb", "delay"):
            self._add(chunk, self.address, [], {})
            return chunk
        # The master's fader and pan come before its limiter, so they stand in its strip.
        left_out = set() if self.address == "master" else _ON_MIXER
        for effect in ("strip", "limiter"):
            names = [entry.name for entry in sliders(effect) if entry.name not in left_out]
            values = self.project.values(self.address)
            if any(name in values for name in names):
                rows = [
                    slider_value(entry.name, values.get(entry.name, entry.default))
                    if entry.name in names
                    else slider_value(entry.name, entry.default)
                    for entry in sliders(effect)
                ]
                self._add(chunk, effect, rows, {name: slider_numbers(effect)[name] for name in names})
        return chunk

    def _add(self, chunk: Chunk, effect: str, values: list[float], numbers: dict[str, int]) -> None:
        if not chunk.body:
            for word in ("SHOW", "LASTSEL", "DOCKED"):
                chunk.add(word, 0)
        chunk.add("BYPASS", 0, 0, 0)
        jsfx = Chunk(("JS", f"{self.folder}/{effect}.jsfx", ""))
        jsfx.add(*_numbers([*values, *["-"] * (_SLIDERS - len(values))]))
        chunk.body.append(jsfx)
        chunk.add("FLOATPOS", 0, 0, 0, 0)
        chunk.add("FXID", guid("effect", self.project.title, self.address, effect))
        for name, number in numbers.items():
            points = self.project.automation.get((self.address, name))
            if points is not None:
                entry = spec(name)
                head = ("PARMENV", number, entry.low, entry.high, (entry.low + entry.high) / 2)
                jumps = entry.kind == "switch"
                chunk.body.append(envelope(head, points, float, f"{self.address} {name}", jumps=jumps))
        chunk.add("WAK", 0, 0)


def _item(project: Project, track: Track, audio: str) -> Chunk:
    names = file_names(track.name for track in project.song.tracks)
    item = Chunk(("ITEM",))
    item.add("POSITION", 0)
    item.add("SNAPOFFS", 0)
    item.add("LENGTH", project.song.duration_s)
    item.add("LOOP", 0)
    item.add("ALLTAKES", 0)
    item.add("FADEIN", 1, 0, 0, 1, 0, 0, 0)
    item.add("FADEOUT", 1, 0, 0, 1, 0, 0, 0)
    item.add("MUTE", 0, 0)
    item.add("IGUID", guid("item", project.title, track.name))
    item.add("NAME", _word(track.name))
    item.add("VOLPAN", 1, 0, 1, -1)
    item.add("SOFFS", 0)
    item.add("PLAYRATE", 1, 1, 0, -1, 0, 0.0025)
    item.add("CHANMODE", 0)
    item.add("GUID", guid("take", project.title, track.name))
    source = Chunk(("SOURCE", "WAVE"))
    source.add("FILE", f"{audio}/{names[track.name]}.wav")
    item.body.append(source)
    return item


def _word(name: str) -> str:
    return name or " "


def _numbers(values: list[float | str]) -> list[float | str]:
    """Return a line that begins with a number: its first word as text."""
    first, *rest = values
    return [format(first, ".15g") if isinstance(first, float) else first, *rest]


def _notes(project: Project, media: Path) -> list[str]:
    notes = [
        f"Copy {media.name}/Effects/Studiospeak into the Effects folder of REAPER's resource path before opening; "
        f"{media.name}/READ ME.txt says how."
    ]
    for bus in BUSES:
        still = [name for name in project.moves_in_time(bus) if bus != "master" and name != f"{bus}.return_db"]
        if still:
            notes.append(f"The {bus} changes in a section; REAPER plays it as it is outside.")
    notes += [
        f"{spec(name).label} of {address} changes in a section; REAPER hears it as it starts."
        for address, name in still_choices(project.settings)
    ]
    return notes
