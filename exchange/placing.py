"""Lay pieces of audio files where they sound: from a timeline to whole tracks."""

import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import numpy as np

from console.errors import ProjectFileError
from exchange.audio import read_audio
from exchange.headers import inspect_audio
from exchange.limits import LIMITS, describe_bytes

__all__ = ["Piece", "place_pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file on the timeline.

    Attributes:
        start_s: where it begins to sound.
        offset_s: what of the file is skipped.
        length_s: how long it sounds; inf for all that is left.
        file: path, inside the project's zip or beside it.
        external: whether it stands beside it.
        sample_rate: Hz, as the project says; 0 unknown.
    """

    start_s: float
    offset_s: float
    length_s: float
    file: str
    external: bool
    sample_rate: int

    def moved(self, by_s: float) -> "Piece":
        """Return the piece at another time."""
        return replace(self, start_s=self.start_s + by_s)

    def cut(self, from_s: float, to_s: float) -> "Piece | None":
        """Return what of the piece sounds between two times, or None."""
        start, end = max(self.start_s, from_s), min(self.start_s + self.length_s, to_s)
        if end <= start:
            return None
        return replace(self, start_s=start, offset_s=self.offset_s + start - self.start_s, length_s=end - start)


def place_pieces(
    pieces: Mapping[str, Sequence[Piece]],
    archive: zipfile.ZipFile,
    path: Path,
    sample_rate: int | None,
    samples: int | None,
) -> tuple[dict[str, np.ndarray], int, int]:
    """Make whole tracks.

    Args:
        pieces: by track.
        archive: the project's zip.
        path: of the project.
        sample_rate: Hz; the most common of the files when None.
        samples: length; up to the end of the last piece when None.
    Returns:
        (channels, samples) float32 by track; the sample rate, Hz; the length.
    Raises:
        ProjectFileError: a file that is not there, or one outside the project's folder.
        AudioFileError: a file that cannot be decoded.
    """
    with TemporaryDirectory() as folder:
        files = {piece.file: piece for found in pieces.values() for piece in found}
        here = {name: _local(piece, archive, path, Path(folder), n) for n, (name, piece) in enumerate(files.items())}
        if sample_rate is None:
            rates = Counter(inspect_audio(file).sample_rate for file in here.values())
            sample_rate = max(rates, key=lambda rate: (rates[rate], rate))
        audio = {name: read_audio(file, sample_rate).audio for name, file in here.items()}
    if samples is None:
        samples = max(_end(piece, audio, sample_rate) for found in pieces.values() for piece in found)
    if samples < 1 or samples > LIMITS.max_duration_s * sample_rate:
        raise ProjectFileError(f"{path.name} would be {samples / sample_rate:.0f} s long, which cannot be mixed.")
    return {name: _lay(found, audio, sample_rate, samples) for name, found in pieces.items()}, sample_rate, samples


def _lay(pieces: Sequence[Piece], audio: Mapping[str, np.ndarray], rate: int, samples: int) -> np.ndarray:
    channels = max(audio[piece.file].shape[0] for piece in pieces)
    track = np.zeros((channels, samples), np.float32)
    for piece in pieces:
        source = audio[piece.file]
        at, skip = round(piece.start_s * rate), round(piece.offset_s * rate)
        if at < 0:
            at, skip = 0, skip - at
        count = min(source.shape[1] - skip, samples - at)
        if np.isfinite(piece.length_s):
            count = min(count, round((piece.start_s + piece.length_s) * rate) - at)
        if count > 0:
            track[:, at : at + count] += source[:, skip : skip + count]
    return track


def _end(piece: Piece, audio: Mapping[str, np.ndarray], rate: int) -> int:
    left = audio[piece.file].shape[1] - round(piece.offset_s * rate)
    if np.isfinite(piece.length_s):
        left = min(left, round(piece.length_s * rate))
    return round(piece.start_s * rate) + max(left, 0)


def _local(piece: Piece, archive: zipfile.ZipFile, path: Path, folder: Path, number: int) -> Path:
    """Return a readable file: unpacked from the zip, or beside the project, never from elsewhere."""
    if piece.external:
        base = path.parent.resolve()
        file = (base / piece.file).resolve()
        if not file.is_relative_to(base):
            raise ProjectFileError(
                f"{path.name} refers to {piece.file}, outside its folder. Collect the audio into the project first."
            )
        return file
    if piece.file not in archive.namelist():
        raise ProjectFileError(f"{path.name} refers to {piece.file}, which is not inside. Export it again.")
    size = archive.getinfo(piece.file).file_size
    if size > LIMITS.max_file_bytes:
        raise ProjectFileError(f"{piece.file} in {path.name} has {describe_bytes(size)}. Use a shorter file.")
    file = folder / f"{number}{PurePosixPath(piece.file).suffix}"
    with archive.open(piece.file) as source, file.open("wb") as target:
        while block := source.read(1 << 20):
            target.write(block)
    return file
