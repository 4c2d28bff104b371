"""MedleyDB: stems and raw tracks with a description of each.

ARTIST_TITLE/{ARTIST_TITLE_MIX.wav, ARTIST_TITLE_STEMS/..., ARTIST_TITLE_RAW/..., ARTIST_TITLE_METADATA.yaml}
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from console.errors import DatasetError
from exchange.datasets.entries import DatasetEntry, DatasetTrack, read_text, subfolders

__all__ = ["is_medleydb", "medleydb", "medleydb_raw"]

_YES = {"yes", "true", True}


def is_medleydb(root: Path) -> bool:
    """Say whether a folder is laid out as MedleyDB."""
    return any(True for _ in root.glob("*/*_METADATA.yaml"))


def medleydb(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song with its stems.

    Raises:
        DatasetError: a description that cannot be read.
    """
    for folder in _songs(root):
        about = _about(folder)
        listed = [
            DatasetTrack(f"{stem} {_word(row)}".strip(), folder / f"{folder.name}_STEMS" / row["filename"], _word(row))
            for stem, row in _rows(about, folder)
        ]
        yield _entry("medleydb", folder, about, listed)


def medleydb_raw(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song with the raw tracks its stems were made of.

    Raises:
        DatasetError: a description that cannot be read.
    """
    for folder in _songs(root):
        about = _about(folder)
        listed = [
            DatasetTrack(f"{stem} {raw} {_word(row)}", folder / f"{folder.name}_RAW" / row["filename"], _word(row))
            for stem, parent in _rows(about, folder)
            for raw, row in sorted((parent.get("raw") or {}).items())
        ]
        yield _entry("medleydb-raw", folder, about, listed)


def _songs(root: Path) -> list[Path]:
    return [folder for folder in subfolders(root) if (folder / f"{folder.name}_METADATA.yaml").is_file()]


def _about(folder: Path) -> dict[str, Any]:
    path = folder / f"{folder.name}_METADATA.yaml"
    try:
        about = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise DatasetError(f"{path} is damaged ({error}). Fetch the data set again.") from error
    if not isinstance(about, dict) or not isinstance(about.get("stems"), dict):
        raise DatasetError(f"{path} lists no stems. Fetch the data set again.")
    return about


def _rows(about: dict[str, Any], folder: Path) -> list[tuple[str, dict[str, Any]]]:
    rows = sorted(about["stems"].items())
    for stem, row in rows:
        if not isinstance(row, dict) or "filename" not in row:
            raise DatasetError(f"{folder.name}_METADATA.yaml names no file for {stem}. Fetch the data set again.")
    return rows


def _word(row: dict[str, Any]) -> str:
    """Return the instrument: a word, or the first of several."""
    found = row.get("instrument") or row.get("component") or ""
    return str(found[0] if isinstance(found, list) and found else found)


def _entry(dataset: str, folder: Path, about: dict[str, Any], listed: list[DatasetTrack]) -> DatasetEntry:
    flags = [name for name in ("has_bleed", "instrumental", "excerpt") if _is_yes(about.get(name))]
    genre = str(about.get("genre") or "")
    mix = folder / f"{folder.name}_MIX.wav"
    return DatasetEntry(
        dataset,
        folder.name,
        tuple(track for track in listed if track.path.is_file()),
        mixture=DatasetTrack("mix", mix, "mix") if mix.is_file() else None,
        tags=(*flags, *([genre] if genre else [])),
        missing=tuple(track.path for track in listed if not track.path.is_file()),
    )


def _is_yes(value: object) -> bool:
    return (value.lower() if isinstance(value, str) else value) in _YES
