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

_BLOCK = 1024
_FACTOR = 4
_FAST = {"contract", "reassoc", "nsz"}


def _lowpass() -> np.ndarray:
    """Return (4 * HALF + 1,) taps, unity at 0 Hz, -6 dB at half the base rate, 80 dB Kaiser (beta 7.86)."""
    n = np.arange(_FACTOR * HALF + 1) - _FACTOR * HALF / 2
    taps = np.sinc(n / _FACTOR) * np.kaiser(n.size, 7.86)
    taps[np.abs(taps) < 1e-12] = 0.0  # every fourth: phase 0 is the input itself
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
    """Add to out[i] the sum over k of taps[k] x[i + k] (or of taps[-1 - k] if backwards).

    Eight taps at a time, those that are zero left out: then what costs is reading x.
    """
    length = out.shape[0]
    count = taps.shape[0]
    h = taps[::-1].copy() if backwards else taps.copy()
    k, end = 0, count
    while k < end and h[k] == 0.0:
        k += 1
    while end > k and h[end - 1] == 0.0:
        end -= 1
    while k + 8 <= end:
        h0, h1, h2, h3, h4, h5, h6, h7 = h[k], h[k + 1], h[k + 2], h[k + 3], h[k + 4], h[k + 5], h[k + 6], h[k + 7]
        x0, x1, x2, x3 = x[k:], x[k + 1 :], x[k + 2 :], x[k + 3 :]
        x4, x5, x6, x7 = x[k + 4 :], x[k + 5 :], x[k + 6 :], x[k + 7 :]
        for i in range(length):
            first = h0 * x0[i] + h1 * x1[i] + h2 * x2[i] + h3 * x3[i]
            out[i] += first + (h4 * x4[i] + h5 * x5[i] + h6 * x6[i] + h7 * x7[i])
        k += 8
    while k < end:
        h0 = h[k]
        x0 = x[k:]
        for i in range(length):
            out[i] += h0 * x0[i]
        k += 1


# Divisions here cannot meet a zero; numpy's rules for them spare the check that stops vectorisation. Constants are
# cast to the audio's type: one float64 among them would make the whole curve float64.


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _bend(u, drive, shape):
    """Replace u by f(drive u)."""
    kind = u.dtype.type
    one, bias, offset, scale = kind(1.0), kind(TUBE_BIAS), kind(TUBE_BIAS / _BIAS_ROOT), kind(_BIAS_ROOT**3)
    if shape == TAPE:
        for i in range(u.shape[0]):
            t = drive * u[i]
            u[i] = t / np.sqrt(one + t * t)
    elif shape == TUBE:
        for i in range(u.shape[0]):
            t = drive * u[i] + bias
            u[i] = scale * (t / np.sqrt(one + t * t) - offset)
    else:
        for i in range(u.shape[0]):
            t = drive * u[i]
            t = t if t > -one else -one
            u[i] = t if t < one else one


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _bend_adjoint(u, g, drive, shape):
    """Replace g = dL/df by dL/du; return dL/ddrive."""
    kind = u.dtype.type
    one, zero = kind(1.0), kind(0.0)
    bias = kind(TUBE_BIAS) if shape == TUBE else zero
    scale = kind(_BIAS_ROOT**3) if shape == TUBE else one
    grad_drive = 0.0
    if shape == CLIP:
        for i in range(u.shape[0]):
            t = drive * u[i]
            through = g[i] if abs(t) < one else zero
            grad_drive += through * u[i]
            g[i] = through * drive
    else:
        for i in range(u.shape[0]):
            t = drive * u[i] + bias
            inverse = one / np.sqrt(one + t * t)
            through = g[i] * (scale * inverse * inverse * inverse)
            grad_drive += through * u[i]
            g[i] = through * drive
    return grad_drive


@njit(cache=True, nogil=True)
def _shaper_forward(x, drive, shape, up, down, y):
    lanes, samples = y.shape
    u = np.empty((4, _BLOCK + HALF), x.dtype)
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
                _bend(row, drive[lane], shape)
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
                grad = _bend_adjoint(row[:length], grow[:length], drive[lane], shape)
                _bend_adjoint(row[length:], grow[length:], drive[lane], shape)
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
