"""Gain riders (compressor, expander, de-esser): the recursion and its adjoint, compiled.

One pass per item: stereo-linked peak level -> dB -> static curve with a soft knee -> exact branching attack/release
smoothing of the gain in dB -> linear gain -> output. Source: Giannoulis, Massberg and Reiss, "Digital Dynamic Range
Compressor Design", JAES 60(6), 2012, eq. 4 (soft knee) and eq. 16 (smooth branching detector, here on the gain).

The forward pass stores the smoothed gain at every block's start; the adjoint recomputes each block from it.

Parameters of an item are a row of float64, by column:
"""

import math

import numpy as np
from numba import njit

from console.kernels.simd import LANES, exp, load, log, maximum, minimum, splat, store

__all__ = [
    "BLOCK",
    "COLUMNS",
    "DIRECTION",
    "FALL",
    "KNEE_DB",
    "MAKEUP",
    "MIX",
    "RANGE_DB",
    "RISE",
    "SLOPE",
    "THRESHOLD_DB",
    "rider_adjoint",
    "rider_forward",
]

BLOCK = 512

THRESHOLD_DB = 0
"""Level at which the curve bends, dB."""
SLOPE = 1
"""dB of gain change per dB beyond the threshold: 1 - 1/ratio above it, ratio - 1 below it."""
KNEE_DB = 2
"""Width of the soft knee, dB."""
RANGE_DB = 3
"""Greatest gain reduction, dB."""
FALL = 4
"""One-pole coefficient while the gain falls (a compressor's attack, a gate's release)."""
RISE = 5
"""One-pole coefficient while the gain rises."""
MAKEUP = 6
"""Linear gain on the processed path."""
MIX = 7
"""Share of the processed path, 0..1."""
DIRECTION = 8
"""+1 rides levels above the threshold, -1 those below it. Not differentiated."""
COLUMNS = 9

_DB = 20.0 / math.log(10.0)
_FLOOR = 1e-9
_SUMS = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True)
def _read_levels(detector, levels):
    """Write the greatest magnitude over channels, at least _FLOOR; detector is (channels, length)."""
    levels[:] = _FLOOR
    for channel in range(detector.shape[0]):
        d = detector[channel]
        for i in range(d.shape[0]):
            value = abs(d[i])
            levels[i] = value if value > levels[i] else levels[i]


@njit(cache=True, nogil=True)
def _static_curve(levels, p, length, change, beyond):
    """Write the gain change in dB (<= 0) and how far beyond the threshold the level is, dB."""
    knee = max(p[KNEE_DB], 1e-9)
    direction, threshold, half = splat(p[DIRECTION]), splat(p[THRESHOLD_DB]), splat(0.5 * knee)
    width, inverse = splat(knee), splat(0.5 / knee)
    slope, floor, zero, scale = splat(-p[SLOPE]), splat(-p[RANGE_DB]), splat(0.0), splat(_DB)
    for i in range(0, length, LANES):
        z = direction * (scale * log(load(levels, i)) - threshold)
        bent = minimum(maximum(z + half, zero), width)
        store(beyond, i, z)
        store(change, i, maximum(slope * (bent * bent * inverse + maximum(z - half, zero)), floor))


@njit(cache=True, nogil=True)
def _smooth(change, p, length, smooth):
    """Write the smoothed gain in dB to smooth[1 : length + 1] from its past value smooth[0].

    The branch "falling or rising" is the lesser (or greater) of the two one-pole steps.
    """
    fall, rise = p[FALL], p[RISE]
    s = smooth[0]
    if fall <= rise:
        for i in range(length):
            s = min(fall * s + (1.0 - fall) * change[i], rise * s + (1.0 - rise) * change[i])
            smooth[i + 1] = s
    else:
        for i in range(length):
            s = max(fall * s + (1.0 - fall) * change[i], rise * s + (1.0 - rise) * change[i])
            smooth[i + 1] = s


@njit(cache=True, nogil=True)
def _linear(smooth, length, linear):
    """Write the smoothed gain as a factor."""
    scale = splat(1.0 / _DB)
    for i in range(0, length, LANES):
        store(linear, i, exp(load(smooth, i + 1) * scale))


