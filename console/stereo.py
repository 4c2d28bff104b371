"""Width and pan: mid/side, low-frequency mono, constant power."""

import math

import torch
from torch import Tensor

from console.filters import cut_sections
from console.knobs import Knob, knob
from console.recursions import Memory, biquad_cascade, check_audio

__all__ = ["pan_gains", "place", "side_highpass"]


def pan_gains(pan: Tensor) -> Tensor:
    """Return (batch, 2) left and right gains of the constant-power law, 1 and 1 in the centre (+3 dB at the ends)."""
    angle = (pan + 1.0) * (math.pi / 4)
    gains = torch.stack((torch.cos(angle), torch.sin(angle)), dim=-1) * math.sqrt(2.0)
    return torch.where(pan[:, None] == 0.0, gains - gains.detach() + 1.0, gains)


def place(audio: Tensor, width: Knob = 1.0, pan: Knob = 0.0, gain: Tensor | None = None) -> Tensor:
    """Set width, pan and level with one matrix; the result is stereo.

    Args:
        audio: (batch, 1 or 2, samples); mono has no side signal and goes to both channels.
        width: (batch,) side level: 0 is mono, 1 unchanged, 2 twice the side.
        pan: (batch,) -1 left .. 1 right.
        gain: (batch,) linear.
    Returns:
        (batch, 2, samples).
    Raises:
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    batch = audio.shape[0]
    width = knob("stereo.width", width, batch, audio)
    level = pan_gains(knob("stereo.pan", pan, batch, audio))
    if gain is not None:
        level = level * gain[:, None]
    if audio.shape[1] == 1:
        return level.to(audio.dtype)[:, :, None] * audio
    same, cross = (1.0 + width) / 2, (1.0 - width) / 2
    matrix = torch.stack((torch.stack((same, cross), -1), torch.stack((cross, same), -1)), dim=1)
    matrix = (matrix * level[:, :, None]).to(audio.dtype)
    left, right = audio[:, :1], audio[:, 1:]
    if bool((cross == 0.0).all()) and not cross.requires_grad:
        return matrix.diagonal(dim1=1, dim2=2)[:, :, None] * audio
    return torch.addcmul(matrix[:, :, :1] * left, matrix[:, :, 1:], right)


def side_highpass(audio: Tensor, sample_rate: int, mono_below_hz: Knob, memory: Memory | None = None) -> Tensor:
    """Make what lies below a frequency mono: a 12 dB/octave high-pass on the side signal.

    Args:
        audio: (batch, channels, samples); mono is returned as it is.
        sample_rate: Hz.
        mono_below_hz: (batch,) Hz.
        memory: a stream's past.
    Returns:
        (batch, channels, samples).
    """
    check_audio(audio)
    if audio.shape[1] == 1:
        return audio
    mono_below_hz = knob("stereo.mono_below_hz", mono_below_hz, audio.shape[0], audio)
    difference = audio[:, :1] - audio[:, 1:]
    highs = biquad_cascade(difference, cut_sections(sample_rate, mono_below_hz, "12", "high"), memory)
    # What the filter takes off the side goes off the left and onto the right, half of it each.
    return torch.addcmul(audio, highs - difference, audio.new_tensor([[0.5], [-0.5]]))
