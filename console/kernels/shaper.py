"""Oversampled waveshaping: up by four, bend, down by four, and the adjoint, compiled.

Both filters are one linear-phase Kaiser low-pass of 4 * HALF + 1 taps at four times the rate. Every output depends on
2 * HALF + 1 inputs only, so the stage has no state: a caller hands HALF samples before and after what it wants.
The signal at the high rate is kept as four phase rows, so that every loop runs over contiguous memory.
"""

import math

import numpy as np
from numba import njit

__all__ = ["CLIP", "HALF", "SHAPES", "TAPE", "TUBE", "TUBE_BIAS", "shaper_adjoint", "shaper_forward"]

HALF = 32
"""Inputs needed on each side of an output."""
TAPE, TUBE, CLIP = 0, 1, 2
SHAPES = {"tape": TAPE, "tube": TUBE, "clip": CLIP}
TUBE_BIAS = 0.35
"""Operating point of the tube curve; sets how far even harmonics lead."""

_BLOCK = 512
_FACTOR = 4
_FAST = {"contract", "reassoc", "nsz"}


def _lowpass() -> np.ndarray:
    """Return (4 * HALF + 1,) taps, unity at 0 Hz, -6 dB at half the base rate, 80 dB Kaiser (beta 7.86)."""
    n = np.arange(_FACTOR * HALF + 1) - _FACTOR * HALF / 2
    taps = np.sinc(n / _FACTOR) * np.kaiser(n.size, 7.86)
    return taps / taps.sum()


_TAPS = _lowpass()
# _UP[p, i]: share of x[q - HALF + i] in the high-rate sample 4 q + p.
_UP = np.zeros((_FACTOR, HALF + 1))
# _DOWN[p, i]: share of the high-rate sample 4 (n + HALF + i) + p in y[n].
_DOWN = np.zeros((_FACTOR, HALF + 1))
for _p in range(_FACTOR):
    for _i in range(HALF + 1):
        if _FACTOR * (HALF - _i) + _p <= _FACTOR * HALF:
            _UP[_p, _i] = _FACTOR * _TAPS[_FACTOR * (HALF - _i) + _p]
        if _FACTOR * (HALF - _i) - _p >= 0:
            _DOWN[_p, _i] = _TAPS[_FACTOR * (HALF - _i) - _p]
_UP32, _DOWN32 = _UP.astype(np.float32), _DOWN.astype(np.float32)
_BIAS_ROOT = math.sqrt(1.0 + TUBE_BIAS * TUBE_BIAS)


@njit(cache=True, nogil=True, fastmath=_FAST)
def _slide(x, taps, out, backwards):
    """Add to out[i] the sum over k of taps[k] x[i + k] (or of taps[-1 - k] if backwards)."""
    length = out.shape[0]
    count = taps.shape[0]
    for k in range(0, count - 3, 4):
        if backwards:
            h0, h1, h2, h3 = (
                taps[count - 1 - k],
                taps[count - 2 - k],
                taps[count - 3 - k],
                taps[count - 4 - k],
            )
        else:
            h0, h1, h2, h3 = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        x0, x1, x2, x3 = x[k:], x[k + 1 :], x[k + 2 :], x[k + 3 :]
        for i in range(length):
            out[i] += h0 * x0[i] + h1 * x1[i] + h2 * x2[i] + h3 * x3[i]
    for k in range(count - count % 4, count):
        h0 = taps[count - 1 - k] if backwards else taps[k]
        x0 = x[k:]
        for i in range(length):
            out[i] += h0 * x0[i]


@njit(cache=True, nogil=True, fastmath=_FAST)
def _bend(u, drive, shape, one):
    """Replace u by f(drive u); `one` is 1 in u's precision."""
    half_bias = one * TUBE_BIAS
    offset, scale = half_bias / (one * _BIAS_ROOT), (one * _BIAS_ROOT) ** 3
    if shape == TAPE:
        for i in range(u.shape[0]):
            t = drive * u[i]
            u[i] = t / np.sqrt(one + t * t)
    elif shape == TUBE:
        for i in range(u.shape[0]):
            t = drive * u[i] + half_bias
            u[i] = scale * (t / np.sqrt(one + t * t) - offset)
    else:
        for i in range(u.shape[0]):
            u[i] = min(max(drive * u[i], -one), one)


