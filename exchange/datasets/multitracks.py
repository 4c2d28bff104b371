"""Mixing Secrets and the Open Multitrack Testbed: one folder a song, one file a microphone, the names say what.

Files stand in the song's folder or one below it: SONG/01_Kick.wav, SONG/SONG_Full/12_LeadVox.wav
"""

from collections.abc import Iterator
from pathlib import Path

from exchange.datasets.entries import DatasetEntry, DatasetTrack, natural, subfolders
from exchange.limits import EXTENSIONS
from exchange.names import guess_instrument

__all__ = ["is_multitracks", "multitracks"]


def is_multitracks(root: Path) -> bool:
    """Say whether a folder holds folders of several audio files."""
    return any(True for _ in multitracks(root))


def multitracks(root: Path) -> Iterator[DatasetEntry]:
    """Yield every folder with two or more audio files; a file named as a mix is the mixture, not a track."""
    for folder in subfolders(root):
        for place in (folder, *subfolders(folder)):
            files = sorted((file for file in place.iterdir() if _is_audio(file)), key=natural)
            mixes = [file for file in files if guess_instrument(file.name).instrument == "mix"]
            files = [file for file in files if file not in mixes]
            if len(files) < 2:
                continue
            tracks = tuple(DatasetTrack(file.stem, file) for file in files)
            mixture = DatasetTrack("mix", mixes[0], "mix") if mixes else None
            yield DatasetEntry("multitracks", place.relative_to(root).as_posix(), tracks, mixture=mixture)


def _is_audio(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in EXTENSIONS and not path.name.startswith(".")
