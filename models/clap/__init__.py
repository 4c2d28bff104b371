"""CLAP, a second opinion on how sound and words match: LAION's weights, differentiable in the audio."""

from models.clap.laion import LaionClap
from models.clap.load import clap_available, load_clap
from models.clap.model import Clap
from models.clap.windows import resample, window_starts

__all__ = ["Clap", "LaionClap", "clap_available", "load_clap", "resample", "window_starts"]
