"""The compiled kernels as torch operations with gradients.

Each operation takes and returns tensors. On the CPU it runs the exact compiled recursion and its hand-written
adjoint; on any other device it runs `console.parallel`, the same mathematics as batched torch, tested equal.

`memory` carries a stream's past between blocks: pass the same dict for every block of one stream (the renderer
does); None starts from silence. Streams carry no gradient and run on the CPU.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from console import parallel
from console.errors import AudioShapeError
from console.kernels import biquad, dynamics, limiter, shaper

__all__ = [
    "HALF",
    "Memory",
    "biquad_cascade",
    "check_audio",
    "delayed",
    "limit_peaks",
    "part_of",
    "ride_gain",
    "shape_wave",
]

HALF = shaper.HALF
"""Samples of lookahead of `shape_wave`."""
Memory = dict[str, Any]


def part_of(memory: Memory | None, key: str) -> Memory | None:
    """Return the memory of one stage inside a stream's memory, made when missing; None of None."""
    return None if memory is None else memory.setdefault(key, {})


def delayed(audio: Tensor, samples: int, memory: Memory) -> Tensor:
    """Return a stream's (..., samples) block so many samples late; the memory holds what is still to come out."""
    past = memory.get("late")
    if past is None:
        past = audio.new_zeros((*audio.shape[:-1], samples))
    joined = torch.cat((past, audio), dim=-1)
    memory["late"] = joined[..., joined.shape[-1] - samples :].clone()
    return joined[..., : audio.shape[-1]]


def check_audio(audio: Tensor, one_item: bool = False) -> None:
    """Check that audio is a float (batch, channels, samples) tensor with at least one sample.

    Raises:
        AudioShapeError: it is not, or `one_item` is asked for and the batch is not 1.
    """
    if audio.ndim != 3 or audio.shape[-1] == 0 or audio.dtype not in (torch.float32, torch.float64):
        raise AudioShapeError(
            f"Audio of shape {tuple(audio.shape)} and type {audio.dtype} does not fit. "
            "Use float32 or float64 of shape (batch, channels, samples) with at least one sample."
        )
    if one_item and audio.shape[0] != 1:
        raise AudioShapeError(
            f"Audio of shape {tuple(audio.shape)} holds {audio.shape[0]} items; this stage takes one. "
            "Use (1, channels, samples)."
        )


def biquad_cascade(audio: Tensor, sections: Tensor, memory: Memory | None = None) -> Tensor:
    """Filter audio through second-order sections in series.

    Args:
        audio: (batch, channels, samples).
        sections: (batch, sections, 5) b0 b1 b2 a1 a2 with a0 = 1, float64. A section with b equal to (1, a1, a2) is
            bypassed exactly.
        memory: see the module.
    Returns:
        (batch, channels, samples) in audio's type.
    """
    if sections.shape[1] == 0:
        return audio
    _check_stream(audio, memory)
    if audio.device.type != "cpu":
        return parallel.biquad_cascade(audio, sections)
    if memory is not None:
        return _stream_cascade(audio, sections, memory)
    return _Cascade.apply(audio, sections.to(torch.float64))


def ride_gain(
    audio: Tensor, detector: Tensor, params: Tensor, split: bool = False, memory: Memory | None = None
) -> Tensor:
    """Ride the gain of audio by the level of a detector.

    Args:
        audio: (batch, channels, samples).
        detector: (batch, channels, samples); channels are linked by their greatest magnitude.
        params: (batch, dynamics.COLUMNS) float64, columns as `console.kernels.dynamics` names them.
        split: only the detector's band of the audio is ridden: audio + (gain - 1) detector.
        memory: see the module.
    Returns:
        (batch, channels, samples) in audio's type.
    """
    _check_stream(audio, memory)
    if audio.device.type != "cpu":
        return parallel.ride_gain(audio, detector, params, split)
    if memory is not None:
        state = memory.setdefault("gain_db", np.full(audio.shape[0], np.nan))
        x, d, p = _array(audio), _array(detector), _array(params)
        y = np.empty_like(x)
        dynamics.rider_forward(x, d, split, p, state, y, np.zeros((x.shape[0], 0)))
        return torch.from_numpy(y)
    if detector is audio and not split:
        return _Rider.apply(audio, None, params.to(torch.float64), split)
    return _Rider.apply(audio, detector, params.to(torch.float64), split)


