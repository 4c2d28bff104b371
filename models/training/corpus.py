"""Read a corpus that `scripts/build_corpus.py` built: an index of clips, and shards of samples on disk.

DIR/corpus.json   version, sample rate, clip length, seed, packages with hours and notes
DIR/index.csv     a row a clip: the columns of `Clip`
DIR/clips/PACKAGE/SOURCE.npy   (clips, 2, samples) int16, read through a memory map
"""

import csv
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from console.errors import ModelError

__all__ = ["CORPUS_VERSION", "FULL_SCALE", "INDEX_COLUMNS", "SAMPLE_RATE", "Clip", "Corpus", "open_corpus"]

CORPUS_VERSION = 1
SAMPLE_RATE = 44100
FULL_SCALE = 32767.0
_OPEN_SHARDS = 256


@dataclass(frozen=True)
class Clip:
    """One row of the index.

    Attributes:
        clip: its name, unique.
        shard: file under the corpus folder; `row` its place in it.
        package: the Debian package it comes from (of a render: the soundfont's).
        split: "train", "valid" or "test", the same for all clips of a package.
        kind: "finished", "stem" or "voice".
        instrument: what plays, "" if not known.
        source: file or score inside the package.
        start_s: where in the source it begins, s.
        source_rate: sample rate of the source, Hz: what lies above half of it is empty.
        score: the score package or "composed" for renders, else "".
        licence: licences the package's copyright file names.
    """

    clip: str
    shard: str
    row: int
    package: str
    split: str
    kind: str
    instrument: str
    source: str
    start_s: float
    source_rate: int
    score: str
    licence: str


INDEX_COLUMNS = tuple(field.name for field in fields(Clip))
_NUMBERS: dict[str, Any] = {"row": int, "start_s": float, "source_rate": int}


class Corpus:
    """An opened corpus. Clips are read on demand."""

    def __init__(self, folder: Path, clips: Sequence[Clip], clip_samples: int) -> None:
        self.folder = folder
        self.clips = tuple(clips)
        self.clip_samples = clip_samples
        self._shard = functools.lru_cache(maxsize=_OPEN_SHARDS)(self._open_shard)

    def select(self, split: str | None = None, kind: str | None = None) -> list[Clip]:
        """Return the clips of a split and a kind, in index order; None: any."""
        return [clip for clip in self.clips if split in (None, clip.split) and kind in (None, clip.kind)]

    def read(self, clip: Clip) -> np.ndarray:
        """Return a clip's (2, samples) float32 at SAMPLE_RATE.

        Raises:
            ModelError: its shard is missing or of another shape.
        """
        return self._shard(clip.shard)[clip.row].astype(np.float32) / np.float32(FULL_SCALE)

    def batches(
        self, clips: Sequence[Clip], size: int, generator: np.random.Generator
    ) -> Iterator[tuple[list[Clip], np.ndarray]]:
        """Yield (clips, (size, 2, samples) float32) in random order, once through; a last smaller batch is left out."""
        order = generator.permutation(len(clips))
        for start in range(0, len(clips) - size + 1, size):
            chosen = [clips[index] for index in order[start : start + size]]
            yield chosen, np.stack([self.read(clip) for clip in chosen])

    def _open_shard(self, name: str) -> np.ndarray:
        path = self.folder / name
        try:
            shard: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ModelError(f"Shard {path} cannot be read: {error}. Build the corpus again.") from error
        if shard.dtype != np.int16 or shard.ndim != 3 or shard.shape[1:] != (2, self.clip_samples):
            raise ModelError(
                f"Shard {path} holds {shard.dtype} {shard.shape}, not int16 (clips, 2, {self.clip_samples}). "
                "Build the corpus again."
            )
        return shard


def open_corpus(folder: Path) -> Corpus:
    """Open a corpus folder.

    Raises:
        ModelError: there is none, it is damaged, or of another version.
    """
    build = "Build one with: python scripts/build_corpus.py --out DIR"
    try:
        about = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if about["version"] != CORPUS_VERSION or about["sample_rate"] != SAMPLE_RATE:
            raise ModelError(f"{folder} holds a corpus of another version. {build}")
        clips = [Clip(**{name: _NUMBERS.get(name, str)(row[name]) for name in INDEX_COLUMNS}) for row in rows]
        return Corpus(folder, clips, int(about["clip_samples"]))
    except FileNotFoundError as error:
        raise ModelError(f"{folder} holds no corpus ({Path(error.filename).name} is missing). {build}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The corpus in {folder} is damaged: {error}. {build}") from error
