"""The peers' side of the console benchmark: dasp-pytorch, scipy and pedalboard doing what ours does.

What a peer cannot do is left out of its chain, never imitated: that favours the peer.
"""

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import scipy.signal
import torch
from torch import Tensor

from console.errors import StudiospeakError
from console.filters import BANDS

__all__ = [
    "dasp_compressor",
    "dasp_console",
    "dasp_eq",
    "pedalboard_compressor",
    "pedalboard_eq",
    "peer",
    "scipy_eq",
]

Knobs = Mapping[str, Tensor]
"""Knob values by our names, (tracks,) each."""


def peer(name: str) -> ModuleType:
    """Import dasp_pytorch or pedalboard.

    Raises:
        StudiospeakError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise StudiospeakError(
            f"This benchmark compares with {name}, which is not installed here. "
            'Run: python -m pip install "studiospeak[bench]" (neither peer pulls torchaudio in).'
        ) from error


def scipy_eq(audio: np.ndarray, sections: np.ndarray) -> np.ndarray:
    """Filter (tracks, channels, samples) float64 by (tracks, sections, 5): the truth the others are held against."""
    rows = [np.insert(sections[track], 3, 1.0, axis=1) for track in range(audio.shape[0])]
    return np.stack([scipy.signal.sosfilt(sos, part) for sos, part in zip(rows, audio, strict=True)])


def dasp_eq(audio: Tensor, sample_rate: int, knobs: Knobs) -> Tensor:
    """Run dasp's six-band equaliser."""
    arguments = {}
    for index, band in enumerate(BANDS):
        theirs = band if band.endswith("shelf") else f"band{index - 1}"
        arguments[f"{theirs}_gain_db"] = knobs[f"{band}_gain_db"]
        arguments[f"{theirs}_cutoff_freq"] = knobs[f"{band}_freq_hz"]
        arguments[f"{theirs}_q_factor"] = knobs[f"{band}_q"]
    return peer("dasp_pytorch").functional.parametric_eq(audio, sample_rate, **arguments)


def dasp_compressor(audio: Tensor, sample_rate: int, knobs: Knobs) -> Tensor:
    """Run dasp's compressor (it reads no release time and sums the channels in its detector)."""
    names = ("threshold_db", "ratio", "attack_ms", "release_ms", "knee_db")
    arguments = {name: knobs[name] for name in names}
    return peer("dasp_pytorch").functional.compressor(
        audio, sample_rate, makeup_gain_db=knobs["makeup_db"], **arguments
    )


def dasp_console(audio: Tensor, sample_rate: int, tracks: Mapping[str, Knobs], master: Mapping[str, Knobs]) -> Tensor:
    """Run gain, EQ, compressor and pan on every track, sum, then EQ and compressor on the master.

    Args:
        audio: (tracks, 1 or 2, samples). dasp pans mono only: of stereo tracks each channel is given its gain,
            which is less work than its panner.
        sample_rate: Hz.
        tracks, master: knobs by processor: "trim", "eq", "compressor", "stereo".
    Returns:
        (1, 2, samples).
    """
    functional = peer("dasp_pytorch").functional
    audio = functional.gain(audio, sample_rate, tracks["trim"]["gain_db"])
    audio = dasp_compressor(dasp_eq(audio, sample_rate, tracks["eq"]), sample_rate, tracks["compressor"])
    position = (tracks["stereo"]["pan"] + 1.0) / 2.0
    if audio.shape[1] == 1:
        mixed = functional.stereo_panner(audio[None, :, 0], sample_rate, position[None]).sum(dim=2)
    else:
        angle = position * (torch.pi / 2)
        mixed = (audio * torch.stack((torch.cos(angle), torch.sin(angle)), dim=1)[..., None]).sum(dim=0, keepdim=True)
    return dasp_compressor(dasp_eq(mixed, sample_rate, master["eq"]), sample_rate, master["compressor"])


def pedalboard_eq(knobs: Mapping[str, float]) -> list[Any]:
    """Return pedalboard's six filters for one track's EQ."""
    board = peer("pedalboard")
    kinds: dict[str, Callable[..., Any]] = {"low_shelf": board.LowShelfFilter, "high_shelf": board.HighShelfFilter}
    return [
        kinds.get(band, board.PeakFilter)(knobs[f"{band}_freq_hz"], knobs[f"{band}_gain_db"], knobs[f"{band}_q"])
        for band in BANDS
    ]


def pedalboard_compressor(knobs: Mapping[str, float]) -> Any:
    """Return pedalboard's compressor (hard knee, no make-up, no mix)."""
    return peer("pedalboard").Compressor(knobs["threshold_db"], knobs["ratio"], knobs["attack_ms"], knobs["release_ms"])
