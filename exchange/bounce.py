"""Bounce: the mix, every track, group and effect as audio files of one length, tails included.

What stands in `stems` adds up to what reaches the master: tracks without a group, groups, effects. `tracks` holds
those that are inside groups, after their faders.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from console.desk import Mix
from console.limiter import limiter
from console.loudness import integrated_lufs, true_peak_dbtp
from console.parameters import spec
from console.render import render
from console.settings import BUSES, Settings
from exchange.audio import write_audio
from exchange.destination import file_names, new_file, new_folder
from exchange.project import Project

__all__ = ["FORMATS", "Bounced", "Normalise", "bounce", "bounce_mix", "render_project", "tail_samples"]

FORMATS = {"wav24": (".wav", "pcm24"), "float": (".wav", "float"), "flac": (".flac", "pcm24")}
"""Name of a format -> extension and how samples are stored."""

_LONGEST_ROOM_S = 12.0
_DELAY_FADED = 1e-3
_MOST_GAIN_DB = 40.0
_CLOSE_LU = 0.05
_TRIES = 8


@dataclass(frozen=True)
class Normalise:
    """How loud the mix shall be.

    Attributes:
        loudness_lufs: integrated loudness of the whole file.
        ceiling_dbtp: greatest true peak.
    """

    loudness_lufs: float
    ceiling_dbtp: float = -1.0


@dataclass(frozen=True)
class Bounced:
    """What was written.

    Attributes:
        folder: where.
        files: all of them, the mix first, then stems, then tracks.
        samples: length of each.
        loudness_lufs, true_peak_dbtp: of the mix as written.
        gain_db: what normalising added to every file.
        notes: sentences worth telling.
    """

    folder: Path
    files: tuple[Path, ...]
    samples: int
    loudness_lufs: float
    true_peak_dbtp: float
    gain_db: float
    notes: tuple[str, ...]


def bounce(
    project: Project,
    folder: str | os.PathLike[str],
    audio_format: str = "wav24",
    normalise: Normalise | None = None,
    tails: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Bounced:
    """Render a mix and its parts into a new folder.

    Args:
        project: what to render.
        folder: must not exist. It gets the mix, stems/NAME and, of groups, tracks/NAME.
        audio_format: a key of FORMATS.
        normalise: bring the mix to a loudness; every other file gets the same gain. Where gain alone would pass the
            ceiling the mix goes through the true-peak limiter, which the notes say.
        tails: let reverb and delay ring out; without, every file is as long as the song.
        progress: called with the share rendered, 0..1.
    Returns:
        Files, length, loudness and peak of the mix as it is in its file.
    Raises:
        ProjectFileError: something is there already, or the disk refuses.
    """
    extension, subtype = FORMATS[audio_format]
    with new_folder(folder) as partial:
        mixed, master, gain_db, notes = _mixed(project, normalise, tails, progress)
        if gain_db:
            notes.append(f"Stems and tracks got {gain_db:+.1f} dB and no limiter.")
        files = []
        for name, audio in [("mix", master), *_parts(project, mixed, gain_db)]:
            path = partial / f"{name}{extension}"
            path.parent.mkdir(exist_ok=True)
            notes += write_audio(path, audio, project.song.sample_rate, subtype).notes
            files.append(path.relative_to(partial))
    return _bounced(Path(folder), [Path(folder) / file for file in files], master, project, gain_db, notes)


def bounce_mix(
    project: Project,
    path: str | os.PathLike[str],
    audio_format: str = "wav24",
    normalise: Normalise | None = None,
    tails: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Bounced:
    """Render the mix alone into a new file; arguments and errors as in `bounce`, the extension is the format's."""
    extension, subtype = FORMATS[audio_format]
    path = Path(path)
    with new_file(path) as partial:
        _, master, gain_db, notes = _mixed(project, normalise, tails, progress)
        named = partial.with_suffix(extension)
        try:
            written = write_audio(named, master, project.song.sample_rate, subtype)
            notes += [note.replace(named.name, path.name) for note in written.notes]
            named.rename(partial)
        finally:
            named.unlink(missing_ok=True)
    return _bounced(path.parent, [path], master, project, gain_db, notes)


def _mixed(
    project: Project, normalise: Normalise | None, tails: bool, progress: Callable[[float], None] | None
) -> tuple[Mix, np.ndarray, float, list[str]]:
    """Return everything rendered, the mix as it goes into its file, the gain that was added, and what to tell."""
    rate = project.song.sample_rate
    mixed = render_project(project, tail_samples(project.settings, rate) if tails else 0, progress)
    master = mixed.master.numpy()
    if normalise is None:
        return mixed, master, 0.0, []
    master, gain_db, said = _normalised(master, rate, normalise)
    return mixed, master, gain_db, [said]


