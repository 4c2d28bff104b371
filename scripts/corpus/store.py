"""Write shards of clips, and an index of them all. A shard that is complete is never made again."""

import csv
import json
import os
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.training.corpus import CORPUS_VERSION, FULL_SCALE, INDEX_COLUMNS, SAMPLE_RATE, Clip

__all__ = ["Store"]

_STEM_PEAK = 0.7


class Store:
    """The corpus folder while it is being built.

    A shard is two files: the samples, and a JSON of its clips and of the recipe it was made by, written last. A shard
    whose recipe is another is made again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def finished(self, package: str, source: str, recipe: Mapping[str, Any]) -> list[Clip] | None:
        """Return a source's clips if they were made by this recipe, else None."""
        path = self._path(package, source).with_suffix(".json")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if data["recipe"] != dict(recipe) or (data["clips"] and not path.with_suffix(".npy").is_file()):
            return None
        return [Clip(**row) for row in data["clips"]]

    def write(
        self,
        package: str,
        source: str,
        recipe: Mapping[str, Any],
        audio: Sequence[np.ndarray],
        rows: Sequence[Mapping[str, Any]],
        normalise: bool,
    ) -> list[Clip]:
        """Write one source's clips.

        Args:
            package, source: where they come from.
            recipe: what decides the result besides the source.
            audio: (2, samples) float each, all of one length; may be none.
            rows: the other columns of `Clip`, one each.
            normalise: bring each clip's peak to one level (renders: soft instruments keep their resolution).
        """
        path = self._path(package, source)
        path.parent.mkdir(parents=True, exist_ok=True)
        shard = path.relative_to(self.folder).as_posix()
        clips = [
            Clip(clip=f"{shard.removeprefix('clips/').removesuffix('.npy')}/{row}", shard=shard, row=row, **columns)
            for row, columns in enumerate(rows)
        ]
        if clips:
            samples = np.stack([_int16(clip, normalise) for clip in audio])
            with _replacing(path, "wb") as file:
                np.save(file, samples, allow_pickle=False)
        else:
            path.unlink(missing_ok=True)
        data = {"recipe": dict(recipe), "clips": [asdict(clip) for clip in clips]}
        with _replacing(path.with_suffix(".json"), "w") as file:
            json.dump(data, file, indent=1)
        return clips

    def write_index(self, clips: Sequence[Clip], about: Mapping[str, Any]) -> None:
        """Write index.csv and corpus.json."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _replacing(self.folder / "index.csv", "w") as file:
            writer = csv.DictWriter(file, INDEX_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(clip) for clip in clips)
        data = {"version": CORPUS_VERSION, "sample_rate": SAMPLE_RATE, **about}
        with _replacing(self.folder / "corpus.json", "w") as file:
            json.dump(data, file, indent=1, ensure_ascii=False)

    def _path(self, package: str, source: str) -> Path:
        plain = re.sub(r"[^A-Za-z0-9]+", "-", source).strip("-")[-60:]
        return self.folder / "clips" / package / f"{plain}-{zlib.crc32(source.encode()):08x}.npy"


class _replacing:  # noqa: N801  (used like a function)
    """Open a file beside its place; it takes its place only when all of it is on disk."""

    def __init__(self, path: Path, mode: str) -> None:
        self._path, self._beside = path, path.with_name(path.name + ".part")
        text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
        self._file = self._beside.open(mode, **text)  # type: ignore[call-overload]

    def __enter__(self) -> Any:
        return self._file

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            os.replace(self._beside, self._path)
        else:
            self._beside.unlink(missing_ok=True)


def _int16(clip: np.ndarray, normalise: bool) -> np.ndarray:
    peak = float(np.abs(clip).max())
    gain = _STEM_PEAK / peak if normalise and peak > 0 else 1.0
    return np.rint(np.clip(gain * clip, -1.0, 1.0) * FULL_SCALE).astype(np.int16)
