"""What of a folder is music, and how one file sounds: a few seconds in a few places, without decoding it all."""

import os
from pathlib import Path

import numpy as np
import soundfile
import torch

from console.errors import AudioFileError
from models import Encoder, ProductionFeatures

__all__ = ["DIMENSIONS_MORE", "SUFFIXES", "Sound", "music_files", "sound_of"]

SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".oga", ".mp3", ".opus")
_WINDOWS = 6
_WINDOW_S = 5.0
_EDGE_SHARE = 0.08  # of the song: intros and endings tell little
_QUIET_DB = 30.0

Sound = np.ndarray
"""(D + features,) float32: the FX embedding, then `ProductionFeatures`."""
DIMENSIONS_MORE = ProductionFeatures.dimensions


def music_files(folder: Path) -> list[Path]:
    """Return every audio file under a folder, sorted; hidden files and folders are left out.

    Raises:
        AudioFileError: it is no folder.
    """
    if not folder.is_dir():
        raise AudioFileError(f"{folder} is no folder. Name the folder that holds the music.")
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
    return sorted(found)


def sound_of(path: Path, encoder: Encoder) -> tuple[Sound, float]:
    """Return how a file sounds and how long it is, s.

    Raises:
        AudioFileError: it cannot be read, or it is silent.
    """
    try:
        with soundfile.SoundFile(path) as file:
            rate, length = file.samplerate, file.frames
            size = min(length, int(_WINDOW_S * rate))
            if size == 0:
                raise AudioFileError(f"{path.name} holds no audio.")
            edge = int(_EDGE_SHARE * length)
            count = max(1, min(_WINDOWS, length // size))
            starts = np.linspace(edge, max(edge, length - size - edge), count).astype(int).clip(0, length - size)
            parts = []
            for start in starts:
                file.seek(int(start))
                parts.append(file.read(size, dtype="float32", always_2d=True).T[:2])
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        raise AudioFileError(f"{path.name} cannot be read ({error}).") from error
    whole = [part if part.shape[0] == 2 else np.repeat(part, 2, axis=0) for part in parts if part.shape[1] == size]
    power = np.array([float(np.square(part).mean()) for part in whole])
    if not whole or not np.isfinite(power).all() or power.max() < 1e-10:
        raise AudioFileError(f"{path.name} is silent or damaged.")
    loud = [part for part, level in zip(whole, power, strict=True) if level > power.max() * 10 ** (-_QUIET_DB / 10)]
    batch = torch.from_numpy(np.stack(loud))
    with torch.no_grad():
        embedding = encoder.embed(batch, rate).mean(dim=0)
        features = ProductionFeatures().embed(batch, rate).mean(dim=0)
    return torch.cat((embedding, features)).numpy(), length / rate
