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
def _read_levels(detector, start, length, levels):
    """Write the greatest magnitude over channels, at least _FLOOR; detector is (channels, samples)."""
    for i in range(length):
        levels[i] = abs(detector[0, start + i])
    for channel in range(1, detector.shape[0]):
        for i in range(length):
            levels[i] = max(levels[i], abs(detector[channel, start + i]))
    for i in range(length):
        levels[i] = max(levels[i], _FLOOR)


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
def rider_forward(x, detector, split, params, state, y, saved):
    """Ride the gain of every item.

    Args:
        x: (items, channels, samples) audio.
        detector: (items, channels, samples) what the level is read from.
        split: False: y = gain * x. True: the detector is a band of x and only it is ridden: y = x + (gain - 1) band.
        params: (items, COLUMNS) float64.
        state: (items,) smoothed gain in dB; read at the start, written at the end.
        y: (items, channels, samples), written.
        saved: (items, blocks) smoothed gain at block starts, written; with 0 blocks nothing is stored.
    """
    items, channels, samples = x.shape
    levels, change, beyond, gain = np.ones(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    smooth = np.zeros(BLOCK + 1 + LANES)
    for item in range(items):
        p = params[item]
        dry, wet = 1.0 - p[MIX], p[MIX] * p[MAKEUP]
        smooth[0] = state[item]
        for block in range((samples + BLOCK - 1) // BLOCK):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            if saved.shape[1] > 0:
                saved[item, block] = smooth[0]
            _read_levels(detector[item], start, length, levels)
            _static_curve(levels, p, length, change, beyond)
            _smooth(change, p, length, smooth)
            _linear(smooth, length, gain)
            for i in range(length):
                gain[i] = dry + wet * gain[i]
            for channel in range(channels):
                into, dry_in, band = y[item, channel], x[item, channel], detector[item, channel]
                if split:
                    for i in range(length):
                        into[start + i] = dry_in[start + i] + (gain[i] - 1.0) * band[start + i]
                else:
                    for i in range(length):
                        into[start + i] = gain[i] * dry_in[start + i]
            smooth[0] = smooth[length]
        state[item] = smooth[0]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _gain_gradient(grad_y, ridden, gain, split, start, length, grad_gain, grad_x, grad_detector):
    """Add one channel's share to dL/dgain and write dL/dx and the direct part of dL/ddetector."""
    for i in range(length):
        grad_gain[i] += grad_y[start + i] * ridden[start + i]
    if split:
        for i in range(length):
            grad_x[start + i] = grad_y[start + i]
            grad_detector[start + i] = (gain[i] - 1.0) * grad_y[start + i]
    else:
        for i in range(length):
            grad_x[start + i] = gain[i] * grad_y[start + i]
            grad_detector[start + i] = 0.0


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
    half = 0.5 * knee
    slope, limit = p[SLOPE], -p[RANGE_DB]
    grad_range = grad_level = grad_slope = grad_knee = 0.0
    for i in range(length):
        z = beyond[i]
        bent = min(max(z + half, 0.0), knee)
        limited = change[i] <= limit
        live = 0.0 if limited else grad[i]
        grad_range -= grad[i] if limited else 0.0
        grad_slope -= live * (bent * bent * (0.5 / knee) + max(z - half, 0.0))
        inside = live if bent < knee else 0.0
        grad_knee -= inside * slope * (0.5 * bent / knee - 0.5 * bent * bent / (knee * knee))
        grad[i] = -slope * p[DIRECTION] * live * bent / knee
        grad_level += grad[i]
    total[RANGE_DB] += grad_range
    total[THRESHOLD_DB] -= grad_level
    total[SLOPE] += grad_slope
    total[KNEE_DB] += grad_knee


@njit(cache=True, nogil=True)
def _level_adjoint(grad, levels, detector, start, length, grad_detector):
    """Add dL/ddetector: the level in dB is read from the first of the loudest channels."""
    for i in range(length):
        grad[i] = grad[i] * _DB / levels[i]
    for channel in range(detector.shape[0]):
        d, into = detector[channel], grad_detector[channel]
        for i in range(length):
            value = d[start + i]
            into[start + i] += grad[i] if value >= levels[i] else (-grad[i] if -value >= levels[i] else 0.0)
            grad[i] = 0.0 if abs(value) >= levels[i] else grad[i]


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
    """Take dL/dy to dL/dx, dL/ddetector and dL/dparams; arguments as in `rider_forward`, gradients are written."""
    items, channels, samples = x.shape
    levels, change, beyond, linear = np.ones(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    gain, grad, pole = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    smooth = np.zeros(BLOCK + 1 + LANES)
    for item in range(items):
        p = params[item]
        dry, wet = 1.0 - p[MIX], p[MIX] * p[MAKEUP]
        total = np.zeros(COLUMNS)
        carried = 0.0
        for block in range(saved.shape[1] - 1, -1, -1):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            smooth[0] = saved[item, block]
            _read_levels(detector[item], start, length, levels)
            _static_curve(levels, p, length, change, beyond)
            _smooth(change, p, length, smooth)
            _linear(smooth, length, linear)
            for i in range(length):
                gain[i] = dry + wet * linear[i]
                grad[i] = 0.0
            for channel in range(channels):
                ridden = detector[item, channel] if split else x[item, channel]
                into, band = grad_x[item, channel], grad_detector[item, channel]
                _gain_gradient(grad_y[item, channel], ridden, gain, split, start, length, grad, into, band)
            _mix_gradients(grad, linear, p, length, total)
            carried = _smooth_adjoint(change, smooth, p, length, carried, pole, grad, total)
            _curve_adjoint(grad, change, beyond, p, length, total)
            _level_adjoint(grad, levels, detector[item], start, length, grad_detector[item])
        grad_params[item] = total
