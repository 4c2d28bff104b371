"""Multitrack data sets as their makers lay them out: which songs a folder holds, and their tracks as a `Song`.

`entries` says what a song of a data set is, `registry` knows every layout and recognises it, `load` reads a song. A
file for each layout finds its songs; nothing is decoded until `load_entry`.
"""

from exchange.datasets.entries import DatasetEntry, DatasetTrack
from exchange.datasets.load import load_entry
from exchange.datasets.registry import DATASETS, Dataset, find_songs, recognise_dataset

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetEntry",
    "DatasetTrack",
    "find_songs",
    "load_entry",
    "recognise_dataset",
]
