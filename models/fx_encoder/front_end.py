"""What the FX encoder hears of a sound: levels over time in narrow and in wide bands, dB against the sound's own level.

Two transforms share the work. A long one (46 ms) tells tone and width band by band; a short one (12 ms, every 6 ms)
tells what level does at onsets and after them, which is where compressors and rooms show. Levels are of mid and side.
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from console.loudness import k_weighting_sos
from models.fx_encoder.constants import kept
from models.fx_encoder.short_time import short_time_power

__all__ = [
    "FLATNESS_BANDS",
    "FLOOR_DB",
    "SAMPLE_RATE",
    "TIME_BAND_EDGES_HZ",
    "TONE_BANDS",
    "WINDOW_SAMPLES",
    "Rows",
    "hear",
]

SAMPLE_RATE = 44100
"""Hz; other rates are resampled before."""
WINDOW_SAMPLES = 5 * SAMPLE_RATE
"""What one embedding hears: 5 s."""
TONE_BANDS = 80
FLATNESS_BANDS = 20
TIME_BAND_EDGES_HZ = (0.0, 130.0, 350.0, 900.0, 2300.0, 6000.0, 22050.0)
FLOOR_DB = -70.0
"""Levels further below the sound's K-weighted level are this."""

_LOW_HZ, _HIGH_HZ = 25.0, 19000.0
_LONG, _SHORT = 2048, 512
_HOP = _SHORT // 2
_FLATNESS_LOW_HZ, _FLATNESS_HIGH_HZ = 150.0, 18000.0
_FAINTEST_BIN = 1e-9  # of the whole power: -90 dB
_FAINTEST_POWER = 1e-24
_TINY = 1e-12


@dataclass(frozen=True)
class Rows:
    """Levels over time, dB against the sound's K-weighted level, not below FLOOR_DB.

    Attributes:
        tone: (batch, 2 x TONE_BANDS, 214): bands of the mid, then of the side.
        flatness: (batch, FLATNESS_BANDS, 214): of the mid, how far the bins' mean level lies below the level of their
            mean power: deep between clear partials, shallow where distortion or a room fills the gaps.
        time: (batch, 15, 860): six wide bands of the mid, of the side; then of the mid peak, RMS and first difference.
        lean: (batch, 2): right against left, -1..1, of the sound and of its first difference.
        skew: (batch, 2): asymmetry of the waveform, of mid and side, as the third moment; 0 is symmetrical.
    """

    tone: Tensor
    flatness: Tensor
    time: Tensor
    lean: Tensor
    skew: Tensor


