"""Folders that commands write: never over anything, every stem as it leaves its fader."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from assistant.measure import hear_song
from console.errors import AudioFileError
from console.render import render
from console.settings import Settings
from exchange import Song, Track, write_audio

__all__ = ["EDIT_OUTPUTS", "check_free", "file_name", "write_before_after"]

EDIT_OUTPUTS = ("before.wav", "after.wav", "after", "settings.json", "report.json", "session.json")


def check_free(out: Path, names: Sequence[str]) -> None:
    """Make sure that a folder can take these files.

    Raises:
        AudioFileError: it is a file, or holds one of them.
    """
    taken = [name for name in names if (out / name).exists()]
    if taken:
        raise AudioFileError(f"{out} already holds {taken[0]}. Choose another folder with --out; nothing was written.")
    if out.exists() and not out.is_dir():
        raise AudioFileError(f"{out} is a file. Choose a folder with --out; nothing was written.")


def write_before_after(out: Path, song: Song, before: Settings, after: Settings) -> None:
    """Write `before.wav`, `after.wav`, `after/NAME.wav` for every stem, and `settings.json`.

    Raises:
        AudioFileError: the folder cannot be written.
    """
    inputs = [track.path for track in song.tracks if track.path is not None]
    try:
        (out / "after").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioFileError(
            f"{out} cannot be written ({error.strerror}). Choose another folder with --out."
        ) from error
    for name, settings in (("before.wav", before), ("after.wav", after)):
        sound = hear_song(song, settings, ())
        write_audio(out / name, sound.master, song.sample_rate, "float", protect=inputs)
    for track in song.tracks:
        audio = _stem(song, track, after)
        write_audio(out / "after" / f"{file_name(track.name)}.wav", audio, song.sample_rate, "float", protect=inputs)
    (out / "settings.json").write_text(after.to_json() + "\n", encoding="utf-8")


def file_name(name: str) -> str:
    """Return a name without what file systems do not take."""
    return "".join("_" if character in '/\\:*?"<>|' else character for character in name)


def _stem(song: Song, track: Track, settings: Settings) -> np.ndarray:
    """Return a stem after its fader; a mono source whose sides are equal stays mono, an untouched one is the source."""
    alone = settings.alone(track.name)
    if alone == Settings.neutral([track.name]):
        return track.audio
    audio = render({track.name: torch.from_numpy(track.audio)}, alone, song.sample_rate).tracks[track.name].numpy()
    return audio[:1] if track.audio.shape[0] == 1 and (audio[0] == audio[1]).all() else audio
