"""Bring any audio to the mono 48 kHz ten-second windows that CLAP hears, differentiably and without chance."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from console.errors import AudioShapeError

__all__ = ["SAMPLE_RATE", "WINDOW_SAMPLES", "resample", "window_starts", "windows_of"]

SAMPLE_RATE = 48_000
"""Hz; every CLAP of LAION hears this rate."""
WINDOW_SAMPLES = 10 * SAMPLE_RATE
_GUARD = 256
"""Zeros after the end, so that the end does not wrap round into the beginning."""


def resample(audio: Tensor, sample_rate: int, target_rate: int = SAMPLE_RATE) -> Tensor:
    """Change the sample rate by cutting or extending the spectrum: exact for band-limited audio, any two rates.

    Args:
        audio: (..., samples) at sample_rate.
        sample_rate: Hz, a whole number.
        target_rate: Hz, a whole number.
    Returns:
        (..., round(samples * target_rate / sample_rate), at least 1), differentiable.
    """
    if sample_rate == target_rate:
        return audio
    samples = audio.shape[-1]
    step = sample_rate // math.gcd(sample_rate, target_rate)
    padded = math.ceil((samples + _GUARD) / step) * step  # so that the new length is whole
    ratio = target_rate / sample_rate
    longer = padded * target_rate // sample_rate
    spectrum = torch.fft.rfft(audio, n=padded)
    return torch.fft.irfft(spectrum, n=longer)[..., : max(1, round(samples * ratio))] * ratio


def window_starts(samples: int, length: int, max_windows: int) -> list[int]:
    """Say where windows begin: evenly spread, the first at the start, the last at the end, none beyond it.

    Args:
        samples: length of the audio.
        length: of a window, in samples.
        max_windows: at least 1; longer audio is heard in part, one window alone in its middle.
    Returns:
        First samples, rising. They touch or overlap, unless max_windows forbids it.
    """
    if samples <= length:
        return [0]
    count = min(math.ceil(samples / length), max_windows)
    if count == 1:
        return [(samples - length) // 2]
    return [round(index * (samples - length) / (count - 1)) for index in range(count)]


def windows_of(audio: Tensor, sample_rate: int, max_windows: int) -> Iterator[Tensor]:
    """Cut audio into what CLAP hears at once.

    Args:
        audio: (batch, 1 or 2, samples).
        sample_rate: Hz.
        max_windows: at least 1.
    Yields:
        (batch, WINDOW_SAMPLES) mono at SAMPLE_RATE. Audio shorter than a window is repeated as often as it fits whole
        and then padded with silence, as CLAP was trained ("repeatpad").
    Raises:
        AudioShapeError: another shape, no samples, or a rate or a count that is not positive.
    """
    if audio.ndim != 3 or audio.shape[1] not in (1, 2) or audio.shape[-1] == 0:
        raise AudioShapeError(
            f"Audio of shape {tuple(audio.shape)} is not (batch, 1 or 2, samples). Use mono or stereo, one sample at "
            "least."
        )
    if sample_rate <= 0 or max_windows < 1:
        raise AudioShapeError(
            f"sample_rate={sample_rate} and max_windows={max_windows} must be positive. Use e.g. 44100 and 24."
        )
    length = 10 * sample_rate
    for start in window_starts(audio.shape[-1], length, max_windows):
        mono = audio[..., start : start + length].to(torch.float32).mean(dim=1)  # (batch, samples)
        heard = resample(mono, sample_rate)[..., :WINDOW_SAMPLES]
        heard = heard.repeat(1, WINDOW_SAMPLES // heard.shape[-1])
        yield torch.nn.functional.pad(heard, (0, WINDOW_SAMPLES - heard.shape[-1]))