def shape_wave(audio: Tensor, drive: Tensor, shape: str, memory: Memory | None = None) -> Tensor:
    """Bend the waveform at four times the rate.

    Args:
        audio: (batch, channels, samples).
        drive: (batch,) linear gain into the curve.
        shape: "tape", "tube" or "clip"; see `console.kernels.shaper`.
        memory: see the module; a stream comes out HALF samples late.
    Returns:
        (batch, channels, samples), aligned with the input unless it is a stream.
    """
    _check_stream(audio, memory)
    padded = _with_context(audio, HALF, HALF, memory)
    if audio.device.type != "cpu":
        return parallel.shape_wave(padded, drive, shape)
    return _Shaper.apply(padded, drive, shaper.SHAPES[shape])


def limit_peaks(audio: Tensor, ceiling: Tensor, pole: Tensor, lookahead: int, memory: Memory | None = None) -> Tensor:
    """Hold the true peak of one stereo or mono signal under a ceiling.

    Args:
        audio: (1, channels, samples).
        ceiling: () linear.
        pole: () release coefficient per sample.
        lookahead: samples.
        memory: see the module; a stream comes out lookahead + limiter.DETECTOR_HALF samples late.
    Returns:
        (1, channels, samples).
    """
    _check_stream(audio, memory)
    half = limiter.DETECTOR_HALF
    if memory is None:
        padded = _with_context(audio, lookahead + half, lookahead + half, None)
        if audio.device.type != "cpu":
            return parallel.limit_peaks(padded, ceiling, pole, lookahead)[..., lookahead:]
        return _Limiter.apply(padded, ceiling, pole, lookahead)[..., lookahead:]
    padded = _with_context(audio, lookahead + half, half, memory)
    history = memory.setdefault("held", np.ones(lookahead))
    y, _ = limiter.limiter_forward(_array(padded)[0], float(ceiling), float(pole), lookahead, history)
    return torch.from_numpy(y)[None]


def _check_stream(audio: Tensor, memory: Memory | None) -> None:
    if memory is not None and audio.device.type != "cpu":
        raise AudioShapeError(f"A stream runs on the CPU; this block is on {audio.device}. Use audio.cpu().")


def _with_context(audio: Tensor, before: int, after: int, memory: Memory | None) -> Tensor:
    """Surround audio with silence, or put what came before + after samples earlier in front of a stream's block."""
    if memory is None:
        return torch.nn.functional.pad(audio, (before, after))
    past = memory.get("past")
    if past is None:
        past = audio.new_zeros((*audio.shape[:-1], before + after))
    joined = torch.cat((past, audio), dim=-1)
    memory["past"] = joined[..., joined.shape[-1] - before - after :].clone()
    return joined


def _array(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().numpy())


def _lanes(audio: Tensor) -> np.ndarray:
    return _array(audio).reshape(-1, audio.shape[-1])


def _lane_sections(sections: Tensor, channels: int) -> np.ndarray:
    return np.repeat(_array(sections), channels, axis=0)


