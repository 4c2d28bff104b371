"""MUSDB18 and MUSDB18-HQ: four stems and their mix.

{train,test}/ARTIST - TITLE.stem.mp4 with the streams mix, drums, bass, other, vocals; the HQ set has a folder a song
with mixture.wav and the four stems as WAV.
"""

from collections.abc import Iterator
from pathlib import Path

from exchange.datasets.entries import DatasetEntry, DatasetTrack, natural, subfolders

__all__ = ["is_musdb18", "is_musdb18_hq", "musdb18", "musdb18_hq"]

_STEMS = ("drums", "bass", "other", "vocals")
_SPLITS = ("train", "test")
_ENDING = ".stem.mp4"


def is_musdb18(root: Path) -> bool:
    """Say whether a folder is laid out as MUSDB18 (.stem.mp4)."""
    return any(True for split in _SPLITS for _ in (root / split).glob(f"*{_ENDING}"))


def is_musdb18_hq(root: Path) -> bool:
    """Say whether a folder is laid out as MUSDB18-HQ (a folder of WAV a song)."""
    return any(True for split in _SPLITS for _ in (root / split).glob("*/mixture.wav"))


def musdb18(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song of the compressed set; its tracks are streams of one file."""
    for split in _SPLITS:
        for file in sorted((root / split).glob(f"*{_ENDING}"), key=natural):
            tracks = tuple(DatasetTrack(stem, file, stem, stream) for stream, stem in enumerate(_STEMS, 1))
            mixture = DatasetTrack("mixture", file, "mix", 0)
            yield DatasetEntry("musdb18", file.name[: -len(_ENDING)], tracks, split, mixture)


def musdb18_hq(root: Path) -> Iterator[DatasetEntry]:
    """Yield every song of the uncompressed set."""
    for split in _SPLITS:
        if not (root / split).is_dir():
            continue
        for folder in subfolders(root / split):
            files = {stem: folder / f"{stem}.wav" for stem in (*_STEMS, "mixture")}
            there = {stem: file for stem, file in files.items() if file.is_file()}
            mixture = DatasetTrack("mixture", there.pop("mixture"), "mix") if "mixture" in there else None
            tracks = tuple(DatasetTrack(stem, file, stem) for stem, file in there.items())
            missing = tuple(file for file in files.values() if not file.is_file())
            yield DatasetEntry("musdb18-hq", folder.name, tracks, split, mixture, missing=missing)
