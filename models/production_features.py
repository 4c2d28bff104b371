"""A hand-made embedding of production: spectrum, dynamics, width and space, differentiable and level-independent.

Every dimension is in a unit a person can read, divided by `SCALES` so that one step is about as audible in each. The
parts and their order are `PARTS`. Spectra follow the ERB-like log spacing of the ear; dynamics and space are read from
the same short-time powers, so that one transform serves all.
"""

import functools
import math

import numpy as np
import torch
from torch import Tensor

from console.errors import AudioShapeError

__all__ = ["BAND_CENTRES_HZ", "PARTS", "SCALES", "ProductionFeatures"]

_BANDS = 48
_LOW_HZ, _HIGH_HZ = 28.0, 18500.0
_EDGES_HZ = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1)
BAND_CENTRES_HZ = tuple(np.sqrt(_EDGES_HZ[:-1] * _EDGES_HZ[1:]).tolist())
"""Centres of the spectrum's bands, Hz."""

_REGIONS_HZ = ((28.0, 160.0), (160.0, 800.0), (800.0, 4000.0), (4000.0, 18500.0))
"""Where dynamics, width and space are read apart: lows, low mids, high mids, highs."""
_FLOOR = 1e-7  # of the mean power: -70 dB
_WINDOW_S = 0.093
_SPREAD_DB, _RISE_DB, _FILL_DB, _WIDTH_DB, _CREST_DB = 4.0, 3.0, 4.0, 4.0, 2.0

PARTS: dict[str, slice] = {}
_scales: list[float] = []
for _name, _count, _scale in (
    ("spectrum", _BANDS, 1.5),  # dB of each band against the whole
    ("crest", 1, _CREST_DB),  # peak over rms, dB
    ("spread", len(_REGIONS_HZ), _SPREAD_DB),  # standard deviation of the level over time, dB
    ("rise", len(_REGIONS_HZ), _RISE_DB),  # mean upward step of the level from frame to frame, dB
    ("fill", len(_REGIONS_HZ), _FILL_DB),  # quiet quarter of the frames against the mean, dB: room fills gaps
    ("width", len(_REGIONS_HZ), _WIDTH_DB),  # side over mid, dB
    ("lean", 1, 3.0),  # right over left, dB
):
    PARTS[_name] = slice(len(_scales), len(_scales) + _count)
    _scales += [_scale] * _count
SCALES = torch.tensor(_scales)
"""(dimensions,) what one step of each dimension is, in its own unit (dB)."""


