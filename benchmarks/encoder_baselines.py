"""What an encoder has to beat: statistics of log-mel bands and cepstra, and a network nobody trained."""

import functools
import math
import threading

import torch
from torch import Tensor

from console.loudness import k_weighting_sos

__all__ = ["LogMel", "Mfcc", "UntrainedNetwork", "time_statistics"]

_SIZE, _HOP = 2048, 512
_FLOOR_DB = -70.0
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LAGS = (1, 2, 4, 8, 16, 32, 64)
_SLOPE_LAGS = (1, 4, 16)
_TINY = 1e-20
_kept = threading.local()


class LogMel:
    """Mean and standard deviation over time of mel bands of mid and side, dB against the sound's own level."""

    name = "log-mel mean+std"

    def __init__(self, bands: int = 64) -> None:
        self._bands = bands
        self.dimensions = 4 * bands

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed (batch, 2, samples) as (batch, dimensions)."""
        level = _log_bands(audio, sample_rate, _mel_matrix(self._bands, sample_rate))
        return torch.cat((level.mean(dim=-1), level.std(dim=-1, correction=0)), dim=1).flatten(1)


class Mfcc:
    """Mean and standard deviation of 20 cepstral coefficients of the mid, and of their differences."""

    name = "MFCC statistics"

    def __init__(self, coefficients: int = 20, bands: int = 64) -> None:
        self._bands = bands
        self._coefficients = coefficients
        self.dimensions = 4 * coefficients

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed (batch, 2, samples) as (batch, dimensions). Coefficient 0, the level, is left out."""
        level = _log_bands(audio, sample_rate, _mel_matrix(self._bands, sample_rate))[:, 0]
        number = torch.arange(1, self._coefficients + 1)[:, None]
        cosine = torch.cos(math.pi / self._bands * (torch.arange(self._bands)[None] + 0.5) * number)
        cepstra = torch.einsum("kb,cbt->ckt", cosine * math.sqrt(2 / self._bands), level)
        steps = cepstra.diff(dim=-1) if cepstra.shape[-1] > 1 else torch.zeros_like(cepstra)
        parts = [part for rows in (cepstra, steps) for part in (rows.mean(-1), rows.std(-1, correction=0))]
        return torch.cat(parts, dim=1)


