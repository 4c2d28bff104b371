"""A song of a data set before its audio is read: which file holds which track."""

import os
from dataclasses import dataclass
from pathlib import Path

from console.errors import DatasetError

__all__ = ["DatasetEntry", "DatasetTrack", "natural", "read_text", "subfolders"]

_LARGEST_TEXT = 16 * 2**20


@dataclass(frozen=True, slots=True)
class DatasetTrack:
    """One track of a song.

    Attributes:
        name: what the data set calls it, or what its file is called.
        path: the file.
        instrument: the data set's own word, or "" where it has none.
        stream: which audio stream of the file, for files that hold several.
    """

    name: str
    path: Path
    instrument: str = ""
    stream: int | None = None


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """One song.

    Attributes:
        dataset: name of the layout.
        name: unique in the data set.
        tracks: in the data set's order.
        split: "train", "test", ... or "" where the data set has none.
        mixture: the finished mix, where there is one, as a track.
        tags: plain words on it: "hits", "bleed", "instrumental", a genre.
        missing: files its description names that are not there.
    """

    dataset: str
    name: str
    tracks: tuple[DatasetTrack, ...]
    split: str = ""
    mixture: DatasetTrack | None = None
    tags: tuple[str, ...] = ()
    missing: tuple[Path, ...] = ()


def natural(path: Path) -> list[tuple[int, int, str]]:
    """Sort key under which `2` comes before `10`."""
    parts: list[tuple[int, int, str]] = []
    for word in _chunks(path.name.casefold()):
        parts.append((0, int(word), "") if word.isdecimal() else (1, 0, word))
    return parts


def subfolders(folder: Path) -> list[Path]:
    """Return the folders inside one, hidden ones left out, in natural order.

    Raises:
        DatasetError: it cannot be listed.
    """
    try:
        found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError as error:
        raise DatasetError(f"{folder} cannot be listed ({error.strerror}). Check the path.") from error
    return sorted(found, key=natural)


def read_text(path: str | os.PathLike[str]) -> str:
    """Return a description file's text.

    Raises:
        DatasetError: it cannot be read, or is no description.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST_TEXT:
            raise DatasetError(f"{path} is too large for a description. Check what it is.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}). Fetch the data set again.") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not text. Fetch the data set again.") from error


def _chunks(name: str) -> list[str]:
    words: list[str] = []
    for character in name:
        if words and words[-1][-1].isdecimal() == character.isdecimal():
            words[-1] += character
        else:
            words.append(character)
    return words
