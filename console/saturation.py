"""Saturation: three curves, four-times oversampled, level-neutral for programme at the reference level."""

import math

import torch
from torch import Tensor

from console.knobs import Knob, db_to_gain, knob
from console.parameters import check_value
from console.recursions import HALF, Memory, biquad_cascade, check_audio, delayed, part_of, shape_wave

__all__ = ["REFERENCE_PEAK", "saturate"]

REFERENCE_PEAK = 10 ** (-18 / 20) * 2**0.5
"""Peak of a sine at -18 dBFS RMS: the level whose peak `drive_db` leaves where it was."""

_DC_HZ = 5.0


def saturate(
    audio: Tensor,
    sample_rate: int,
    drive_db: Knob,
    mix: Knob,
    output_db: Knob = 0.0,
    shape: str = "tape",
    memory: Memory | None = None,
) -> Tensor:
    """Add harmonics by driving a curve.

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        drive_db: (batch,) gain into the curve, dB. The same loss is made up after it for a sine at -18 dBFS RMS.
        mix: (batch,) 0 leaves the audio unchanged, 1 is the curve alone.
        output_db: (batch,) gain on the driven path, dB.
        shape: "tape" (odd harmonics, soft), "tube" (odd and even, asymmetric; a 5 Hz
            high-pass removes the DC that makes), "clip" (hard).
        memory: a stream's past; a stream comes out HALF samples late.
    Returns:
        (batch, channels, samples).
    Raises:
        ParameterError: a value is outside its range, or an unknown shape.
    Source:
        Odd curve t / sqrt(1 + t^2), e.g. Zoelzer (ed.), DAFX, 2nd ed., ch. 4.
    """
    check_audio(audio)
    check_value("saturation.type", shape)
    batch = audio.shape[0]
    drive = db_to_gain(knob("saturation.drive_db", drive_db, batch, audio))
    mix = knob("saturation.mix", mix, batch, audio)
    output = db_to_gain(knob("saturation.output_db", output_db, batch, audio))
    wet = shape_wave(audio, drive, shape, memory)
    if shape == "tube":
        sections = _dc_blocker(sample_rate, audio).expand(batch, 1, 5)
        wet = biquad_cascade(wet, sections, part_of(memory, "dc"))
    dry = audio if memory is None else delayed(audio, HALF, memory)
    makeup = REFERENCE_PEAK / _reference_out(drive * REFERENCE_PEAK, shape)
    wet_gain = (mix * output * makeup).to(audio.dtype)[:, None, None]
    return torch.addcmul((1.0 - mix).to(audio.dtype)[:, None, None] * dry, wet_gain, wet)


def _dc_blocker(sample_rate: int, like: Tensor) -> Tensor:
    pole = math.exp(-2 * math.pi * _DC_HZ / sample_rate)
    edge = (1 + pole) / 2
    return torch.tensor([edge, -edge, 0.0, -pole, 0.0], dtype=torch.float64, device=like.device)


def _reference_out(peak: Tensor, shape: str) -> Tensor:
    return peak.clamp(max=1.0) if shape == "clip" else peak / torch.sqrt(1.0 + peak**2)
