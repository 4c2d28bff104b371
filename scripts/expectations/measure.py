"""Measure finished music and single instruments of the corpus, once each, and keep what was measured."""

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.diagnose.listening import chunks
from assistant.diagnose.statistics import CHUNK, Signal, SignalStatistics
from models.training.corpus import SAMPLE_RATE
from scripts.corpus.recordings import Recording, find_recordings
from scripts.corpus.table import load_table

__all__ = ["finished_pieces", "measure_alone", "read_excerpt", "remembered"]

EXCERPT_S = 45.0


def finished_pieces(packages: Path, split: str, only: Sequence[str] = ()) -> Iterator[tuple[str, str, Recording]]:
    """Yield (package, name, recording) of every finished recording of a split that is unpacked under a folder."""
    for row in load_table().packages.values():
        root = packages / row.name
        if row.kind != "finished" or row.split != split or not root.is_dir() or (only and row.name not in only):
            continue
        for recording in find_recordings(row, root)[0]:
            yield row.name, recording.name, recording


def read_excerpt(recording: Recording, seconds: float = EXCERPT_S, at: float = 0.5) -> np.ndarray:
    """Return (2, samples) float32 of a recording, at SAMPLE_RATE, so far along it; only that much is decoded."""
    with soundfile.SoundFile(recording.files[0]) as file:
        wanted = int(seconds * file.samplerate)
        file.seek(max(0, int((file.frames - wanted) * at)))
        audio = file.read(wanted, dtype="float32", always_2d=True).T[:2]
        rate = file.samplerate
    if rate != SAMPLE_RATE:
        audio = np.stack([soxr.resample(side, rate, SAMPLE_RATE) for side in audio])
    return np.ascontiguousarray(np.broadcast_to(audio, (2, audio.shape[1])), dtype=np.float32)


def measure_alone(audio: np.ndarray, sample_rate: int = SAMPLE_RATE, name: str = "track") -> Signal:
    """Measure (2, samples) without a console."""
    statistics = SignalStatistics(name, sample_rate)
    blocks = ([audio[:, start : start + CHUNK]] for start in range(0, audio.shape[1], CHUNK))
    for chunk, valid in chunks(blocks, 1):
        statistics.add(chunk[0], valid)
    return statistics.result()


def remembered(cache: Path, package: str, name: str, recording: Recording, seconds: float = EXCERPT_S) -> Signal:
    """Return what the middle of a recording measures, from the cache if it is there."""
    length = "" if seconds == EXCERPT_S else f"/{seconds:g}"
    key = hashlib.sha256(f"{package}/{name}{length}".encode()).hexdigest()[:20]
    path = cache / package / f"{key}.pickle"
    if path.is_file():
        found: Signal = pickle.loads(path.read_bytes())
        return found
    signal = replace(measure_alone(read_excerpt(recording, min(seconds, recording.seconds)), name=name), stretches=())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_bytes(pickle.dumps(signal))
    path.with_suffix(".part").replace(path)
    return signal