@njit(cache=True, nogil=True)
def _rest(p, change, beyond):
    """Write the curve's answer to silence to change[0] and beyond[0]: the gain in dB a rider starts from."""
    _static_curve(np.full(LANES, _FLOOR), p, LANES, change, beyond)
    return change[0]


@njit(cache=True, nogil=True)
def rider_forward(x, detector, split, params, state, y, saved):
    """Ride the gain of every item.

    Args:
        x: (items, channels, samples) audio.
        detector: (items, channels, samples) what the level is read from.
        split: False: y = gain * x. True: the detector is a band of x and only it is ridden: y = x + (gain - 1) band.
        params: (items, COLUMNS) float64.
        state: (items,) smoothed gain in dB; read at the start, written at the end. NaN: at rest in silence.
        y: (items, channels, samples), written.
        saved: (items, blocks) smoothed gain at block starts, written; with 0 blocks nothing is stored.
    """
    items, channels, samples = x.shape
    levels, change, beyond, gain = np.ones(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    smooth = np.zeros(BLOCK + 1 + LANES)
    for item in range(items):
        p = params[item]
        dry, wet = 1.0 - p[MIX], p[MIX] * p[MAKEUP]
        smooth[0] = _rest(p, change, beyond) if np.isnan(state[item]) else state[item]
        for block in range((samples + BLOCK - 1) // BLOCK):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            if saved.shape[1] > 0:
                saved[item, block] = smooth[0]
            _read_levels(detector[item, :, start : start + length], levels)
            _static_curve(levels, p, length, change, beyond)
            _smooth(change, p, length, smooth)
            _linear(smooth, length, gain)
            for i in range(length):
                gain[i] = dry + wet * gain[i]
            for channel in range(channels):
                into = y[item, channel, start : start + length]
                dry_in = x[item, channel, start : start + length]
                band = detector[item, channel, start : start + length]
                if split:
                    for i in range(length):
                        into[i] = dry_in[i] + (gain[i] - 1.0) * band[i]
                else:
                    for i in range(length):
                        into[i] = gain[i] * dry_in[i]
            smooth[0] = smooth[length]
        state[item] = smooth[0]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _gain_gradient(grad_y, ridden, gain, grad_gain, grad_x):
    """Add one channel's share to dL/dgain and write dL/dx = gain * dL/dy."""
    for i in range(grad_y.shape[0]):
        grad_gain[i] += grad_y[i] * ridden[i]
    for i in range(grad_y.shape[0]):
        grad_x[i] = gain[i] * grad_y[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _split_gradient(grad_y, band, gain, grad_gain, grad_x, grad_band):
    """The same where only a band is ridden."""
    for i in range(grad_y.shape[0]):
        grad_gain[i] += grad_y[i] * band[i]
    for i in range(grad_y.shape[0]):
        grad_x[i] = grad_y[i]
        grad_band[i] = (gain[i] - 1.0) * grad_y[i]


@njit(cache=True, nogil=True)
def _chain_adjoint(pole, length, carried, grad):
    """Add to dL/dsmooth what flows back from later samples, in place; return what flows to the block before."""
    for i in range(length - 1, -1, -1):
        carried = grad[i] + carried
        grad[i] = carried
        carried *= pole[i]
    return carried


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _smooth_adjoint(change, smooth, p, length, carried, pole, grad, total):
    """Take dL/dsmooth in grad to dL/dchange in place, adding the poles' gradients; return the carried adjoint."""
    fall, rise = p[FALL], p[RISE]
    for i in range(length):
        pole[i] = fall if smooth[i] > change[i] else rise
    carried = _chain_adjoint(pole, length, carried, grad)
    grad_fall = grad_both = 0.0
    for i in range(length):
        share = grad[i] * (smooth[i] - change[i])
        grad_both += share
        grad_fall += share if smooth[i] > change[i] else 0.0
        grad[i] *= 1.0 - pole[i]
    total[FALL] += grad_fall
    total[RISE] += grad_both - grad_fall
    return carried


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _curve_adjoint(grad, change, beyond, p, length, total):
    """Take dL/dchange in grad to dL/dlevel_db in place and add the gradients of the curve's parameters."""
    knee = max(p[KNEE_DB], 1e-9)
    half, inverse = 0.5 * knee, 1.0 / knee
    slope, limit = p[SLOPE], -p[RANGE_DB]
    scale = -slope * p[DIRECTION]
    grad_all = grad_live = grad_level = grad_slope = grad_knee = 0.0
    for i in range(length):
        live = grad[i] if change[i] > limit else 0.0
        raised = beyond[i] + half
        raised = raised if raised > 0.0 else 0.0
        bent = raised if raised < knee else knee
        share = bent * inverse
        grad_all += grad[i]
        grad_live += live
        grad_slope += live * (0.5 * bent * share + (raised - bent))
        grad_knee += live * share * (1.0 - share)
        grad[i] = scale * live * share
        grad_level += grad[i]
    total[RANGE_DB] -= grad_all - grad_live
    total[THRESHOLD_DB] -= grad_level
    total[SLOPE] -= grad_slope
    total[KNEE_DB] -= 0.5 * slope * grad_knee


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _level_adjoint(grad, levels, detector, grad_detector):
    """Add dL/ddetector from dL/dlevel_db: the level is read from the first of the loudest channels."""
    for i in range(detector.shape[1]):
        grad[i] = grad[i] * _DB / levels[i]
    for channel in range(detector.shape[0]):
        d, into = detector[channel], grad_detector[channel]
        for i in range(d.shape[0]):
            positive = np.float64(d[i] >= levels[i])  # products, not branches: signs are unpredictable
            negative = np.float64(-d[i] >= levels[i])
            into[i] += (positive - negative) * grad[i]
            grad[i] *= 1.0 - (positive + negative)


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _mix_gradients(grad_gain, linear, p, length, total):
    """Add the gradients of make-up and mix and take dL/dgain in place to dL/dsmooth."""
    through = shift = 0.0
    for i in range(length):
        through += grad_gain[i] * linear[i]
        shift += grad_gain[i]
        grad_gain[i] = grad_gain[i] * linear[i] * (p[MIX] * p[MAKEUP] / _DB)
    total[MAKEUP] += p[MIX] * through
    total[MIX] += p[MAKEUP] * through - shift


@njit(cache=True, nogil=True)
def rider_adjoint(grad_y, x, detector, split, params, saved, grad_x, grad_detector, grad_params):
    """Take dL/dy to dL/dx, dL/ddetector and dL/dparams.

    Arguments as in `rider_forward`; gradients are written. The pass must have started at
    rest. If x is its own detector, pass `grad_x` twice: it then
    holds the whole gradient.
    """
    items, channels, samples = x.shape
    levels, change, beyond, linear = np.ones(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    gain, grad, pole = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    smooth = np.zeros(BLOCK + 1 + LANES)
    own = grad_x.ctypes.data == grad_detector.ctypes.data
    for item in range(items):
        p = params[item]
        dry, wet = 1.0 - p[MIX], p[MIX] * p[MAKEUP]
        total = np.zeros(COLUMNS)
        carried = 0.0
        for block in range(saved.shape[1] - 1, -1, -1):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            d = detector[item, :, start : start + length]
            into, into_d = (
                grad_x[item, :, start : start + length],
                grad_detector[item, :, start : start + length],
            )
            g = grad_y[item, :, start : start + length]
            audio = x[item, :, start : start + length]
            smooth[0] = saved[item, block]
            _read_levels(d, levels)
            _static_curve(levels, p, length, change, beyond)
            _smooth(change, p, length, smooth)
            _linear(smooth, length, linear)
            for i in range(length):
                gain[i] = dry + wet * linear[i]
                grad[i] = 0.0
            for channel in range(channels):
                if split:
                    _split_gradient(g[channel], d[channel], gain, grad, into[channel], into_d[channel])
                else:
                    _gain_gradient(g[channel], audio[channel], gain, grad, into[channel])
                    if not own:
                        into_d[channel] = 0.0
            _mix_gradients(grad, linear, p, length, total)
            carried = _smooth_adjoint(change, smooth, p, length, carried, pole, grad, total)
            _curve_adjoint(grad, change, beyond, p, length, total)
            _level_adjoint(grad, levels, d, into_d)
        grad[0] = carried  # the gain started at rest, where the curve put it
        _rest(p, change, beyond)
        _curve_adjoint(grad, change, beyond, p, 1, total)
        grad_params[item] = total
