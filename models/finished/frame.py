"""Finished music as a frame: how much of a band a mix lacks, or has too much of, by what is usual in music.

Spectra of finished music are taken as one Gaussian over 60 bands. A fault is a known shape (a shelf, a band) of
unknown size, and somebody who complains has a size in mind before anything is heard; Bayes puts the two together, and
several shapes are weighed by how well each explains the sound. Closed form; nothing is trained but a mean and a
covariance.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from console.errors import ModelError
from models.finished.sound import CENTRES_HZ
from models.weight_files import read_tensors

__all__ = ["SHIPPED_WEIGHTS", "Correction", "FinishedMusic", "band_shape", "load_finished_music"]

Floats = NDArray[np.float64]

SHIPPED_WEIGHTS = Path(__file__).with_name("weights.safetensors")

_DOUBT = 6.0  # times the covariance: music that is judged is less usual than music that was learnt
_LOUDNESS_VARIANCE = 400.0  # dB^2: the level as a whole says nothing
_SIZES = {
    True: ((8.5, 2.5, 0.75), (16.0, 5.0, 0.25)),
    False: ((9.5, 3.0, 0.85), (15.0, 4.0, 0.15)),
}
"""Too little (True) or too much: (dB, spread in dB, share) of what people complain about, usual and gross. Nine dB
either way, but too much energy is the greater error: less is given back and more is taken."""
_EDGE_ORDER = 3
_REFERENCE_DB = 8.0  # shapes are those of a fault of this size, divided by it
_LOW_END_HZ, _HIGH_END_HZ = 60.0, 10000.0


@dataclass(frozen=True)
class Correction:
    """What gives finished music back.

    Attributes:
        curve_db: (60,) on `CENTRES_HZ`.
        unsure_db: standard deviation of its size.
        beyond_db: how far the sound stands beyond finished music in the direction asked for, dB; below 0: short.
        deviations: the same, in standard deviations of finished music.
    """

    curve_db: Floats
    unsure_db: float
    beyond_db: float
    deviations: float


class FinishedMusic:
    """The distribution of finished music's spectra."""

    def __init__(self, mean_db: Floats, covariance: Floats) -> None:
        self.mean_db = mean_db
        bands = len(mean_db)
        self._precision = np.linalg.inv(_DOUBT * covariance + _LOUDNESS_VARIANCE * np.ones((bands, bands)))

    def correct(self, level_db: Floats, shapes: Floats, sign: float) -> Correction:
        """Say what to do about a complaint.

        Args:
            level_db: (60,) of the sound, from `band_levels`.
            shapes: (shapes, 60) where the complaint may lie, each about 1 inside and 0 outside.
            sign: +1 there is too little, so that more is asked for; -1 too much.
        """
        off = self._precision @ (level_db - self.mean_db)
        told = np.einsum("sf,fg,sg->s", shapes, self._precision, shapes)
        heard = shapes @ off
        size_db, spread_db, share = (np.array(column)[:, None] for column in zip(*_SIZES[sign > 0], strict=True))
        expected, known = -sign * size_db, 1.0 / np.square(spread_db)
        fault_db = (heard + expected * known) / (told + known)  # (sizes, shapes)
        evidence = 0.5 * (np.square(fault_db) * (told + known) - np.square(expected) * known)
        weight = share * np.exp(evidence - evidence.max()) * np.sqrt(known / (told + known))
        weight /= weight.sum()
        places = weight.sum(axis=0)
        beyond_db = float(places @ (sign * heard / told))
        deviations = float(places @ (sign * heard * np.sqrt(_DOUBT / told)))
        unsure = np.sum(weight * np.sqrt(1.0 / (told + known)))
        best = int(places.argmax())  # one place: a mean of several is a wide cut that mends none of them
        fault_there_db = (weight * fault_db).sum(axis=0)[best] / places[best]
        return Correction(-fault_there_db * shapes[best], float(unsure), beyond_db, deviations)


def band_shape(low_hz: float, high_hz: float) -> Floats:
    """Return (60,) a change of 1 dB of a band: a shelf where it reaches an end of the spectrum, else the band alone."""
    edge = 2.0 * _EDGE_ORDER
    if low_hz <= _LOW_END_HZ:
        return _shelf(CENTRES_HZ / high_hz)
    if high_hz >= _HIGH_END_HZ:
        return _shelf(low_hz / CENTRES_HZ)
    inside = 1.0 / ((1.0 + (low_hz / CENTRES_HZ) ** edge) * (1.0 + (CENTRES_HZ / high_hz) ** edge))
    return 10 * np.log10(1.0 + (10 ** (_REFERENCE_DB / 10) - 1.0) * inside) / _REFERENCE_DB


def _shelf(ratio: Floats) -> Floats:
    """Return the analogue shelf of Q 0.71 (R. Bristow-Johnson, Audio EQ Cookbook); `ratio` below 1 is inside."""
    a = 10 ** (_REFERENCE_DB / 40)
    s, root = 1j * ratio, np.sqrt(2 * a)
    return 20 * np.log10(np.abs(a * (s**2 + root * s + a) / (a * s**2 + root * s + 1))) / _REFERENCE_DB


def load_finished_music(path: Path = SHIPPED_WEIGHTS) -> FinishedMusic:
    """Load the distribution from a file that `scripts/train_finished.py` wrote.

    Raises:
        ModelError: the file is absent, corrupt, or of other shapes.
    """
    return _load(path)


@cache
def _load(path: Path) -> FinishedMusic:
    tensors = read_tensors(path)
    bands = len(CENTRES_HZ)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if shapes != {"mean_db": (bands,), "covariance": (bands, bands)}:
        raise ModelError(f"{path} holds {shapes}, not a mean and a covariance of {bands} bands. Install again.")
    return FinishedMusic(*(tensors[name].numpy().astype(np.float64) for name in ("mean_db", "covariance")))