def _bounced(
    folder: Path, files: list[Path], master: np.ndarray, project: Project, gain_db: float, notes: list[str]
) -> Bounced:
    rate = project.song.sample_rate
    return Bounced(
        folder,
        tuple(files),
        master.shape[1],
        integrated_lufs(master, rate),
        true_peak_dbtp(master, rate),
        gain_db,
        tuple(notes),
    )


def render_project(project: Project, tail: int = 0, progress: Callable[[float], None] | None = None) -> Mix:
    """Render a project with its sections, `tail` samples longer than the song."""
    tracks = {track.name: torch.from_numpy(track.audio) for track in project.song.tracks}
    with torch.no_grad():
        return render(tracks, project.settings, project.song.sample_rate, progress=progress, tail_samples=tail)


def tail_samples(settings: Settings, sample_rate: int) -> int:
    """Return how long reverb and delay ring after the song, as far as something is sent to them; 0 where nothing is."""
    states = [settings.whole(), *(settings.within(region.time_s) for region in settings.regions)]
    longest_s = 0.0
    for state in states:
        channels = [address for address in state.addresses() if address not in BUSES]
        if any(state.number(a, "send.reverb_db") > spec("send.reverb_db").low for a in channels):
            decay_s = min(1.15 * state.number("reverb", "reverb.decay_s"), _LONGEST_ROOM_S)
            longest_s = max(longest_s, decay_s + state.number("reverb", "reverb.predelay_ms") / 1000)
        if any(state.number(a, "send.delay_db") > spec("send.delay_db").low for a in channels):
            feedback = state.number("delay", "delay.feedback")
            echoes = 1 + math.ceil(math.log(_DELAY_FADED) / math.log(feedback)) if feedback > _DELAY_FADED else 1
            step_s = state.number("delay", "delay.time_ms") / 1000
            longest_s = max(longest_s, min((echoes + 1) * step_s, _LONGEST_ROOM_S))
    return math.ceil(longest_s * sample_rate)


def _parts(project: Project, mixed: Mix, gain_db: float) -> list[tuple[str, np.ndarray]]:
    """Return every file but the mix: its path without extension, and its audio."""
    routing = project.settings.routing
    direct = {name: audio for name, audio in mixed.tracks.items() if name not in routing}
    grouped = {name: audio for name, audio in mixed.tracks.items() if name in routing}
    stems = {**direct, **mixed.groups, **{bus.capitalize(): audio for bus, audio in mixed.buses.items()}}
    found = []
    for folder, part in (("stems", stems), ("tracks", grouped)):
        names = file_names(part)
        found += [(f"{folder}/{names[name]}", _with_gain(audio.numpy(), gain_db)) for name, audio in part.items()]
    return found


def _normalised(audio: np.ndarray, rate: int, wanted: Normalise) -> tuple[np.ndarray, float, str]:
    """Return the mix at a loudness under a ceiling, the gain that was added, and a sentence on it."""
    before = integrated_lufs(audio, rate)
    if not math.isfinite(before):
        return audio, 0.0, "The mix is silent, so its loudness was left alone."
    gain_db = wanted.loudness_lufs - before
    peak = true_peak_dbtp(audio, rate) + gain_db
    if peak <= wanted.ceiling_dbtp:
        said = f"The mix was at {before:.1f} LUFS and got {gain_db:+.1f} dB; its true peak is {peak:.1f} dBTP."
        return _with_gain(audio, gain_db), gain_db, said
    push_db = gain_db
    limited = _limited(audio, rate, push_db, wanted.ceiling_dbtp)
    for _ in range(_TRIES):
        short = wanted.loudness_lufs - integrated_lufs(limited, rate)
        if abs(short) <= _CLOSE_LU or push_db + short > gain_db + _MOST_GAIN_DB:
            break
        push_db += short
        limited = _limited(audio, rate, push_db, wanted.ceiling_dbtp)
    reached = integrated_lufs(limited, rate)
    taken = peak - gain_db + push_db - wanted.ceiling_dbtp
    said = (
        f"The mix was at {before:.1f} LUFS and got {push_db:+.1f} dB into the limiter, which takes up to "
        f"{taken:.1f} dB off its peaks to stay under {wanted.ceiling_dbtp:.1f} dBTP: {reached:.1f} LUFS."
    )
    if abs(reached - wanted.loudness_lufs) > 2 * _CLOSE_LU:
        said += f" {wanted.loudness_lufs:.1f} LUFS cannot be reached under that ceiling."
    return limited, gain_db, said


def _limited(audio: np.ndarray, rate: int, gain_db: float, ceiling_dbtp: float) -> np.ndarray:
    """Push a mix into the console's limiter, by any gain."""
    with torch.no_grad():
        return limiter(torch.from_numpy(_with_gain(audio, gain_db))[None], rate, ceiling_dbtp)[0].numpy()


def _with_gain(audio: np.ndarray, gain_db: float) -> np.ndarray:
    return audio if gain_db == 0.0 else audio * np.float32(10 ** (gain_db / 20))