class UntrainedNetwork:
    """The statistics network of the first study with seeded random weights: front end and shape, no learning.

    Mid and side in 96 log-frequency bands against the K-weighted level, with peak, RMS and first-difference energy a
    hop; 19 statistics over time a row; a linear skip plus a two-layer perceptron.
    """

    name = "untrained network"

    def __init__(self, seed: int = 0, dimensions: int = 128) -> None:
        self.dimensions = dimensions
        generator = torch.Generator().manual_seed(seed)
        inputs = 19 * (2 * 96 + 6)

        def layer(outputs: int, size: int) -> Tensor:
            return torch.randn((outputs, size), generator=generator) / math.sqrt(size)

        self._skip = layer(dimensions, inputs)
        self._layers = (layer(512, inputs), layer(512, 512), layer(dimensions, 512))

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed (batch, 2, samples) as (batch, dimensions)."""
        bands = _log_bands(audio, sample_rate, _log_matrix(96, sample_rate), k_weighted=True).flatten(1, 2)
        rows = torch.cat((bands, _hop_rows(audio)[..., : bands.shape[-1]]), dim=1)  # no frame hangs over the end
        hidden = inputs = time_statistics(rows).flatten(1) / 10.0
        for weights in self._layers[:-1]:
            hidden = torch.nn.functional.gelu(hidden @ weights.T)
        return inputs @ self._skip.T + hidden @ self._layers[-1].T


def time_statistics(rows: Tensor) -> Tensor:
    """Return (batch, rows, 19) of (batch, rows, frames) dB.

    Mean, standard deviation, 5 quantiles, greatest, log of the mean power, mean |difference| at 7 lags, and the
    asymmetry of rises and falls at 3 lags.
    """
    parts = [rows.mean(-1), rows.std(-1, correction=0)]
    parts += list(torch.quantile(rows, torch.tensor(_QUANTILES), dim=-1))
    parts += [rows.amax(-1), 10.0 * torch.log10((10.0 ** (rows / 10.0)).mean(-1) + _TINY)]
    for lag in _LAGS:
        parts.append(_steps(rows, lag).abs().mean(-1))
    for lag in _SLOPE_LAGS:
        steps = _steps(rows, lag)
        parts.append(steps.clamp(min=0).square().mean(-1).sqrt() - steps.clamp(max=0).square().mean(-1).sqrt())
    return torch.stack(parts, dim=-1)


def _steps(rows: Tensor, lag: int) -> Tensor:
    return rows[..., lag:] - rows[..., :-lag] if rows.shape[-1] > lag else torch.zeros_like(rows)


def _mid_side(audio: Tensor) -> Tensor:
    audio = audio.to(torch.float32)
    audio = torch.nn.functional.pad(audio, (0, max(0, _SIZE - audio.shape[-1])))
    return torch.stack(((audio[:, 0] + audio[:, 1]) / 2, (audio[:, 0] - audio[:, 1]) / 2), dim=1)


def _powers(audio: Tensor) -> Tensor:
    """Return (batch, 2, bins, frames) of mid and side; the last result is kept, for the baseline that asks next."""
    last = getattr(_kept, "last", None)
    tracked = not audio.is_inference()  # others may be changed in place without a word
    if tracked and last is not None and last[0] is audio and last[1] == audio._version:
        return last[2]
    pair = _mid_side(audio)
    window = torch.hann_window(_SIZE)
    spectrum = torch.stft(pair.flatten(0, 1), _SIZE, _HOP, window=window, center=False, return_complex=True)
    power = (spectrum.real.square() + spectrum.imag.square()).unflatten(0, pair.shape[:2])
    if tracked and not power.requires_grad:
        _kept.last = (audio, audio._version, power)
    return power


def _log_bands(audio: Tensor, sample_rate: int, matrix: Tensor, k_weighted: bool = False) -> Tensor:
    """Return (batch, 2, bands, frames), dB against the mean power of the whole sound, floored."""
    power = _powers(audio)
    weights = _k_weights(sample_rate) if k_weighted else torch.ones(_SIZE // 2 + 1)
    whole = torch.einsum("k,cskt->c", weights, power) / power.shape[-1]
    bands = torch.einsum("bk,cskt->csbt", matrix, power) / whole.clamp(min=_TINY)[:, None, None, None]
    return 10.0 * torch.log10(bands + 10.0 ** (_FLOOR_DB / 10.0))


def _hop_rows(audio: Tensor) -> Tensor:
    """Return (batch, 6, hops): peak, RMS and first-difference energy of mid and side, dB against the whole."""
    pair = _mid_side(audio)
    whole = pair.square().mean(dim=(1, 2)).clamp(min=_TINY)[:, None, None]
    hops = pair[..., : pair.shape[-1] // _HOP * _HOP].unflatten(-1, (-1, _HOP))
    steps = torch.nn.functional.pad(pair.diff(dim=-1), (1, 0))[..., : hops.shape[2] * _HOP].unflatten(-1, (-1, _HOP))
    rows = torch.stack((hops.abs().amax(-1).square(), hops.square().mean(-1), steps.square().mean(-1)), dim=1)
    return 10.0 * torch.log10(rows.flatten(1, 2) / whole + 10.0 ** (_FLOOR_DB / 10.0))


@functools.lru_cache(maxsize=4)
@torch.inference_mode(False)  # kept, and later used where gradients pass
def _mel_matrix(bands: int, sample_rate: int) -> Tensor:
    """Return (bands, bins) triangles, evenly spaced in mel from 25 Hz to 19 kHz or Nyquist."""
    low, high = (2595.0 * math.log10(1.0 + hz / 700.0) for hz in (25.0, min(19000.0, sample_rate / 2)))
    edges = 700.0 * (10.0 ** (torch.linspace(low, high, bands + 2) / 2595.0) - 1.0)
    return _triangles(edges, sample_rate)


@functools.lru_cache(maxsize=4)
@torch.inference_mode(False)  # kept, and later used where gradients pass
def _log_matrix(bands: int, sample_rate: int) -> Tensor:
    """Return (bands, bins) triangles, evenly spaced in octaves from 25 Hz to 19 kHz or Nyquist."""
    return _triangles(
        torch.logspace(math.log10(25.0), math.log10(min(19000.0, sample_rate / 2)), bands + 2), sample_rate
    )


def _triangles(edges_hz: Tensor, sample_rate: int) -> Tensor:
    """Return (bands, bins); a triangle narrower than a bin reads the bins on both sides of its centre."""
    spacing = sample_rate / _SIZE
    bins_hz = torch.arange(_SIZE // 2 + 1) * spacing
    low, centre, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    low, high = torch.minimum(low, centre - spacing), torch.maximum(high, centre + spacing)
    return torch.minimum((bins_hz - low) / (centre - low), (high - bins_hz) / (high - centre)).clamp(min=0.0)


@functools.lru_cache(maxsize=4)
@torch.inference_mode(False)  # kept, and later used where gradients pass
def _k_weights(sample_rate: int) -> Tensor:
    """Return (bins,) power response of the K-weighting."""
    w = 2 * math.pi * torch.arange(_SIZE // 2 + 1, dtype=torch.float64) / _SIZE
    z = torch.exp(torch.complex(torch.zeros_like(w), -w))
    response = torch.ones_like(z)
    for b0, b1, b2, a0, a1, a2 in k_weighting_sos(sample_rate).tolist():
        response = response * (b0 + b1 * z + b2 * z**2) / (a0 + a1 * z + a2 * z**2)
    return response.abs().square().to(torch.float32)