class ProductionFeatures:
    """The embedding; see the module. Holds no weights."""

    name = "production features"
    dimensions = len(_scales)

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed (batch, 2, samples) as (batch, dimensions); silence gives a finite vector."""
        return self.measure(audio, sample_rate) / SCALES.to(audio.device)

    def measure(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Return (batch, dimensions) in dB, before scaling."""
        if audio.ndim != 3 or audio.shape[1] != 2:
            raise AudioShapeError(f"Audio of shape {tuple(audio.shape)} is not (batch, 2, samples). Use stereo.")
        audio = audio.to(torch.float32)
        size = 1 << round(math.log2(_WINDOW_S * sample_rate))
        if audio.shape[-1] < size:
            audio = torch.nn.functional.pad(audio, (0, size - audio.shape[-1]))
        mid, side = (audio[:, 0] + audio[:, 1]) / 2, (audio[:, 0] - audio[:, 1]) / 2
        mid_power, side_power = self._powers(torch.stack((mid, side), dim=1), size).unbind(dim=1)
        whole = (mid_power + side_power).mean(dim=(-2, -1)).clamp(min=1e-12)  # (batch,) mean over frames, bins
        floor = _FLOOR * whole[:, None]

        spectrum = mid_power + side_power  # (batch, bins, frames)
        bands = torch.einsum("kb,cb->ck", _band_matrix(size, sample_rate), spectrum.mean(dim=-1))
        total = bands.sum(dim=-1, keepdim=True)
        shape_db = _db(bands / total.clamp(min=1e-20) + 1e-7)

        regions = _region_matrix(size, sample_rate)
        over_time = torch.einsum("rb,cbt->crt", regions, spectrum) + floor[..., None]
        level_db = _db(over_time)
        weight = over_time / over_time.sum(dim=-1, keepdim=True).clamp(min=1e-20)
        mean_db = level_db.mean(dim=-1, keepdim=True)
        spread = ((level_db - mean_db).square().mean(dim=-1) + 1e-4).sqrt()
        steps = level_db[..., 1:] - level_db[..., :-1] if level_db.shape[-1] > 1 else torch.zeros_like(level_db)
        rise = torch.nn.functional.relu(steps).mean(dim=-1)
        quiet = max(1, level_db.shape[-1] // 4)
        fill = level_db.sort(dim=-1).values[..., :quiet].mean(dim=-1) - (weight * level_db).sum(dim=-1)

        mid_regions = torch.einsum("rb,cb->cr", regions, mid_power.mean(dim=-1)) + floor
        side_regions = torch.einsum("rb,cb->cr", regions, side_power.mean(dim=-1)) + 1e-3 * floor
        width = _db(side_regions / mid_regions).clamp(min=-40.0)
        left, right = audio.square().mean(dim=-1).unbind(dim=-1)
        lean = _db((right + floor[:, 0]) / (left + floor[:, 0]))
        rms = audio.square().mean(dim=(-2, -1))
        crest = _db(_soft_peak(audio).square() / rms.clamp(min=1e-12) + 1e-6)
        return torch.cat((shape_db, crest[:, None], spread, rise, fill, width, lean[:, None]), dim=-1)

    @staticmethod
    def _powers(signals: Tensor, size: int) -> Tensor:
        """Return (batch, signals, bins, frames) powers of Hann windows every half window."""
        window = torch.hann_window(size, device=signals.device)
        flat = signals.reshape(-1, signals.shape[-1])
        spectrum = torch.stft(flat, size, size // 2, window=window, center=False, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        return power.reshape(*signals.shape[:2], *power.shape[1:]) / window.square().sum()


def _soft_peak(audio: Tensor) -> Tensor:
    """Return (batch,) the mean of the 64 greatest magnitudes: a peak whose gradient one sample does not own."""
    magnitude = audio.abs().amax(dim=1)
    top = magnitude.topk(min(64, magnitude.shape[-1]), dim=-1).values
    return top.mean(dim=-1)


def _db(power: Tensor) -> Tensor:
    return 10.0 * torch.log10(power.clamp(min=1e-20))


@functools.lru_cache(maxsize=8)
def _band_matrix(size: int, sample_rate: int) -> Tensor:
    """Return (bands, bins): triangles in log frequency, each at least one bin wide, columns sum to at most 1."""
    bins_hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    position = np.interp(np.log(np.maximum(bins_hz, 1.0)), np.log(BAND_CENTRES_HZ), np.arange(_BANDS))
    share = np.maximum(1.0 - np.abs(position[None] - np.arange(_BANDS)[:, None]), 0.0)
    share[:, (bins_hz < _LOW_HZ) | (bins_hz > _HIGH_HZ)] = 0.0
    spacing = bins_hz[1]
    for band, centre in enumerate(BAND_CENTRES_HZ):
        if share[band].sum() < 0.5 and centre < sample_rate / 2:  # between two bins: take from both
            below = min(int(centre / spacing), bins_hz.size - 2)
            share[band, below] += 1.0 - (centre / spacing - below)
            share[band, below + 1] += centre / spacing - below
    return torch.tensor(share, dtype=torch.float32)


@functools.lru_cache(maxsize=8)
def _region_matrix(size: int, sample_rate: int) -> Tensor:
    """Return (regions, bins) membership."""
    bins_hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    rows = [((bins_hz >= low) & (bins_hz < high)).astype(np.float32) for low, high in _REGIONS_HZ]
    return torch.tensor(np.stack(rows))
