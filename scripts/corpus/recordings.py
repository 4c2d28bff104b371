"""Audio files of an unpacked package as stretches of 44.1 kHz stereo to cut clips from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from models.training.corpus import SAMPLE_RATE
from scripts.corpus.table import CorpusError, Package

__all__ = ["Note", "Recording", "find_recordings", "read_recording"]

Note = tuple[str, str]
"""(file, why it was left out)."""

_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"})
_GAP_S = 0.15
_JOINED_S = 300.0


@dataclass(frozen=True)
class Recording:
    """One file, or short files of one folder to be strung together.

    Attributes:
        name: path inside the package (of the folder, with a number, where files are joined).
        files: what to read, in this order.
        sample_rate: the lowest rate among them, Hz.
        seconds: length.
    """

    name: str
    files: tuple[Path, ...]
    sample_rate: int
    seconds: float


def find_recordings(package: Package, root: Path) -> tuple[list[Recording], list[Note]]:
    """List what a package offers, in order of name, and what is left out."""
    notes: list[Note] = []
    found: dict[Path, sf._SoundFileInfo] = {}
    for path in sorted({path for pattern in package.take for path in root.glob(pattern)}):
        if path.is_symlink() or not path.is_file() or path.suffix.lower() not in _SUFFIXES:
            continue
        name = path.relative_to(root).as_posix()
        try:
            info = sf.info(str(path))
        except sf.LibsndfileError as error:
            notes.append((name, f"cannot be read: {error}"))
            continue
        if info.samplerate < package.least_hz:
            notes.append((name, f"{info.samplerate} Hz is below {package.least_hz} Hz"))
        elif info.duration < package.shortest_s:
            notes.append((name, f"{info.duration:.2f} s is shorter than {package.shortest_s:g} s"))
        else:
            found[path] = info
    if not package.join:
        singles = [
            Recording(path.relative_to(root).as_posix(), (path,), info.samplerate, info.duration)
            for path, info in found.items()
        ]
        return singles, notes
    return list(_joined(found, root)), notes


def read_recording(recording: Recording) -> np.ndarray:
    """Read as (2, samples) float32 at SAMPLE_RATE; mono goes to both sides, more than two channels are refused.

    Raises:
        CorpusError: a file is damaged, has more than two channels, or holds values that are no numbers.
    """
    gap = np.zeros((2, round(_GAP_S * SAMPLE_RATE)), np.float32)
    parts: list[np.ndarray] = []
    for path in recording.files:
        try:
            audio, rate = sf.read(str(path), dtype="float32", always_2d=True)
        except (sf.LibsndfileError, ValueError) as error:
            raise CorpusError(f"{path.name} cannot be read: {error}. It is left out.") from error
        if audio.shape[1] > 2:
            raise CorpusError(f"{path.name} has {audio.shape[1]} channels. Only mono and stereo are taken.")
        if not np.isfinite(audio).all():
            raise CorpusError(f"{path.name} holds values that are no numbers. It is left out.")
        if rate != SAMPLE_RATE:
            audio = soxr.resample(audio, rate, SAMPLE_RATE)
        stereo = audio.T if audio.shape[1] == 2 else np.repeat(audio.T, 2, axis=0)
        parts += [gap, stereo] if parts else [stereo]
    return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.float32)


def _joined(found: dict[Path, "sf._SoundFileInfo"], root: Path) -> Iterator[Recording]:
    """String the files of each folder together, up to `_JOINED_S` each."""
    folders: dict[Path, list[Path]] = {}
    for path in found:
        folders.setdefault(path.parent, []).append(path)
    for folder, paths in sorted(folders.items()):
        batch: list[Path] = []
        length, number = 0.0, 0
        for path in paths:
            batch.append(path)
            length += found[path].duration + _GAP_S
            if length >= _JOINED_S or path is paths[-1]:
                rate = min(found[item].samplerate for item in batch)
                yield Recording(f"{folder.relative_to(root).as_posix()}/{number:03d}", tuple(batch), rate, length)
                batch, length, number = [], 0.0, number + 1
