"""Gain riders (compressor, expander, de-esser): the recursion and its adjoint, compiled.

One pass per item: stereo-linked peak level -> dB -> static curve with a soft knee -> exact branching attack/release
smoothing of the gain in dB -> linear gain -> output. Source: Giannoulis, Massberg and Reiss, "Digital Dynamic Range
Compressor Design", JAES 60(6), 2012, eq. 4 (soft knee) and eq. 16 (smooth branching detector, here on the gain).

The forward pass stores the smoothed gain at every block's start; the adjoint recomputes each block from it. Both work
on four samples at a time, every stage in one loop: while the one-pole, which must wait for itself, takes its four
steps, the processor has logarithms and exponentials of other samples to fill the time with.

Audio is handed on as flat arrays: channel c of an item stands at `start + c * stride`.

Parameters of an item are a row of float64, by column:
"""

import math

import numpy as np
from numba import njit

from console.kernels.simd import (
    LANES,
    exp,
    fused,
    join,
    lane,
    load,
    log,
    magnitude,
    maximum,
    minimum,
    splat,
    store,
    total,
    where_above,
    with_sign,
)

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

BLOCK = 256

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
_LEVEL, _BEYOND, _CHANGE, _SMOOTH, _GRAD = range(5)


@njit(cache=True, nogil=True, inline="always")
def _peak(detector, start, stride, channels):
    """Return the greatest magnitude over channels of four samples, at least _FLOOR."""
    peak = splat(_FLOOR)
    for channel in range(channels):
        peak = maximum(magnitude(load(detector, start + channel * stride)), peak)
    return peak


@njit(cache=True, nogil=True, inline="always")
def _curve(p):
    """Return the static curve's constants."""
    knee = max(p[KNEE_DB], 1e-9)
    return (
        splat(_DB * p[DIRECTION]),
        splat(p[DIRECTION] * p[THRESHOLD_DB]),
        splat(0.5 * knee),
        splat(knee),
        splat(-p[SLOPE] * 0.5 / knee),
        splat(-p[SLOPE]),
        splat(-p[RANGE_DB]),
    )


@njit(cache=True, nogil=True, inline="always")
def _beyond(curve, peak):
    """Return how far beyond the threshold a level is, dB."""
    return curve[0] * log(peak) - curve[1]


@njit(cache=True, nogil=True, inline="always")
def _change(curve, beyond):
    """Return the static curve's gain change, dB (<= 0)."""
    zero, half = splat(0.0), curve[2]
    bent = minimum(maximum(beyond + half, zero), curve[3])
    return maximum(bent * bent * curve[4] + curve[5] * maximum(beyond - half, zero), curve[6])


@njit(cache=True, nogil=True, inline="always")
def _poles(p):
    """Return fall, rise, the shares of the input, and a sign.

    The branch "falling or rising" is the lesser of the two one-pole steps where fall <= rise, else the greater: the
    lesser of the negated steps.
    """
    sign = 1.0 if p[FALL] <= p[RISE] else -1.0
    return p[FALL], p[RISE], splat(sign * (1.0 - p[FALL])), splat(sign * (1.0 - p[RISE])), splat(sign)


@njit(cache=True, nogil=True, inline="always")
def _smooth(poles, change, past):
    """Return four smoothed gains in dB and the last of them; `past` is the one before, both with the poles' sign."""
    fall, rise = poles[0], poles[1]
    falling, rising = change * poles[2], change * poles[3]
    f, r = fused(fall, past, lane(falling, 0)), fused(rise, past, lane(rising, 0))
    s0 = f if f < r else r
    f, r = fused(fall, s0, lane(falling, 1)), fused(rise, s0, lane(rising, 1))
    s1 = f if f < r else r
    f, r = fused(fall, s1, lane(falling, 2)), fused(rise, s1, lane(rising, 2))
    s2 = f if f < r else r
    f, r = fused(fall, s2, lane(falling, 3)), fused(rise, s2, lane(rising, 3))
    s3 = f if f < r else r
    return join(s0, s1, s2, s3), s3


@njit(cache=True, nogil=True)
def _rest(p):
    """Return the curve's answer to silence: the gain in dB a rider starts from."""
    curve = _curve(p)
    return lane(_change(curve, _beyond(curve, splat(_FLOOR))), 0)


@njit(cache=True, nogil=True)
def _ride(x, detector, y, start, stride, channels, length, split, p, past):
    """Ride `length` samples, a multiple of LANES; return the last four smoothed gains in dB."""
    curve, poles = _curve(p), _poles(p)
    dry, wet, one = splat(1.0 - p[MIX]), splat(p[MIX] * p[MAKEUP]), splat(1.0)
    sign, to_log = lane(poles[4], 0), poles[4] * splat(1.0 / _DB)
    s = sign * past
    smooth = splat(s)
    for n in range(start, start + length, LANES):
        change = _change(curve, _beyond(curve, _peak(detector, n, stride, channels)))
        smooth, s = _smooth(poles, change, s)
        gain = dry + wet * exp(smooth * to_log)
        for channel in range(channels):
            at = n + channel * stride
            if split:
                store(y, at, load(x, at) + (gain - one) * load(detector, at))
            else:
                store(y, at, gain * load(x, at))
    return smooth * poles[4]


