"""A whole song from files: one stereo mix, several stems, or a folder of stems."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.errors import AudioFileError
from exchange.audio import AudioClip, check_sample_rate, read_audio
from exchange.headers import BYTES_PER_SAMPLE, READABLE, AudioInfo, inspect_audio
from exchange.limits import EXTENSIONS, LIMITS, Limits, describe_bytes
from exchange.names import InstrumentGuess, guess_instrument

__all__ = ["Song", "Track", "load_tracks"]

_NAMES_IN_A_NOTE = 5
#: Guesses below this are told, so that a person can set them right.
_SURE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One track of a song.

    Attributes:
        name: unique in the song, also where upper and lower case are one; the file name without extension.
        instrument: an id of names.yaml.
        group: the group of that instrument.
        colour: `#RRGGBB`.
        audio: (channels, samples) float32, channels 1 or 2, at the song's rate and of the song's length.
        path: the file it came from, which is never written.
        confidence: 0..1, of the instrument.
        silent: no sample reaches the silence limit.
    """

    name: str
    instrument: str
    group: str
    colour: str
    audio: np.ndarray
    path: Path
    confidence: float = 1.0
    silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """Tracks that start together and last equally long.

    Attributes:
        tracks: in the order they were given, or of their names in a folder.
        sample_rate: Hz, of every track.
        length: samples, of every track.
        source: where they came from, in words.
        notes: sentences worth telling: what was skipped, padded, resampled, silent or not recognised.
    """

    tracks: tuple[Track, ...]
    sample_rate: int
    length: int
    source: str
    notes: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.length / self.sample_rate


def load_tracks(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    sample_rate: int | None = None,
    limits: Limits = LIMITS,
) -> Song:
    """Load a stereo mix, several stems, or one folder of stems.

    Every header is checked, alone and together, before anything is decoded. Tracks keep their start; shorter
    ones get silence at the end. One file alone becomes a stereo track called Mix.

    Args:
        paths: one file, several files (their order is kept) or one folder (natural order of names,
            sub-folders and other files left out).
        sample_rate: Hz of the session; the most common among the files when None, the higher one at a tie.
        limits: the table of limits.
    Returns:
        The song.
    Raises:
        AudioFileError: nothing to load, too much, or a file that `read_audio` refuses.
    """
    if sample_rate is not None:
        check_sample_rate(sample_rate, limits)
    files, source, notes = list_audio(paths)
    if len(files) > limits.max_tracks:
        raise AudioFileError(
            f"{source} has {len(files)} audio files, more than the {limits.max_tracks} tracks allowed. "
            "Mix some of them together first."
        )
    infos = [inspect_audio(file, limits) for file in files]
    if sample_rate is None:
        sample_rate = _common_rate(infos)
    _check_song_size(infos, sample_rate, source, limits)
    clips = [read_audio(info.path, sample_rate, limits) for info in infos]
    length = max(clip.audio.shape[1] for clip in clips)
    notes += [note for clip in clips for note in clip.notes]
    notes += _describe_changes(clips, length)
    if len(clips) == 1:
        tracks = [_mix_track(clips[0], notes)]
    else:
        names = _unique_names([clip.path.stem for clip in clips])
        guesses = [guess_instrument(clip.path.name) for clip in clips]
        tracks = [
            _stem_track(clip, name, guess, length) for clip, name, guess in zip(clips, names, guesses, strict=True)
        ]
        if unsure := [track.name for track in tracks if track.confidence < _SURE]:
            notes.append(f"The instrument is a guess on: {_listed(unsure)}.")
    return Song(tuple(tracks), sample_rate, length, source, tuple(notes))


def list_audio(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
) -> tuple[list[Path], str, list[str]]:
    """Resolve what was given to files, words for where they came from, and notes on what was skipped."""
    given = [Path(paths)] if isinstance(paths, str | os.PathLike) else [Path(path) for path in paths]
    if not given:
        raise AudioFileError("No audio was given. Give a stereo mix, several stems or a folder of stems.")
    folders = [path for path in given if path.is_dir()]
    if folders and len(given) > 1:
        raise AudioFileError(
            f"{folders[0].name} is a folder among {len(given)} paths. Give one folder alone, or only files."
        )
    if folders:
        return _list_folder(folders[0])
    seen: dict[str, Path] = {}
    for path in given:
        real = os.path.normcase(os.path.realpath(path))
        if real in seen:
            raise AudioFileError(f"{path} and {seen[real]} are the same file. Give it once.")
        seen[real] = path
    source = given[0].name if len(given) == 1 else f"{len(given)} files"
    return given, source, []


