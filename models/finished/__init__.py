"""Finished music as a frame: how far a mix is from it, in the direction somebody asked for."""

from models.finished.frame import SHIPPED_WEIGHTS, Correction, FinishedMusic, band_shape, load_finished_music
from models.finished.sound import CENTRES_HZ, band_levels

__all__ = [
    "CENTRES_HZ",
    "SHIPPED_WEIGHTS",
    "Correction",
    "FinishedMusic",
    "band_levels",
    "band_shape",
    "load_finished_music",
]