def _groups(lanes: int) -> int:
    return -(-lanes // biquad.LANES)


def _stream_cascade(audio: Tensor, sections: Tensor, memory: Memory) -> Tensor:
    x = _lanes(audio)
    sos = _lane_sections(sections.to(torch.float64), audio.shape[1])
    shape = (_groups(x.shape[0]), sos.shape[1] + 1, 2 * biquad.LANES)
    history = memory.setdefault("history", np.zeros(shape))
    y = np.empty_like(x)
    biquad.cascade_forward(x, sos, history, y, np.zeros((shape[0], 0, *shape[1:])))
    return torch.from_numpy(y).reshape(audio.shape)


class _Cascade(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, sections: Tensor) -> Tensor:
        x = _lanes(audio)
        sos = _lane_sections(sections, audio.shape[1])
        wanted = any(ctx.needs_input_grad)
        blocks = -(-x.shape[1] // biquad.BLOCK) if wanted else 0
        shape = (sos.shape[1] + 1, 2 * biquad.LANES)
        history = np.zeros((_groups(x.shape[0]), *shape))
        saved = np.empty((history.shape[0], blocks, *shape))
        y = np.empty_like(x)
        biquad.cascade_forward(x, sos, history, y, saved)
        if wanted:
            ctx.save_for_backward(audio)
            ctx.kept = (sos, saved)
        return torch.from_numpy(y).reshape(audio.shape)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (audio,) = ctx.saved_tensors
        sos, saved = ctx.kept
        x, g = _lanes(audio), _lanes(grad)
        grad_x, grad_sos = np.empty_like(x), np.zeros_like(sos)
        biquad.cascade_adjoint(g, x, sos, saved, grad_x, grad_sos)
        grad_sections = grad_sos.reshape(audio.shape[0], audio.shape[1], *sos.shape[1:]).sum(axis=1)
        return torch.from_numpy(grad_x).reshape(audio.shape), torch.from_numpy(grad_sections)


class _Rider(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, detector: Tensor | None, params: Tensor, split: bool) -> Tensor:
        x, p = _array(audio), _array(params)
        d = x if detector is None else _array(detector)
        wanted = any(ctx.needs_input_grad)
        saved = np.empty((x.shape[0], -(-x.shape[-1] // dynamics.BLOCK) if wanted else 0))
        y = np.empty_like(x)
        dynamics.rider_forward(x, d, split, p, np.full(x.shape[0], np.nan), y, saved)
        if wanted:
            ctx.save_for_backward(audio, detector)
            ctx.kept = (p, saved, split)
        return torch.from_numpy(y)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        audio, detector = ctx.saved_tensors
        p, saved, split = ctx.kept
        x, g = _array(audio), _array(grad)
        grad_x, grad_p = np.empty_like(x), np.zeros_like(p)
        if detector is None:
            dynamics.rider_adjoint(g, x, x, split, p, saved, grad_x, grad_x, grad_p)
            return torch.from_numpy(grad_x), None, torch.from_numpy(grad_p), None
        grad_d = np.empty_like(x)
        dynamics.rider_adjoint(g, x, _array(detector), split, p, saved, grad_x, grad_d, grad_p)
        return torch.from_numpy(grad_x), torch.from_numpy(grad_d), torch.from_numpy(grad_p), None


class _Shaper(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, padded: Tensor, drive: Tensor, shape: int) -> Tensor:
        x = _lanes(padded)
        gains = np.repeat(_array(drive), padded.shape[1]).astype(x.dtype)
        y = np.empty((x.shape[0], x.shape[1] - 2 * HALF), x.dtype)
        shaper.shaper_forward(x, gains, shape, y)
        ctx.save_for_backward(padded)
        ctx.kept = (gains, shape, drive.dtype)
        return torch.from_numpy(y).reshape(*padded.shape[:-1], y.shape[-1])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (padded,) = ctx.saved_tensors
        gains, shape, drive_type = ctx.kept
        x = _lanes(padded)
        grad_x, grad_gain = np.empty_like(x), np.empty(x.shape[0])
        shaper.shaper_adjoint(_lanes(grad), x, gains, shape, grad_x, grad_gain)
        grad_drive = torch.from_numpy(grad_gain.reshape(padded.shape[:2]).sum(axis=1)).to(drive_type)
        return torch.from_numpy(grad_x).reshape(padded.shape), grad_drive, None


class _Limiter(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, padded: Tensor, ceiling: Tensor, pole: Tensor, lookahead: int) -> Tensor:
        history = np.ones(lookahead)
        y, kept = limiter.limiter_forward(_array(padded)[0], float(ceiling), float(pole), lookahead, history)
        ctx.save_for_backward(padded, ceiling, pole)
        ctx.kept = (lookahead, kept)
        return torch.from_numpy(y)[None]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        padded, ceiling, pole = ctx.saved_tensors
        lookahead, kept = ctx.kept
        grad_x, grad_ceiling, grad_pole = limiter.limiter_adjoint(
            _array(grad)[0], _array(padded)[0], float(ceiling), float(pole), lookahead, kept
        )
        return (
            torch.from_numpy(grad_x)[None].to(padded.dtype),
            torch.as_tensor(grad_ceiling, dtype=ceiling.dtype),
            torch.as_tensor(grad_pole, dtype=pole.dtype),
            None,
        )