def _list_folder(folder: Path) -> tuple[list[Path], str, list[str]]:
    """List the audio files of a folder in natural order, and say what was left out."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: _natural_key(path.name))
    except OSError as error:
        raise AudioFileError(f"{folder.name} cannot be listed ({error.strerror}). Check its permissions.") from error
    hidden = [path for path in entries if path.name.startswith(".")]
    shown = [path for path in entries if not path.name.startswith(".")]
    inner = [path for path in shown if path.is_dir()]
    files = [path for path in shown if not path.is_dir() and path.suffix.lower() in EXTENSIONS]
    others = [path for path in shown if not path.is_dir() and path.suffix.lower() not in EXTENSIONS]
    skipped = [
        f"{what}: {_listed([path.name for path in paths])}"
        for what, paths in (("hidden", hidden), ("not audio", others), ("sub-folders", inner))
        if paths
    ]
    if not files:
        raise AudioFileError(
            f"{folder.name} holds no audio files ({'; '.join(skipped) or 'it is empty'}). "
            f"Give a folder with {READABLE} files in it."
        )
    notes = [f"Skipped in {folder.name}, {what}." for what in skipped]
    count = f"{len(files)} stems" if len(files) > 1 else "1 file"
    return files, f"{folder.name} ({count})", notes


def _natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key under which `Gtr 2` comes before `gtr 10`."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part], name


def _common_rate(infos: Sequence[AudioInfo]) -> int:
    """The most common sample rate among files, the higher one at a tie."""
    counts = Counter(info.sample_rate for info in infos)
    return max(counts, key=lambda rate: (counts[rate], rate))


def _check_song_size(infos: Sequence[AudioInfo], sample_rate: int, source: str, limits: Limits) -> None:
    """Refuse songs that would not fit in memory once resampled and padded to the longest file."""
    longest = max(info.duration_s for info in infos) * sample_rate
    channels = 2 if len(infos) == 1 else sum(info.channels for info in infos)
    song_bytes = longest * channels * BYTES_PER_SAMPLE
    if song_bytes > limits.max_song_bytes:
        raise AudioFileError(
            f"{source} would take {describe_bytes(song_bytes)} of memory at {sample_rate} Hz, more than the "
            f"{describe_bytes(limits.max_song_bytes)} allowed. "
            "Use fewer or shorter files, or a lower sample rate."
        )


def _describe_changes(clips: Sequence[AudioClip], length: int) -> list[str]:
    """Say which files were resampled and which got silence at their end."""
    notes = []
    rate = clips[0].sample_rate
    if resampled := [clip.path.name for clip in clips if clip.source_sample_rate != rate]:
        notes.append(f"Resampled to {rate} Hz: {_listed(resampled)}.")
    if padded := [clip.path.name for clip in clips if clip.audio.shape[1] < length]:
        notes.append(f"Padded with silence at the end to {length / rate:.2f} s: {_listed(padded)}.")
    return notes


def _mix_track(clip: AudioClip, notes: list[str]) -> Track:
    """Make the one stereo track of a song that is a finished mix."""
    audio = clip.audio
    if len(audio) == 1:
        audio = np.repeat(audio, 2, axis=0)  # (1, samples) -> (2, samples)
        notes.append(f"{clip.path.name} is mono; both sides of the mix are the same.")
    guess = guess_instrument("mix")
    return Track("Mix", guess.instrument, guess.group, guess.colour, audio, clip.path, 1.0, clip.silent)


def _stem_track(clip: AudioClip, name: str, guess: InstrumentGuess, length: int) -> Track:
    """Make one track of several, padded at the end."""
    missing = length - clip.audio.shape[1]
    audio = np.pad(clip.audio, ((0, 0), (0, missing))) if missing else clip.audio
    return Track(name, guess.instrument, guess.group, guess.colour, audio, clip.path, guess.confidence, clip.silent)


def _unique_names(stems: Sequence[str]) -> list[str]:
    """Give equal names a number: Kick, Kick 2, Kick 3. Numbers that are names already are passed over."""
    taken = {stem.strip().casefold() for stem in stems}
    used: set[str] = set()
    names = []
    for stem in stems:
        name = base = stem.strip() or "Track"
        number = 2
        while name.casefold() in used or (name != base and name.casefold() in taken):
            name = f"{base} {number}"
            number += 1
        used.add(name.casefold())
        names.append(name)
    return names


def _listed(names: Iterable[str]) -> str:
    """Join names for a note, the first few of many."""
    names = list(names)
    rest = len(names) - _NAMES_IN_A_NOTE
    shown = ", ".join(names[:_NAMES_IN_A_NOTE])
    return f"{shown} and {rest} more" if rest > 0 else shown
