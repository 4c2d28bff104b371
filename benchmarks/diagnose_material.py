"""Clean material for the diagnosis benchmark: multitrack songs and finished music, apart from what was fitted.

A folder holds `songs/NAME/*.flac` (a folder of stems a song) and `finished/PACKAGE/**` (music as released). The demo
song is always there. `scripts/build_expectations.py play` fills `songs`; `finished` is links to the unpacked packages
of the test split of scripts/corpus/packages.yaml.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import soundfile
import soxr

from exchange import Song, Track, load_tracks
from exchange.demo_song import demo_folder

__all__ = ["MATERIAL", "clean_songs", "finished_excerpts", "one_mix"]

RATE = 44100
_CACHE = Path(platformdirs.user_cache_dir("studiospeak", appauthor=False)) / "diagnose_benchmark"
MATERIAL = Path(os.environ.get("STUDIOSPEAK_DIAGNOSE_MATERIAL", _CACHE))
_SUFFIXES = (".ogg", ".flac", ".wav", ".mp3")
_LEAST_S = 40.0
_UNHEARD_DB = -30.0  # against the rest, while it plays


def clean_songs(seconds: float, most: int) -> list[Song]:
    """Return multitrack songs cut to their middle `seconds`, the demo song first."""
    folder = MATERIAL / "songs"
    folders = [demo_folder(), *(sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else [])]
    songs = []
    for path in folders[:most]:
        song = load_tracks(path)
        length = min(song.length, int(seconds * song.sample_rate))
        start = (song.length - length) // 2
        tracks = tuple(
            replace(track, audio=np.array(_stereo(track.audio)[:, start : start + length], order="C"))
            for track in song.tracks
        )
        songs.append(replace(song, tracks=_heard(tracks), length=length, source=path.name))
    return songs


def _heard(tracks: tuple[Track, ...]) -> tuple[Track, ...]:
    """Leave out what nobody hears: such a part is buried before any fault is put in."""
    powers = {track.name: _power(track.audio) for track in tracks if np.abs(track.audio).max() > 1e-3}
    total = np.sum(list(powers.values()), axis=0)
    kept = []
    for track in tracks:
        if track.name in powers:
            own = powers[track.name]
            plays = own > 1e-3 * np.quantile(own, 0.95)
            if own[plays].mean() > 10 ** (_UNHEARD_DB / 10) * (total - own)[plays].mean():
                kept.append(track)
    return tuple(kept)


def _power(audio: np.ndarray) -> np.ndarray:
    cell = RATE // 10
    whole = audio[:, : audio.shape[1] // cell * cell]
    return np.asarray(np.square(whole, dtype=np.float64).mean(axis=0).reshape(-1, cell).mean(axis=1))


def finished_excerpts(seconds: float, most: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (package/file, (2, samples) at 44.1 kHz): a package's files in turn, so that each has its share."""
    folder = MATERIAL / "finished"
    packages = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    queues = [sorted(_music(package)) for package in packages]
    given = 0
    for index in range(max(map(len, queues), default=0)):
        for package, queue in zip(packages, queues, strict=True):
            if index >= len(queue) or given >= most:
                continue
            audio = _excerpt(queue[index], seconds)
            if audio is not None:
                given += 1
                yield f"{package.name}/{queue[index].stem}", audio


def one_mix(audio: np.ndarray, name: str, rate: int = RATE) -> Song:
    """Return a song of one stereo mix."""
    track = Track("Mix", "mix", "mix", "#4A5568", audio, Path(f"{name}.wav"))
    return Song((track,), rate, audio.shape[1], name, ())


def _music(package: Path) -> Iterator[Path]:
    for root, _, names in os.walk(package, followlinks=True):
        yield from (Path(root, name) for name in names if name.lower().endswith(_SUFFIXES))


def _excerpt(path: Path, seconds: float) -> np.ndarray | None:
    """Return the middle of a file, or None where it is short, of a low rate or damaged."""
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames < _LEAST_S * file.samplerate or file.samplerate < 32000:
                return None
            wanted = int(seconds * file.samplerate)
            file.seek((file.frames - wanted) // 2)
            audio, rate = file.read(wanted, dtype="float32", always_2d=True).T[:2], file.samplerate
    except soundfile.LibsndfileError:
        return None
    if rate != RATE:
        audio = np.stack([soxr.resample(side, rate, RATE) for side in audio])
    return None if np.abs(audio).max() < 1e-3 else np.array(_stereo(audio), order="C")


def _stereo(audio: np.ndarray) -> np.ndarray:
    return np.broadcast_to(audio, (2, audio.shape[1]))
