"""Measure finished music and single instruments of the corpus, once each, and keep what was measured."""

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.diagnose.listening import Hearing, hear, inspect
from console.settings import Settings
from exchange import Song, Track
from models.training.corpus import SAMPLE_RATE
from scripts.corpus.recordings import Recording, find_recordings
from scripts.corpus.table import load_table

__all__ = ["finished_pieces", "one_track_song", "read_excerpt", "remembered"]

EXCERPT_S = 60.0


def finished_pieces(packages: Path, split: str, only: Sequence[str] = ()) -> Iterator[tuple[str, str, Recording]]:
    """Yield (package, name, recording) of every finished recording of a split that is unpacked under a folder."""
    for row in load_table().packages.values():
        root = packages / row.name
        if row.kind != "finished" or row.split != split or not root.is_dir() or (only and row.name not in only):
            continue
        for recording in find_recordings(row, root)[0]:
            yield row.name, recording.name, recording


def read_excerpt(recording: Recording, seconds: float = EXCERPT_S) -> np.ndarray:
    """Return (2, samples) float32 from the middle of a recording, at SAMPLE_RATE; only that much is decoded."""
    with soundfile.SoundFile(recording.files[0]) as file:
        wanted = int(seconds * file.samplerate)
        file.seek(max(0, (file.frames - wanted) // 2))
        audio = file.read(wanted, dtype="float32", always_2d=True).T[:2]
        rate = file.samplerate
    if rate != SAMPLE_RATE:
        audio = np.stack([soxr.resample(side, rate, SAMPLE_RATE) for side in audio])
    return np.ascontiguousarray(np.broadcast_to(audio, (2, audio.shape[1])), dtype=np.float32)


def one_track_song(audio: np.ndarray, name: str = "Mix", sample_rate: int = SAMPLE_RATE) -> Song:
    """Return a song of one stereo mix."""
    track = Track(name, "mix", "mix", "#4A5568", audio, Path(f"{name}.wav"))
    return Song((track,), sample_rate, audio.shape[1], name, ())


def remembered(cache: Path, package: str, name: str, recording: Recording) -> Hearing:
    """Return what an excerpt measures, from the cache if it is there."""
    key = hashlib.sha256(f"{package}/{name}".encode()).hexdigest()[:20]
    path = cache / package / f"{key}.pickle"
    if path.is_file():
        found: Hearing = pickle.loads(path.read_bytes())
        return found
    song = one_track_song(read_excerpt(recording))
    hearing = hear(song, Settings.neutral([song.tracks[0].name]), inspect(song))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_bytes(pickle.dumps(hearing))
    path.with_suffix(".part").replace(path)
    return hearing
