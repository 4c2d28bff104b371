"""FX normalisation: bring contents to one average tone before chains are put on them.

Source: M. A. Martinez Ramirez et al., "Automatic music mixing with deep learning and out-of-domain data", ISMIR 2022:
spectral part; loudness is matched elsewhere.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from models.training.corpus import SAMPLE_RATE, Clip, Corpus

__all__ = ["average_curve_db", "to_average"]

_SIZE = 4096
_POINTS_HZ = np.geomspace(30.0, 18000.0, 48)
_MOST_DB = 18.0
_CLIPS = 200


def average_curve_db(corpus: Corpus, clips: Sequence[Clip]) -> np.ndarray:
    """Return (48,) mean level of clips at 48 frequencies, dB, each clip against its own mean."""
    step = max(1, len(clips) // _CLIPS)
    return np.mean([_curve_db(torch.from_numpy(corpus.read(clip))) for clip in clips[::step]], axis=0)


def to_average(average_db: np.ndarray) -> Callable[[Tensor], Tensor]:
    """Return what filters (batch, 2, samples) so that every item has the average curve, by at most 18 dB anywhere."""

    def normalise(audio: Tensor) -> Tensor:
        return torch.stack([_filtered(item, average_db - _curve_db(item)) for item in audio])

    return normalise


def _curve_db(audio: Tensor) -> np.ndarray:
    spectrum = torch.stft(audio, _SIZE, window=torch.hann_window(_SIZE), center=False, return_complex=True)
    power = spectrum.abs().square().mean(dim=(0, 2)).double().numpy()
    bins_hz = np.fft.rfftfreq(_SIZE, 1 / SAMPLE_RATE)
    edges = np.sqrt(_POINTS_HZ[1:] * _POINTS_HZ[:-1])
    band = np.digitize(bins_hz, edges)
    sums = np.bincount(band[1:], weights=power[1:], minlength=48) / np.maximum(np.bincount(band[1:], minlength=48), 1)
    level_db = 10 * np.log10(sums + 1e-9 * power.sum() + 1e-20)
    return np.asarray(level_db - level_db.mean())


def _filtered(audio: Tensor, curve_db: np.ndarray) -> Tensor:
    size = audio.shape[-1]
    bins_hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    curve = np.interp(np.log(np.maximum(bins_hz, 1.0)), np.log(_POINTS_HZ), np.clip(curve_db, -_MOST_DB, _MOST_DB))
    gain = torch.from_numpy(10 ** (curve / 20)).to(audio.dtype)
    return torch.fft.irfft(torch.fft.rfft(audio) * gain, n=size)
