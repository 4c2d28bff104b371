"""Put faults of dynamics and space into sound training material and see which way `features.motion` moves."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.diagnose.dynamics import MOVING
from assistant.diagnose.expectations import MIX_KIND, kind_of_sound
from assistant.diagnose.features import motion
from assistant.diagnose.listening import chunks
from assistant.diagnose.statistics import CHUNK, Signal, SignalStatistics
from benchmarks.diagnose_faults import FAULTS
from exchange import load_tracks
from models.training.corpus import SAMPLE_RATE
from scripts.expectations.measure import finished_pieces, read_excerpt

__all__ = ["measure_alone", "spoilt_mixes", "spoilt_stems"]

_SECONDS = 20.0
_PLAIN = 1


def measure_alone(audio: np.ndarray, sample_rate: int = SAMPLE_RATE, name: str = "track") -> Signal:
    """Measure (2, samples) without a console."""
    statistics = SignalStatistics(name, sample_rate)
    blocks = ([audio[:, start : start + CHUNK]] for start in range(0, audio.shape[1], CHUNK))
    for chunk, valid in chunks(blocks, 1):
        statistics.add(chunk[0], valid)
    return statistics.result()


def spoilt_mixes(packages: Path, cache: Path, split: str, every: int = 3) -> dict[str, dict[str, np.ndarray]]:
    """Return {MIX_KIND: {"clean" or a fault: (pieces, 15)}} of every n-th finished recording of a split."""
    rows: list[dict[str, np.ndarray]] = []
    for index, (package, name, recording) in enumerate(finished_pieces(packages, split)):
        if index % every:
            continue
        key = hashlib.sha256(f"{package}/{name}".encode()).hexdigest()[:20]

        def excerpt(recording=recording) -> np.ndarray:
            return read_excerpt(recording, _SECONDS)

        rows.append(_moved(cache / "motion" / f"{key}.npz", excerpt, "mix", index))
    return {MIX_KIND: _stacked(rows)}


def spoilt_stems(songs: Path, cache: Path) -> dict[str, dict[str, np.ndarray]]:
    """Return {kind of sound: {"clean" or a fault: (stems, 15)}} of every stem of the songs in a folder."""
    kinds: dict[str, list[dict[str, np.ndarray]]] = {}
    for folder, name, instrument, audio in _stems(songs):
        key = hashlib.sha256(f"{folder}/{name}".encode()).hexdigest()[:20]

        def excerpt(audio=audio) -> np.ndarray:
            return audio[:, : int(_SECONDS * SAMPLE_RATE)]

        row = _moved(cache / "motion" / f"{key}.npz", excerpt, instrument, int(key[:6], 16))
        kinds.setdefault(kind_of_sound(instrument), []).append(row)
    return {kind: _stacked(rows) for kind, rows in kinds.items()}


def _stems(songs: Path) -> Iterator[tuple[str, str, str, np.ndarray]]:
    for folder in sorted(path for path in songs.iterdir() if path.is_dir()):
        for track in load_tracks(folder).tracks:
            if not track.silent:
                audio = np.ascontiguousarray(np.broadcast_to(track.audio, (2, track.audio.shape[1])))
                yield folder.name, track.name, track.instrument, audio


def _moved(path: Path, excerpt, instrument: str, seed: int) -> dict[str, np.ndarray]:
    if path.is_file():
        with np.load(path) as found:
            return dict(found)
    audio = excerpt()
    moved = {"clean": motion(measure_alone(audio))}
    generator = np.random.default_rng(seed)
    for name in MOVING:
        if moved["clean"] is None or (FAULTS[name].only and instrument not in FAULTS[name].only):
            continue
        moved[name] = motion(measure_alone(FAULTS[name].spoil(audio, SAMPLE_RATE, _PLAIN, generator)[0]))
    kept = {name: values for name, values in moved.items() if values is not None}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **kept)
    return kept


def _stacked(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Join rows that have every fault; each fault's rows stay beside the clean ones they were made from."""
    full = [row for row in rows if "clean" in row]
    names = {name for row in full for name in row}
    return {name: np.array([row.get(name, np.full(row["clean"].shape, np.nan)) for row in full]) for name in names}