def hear(audio: Tensor) -> Rows:
    """Return the levels of (batch, 2, WINDOW_SAMPLES) at SAMPLE_RATE; silence and DC give the floor everywhere."""
    mid_side = torch.stack((audio[:, 0] + audio[:, 1], audio[:, 0] - audio[:, 1]), dim=1) / 2.0
    pairs = (audio.shape[0], 2)
    power = short_time_power(mid_side.flatten(0, 1), _LONG)  # (batch x 2, frames, bins)
    whole = torch.matmul(power.mean(dim=1), _k_weights().to(audio.device)).unflatten(0, pairs).sum(dim=1)
    whole = whole.clamp(min=_TINY)[:, None, None]
    tone = torch.matmul(power, _tone_matrix().to(audio.device)).unflatten(0, pairs)
    flatness = _flatness(power.unflatten(0, pairs)[:, 0], whole)
    power = short_time_power(mid_side.flatten(0, 1), _SHORT)
    wide = torch.matmul(power, _time_matrix().to(audio.device)).unflatten(0, pairs)
    hops = mid_side[..., : mid_side.shape[-1] // _HOP * _HOP].unflatten(-1, (-1, _HOP))
    square = hops.square()
    mean = square.mean(dim=-1)
    ratio = square / (mean[..., None] + _FAINTEST_POWER)  # before the high powers, which would vanish in quiet sounds
    peak = mean * (ratio.square().square().mean(dim=-1) + _TINY).pow(0.25)  # an 8-norm: no single sample owns it
    steps = hops[:, 0].diff(dim=-1).square().mean(dim=-1)
    waveform = torch.stack((peak[:, 0], mean[:, 0], steps), dim=1)[..., : wide.shape[2]]
    mean_square = whole / _unit(_LONG)
    time = torch.cat((wide.transpose(2, 3).flatten(1, 2) / _unit(_SHORT), waveform), dim=1)
    moments = (mid_side.square() * mid_side).mean(dim=-1)
    skew = moments / (mid_side.square().mean(dim=-1) + _TINY).pow(1.5)
    tone = tone.transpose(2, 3).flatten(1, 2)
    return Rows(_level_db(tone, whole), flatness, _level_db(time, mean_square), _lean(audio), skew.clamp(-8.0, 8.0))


def _flatness(power: Tensor, whole: Tensor) -> Tensor:
    """Return (batch, FLATNESS_BANDS, frames), dB, of (batch, frames, bins)."""
    floored = power + _FAINTEST_BIN * whole
    matrix = _flatness_matrix().to(power.device)
    mean_level = torch.matmul(torch.log10(floored), matrix)
    level_of_mean = torch.log10(torch.matmul(floored, matrix))
    return 10.0 * (mean_level - level_of_mean).transpose(1, 2)


def _lean(audio: Tensor) -> Tensor:
    steps = audio.diff(dim=-1)
    sides = torch.stack((audio.square().mean(dim=-1), steps.square().mean(dim=-1)), dim=1)  # (batch, 2, sides)
    return (sides[..., 1] - sides[..., 0]) / (sides.sum(dim=-1) + _TINY)


def _level_db(power: Tensor, whole: Tensor) -> Tensor:
    return 10.0 * torch.log10(power / whole + 10.0 ** (FLOOR_DB / 10.0))


def _unit(size: int) -> float:
    """Return what the bins of a Hann window's power spectrum sum to where the mean square is 1."""
    return size * (3.0 / 8.0) * size / 2.0


@kept
def _tone_matrix() -> Tensor:
    """Return (bins, TONE_BANDS): triangles evenly spaced in octaves, each at least two bins wide."""
    edges_hz = torch.logspace(math.log10(_LOW_HZ), math.log10(_HIGH_HZ), TONE_BANDS + 2, dtype=torch.float64)
    spacing = SAMPLE_RATE / _LONG
    bins_hz = torch.arange(_LONG // 2 + 1) * spacing
    low, centre, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    low, high = torch.minimum(low, centre - spacing), torch.maximum(high, centre + spacing)
    share = torch.minimum((bins_hz - low) / (centre - low), (high - bins_hz) / (high - centre))
    return share.clamp(min=0.0).to(torch.float32).T.contiguous()


@kept
def _flatness_matrix() -> Tensor:
    """Return (bins, FLATNESS_BANDS) means over bands evenly spaced in octaves, each at least 8 bins wide."""
    edges_hz = torch.logspace(math.log10(_FLATNESS_LOW_HZ), math.log10(_FLATNESS_HIGH_HZ), FLATNESS_BANDS + 1)
    edges = (edges_hz / (SAMPLE_RATE / _LONG)).round().to(torch.int64)
    columns = torch.zeros((_LONG // 2 + 1, FLATNESS_BANDS))
    for band in range(FLATNESS_BANDS):
        low = int(edges[band])
        high = max(int(edges[band + 1]), low + 8)
        columns[low:high, band] = 1.0 / (high - low)
    return columns


@kept
def _time_matrix() -> Tensor:
    """Return (bins, 6) membership."""
    bins_hz = torch.arange(_SHORT // 2 + 1) * (SAMPLE_RATE / _SHORT)
    edges = TIME_BAND_EDGES_HZ
    rows = [(bins_hz >= low) & (bins_hz < high) for low, high in itertools.pairwise(edges)]
    return torch.stack(rows, dim=1).to(torch.float32)


@kept
def _k_weights() -> Tensor:
    """Return (bins,) power response of the K-weighting (ITU-R BS.1770)."""
    w = 2 * math.pi * torch.arange(_LONG // 2 + 1, dtype=torch.float64) / _LONG
    z = torch.exp(torch.complex(torch.zeros_like(w), -w))
    response = torch.ones_like(z)
    for b0, b1, b2, a0, a1, a2 in k_weighting_sos(SAMPLE_RATE).tolist():
        response = response * (b0 + b1 * z + b2 * z**2) / (a0 + a1 * z + a2 * z**2)
    return response.abs().square().to(torch.float32)
