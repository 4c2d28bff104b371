"""ENST-Drums: one drum kit under several microphones, one folder a microphone, the same file name in each.

drummer_N/audio/{kick,snare,hi-hat,overhead_L,overhead_R,tom_1,...,dry_mix,wet_mix}/NAME.wav
"""

from collections.abc import Iterator
from pathlib import Path

from exchange.datasets.entries import DatasetEntry, DatasetTrack, subfolders

__all__ = ["enst_drums", "is_enst_drums"]

_MIXES = ("wet_mix", "dry_mix")


def is_enst_drums(root: Path) -> bool:
    """Say whether a folder is laid out as ENST-Drums."""
    return any(True for _ in root.glob("drummer_*/audio/*"))


def enst_drums(root: Path) -> Iterator[DatasetEntry]:
    """Yield every take; microphones that were not up for a take have no file there."""
    for drummer in [folder for folder in subfolders(root) if folder.name.startswith("drummer_")]:
        if not (drummer / "audio").is_dir():
            continue
        microphones = subfolders(drummer / "audio")
        names = sorted({file.name for folder in microphones for file in folder.glob("*.wav")})
        for name in names:
            files = {folder.name: folder / name for folder in microphones if (folder / name).is_file()}
            mixes = [files.pop(mix) for mix in _MIXES if mix in files]
            tracks = tuple(DatasetTrack(microphone, file, _word(microphone)) for microphone, file in files.items())
            if tracks:
                yield DatasetEntry(
                    "enst-drums",
                    f"{drummer.name}/{Path(name).stem}",
                    tracks,
                    mixture=DatasetTrack("mix", mixes[0]) if mixes else None,
                    tags=("hits",) if "hits" in name else (),
                )


def _word(microphone: str) -> str:
    return microphone.replace("_L", "").replace("_R", "").replace("_", " ")