@njit(cache=True, nogil=True, fastmath=_FAST)
def _bend_adjoint(u, g, drive, shape, one):
    """Replace g = dL/df by dL/du; return dL/ddrive."""
    half_bias = one * TUBE_BIAS
    scale = (one * _BIAS_ROOT) ** 3
    grad_drive = 0.0
    for i in range(u.shape[0]):
        if shape == CLIP:
            slope = one if abs(drive * u[i]) < one else one - one
        else:
            t = drive * u[i] + (half_bias if shape == TUBE else one - one)
            inverse = one / np.sqrt(one + t * t)
            slope = inverse * inverse * inverse * (scale if shape == TUBE else one)
        grad_drive += g[i] * slope * u[i]
        g[i] = g[i] * slope * drive
    return grad_drive


@njit(cache=True, nogil=True)
def _shaper_forward(x, drive, shape, up, down, y):
    lanes, samples = y.shape
    u = np.empty((4, _BLOCK + HALF), x.dtype)
    one = up.dtype.type(1.0)
    for lane in range(lanes):
        for start in range(0, samples, _BLOCK):
            length = min(_BLOCK, samples - start)
            reach = length + HALF
            u[:] = 0.0
            out = y[lane, start : start + length]
            out[:] = 0.0
            for p in range(4):
                row = u[p, :reach]
                _slide(x[lane, start : start + length + 2 * HALF], up[p], row, False)
                _bend(row, drive[lane], shape, one)
                _slide(row, down[p], out, False)


@njit(cache=True, nogil=True)
def _shaper_adjoint(grad_y, x, drive, shape, up, down, grad_x, grad_drive):
    lanes, samples = x.shape
    outputs = grad_y.shape[1]
    u = np.empty(_BLOCK + HALF, x.dtype)
    g = np.empty(_BLOCK + HALF, x.dtype)
    # Rows with HALF silent samples around the signal: every reach stays inside.
    padded_x = np.zeros(samples + 2 * HALF, x.dtype)
    padded_g = np.zeros(samples + 2 * HALF + _BLOCK, x.dtype)
    one = up.dtype.type(1.0)
    for lane in range(lanes):
        padded_x[HALF : HALF + samples] = x[lane]
        padded_g[2 * HALF : 2 * HALF + outputs] = grad_y[lane]
        total = 0.0
        for start in range(0, samples, _BLOCK):
            length = min(_BLOCK, samples - start)
            reach = min(length + HALF, samples + HALF - start)
            into = grad_x[lane, start : start + length]
            into[:] = 0.0
            for p in range(4):
                row, grow = u[:reach], g[:reach]
                row[:] = 0.0
                grow[:] = 0.0
                _slide(padded_x[start : start + reach + HALF], up[p], row, False)
                _slide(padded_g[start : start + reach + HALF], down[p], grow, True)
                # High-rate samples that feed no output have zero gradient; those before HALF likewise.
                grad = _bend_adjoint(row[:length], grow[:length], drive[lane], shape, one)
                _bend_adjoint(row[length:], grow[length:], drive[lane], shape, one)
                total += grad
                _slide(grow, up[p], into, True)
        grad_drive[lane] = total


def shaper_forward(x, drive, shape, y):
    """Bend every lane at four times its rate.

    Args:
        x: (lanes, samples + 2 * HALF) input, float32 or float64.
        drive: (lanes,) linear gain into the curve, x's dtype.
        shape: TAPE: t / sqrt(1 + t^2). TUBE: the same around TUBE_BIAS, slope 1 at rest. CLIP: limited to -1..1.
        y: (lanes, samples), written; y[n] is centred on x[n + HALF].
    """
    up, down = (_UP32, _DOWN32) if x.dtype == np.float32 else (_UP, _DOWN)
    _shaper_forward(x, drive, shape, up, down, y)


def shaper_adjoint(grad_y, x, drive, shape, grad_x, grad_drive):
    """Take dL/dy (lanes, samples) to dL/dx (lanes, samples + 2 * HALF) and dL/ddrive (lanes,) float64, written."""
    up, down = (_UP32, _DOWN32) if x.dtype == np.float32 else (_UP, _DOWN)
    _shaper_adjoint(grad_y, x, drive, shape, up, down, grad_x, grad_drive)
