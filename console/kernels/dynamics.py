"""Gain riders (compressor, expander, de-esser): the recursion and its adjoint, compiled.

One pass per item: stereo-linked peak level -> dB -> static curve with a soft knee -> exact branching attack/release
smoothing of the gain in dB -> linear gain -> output. Source: Giannoulis, Massberg and Reiss, "Digital Dynamic Range
Compressor Design", JAES 60(6), 2012, eq. 4 (soft knee) and eq. 16 (smooth branching detector, here on the gain).

The forward pass stores the smoothed gain at every block's start; the adjoint recomputes each block from it. Both work
on eight samples at a time, every stage in one loop: while the one-pole, which must wait for itself, takes its eight
steps, the processor has logarithms and exponentials of other samples to fill the time with.

Audio is handed on as flat arrays: channel c of an item stands at `start + c * stride`.

Parameters of an item are a row of float64, by column:
"""

import math

import numpy as np
from numba import njit

from console.kernels.simd import (
    exp,
    fused,
    lane,
    load8,
    log,
    magnitude,
    maximum,
    minimum,
    splat8,
    store,
    where_above,
    with_lane,
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
_LANES = 8
_LEVEL, _BEYOND, _CHANGE, _SMOOTH, _GRAD, _SUMS = range(6)


@njit(cache=True, nogil=True, inline="always")
def _curve(p):
    """Return the static curve's constants."""
    knee = max(p[KNEE_DB], 1e-9)
    return (
        _DB * p[DIRECTION],
        p[DIRECTION] * p[THRESHOLD_DB],
        0.5 * knee,
        knee,
        -p[SLOPE] * 0.5 / knee,
        -p[SLOPE],
        -p[RANGE_DB],
    )


@njit(cache=True, nogil=True, inline="always")
def _beyond(curve, peak):
    """Return how far beyond the threshold a level is, dB."""
    return log(peak) * curve[0] - curve[1]


@njit(cache=True, nogil=True, inline="always")
def _change(curve, beyond):
    """Return the static curve's gain change, dB (<= 0)."""
    zero = splat8(0.0)
    bent = minimum(maximum(beyond + curve[2], zero), splat8(curve[3]))
    return maximum(bent * bent * curve[4] + maximum(beyond - curve[2], zero) * curve[5], splat8(curve[6]))


@njit(cache=True, nogil=True, inline="always")
def _step(fall, rise, past, falling, rising):
    f, r = fused(fall, past, falling), fused(rise, past, rising)
    return f if f < r else r


@njit(cache=True, nogil=True, inline="always")
def _sign(p):
    """Return -1 where the poles' greater step is the right one.

    The branch "falling or rising" is the lesser of the two one-pole steps where fall <= rise, else the greater: the
    lesser of the negated steps.
    """
    return 1.0 if p[FALL] <= p[RISE] else -1.0


@njit(cache=True, nogil=True, inline="always")
def _smooth(fall, rise, sign, change, past):
    """Return the smoothed gains in dB and the last of them; `past` is the one before; all times sign."""
    f, r = change * (sign * (1.0 - fall)), change * (sign * (1.0 - rise))
    s0 = _step(fall, rise, past, lane(f, 0), lane(r, 0))
    s1 = _step(fall, rise, s0, lane(f, 1), lane(r, 1))
    s2 = _step(fall, rise, s1, lane(f, 2), lane(r, 2))
    s3 = _step(fall, rise, s2, lane(f, 3), lane(r, 3))
    s4 = _step(fall, rise, s3, lane(f, 4), lane(r, 4))
    s5 = _step(fall, rise, s4, lane(f, 5), lane(r, 5))
    s6 = _step(fall, rise, s5, lane(f, 6), lane(r, 6))
    s7 = _step(fall, rise, s6, lane(f, 7), lane(r, 7))
    return _join(s0, s1, s2, s3, s4, s5, s6, s7), s7


@njit(cache=True, nogil=True, inline="always")
def _join(s0, s1, s2, s3, s4, s5, s6, s7):
    v = with_lane(with_lane(with_lane(with_lane(splat8(0.0), 0, s0), 1, s1), 2, s2), 3, s3)
    return with_lane(with_lane(with_lane(with_lane(v, 4, s4), 5, s5), 6, s6), 7, s7)


@njit(cache=True, nogil=True, inline="always")
def _total(v):
    left = (lane(v, 0) + lane(v, 1)) + (lane(v, 2) + lane(v, 3))
    return left + ((lane(v, 4) + lane(v, 5)) + (lane(v, 6) + lane(v, 7)))


@njit(cache=True, nogil=True)
def _peak(detector, start, stride, channels):
    """Return the greatest magnitude over channels, at least _FLOOR."""
    peak = maximum(magnitude(load8(detector, start)), splat8(_FLOOR))
    if channels == 2:  # spelt out: the compiler would unroll a loop that is hardly ever entered twice
        return maximum(magnitude(load8(detector, start + stride)), peak)
    for channel in range(1, channels):
        peak = maximum(magnitude(load8(detector, start + channel * stride)), peak)
    return peak


@njit(cache=True, nogil=True)
def _rest(p):
    """Return the curve's answer to silence: the gain in dB a rider starts from."""
    curve = _curve(p)
    return lane(_change(curve, _beyond(curve, splat8(_FLOOR))), 0)


@njit(cache=True, nogil=True)
def _ride(x, detector, y, start, stride, channels, length, split, p, past, smoothed):
    """Ride `length` samples, a multiple of _LANES; write the last smoothed gains in dB and return the last."""
    curve, fall, rise, sign = _curve(p), p[FALL], p[RISE], _sign(p)
    dry, wet, to_log = 1.0 - p[MIX], p[MIX] * p[MAKEUP], sign / _DB
    s = sign * past
    smooth = splat8(s)
    last = start + length - _LANES
    change = _change(curve, _beyond(curve, _peak(detector, start, stride, channels)))
    for n in range(start, start + length, _LANES):
        smooth, s = _smooth(fall, rise, sign, change, s)
        # Of the next samples already: work for the wait on `_smooth`.
        change = _change(curve, _beyond(curve, _peak(detector, min(n + _LANES, last), stride, channels)))
        gain = exp(smooth * to_log) * wet + dry
        for channel in range(channels):
            at = n + channel * stride
            if split:
                store(y, at, load8(x, at) + (gain - 1.0) * load8(detector, at))
            else:
                store(y, at, gain * load8(x, at))
    store(smoothed, 0, smooth * sign)
    return sign * s


@njit(cache=True, nogil=True)
def _tail_of(audio, start, stride, length, tail):
    """Copy the last samples of every channel to the front of rows of _LANES, silent behind them."""
    tail[:] = 0.0
    for channel in range(tail.shape[0] // _LANES):
        for i in range(length):
            tail[channel * _LANES + i] = audio[start + channel * stride + i]


@njit(cache=True, nogil=True)
def _tail_to(tail, audio, start, stride, length):
    """Copy what `_tail_of` copied back."""
    for channel in range(tail.shape[0] // _LANES):
        for i in range(length):
            audio[start + channel * stride + i] = tail[channel * _LANES + i]


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
    rest = samples % _LANES
    flat_x, flat_d, flat_y = x.reshape(-1), detector.reshape(-1), y.reshape(-1)
    tails, smoothed = np.zeros((3, channels * _LANES), x.dtype), np.empty(_LANES)
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
                past = _ride(flat_x, flat_d, flat_y, at, samples, channels, length, split, p, past, smoothed)
        if rest > 0:
            at = first + samples - rest
            _tail_of(flat_x, at, samples, rest, tails[0])
            _tail_of(flat_d, at, samples, rest, tails[1])
            _ride(tails[0], tails[1], tails[2], 0, _LANES, channels, _LANES, split, p, past, smoothed)
            past = smoothed[rest - 1]
            _tail_to(tails[2], flat_y, at, samples, rest)
        state[item] = past


@njit(cache=True, nogil=True)
def _repeat(grad_y, x, detector, grad_x, grad_d, start, stride, channels, length, split, own, p, past, rows, into):
    """Ride again, storing in rows[:, into :] what the adjoint needs, and take dL/dy through the gain.

    Writes dL/dx and the share of dL/ddetector that does not pass the level; adds the gradients of make-up and mix to
    rows[_SUMS]; returns the last smoothed gain in dB.
    """
    curve, fall, rise, sign = _curve(p), p[FALL], p[RISE], _sign(p)
    dry, wet, to_log, to_db = 1.0 - p[MIX], p[MIX] * p[MAKEUP], sign / _DB, p[MIX] * p[MAKEUP] / _DB
    level, beyond, changes = rows[_LEVEL], rows[_BEYOND], rows[_CHANGE]
    smoothed, grads = rows[_SMOOTH], rows[_GRAD]
    s = sign * past
    smoothed[into] = past  # this row stands one to the right: what each sample found
    zero = splat8(0.0)
    through, shift = zero, zero
    last = start + length - _LANES
    peak = _peak(detector, start, stride, channels)
    z = _beyond(curve, peak)
    change = _change(curve, z)
    for i in range(0, length, _LANES):
        n = start + i
        store(level, into + i, peak)
        store(beyond, into + i, z)
        store(changes, into + i, change)
        smooth, s = _smooth(fall, rise, sign, change, s)
        store(smoothed, into + i + 1, smooth * sign)
        peak = _peak(detector, min(n + _LANES, last), stride, channels)  # ahead, as in `_ride`
        z = _beyond(curve, peak)
        change = _change(curve, z)
        linear = exp(smooth * to_log)
        gain = linear * wet + dry
        grad = zero
        for channel in range(channels):
            at = n + channel * stride
            g = load8(grad_y, at)
            if split:
                grad = grad + g * load8(detector, at)
                store(grad_x, at, g)
                store(grad_d, at, (gain - 1.0) * g)
            else:
                grad = grad + g * load8(x, at)
                store(grad_x, at, gain * g)
                if not own:
                    store(grad_d, at, zero)
        shift = shift + grad
        grad = grad * linear
        through = through + grad
        store(grads, into + i, grad * to_db)
    sums = rows[_SUMS]
    sums[MAKEUP] += p[MIX] * _total(through)
    sums[MIX] += p[MAKEUP] * _total(through) - _total(shift)
    return sign * s


@njit(cache=True, nogil=True, inline="always")
def _curve_adjoint(grad, change, beyond, p, sums):
    """Take dL/dchange to dL/dlevel_db and add to sums, lane by lane, the gradients of the curve's parameters."""
    zero, knee = splat8(0.0), max(p[KNEE_DB], 1e-9)
    live = where_above(change, splat8(-p[RANGE_DB]), grad, zero)
    raised = maximum(beyond + 0.5 * knee, zero)
    bent = minimum(raised, splat8(knee))
    share = bent * (1.0 / knee)
    through = live * share
    return through * (-p[SLOPE] * p[DIRECTION]), (
        sums[0] + (live - grad),
        sums[1] + through,
        sums[2] - (through * bent * 0.5 + live * (raised - bent)),
        sums[3] - (through - through * share),
    )


@njit(cache=True, nogil=True)
def _add_curve(curve_sums, p, sums):
    sums[RANGE_DB] += _total(curve_sums[0])
    sums[THRESHOLD_DB] += p[SLOPE] * p[DIRECTION] * _total(curve_sums[1])
    sums[SLOPE] += _total(curve_sums[2])
    sums[KNEE_DB] += 0.5 * p[SLOPE] * _total(curve_sums[3])


@njit(cache=True, nogil=True)
def _back(detector, grad_d, start, stride, channels, length, p, carried, rows, into):
    """Walk a repeated stretch backwards: add to dL/ddetector what passes the level, and to rows[_SUMS] dL/dparams.

    carried is what flows back from later samples into the smoothed gain; returns what flows on.
    """
    level, beyond, changes = rows[_LEVEL], rows[_BEYOND], rows[_CHANGE]
    smoothed, grads = rows[_SMOOTH], rows[_GRAD]
    fall, rise, zero = splat8(p[FALL]), splat8(p[RISE]), splat8(0.0)
    falling, both = zero, zero
    curve_sums = (zero, zero, zero, zero)
    for i in range(length - _LANES, -1, -_LANES):
        change, past, grad = load8(changes, into + i), load8(smoothed, into + i), load8(grads, into + i)
        pole = where_above(past, change, fall, rise)
        u7 = lane(grad, 7) + carried
        u6 = fused(lane(pole, 7), u7, lane(grad, 6))
        u5 = fused(lane(pole, 6), u6, lane(grad, 5))
        u4 = fused(lane(pole, 5), u5, lane(grad, 4))
        u3 = fused(lane(pole, 4), u4, lane(grad, 3))
        u2 = fused(lane(pole, 3), u3, lane(grad, 2))
        u1 = fused(lane(pole, 2), u2, lane(grad, 1))
        u0 = fused(lane(pole, 1), u1, lane(grad, 0))
        carried = lane(pole, 0) * u0
        u = _join(u0, u1, u2, u3, u4, u5, u6, u7)
        share = u * (past - change)
        both = both + share
        falling = falling + where_above(past, change, share, zero)
        u, curve_sums = _curve_adjoint(u - u * pole, change, load8(beyond, into + i), p, curve_sums)
        peak = load8(level, into + i)
        u = u * _DB / peak
        for channel in range(channels):  # the level is read from the first of the loudest channels
            at = start + i + channel * stride
            d = load8(detector, at)
            reached = magnitude(d)
            store(grad_d, at, load8(grad_d, at) + with_sign(where_above(peak, reached, zero, u), d))
            u = where_above(peak, reached, u, zero)
    sums = rows[_SUMS]
    sums[FALL] += _total(falling)
    sums[RISE] += _total(both) - _total(falling)
    _add_curve(curve_sums, p, sums)
    return carried


@njit(cache=True, nogil=True)
def rider_adjoint(grad_y, x, detector, split, params, saved, grad_x, grad_detector, grad_params):
    """Take dL/dy to dL/dx, dL/ddetector and dL/dparams.

    Arguments as in `rider_forward`; gradients are written. The pass must have started at
    rest. If x is its own detector, pass `grad_x` twice: it then
    holds the whole gradient.
    """
    items, channels, samples = x.shape
    rest = samples % _LANES
    own = grad_x.ctypes.data == grad_detector.ctypes.data
    g, a, d = grad_y.reshape(-1), x.reshape(-1), detector.reshape(-1)
    into, into_d = grad_x.reshape(-1), grad_detector.reshape(-1)
    rows = np.zeros((_SUMS + 1, BLOCK + _LANES + 1))
    tails = np.zeros((5, channels * _LANES), x.dtype)
    tail_d = tails[3] if own else tails[4]
    for item in range(items):
        p = params[item]
        first = item * channels * samples
        rows[_SUMS] = 0.0
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
                    tails[0], tails[1], tails[2], tails[3], tail_d, 0, _LANES, channels, _LANES, split, own,
                    p, past, rows, BLOCK,
                )  # fmt: skip
                carried = _back(tails[2], tail_d, 0, _LANES, channels, _LANES, p, carried, rows, BLOCK)
                _tail_to(tails[3], into, end, samples, rest)
                if not own:
                    _tail_to(tail_d, into_d, end, samples, rest)
            carried = _back(d, into_d, at, samples, channels, length, p, carried, rows, 0)
        # The gain started at rest, where the curve put it.
        zero, curve = splat8(0.0), _curve(p)
        beyond = _beyond(curve, splat8(_FLOOR))
        grad = with_lane(zero, 0, carried)
        _, curve_sums = _curve_adjoint(grad, _change(curve, beyond), beyond, p, (zero, zero, zero, zero))
        _add_curve(curve_sums, p, rows[_SUMS])
        grad_params[item] = rows[_SUMS, :COLUMNS]
