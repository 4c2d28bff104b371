"""What an encoder costs: forward and backward to 5 s, and a song of four minutes, beside a plain STFT."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from assistant.one_thread import one_thread
from benchmarks.material import SAMPLE_RATE, bursts
from benchmarks.timing import cpu_seconds
from models.encoder import Encoder

__all__ = ["speed_rows"]

_SHORT_S, _SONG_S = 5.0, 240.0
_ROUNDS = 3


def speed_rows(encoders: Sequence[Encoder], quick: bool = False) -> list[dict[str, Any]]:
    """Return a row an encoder, CPU seconds on one thread, the least of three rounds.

    Args:
        encoders: without a gradient in the audio (chance) they are passed over.
        quick: a fraction of a second instead.
    Returns:
        {"encoder", "gradient_s": forward and backward to a 5 s stereo waveform at 44.1 kHz, "gradient_ratio": over a
        plain STFT of it (2048/512, both channels, magnitudes, no backward), "song_s": forward of four minutes,
        "song_ratio": the same}.
    """
    short = bursts(1, 0.5 if quick else _SHORT_S)
    song = short.repeat(1, 1, 1 if quick else round(_SONG_S / _SHORT_S))
    able = [encoder for encoder in encoders if _differentiable(encoder)]
    figures: dict[str, dict[str, float]] = {}
    with one_thread():
        for what, audio in (("gradient", short), ("song", song)):
            jobs: dict[str, Callable[[], object]] = {"": lambda audio=audio: _transform(audio)}
            for encoder in able:
                jobs[encoder.name] = _job(encoder, audio, what == "gradient")
            for job in jobs.values() if what == "gradient" else ():
                job()  # compile, and design filters
            figures[what] = cpu_seconds(jobs, 1 if quick else _ROUNDS)
    return [
        {
            "encoder": encoder.name,
            **{f"{what}_s": times[encoder.name] for what, times in figures.items()},
            **{f"{what}_ratio": times[encoder.name] / max(times[""], 1e-9) for what, times in figures.items()},
        }
        for encoder in able
    ]


def _job(encoder: Encoder, audio: Tensor, backward: bool) -> Callable[[], object]:
    def forward() -> object:
        with torch.no_grad():
            return encoder.embed(audio.clone(), SAMPLE_RATE)  # a copy: a baseline knows the last sound again

    def both() -> object:
        heard = audio.clone().requires_grad_()
        encoder.embed(heard, SAMPLE_RATE).square().sum().backward()
        return heard.grad

    return both if backward else forward


def _transform(audio: Tensor) -> Tensor:
    window = torch.hann_window(2048)
    return torch.stft(audio[0], 2048, 512, window=window, center=False, return_complex=True).abs()


def _differentiable(encoder: Encoder) -> bool:
    audio = bursts(1, 0.25).requires_grad_()
    return encoder.embed(audio, SAMPLE_RATE).requires_grad
