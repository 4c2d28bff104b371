"""Every layout that can be read, and which one a folder has."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from console.errors import DatasetError
from exchange.datasets.enst_drums import enst_drums, is_enst_drums
from exchange.datasets.entries import DatasetEntry
from exchange.datasets.medleydb import is_medleydb, medleydb, medleydb_raw
from exchange.datasets.moisesdb import is_moisesdb, moisesdb
from exchange.datasets.multitracks import is_multitracks, multitracks
from exchange.datasets.musdb import is_musdb18, is_musdb18_hq, musdb18, musdb18_hq
from exchange.datasets.slakh import is_slakh, slakh

__all__ = ["DATASETS", "Dataset", "find_songs", "recognise_dataset"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A layout.

    Attributes:
        title: for people.
        is_here: says whether a folder has it.
        songs: yields the songs of a folder that has it.
    """

    title: str
    is_here: Callable[[Path], bool]
    songs: Callable[[Path], Iterator[DatasetEntry]]


DATASETS: dict[str, Dataset] = {
    "enst-drums": Dataset("ENST-Drums", is_enst_drums, enst_drums),
    "musdb18": Dataset("MUSDB18", is_musdb18, musdb18),
    "musdb18-hq": Dataset("MUSDB18-HQ", is_musdb18_hq, musdb18_hq),
    "medleydb": Dataset("MedleyDB, stems", is_medleydb, medleydb),
    "medleydb-raw": Dataset("MedleyDB, raw tracks", is_medleydb, medleydb_raw),
    "moisesdb": Dataset("MoisesDB", is_moisesdb, moisesdb),
    "slakh": Dataset("Slakh2100 and BabySlakh", is_slakh, slakh),
    "multitracks": Dataset("Mixing Secrets, Open Multitrack Testbed", is_multitracks, multitracks),
}
"""By name; a folder is the first of them that it looks like."""


def recognise_dataset(root: str | os.PathLike[str]) -> str:
    """Return which layout a folder has, a key of DATASETS.

    Raises:
        DatasetError: there is no such folder, or it has none of them.
    """
    root = _folder(root)
    found = next((name for name, dataset in DATASETS.items() if dataset.is_here(root)), None)
    if found is None:
        known = ", ".join(dataset.title for dataset in DATASETS.values())
        raise DatasetError(f"{root} is laid out as none of: {known}. Give the data set's top folder.")
    return found


def find_songs(root: str | os.PathLike[str], dataset: str | None = None) -> Iterator[DatasetEntry]:
    """Yield the songs of a data set, in natural order, split by split.

    Args:
        root: its top folder.
        dataset: a key of DATASETS; None recognises it.
    Yields:
        Entries; nothing is decoded.
    Raises:
        DatasetError: an unknown name, another layout, or a description that cannot be read.
    """
    root = _folder(root)
    name = recognise_dataset(root) if dataset is None else dataset
    if name not in DATASETS:
        raise DatasetError(f"{name!r} is no data set known here. Use one of {', '.join(DATASETS)}.")
    if not DATASETS[name].is_here(root):
        raise DatasetError(f"{root} is not laid out as {DATASETS[name].title}. Give its top folder.")
    yield from DATASETS[name].songs(root)


def _folder(root: str | os.PathLike[str]) -> Path:
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root} is not a folder. Give the data set's top folder.")
    return root
