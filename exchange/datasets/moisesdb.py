"""MoisesDB: stems of several tracks each, described by data.json.

ROOT/PROVIDER/TRACK_ID/{data.json, STEM/ID.EXTENSION}
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.errors import DatasetError
from exchange.datasets.entries import DatasetEntry, DatasetTrack, read_text, subfolders

__all__ = ["is_moisesdb", "moisesdb"]


def is_moisesdb(root: Path) -> bool:
    """Say whether a folder is laid out as MoisesDB."""
    return any(True for _ in root.glob("*/*/data.json"))


def moisesdb(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song with all its tracks, named by stem and kind.

    Raises:
        DatasetError: a description that cannot be read.
    """
    for provider in subfolders(root):
        for folder in subfolders(provider):
            if (folder / "data.json").is_file():
                yield _entry(folder)


def _entry(folder: Path) -> DatasetEntry:
    about = _about(folder)
    listed, bleed = [], False
    try:
        for stem in about["stems"]:
            for track in stem["tracks"]:
                file = folder / stem["stemName"] / f"{track['id']}.{track['extension']}"
                listed.append(DatasetTrack(f"{stem['stemName']} {track['trackType']}", file, str(track["trackType"])))
                bleed = bleed or bool(track.get("has_bleed"))
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{folder / 'data.json'} lacks {error}. Fetch the data set again.") from error
    return DatasetEntry(
        "moisesdb",
        f"{about.get('artist', '')} - {about.get('song', '')} ({folder.name})",
        tuple(track for track in listed if track.path.is_file()),
        tags=(*(["has_bleed"] if bleed else []), *([str(about["genre"])] if about.get("genre") else [])),
        missing=tuple(track.path for track in listed if not track.path.is_file()),
    )


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads(read_text(folder / "data.json"))
    except ValueError as error:
        raise DatasetError(f"{folder / 'data.json'} is damaged ({error}). Fetch the data set again.") from error
    if not isinstance(about, dict) or "stems" not in about:
        raise DatasetError(f"{folder / 'data.json'} lists no stems. Fetch the data set again.")
    return about
