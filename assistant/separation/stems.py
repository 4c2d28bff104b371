"""Stems of one stereo mix: separated once, kept in the session's folder, and read from there after that."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from console.errors import AudioFileError, RequestError
from exchange import Song, Track, read_audio, write_audio
from exchange.names import guess_instrument
from models.separation import SOURCES, Separator, load_separator

__all__ = ["FOLDER", "stems_of"]

FOLDER = "stems"
_ABOUT = "separated.json"
_NOTE = (
    "Taken apart by a network: stems bleed into one another and lose some air, and what is turned on one is heard a "
    "little on the others. Small moves are safe; soloed stems are not for release."
)


def stems_of(
    song: Song,
    folder: Path,
    load: Callable[[], Separator] = load_separator,
    progress: Callable[[float], None] | None = None,
) -> Song:
    """Return a stereo mix as four tracks (vocals, drums, bass, other) that add up to it.

    Args:
        song: one stereo track.
        folder: of the session; the stems are kept in its `stems/` and read from there as long as the mix is the same.
        load: gives the network, only when it is needed.
        progress: told the share done.
    Raises:
        RequestError: the song has several tracks, or a mono one.
        ModelError: the network is not here.
        AudioFileError: the stems cannot be kept there.
    """
    if len(song.tracks) != 1 or song.tracks[0].audio.shape[0] != 2:
        raise RequestError("Only one stereo mix can be taken apart; this song already comes in tracks, or is mono.")
    mix = song.tracks[0].audio
    place = folder / FOLDER
    about = {"sha256": hashlib.sha256(np.ascontiguousarray(mix)).hexdigest(), "sample_rate": song.sample_rate}
    if not _is_of(place, about):
        parts = load().separate(mix, song.sample_rate, progress)
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / _ABOUT).unlink(missing_ok=True)
            for name, audio in parts.items():
                (place / f"{name}.wav").unlink(missing_ok=True)
                write_audio(place / f"{name}.wav", audio, song.sample_rate, "float")
            (place / _ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")
        except OSError as error:
            raise AudioFileError(
                f"The stems cannot be kept in {place} ({error.strerror}). Choose another place."
            ) from error
    tracks = tuple(_track(place / f"{name}.wav") for name in SOURCES)
    return Song(tracks, song.sample_rate, song.length, f"{song.source}, taken apart", (*song.notes, _NOTE))


def _is_of(place: Path, about: dict) -> bool:
    try:
        kept = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return kept == about and all((place / f"{name}.wav").is_file() for name in SOURCES)


def _track(path: Path) -> Track:
    clip = read_audio(path)
    guess = guess_instrument(path.name)
    return Track(
        path.stem, guess.instrument, guess.group, guess.colour, clip.audio, path, guess.confidence, clip.silent
    )
