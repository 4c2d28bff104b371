"""Slakh2100 (FLAC, with splits) and BabySlakh (WAV, without): rendered instruments described by metadata.yaml.

{train,validation,test,omitted}/TRACK/{mix.flac, metadata.yaml, stems/S00.flac}
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from console.errors import DatasetError
from exchange.datasets.entries import DatasetEntry, DatasetTrack, read_text, subfolders

__all__ = ["is_slakh", "slakh"]

_SPLITS = ("train", "validation", "test", "omitted")
_ENDINGS = (".flac", ".wav")


def is_slakh(root: Path) -> bool:
    """Say whether a folder is laid out as Slakh or BabySlakh."""
    inside = [root, *(root / split for split in _SPLITS)]
    return any(True for folder in inside for _ in folder.glob("Track*/metadata.yaml"))


def slakh(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song; stems that were never rendered are not missing.

    Raises:
        DatasetError: a description that cannot be read.
    """
    for split in ("", *_SPLITS):
        place = root / split
        if not place.is_dir():
            continue
        for folder in subfolders(place):
            if (folder / "metadata.yaml").is_file():
                yield _entry(folder, split)


def _entry(folder: Path, split: str) -> DatasetEntry:
    listed = [
        DatasetTrack(f"{stem} {row.get('midi_program_name', '')}".strip(), _file(folder / "stems", stem), _word(row))
        for stem, row in sorted(_stems(folder).items())
        if row.get("audio_rendered", True)
    ]
    mix = _file(folder, "mix")
    return DatasetEntry(
        "slakh",
        folder.name,
        tuple(track for track in listed if track.path.is_file()),
        split,
        DatasetTrack("mix", mix, "mix") if mix.is_file() else None,
        missing=tuple(track.path for track in listed if not track.path.is_file()),
    )


def _stems(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / "metadata.yaml"
    try:
        about = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise DatasetError(f"{path} is damaged ({error}). Fetch the data set again.") from error
    stems = about.get("stems") if isinstance(about, dict) else None
    if not isinstance(stems, dict) or not all(isinstance(row, dict) for row in stems.values()):
        raise DatasetError(f"{path} lists no stems. Fetch the data set again.")
    return stems


def _file(folder: Path, name: str) -> Path:
    found = [folder / f"{name}{ending}" for ending in _ENDINGS if (folder / f"{name}{ending}").is_file()]
    return found[0] if found else folder / f"{name}{_ENDINGS[0]}"


def _word(row: dict[str, Any]) -> str:
    return "drums" if row.get("is_drum") else str(row.get("midi_program_name") or row.get("inst_class") or "")
