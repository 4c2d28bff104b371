"""Our own strip as a chain: a black box for estimators that need no gradient, an open one for the one that does."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from assistant.blackbox.chain import Parameter
from console.parameters import spec
from console.strip import strip

__all__ = ["STRIP", "ConsoleChain"]

STRIP = (
    "eq.low_shelf_gain_db",
    "eq.bell_1_gain_db",
    "eq.bell_2_gain_db",
    "eq.bell_3_gain_db",
    "eq.bell_4_gain_db",
    "eq.high_shelf_gain_db",
    "compressor.threshold_db",
    "compressor.ratio",
    "saturation.drive_db",
    "saturation.mix",
    "stereo.width",
)
"""The knobs of a strip that change its sound most."""


class ConsoleChain:
    """A strip of the console with some of its knobs."""

    name = "console strip"

    def __init__(self, knobs: Sequence[str] = STRIP):
        self.parameters = tuple(_parameter(name) for name in knobs)

    def process(self, audio: np.ndarray, sample_rate: int, values: Mapping[str, float]) -> np.ndarray:
        """Run (2, samples) through the strip; see `Chain`."""
        with torch.no_grad():
            return strip(torch.from_numpy(audio)[None], sample_rate, dict(values))[0].numpy()

    def process_tensor(self, audio: Tensor, sample_rate: int, values: Mapping[str, Tensor]) -> Tensor:
        """Run (1, 2, samples) through the strip with gradients to the knobs, each (1,)."""
        return strip(audio, sample_rate, dict(values))


def _parameter(name: str) -> Parameter:
    entry = spec(name)
    return Parameter(name, entry.unit, entry.low, entry.high, float(entry.default), entry.curve)
