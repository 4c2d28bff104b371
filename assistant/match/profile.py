"""How a whole recording sounds: its long-term spectrum, dynamics, room, width, and where its processing lies."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from console.errors import AudioFileError
from console.loudness import integrated_lufs
from console.measures import balance_db, crest_factor_db, power_spectrum, power_to_db, width_db
from exchange import read_audio
from models import BAND_CENTRES_HZ, PARTS, Encoder, ProductionFeatures

__all__ = ["Profile", "active_windows", "profile_of", "read_reference"]

_WINDOW_S = 6.0
_MOST_WINDOWS = 8
_QUIET_DB = 25.0  # windows this far below the loudest are no part of how it sounds
_EMPTY_DB = -70.0  # of a band against the whole
_NO_SIDE_DB = -60.0
_EDGE = float(np.sqrt(BAND_CENTRES_HZ[1] / BAND_CENTRES_HZ[0]))


@dataclass(frozen=True, eq=False)
class Profile:
    """What matching compares.

    Attributes:
        name: of the recording.
        sample_rate: Hz.
        spectrum_db: (48,) level of each band of `BAND_CENTRES_HZ` against the whole, mid and side together.
        mid_db, side_db: (48,) the same of mid and of side alone, against the whole of both.
        features: (dimensions,) of `ProductionFeatures`, dB, mean of the loud windows.
        embedding: (D,) of the FX encoder; empty where none was asked.
        crest_db: peak over RMS.
        width_db: side over mid; -60 where there is no side.
        lean_db: right over left.
        loudness_lufs: integrated.
    """

    name: str
    sample_rate: int
    spectrum_db: np.ndarray
    mid_db: np.ndarray
    side_db: np.ndarray
    features: np.ndarray
    embedding: np.ndarray
    crest_db: float
    width_db: float
    lean_db: float
    loudness_lufs: float

    def part(self, name: str) -> float:
        """Return the mean of a part of the features ("spread", "rise", "fill"), dB."""
        return float(self.features[PARTS[name]].mean())


def profile_of(audio: np.ndarray, sample_rate: int, name: str, encoder: Encoder | None = None) -> Profile:
    """Measure a recording.

    Args:
        audio: (1 or 2, samples).
        sample_rate: Hz.
        name: what to call it.
        encoder: for `embedding`; None leaves it empty.
    Raises:
        AudioFileError: it is silent.
    """
    if audio.shape[0] == 1:
        audio = np.repeat(audio, 2, axis=0)
    loudness = integrated_lufs(audio, sample_rate)
    if not np.isfinite(loudness):
        raise AudioFileError(f"{name} is silent; there is nothing to match. Choose a recording that sounds.")
    mid, side = (audio[:1] + audio[1:]) / 2, (audio[:1] - audio[1:]) / 2
    bands = np.stack([_bands(part, sample_rate) for part in (mid, side)])  # (2, 48)
    whole = max(float(bands.sum()), 1e-20)
    windows = [torch.from_numpy(np.ascontiguousarray(audio[:, start:stop], dtype=np.float32))
               for start, stop in active_windows(audio, sample_rate)]  # fmt: skip
    batch = torch.stack(windows)
    with torch.no_grad():
        features = ProductionFeatures().measure(batch, sample_rate).mean(dim=0).numpy()
        embedding = (
            np.zeros(0, np.float32) if encoder is None else encoder.embed(batch, sample_rate).mean(dim=0).numpy()
        )
    return Profile(
        name,
        sample_rate,
        np.maximum(power_to_db(bands.sum(axis=0) / whole), _EMPTY_DB),
        *np.maximum(power_to_db(bands / whole), _EMPTY_DB),
        features,
        embedding,
        crest_factor_db(audio),
        max(width_db(audio), _NO_SIDE_DB),
        balance_db(audio),
        loudness,
    )


def active_windows(audio: np.ndarray, sample_rate: int) -> list[tuple[int, int]]:
    """Return (start, stop) of at most 8 windows of 6 s, evenly spread over what is loud; samples."""
    length = min(audio.shape[1], int(_WINDOW_S * sample_rate))
    count = max(1, audio.shape[1] // length)
    starts = np.linspace(0, audio.shape[1] - length, count).astype(int)
    power = np.array([float(np.square(audio[:, start : start + length]).mean()) for start in starts])
    loud = starts[power_to_db(power) >= power_to_db(power.max()) - _QUIET_DB]
    chosen = loud[np.linspace(0, len(loud) - 1, min(len(loud), _MOST_WINDOWS)).round().astype(int)]
    return [(int(start), int(start) + length) for start in chosen]


def read_reference(path: str | Path, encoder: Encoder | None = None) -> Profile:
    """Read and measure a reference recording; the file is only read.

    Raises:
        AudioFileError: it cannot be read, or it is silent.
    """
    clip = read_audio(path)
    return profile_of(clip.audio, clip.sample_rate, Path(path).name, encoder)


def _bands(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    centres = np.array(BAND_CENTRES_HZ)
    spectrum = power_spectrum(audio, sample_rate)
    nyquist = sample_rate / 2
    low, high = np.minimum(centres / _EDGE, nyquist), np.minimum(centres * _EDGE, nyquist)
    return np.maximum(spectrum.band_power(low, high), 0.0)
