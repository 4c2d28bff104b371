"""The recursions as batched torch, for accelerators: same mathematics, no loop over samples.

Linear recursions are solved by recursive doubling (Hillis and Steele, CACM 29(12), 1986) in float64. The branching
one-pole of a gain rider is solved by guessing every branch, solving the then linear recursion and correcting the
guess until it stands: by causality each round settles at least one more sample, and the fixed point is the exact
recursion. Gradients come from torch. Shapes and arguments as in `console.recursions`.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import conv1d, max_pool1d, pad

from console.kernels import limiter, shaper

__all__ = ["biquad_cascade", "limit_peaks", "ride_gain", "shape_wave"]

_NEGLIGIBLE = 1e-30


def biquad_cascade(audio: Tensor, sections: Tensor) -> Tensor:
    """Filter (batch, channels, samples) through (batch, sections, 5); see `console.recursions`."""
    y = audio.to(torch.float64)
    for section in sections.to(torch.float64).unbind(dim=1):
        b0, b1, b2, a1, a2 = (c[:, None, None] for c in section.unbind(dim=1))
        x1, x2 = _delay(y, 1), _delay(y, 2)
        y = _two_pole(b0 * y + b1 * x1 + b2 * x2, a1, a2)
    return y.to(audio.dtype)


def ride_gain(audio: Tensor, detector: Tensor, params: Tensor, split: bool) -> Tensor:
    """Ride the gain of (batch, channels, samples); see `console.recursions`."""
    p = params.to(torch.float64)
    threshold, slope, knee, reach, fall, rise, makeup, mix, direction = (column[:, None] for column in p.unbind(dim=1))
    knee = knee.clamp(min=1e-9)
    scale = 20.0 / math.log(10.0)
    level = scale * detector.to(torch.float64).abs().amax(dim=1).clamp(min=1e-9).log()
    silence = level.new_full((level.shape[0], 1), scale * math.log(1e-9))
    z = direction * (torch.cat((silence, level), dim=1) - threshold)
    bent = torch.minimum((z + knee / 2).clamp(min=0.0), knee)
    change = torch.maximum(-slope * (bent**2 / (2 * knee) + (z - knee / 2).clamp(min=0.0)), -reach)
    smooth = _branching_pole(change[:, 1:], fall, rise, change[:, :1])
    gain = ((1 - mix) + mix * makeup * torch.exp(smooth / scale))[:, None]
    ridden = detector.to(torch.float64) * (gain - 1) + audio if split else audio * gain
    return ridden.to(audio.dtype)


def shape_wave(padded: Tensor, drive: Tensor, shape: str) -> Tensor:
    """Bend (batch, channels, samples + 2 HALF) to (batch, channels, samples); see `console.recursions`."""
    x = padded.reshape(-1, 1, padded.shape[-1])
    up = torch.as_tensor(shaper._UP, dtype=x.dtype, device=x.device)[:, None]
    down = torch.as_tensor(shaper._DOWN, dtype=x.dtype, device=x.device)[None]
    rows = conv1d(x, up) * drive.to(x.dtype).repeat_interleave(padded.shape[1])[:, None, None]
    bias, root = (shaper.TUBE_BIAS, math.sqrt(1 + shaper.TUBE_BIAS**2)) if shape == "tube" else (0.0, 1.0)
    t = rows.transpose(1, 2).flatten(1) + bias  # (lanes, 4 rows): the high rate in order
    a, b = t[:, 1:], t[:, :-1]
    if shape == "clip":
        step = (a - b).to(torch.float64)
        near = step.abs() <= shaper._CLOSE
        area = torch.where(t.abs() < 1, t.to(torch.float64) ** 2 / 2, t.to(torch.float64).abs() - 0.5)
        mean = (area[:, 1:] - area[:, :-1]) / torch.where(near, torch.ones_like(step), step)
        bent = torch.where(near, ((a + b) / 2).clamp(-1.0, 1.0).to(torch.float64), mean).to(x.dtype)
    else:
        bent = root**3 * ((a + b) / ((1 + a**2).sqrt() + (1 + b**2).sqrt()) - bias / root)
    bent = pad(bent, (1, 0)).unflatten(1, (-1, 4)).transpose(1, 2)
    return conv1d(bent, down).reshape(*padded.shape[:-1], -1)


def limit_peaks(padded: Tensor, ceiling: Tensor, pole: Tensor, lookahead: int) -> Tensor:
    """Limit (1, channels, samples + lookahead + 2 DETECTOR_HALF); see `console.kernels.limiter`."""
    half = limiter.DETECTOR_HALF
    x = padded.to(torch.float64)
    taps = torch.as_tensor(limiter._TAPS, dtype=x.dtype, device=x.device)[:, None]
    between = conv1d(x[0][:, None], taps).abs().amax(dim=(0, 1))
    peak = torch.maximum(x[0, :, half : x.shape[-1] - half].abs().amax(dim=0), between)
    needed = torch.clamp(ceiling / peak.clamp(min=1e-30), max=1.0)
    least = -max_pool1d(-needed[None], lookahead + 1, stride=1)
    zero = torch.zeros_like(pole).reshape(1, 1)
    held = torch.cat(
        (
            least.new_ones(1, lookahead),
            _branching_pole(least, zero, pole.reshape(1, 1), torch.ones_like(zero)),
        ),
        dim=1,
    )
    total = pad(torch.cumsum(held, dim=1), (1, 0))
    gain = (total[:, lookahead + 1 :] - total[:, : -lookahead - 1]) / (lookahead + 1)
    return (x[..., half : half + gain.shape[-1]] * gain.clamp(max=1.0)).to(padded.dtype)


def _delay(x: Tensor, samples: int) -> Tensor:
    return pad(x, (samples, 0))[..., : x.shape[-1]]


def _two_pole(drive: Tensor, a1: Tensor, a2: Tensor) -> Tensor:
    """Solve y[n] = drive[n] - a1 y[n-1] - a2 y[n-2] with the state (y[n], y[n-1]) doubled over time."""
    y, past = drive, torch.zeros_like(drive)
    m00, m01, m10, m11 = -a1, -a2, torch.ones_like(a1), torch.zeros_like(a1)
    step = 1
    while step < drive.shape[-1]:
        y1, past1 = _delay(y, step), _delay(past, step)
        y, past = y + m00 * y1 + m01 * past1, past + m10 * y1 + m11 * past1
        m00, m01, m10, m11 = (
            m00 * m00 + m01 * m10,
            m00 * m01 + m01 * m11,
            m10 * m00 + m11 * m10,
            m10 * m01 + m11 * m11,
        )
        step *= 2
        if max(float(m.detach().abs().max()) for m in (m00, m01, m10, m11)) < _NEGLIGIBLE:
            break
    return y


def _one_pole(pole: Tensor, drive: Tensor) -> Tensor:
    """Solve s[n] = pole[n] s[n-1] + drive[n] from s = 0; both (batch, samples)."""
    step = 1
    while step < drive.shape[-1]:
        drive = drive + pole * _delay(drive, step)
        pole = pole * _delay(pole, step)
        step *= 2
        if float(pole.detach().max()) < _NEGLIGIBLE:
            break
    return drive


def _branching_pole(change: Tensor, fall: Tensor, rise: Tensor, start: Tensor) -> Tensor:
    """Solve s[n] = change[n] + pole (s[n-1] - change[n]), s[-1] = start; pole: fall if change[n] < s[n-1] else rise."""
    shifted = change - start  # solve from zero
    with torch.no_grad():
        falling = shifted < _delay(shifted, 1)
        for _ in range(change.shape[-1] + 1):
            pole = torch.where(falling, fall, rise).expand_as(shifted)
            s = _one_pole(pole, (1 - pole) * shifted)
            settled = shifted < _delay(s, 1)
            if bool((settled == falling).all()):
                break
            falling = settled
    pole = torch.where(falling, fall, rise).expand_as(shifted)
    return start + _one_pole(pole, (1 - pole) * shifted)