@njit(cache=True, nogil=True)
def _tail_of(audio, start, stride, length, tail):
    """Copy the last samples of every channel to the front of rows of LANES, silent behind them."""
    tail[:] = 0.0
    for channel in range(tail.shape[0] // LANES):
        for i in range(length):
            tail[channel * LANES + i] = audio[start + channel * stride + i]


@njit(cache=True, nogil=True)
def _tail_to(tail, audio, start, stride, length):
    """Copy what `_tail_of` copied back."""
    for channel in range(tail.shape[0] // LANES):
        for i in range(length):
            audio[start + channel * stride + i] = tail[channel * LANES + i]


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
    rest = samples % LANES
    flat_x, flat_d, flat_y = x.reshape(-1), detector.reshape(-1), y.reshape(-1)
    tails = np.zeros((3, channels * LANES), x.dtype)
    for item in range(items):
        p = params[item]
        first = item * channels * samples
        past = _rest(p) if np.isnan(state[item]) else state[item]
        for block in range((samples + BLOCK - 1) // BLOCK):
            length = min(BLOCK, samples - rest - block * BLOCK)
            if saved.shape[1] > 0:
                saved[item, block] = past
            if length > 0:
                at = first + block * BLOCK
                smooth = _ride(flat_x, flat_d, flat_y, at, samples, channels, length, split, p, past)
                past = lane(smooth, 3)
        if rest > 0:
            at = first + samples - rest
            _tail_of(flat_x, at, samples, rest, tails[0])
            _tail_of(flat_d, at, samples, rest, tails[1])
            smooth = _ride(tails[0], tails[1], tails[2], 0, LANES, channels, LANES, split, p, past)
            past = lane(smooth, 0) if rest == 1 else lane(smooth, 1) if rest == 2 else lane(smooth, 2)
            _tail_to(tails[2], flat_y, at, samples, rest)
        state[item] = past


@njit(cache=True, nogil=True)
def _repeat(grad_y, x, detector, grad_x, grad_d, start, stride, channels, length, split, own, p, past, rows, into):
    """Ride again, storing in rows[:, into :] what the adjoint needs, and take dL/dy through the gain.

    Writes dL/dx and the share of dL/ddetector that does not pass the level; adds the gradients of make-up and mix to
    sums (rows[-1]); returns the last smoothed gain in dB.
    """
    curve, poles = _curve(p), _poles(p)
    makeup, mix = p[MAKEUP], p[MIX]
    dry, wet, one, zero = splat(1.0 - mix), splat(mix * makeup), splat(1.0), splat(0.0)
    to_log, to_db = poles[4] * splat(1.0 / _DB), splat(mix * makeup / _DB)
    level, beyond, changes, smoothed, grads = (
        rows[_LEVEL],
        rows[_BEYOND],
        rows[_CHANGE],
        rows[_SMOOTH],
        rows[_GRAD],
    )
    s = lane(poles[4], 0) * past
    through, shift = zero, zero
    for i in range(0, length, LANES):
        n = start + i
        peak = _peak(detector, n, stride, channels)
        z = _beyond(curve, peak)
        change = _change(curve, z)
        smooth, s = _smooth(poles, change, s)
        linear = exp(smooth * to_log)
        gain = dry + wet * linear
        grad = zero
        for channel in range(channels):
            at = n + channel * stride
            g = load(grad_y, at)
            if split:
                grad = grad + g * load(detector, at)
                store(grad_x, at, g)
                store(grad_d, at, (gain - one) * g)
            else:
                grad = grad + g * load(x, at)
                store(grad_x, at, gain * g)
                if not own:
                    store(grad_d, at, zero)
        shift = shift + grad
        grad = grad * linear
        through = through + grad
        store(level, into + i, peak)
        store(beyond, into + i, z)
        store(changes, into + i, change)
        store(smoothed, into + i, smooth * poles[4])
        store(grads, into + i, grad * to_db)
    sums = rows[_GRAD + 1]
    sums[MAKEUP] += mix * total(through)
    sums[MIX] += makeup * total(through) - total(shift)
    return lane(poles[4], 0) * s


@njit(cache=True, nogil=True)
def _curve_adjoint(grad, change, beyond, p, sums):
    """Take dL/dchange (4 lanes) to dL/dlevel_db and add the gradients of the curve's parameters to sums."""
    zero, knee = splat(0.0), max(p[KNEE_DB], 1e-9)
    live = where_above(change, splat(-p[RANGE_DB]), grad, zero)
    raised = maximum(beyond + splat(0.5 * knee), zero)
    bent = minimum(raised, splat(knee))
    share = bent * splat(1.0 / knee)
    level = splat(-p[SLOPE] * p[DIRECTION]) * live * share
    range_db, threshold, slope, width = sums
    return level, (
        range_db + (live - grad),
        threshold - level,
        slope - live * (splat(0.5) * bent * share + (raised - bent)),
        width - live * share * (splat(1.0) - share),
    )


@njit(cache=True, nogil=True)
def _back(detector, grad_d, start, stride, channels, length, p, carried, rows, into):
    """Walk a repeated stretch backwards: add to dL/ddetector what passes the level, and to rows[-1] dL/dparams.

    carried is what flows back from later samples into the smoothed gain; returns what flows on.
    """
    fall, rise, zero, one, scale = splat(p[FALL]), splat(p[RISE]), splat(0.0), splat(1.0), splat(_DB)
    level, beyond, changes, smoothed, grads = (
        rows[_LEVEL],
        rows[_BEYOND],
        rows[_CHANGE],
        rows[_SMOOTH],
        rows[_GRAD],
    )
    falling, both = zero, zero
    curve_sums = (zero, zero, zero, zero)
    for i in range(length - LANES, -1, -LANES):
        change, smooth, grad = (
            load(changes, into + i),
            load(smoothed, into + i),
            load(grads, into + i),
        )
        pole = where_above(smooth, change, fall, rise)
        u3 = lane(grad, 3) + carried
        u2 = fused(lane(pole, 3), u3, lane(grad, 2))
        u1 = fused(lane(pole, 2), u2, lane(grad, 1))
        u0 = fused(lane(pole, 1), u1, lane(grad, 0))
        carried = lane(pole, 0) * u0
        u = join(u0, u1, u2, u3)
        share = u * (smooth - change)
        both = both + share
        falling = falling + where_above(smooth, change, share, zero)
        u, curve_sums = _curve_adjoint(u * (one - pole), change, load(beyond, into + i), p, curve_sums)
        peak = load(level, into + i)
        u = u * scale / peak
        for channel in range(channels):  # the level is read from the first of the loudest channels
            at = start + i + channel * stride
            d = load(detector, at)
            reached = magnitude(d)
            store(grad_d, at, load(grad_d, at) + with_sign(where_above(peak, reached, zero, u), d))
            u = where_above(peak, reached, u, zero)
    sums = rows[_GRAD + 1]
    sums[FALL] += total(falling)
    sums[RISE] += total(both) - total(falling)
    _add_curve(curve_sums, p, sums)
    return carried


@njit(cache=True, nogil=True)
def _add_curve(curve_sums, p, sums):
    sums[RANGE_DB] += total(curve_sums[0])
    sums[THRESHOLD_DB] += total(curve_sums[1])
    sums[SLOPE] += total(curve_sums[2])
    sums[KNEE_DB] += 0.5 * p[SLOPE] * total(curve_sums[3])


@njit(cache=True, nogil=True)
def rider_adjoint(grad_y, x, detector, split, params, saved, grad_x, grad_detector, grad_params):
    """Take dL/dy to dL/dx, dL/ddetector and dL/dparams.

    Arguments as in `rider_forward`; gradients are written. The pass must have started at
    rest. If x is its own detector, pass `grad_x` twice: it then
    holds the whole gradient.
    """
    items, channels, samples = x.shape
    rest = samples % LANES
    own = grad_x.ctypes.data == grad_detector.ctypes.data
    g, a, d = grad_y.reshape(-1), x.reshape(-1), detector.reshape(-1)
    into, into_d = grad_x.reshape(-1), grad_detector.reshape(-1)
    rows = np.zeros((_GRAD + 2, BLOCK + LANES))
    tails = np.zeros((5, channels * LANES), x.dtype)
    tail_d = tails[3] if own else tails[4]
    for item in range(items):
        p = params[item]
        first = item * channels * samples
        rows[_GRAD + 1] = 0.0
        carried = 0.0
        for block in range(saved.shape[1] - 1, -1, -1):
            at = first + block * BLOCK
            length = min(BLOCK, samples - rest - block * BLOCK)
            past = saved[item, block]
            if length > 0:
                past = _repeat(g, a, d, into, into_d, at, samples, channels, length, split, own, p, past, rows, 0)
            if rest > 0 and block == saved.shape[1] - 1:
                end = at + length
                for source, tail in ((g, tails[0]), (a, tails[1]), (d, tails[2])):
                    _tail_of(source, end, samples, rest, tail)
                _repeat(
                    tails[0], tails[1], tails[2], tails[3], tail_d, 0, LANES, channels, LANES, split, own,
                    p, past, rows, BLOCK,
                )  # fmt: skip
                carried = _back(tails[2], tail_d, 0, LANES, channels, LANES, p, carried, rows, BLOCK)
                _tail_to(tails[3], into, end, samples, rest)
                if not own:
                    _tail_to(tail_d, into_d, end, samples, rest)
            carried = _back(d, into_d, at, samples, channels, length, p, carried, rows, 0)
        # The gain started at rest, where the curve put it.
        zero, curve = splat(0.0), _curve(p)
        beyond = _beyond(curve, splat(_FLOOR))
        grad = join(carried, 0.0, 0.0, 0.0)
        _, curve_sums = _curve_adjoint(grad, _change(curve, beyond), beyond, p, (zero, zero, zero, zero))
        _add_curve(curve_sums, p, rows[_GRAD + 1])
        grad_params[item] = rows[_GRAD + 1, :COLUMNS]
