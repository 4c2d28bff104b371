"""True-peak limiter with lookahead: gain computation and its adjoint, compiled.

Peak p[t] is the greatest magnitude of the audio at four times its rate (ITU-R BS.1770-4, Annex 2). The required gain
r = min(1, ceiling / p) passes a sliding minimum over the lookahead L, an instant-attack one-pole release and a moving
average of L + 1, and is applied to the audio L samples earlier: every gain in the average is at most r there, so
the ceiling holds at every detected peak, and the gain moves in straight ramps.
"""

import numpy as np
from numba import njit

from console.kernels.shaper import _slide

__all__ = ["DETECTOR_HALF", "limiter_adjoint", "limiter_forward"]

DETECTOR_HALF = 16
"""Samples the peak detector needs on each side."""

_PHASES = 4


def _interpolators() -> np.ndarray:
    """Return (3, 2 * DETECTOR_HALF + 1) taps for the samples 1/4, 2/4 and 3/4 after a sample."""
    rows = np.zeros((_PHASES - 1, 2 * DETECTOR_HALF + 1))
    for phase in range(1, _PHASES):
        n = np.arange(-DETECTOR_HALF, DETECTOR_HALF + 1) - phase / _PHASES
        inside = np.clip(1.0 - (n / (DETECTOR_HALF + 1)) ** 2, 0.0, None)
        rows[phase - 1] = np.sinc(n) * np.i0(6.0 * np.sqrt(inside)) / np.i0(6.0)
    return rows / rows.sum(axis=1, keepdims=True)


_TAPS = _interpolators()


@njit(cache=True, nogil=True)
def _keep_greater(row, code, peak, source):
    """Raise peak to |row| where that is greater, and note its source; without branches, so that it vectorises."""
    for n in range(row.shape[0]):
        value = abs(row[n])
        signed = code if row[n] > 0.0 else -code
        source[n] = signed if value > peak[n] else source[n]
        peak[n] = value if value > peak[n] else peak[n]


@njit(cache=True, nogil=True)
def _detect(x, taps, peak, source):
    """Write the greatest magnitude and which (channel, phase, sign) made it, packed, for every centre sample."""
    channels, samples = x.shape
    length = peak.shape[0]
    half = (samples - length) // 2
    row = np.empty(length)
    peak[:] = 0.0
    source[:] = 0
    for channel in range(channels):
        audio = x[channel].astype(np.float64)
        for phase in range(_PHASES):
            if phase == 0:
                row[:] = audio[half : half + length]
            else:
                row[:] = 0.0
                _slide(audio, taps[phase - 1], row, False)
            _keep_greater(row, channel * _PHASES + phase + 1, peak, source)


@njit(cache=True, nogil=True)
def _limiter_forward(x, ceiling, pole, lookahead, taps, history, y, peak, source, origin, held):
    length = y.shape[1]
    _detect(x, taps, peak, source)
    queue = np.empty(length + lookahead + 1, np.int64)
    head, tail = 0, 0
    gain_needed = np.empty(length + lookahead)
    for n in range(length + lookahead):
        gain_needed[n] = ceiling / peak[n] if peak[n] > ceiling else 1.0
    total = history.sum()
    held[:lookahead] = history
    previous = history[lookahead - 1]
    for n in range(length + lookahead):
        while tail > head and gain_needed[queue[tail - 1]] >= gain_needed[n]:
            tail -= 1
        queue[tail] = n
        tail += 1
        if n < lookahead:
            continue
        t = n - lookahead
        if queue[head] < t:
            head += 1
        least = gain_needed[queue[head]]
        origin[t] = queue[head]
        released = least + pole * (previous - least)
        previous = min(least, released)
        held[lookahead + t] = previous
        total += previous
        smooth = total / (lookahead + 1)
        total -= held[t]
        gain = 1.0 if smooth > 1.0 - 1e-12 else smooth
        for channel in range(x.shape[0]):
            y[channel, t] = gain * x[channel, t + DETECTOR_HALF]
    history[:] = held[length : length + lookahead]


def limiter_forward(x, ceiling, pole, lookahead, history):
    """Limit a stretch of audio.

    Args:
        x: (channels, samples + lookahead + 2 * DETECTOR_HALF) float32 or float64.
        ceiling: greatest magnitude allowed, linear.
        pole: one-pole coefficient of the release.
        lookahead: samples, at least 1.
        history: (lookahead,) held gains before the stretch (ones at the start of the audio); updated.
    Returns:
        y (channels, samples), centred on x[:, DETECTOR_HALF : DETECTOR_HALF + samples], and what the adjoint needs.
    """
    samples = x.shape[1] - lookahead - 2 * DETECTOR_HALF
    y = np.empty((x.shape[0], samples), x.dtype)
    peak, source = np.empty(samples + lookahead), np.empty(samples + lookahead, np.int64)
    origin, held = np.empty(samples, np.int64), np.empty(samples + lookahead)
    _limiter_forward(x, ceiling, pole, lookahead, _TAPS, history, y, peak, source, origin, held)
    return y, (peak, source, origin, held)


@njit(cache=True, nogil=True)
def _limiter_adjoint(grad_y, x, ceiling, pole, lookahead, taps, peak, source, origin, held, grad_x):
    channels, length = grad_y.shape
    grad_held = np.zeros(length + lookahead)
    grad_needed = np.zeros(length + lookahead)
    total = held[:lookahead].sum()
    share = 0.0
    grad_smooth = np.zeros(length)
    for t in range(length):
        total += held[lookahead + t]
        smooth = total / (lookahead + 1)
        total -= held[t]
        for channel in range(channels):
            g = grad_y[channel, t]
            grad_x[channel, t + DETECTOR_HALF] += min(smooth, 1.0) * g
            grad_smooth[t] += g * x[channel, t + DETECTOR_HALF]
    # The gain at t averages held[t : t + lookahead + 1].
    for n in range(length + lookahead):
        if n < length:
            share += grad_smooth[n]
        if n - lookahead - 1 >= 0:
            share -= grad_smooth[n - lookahead - 1]
        grad_held[n] = share / (lookahead + 1)
    grad_pole = 0.0
    carried = 0.0
    for t in range(length - 1, -1, -1):
        carried += grad_held[lookahead + t]
        n = origin[t]
        least = ceiling / peak[n] if peak[n] > ceiling else 1.0
        previous = held[lookahead + t - 1]
        if previous > least:
            grad_needed[n] += carried
            carried = 0.0
        else:
            grad_needed[n] += carried * (1.0 - pole)
            grad_pole += carried * (previous - least)
            carried *= pole
    grad_ceiling = 0.0
    for n in range(length + lookahead):
        if grad_needed[n] == 0.0 or peak[n] <= ceiling:
            continue
        grad_ceiling += grad_needed[n] / peak[n]
        g = -grad_needed[n] * ceiling / (peak[n] * peak[n])
        packed = abs(source[n]) - 1
        channel, phase = packed // _PHASES, packed % _PHASES
        if source[n] < 0:
            g = -g
        if phase == 0:
            grad_x[channel, n + DETECTOR_HALF] += g
        else:
            for k in range(taps.shape[1]):
                grad_x[channel, n + k] += g * taps[phase - 1, k]
    return grad_ceiling, grad_pole


def limiter_adjoint(grad_y, x, ceiling, pole, lookahead, saved):
    """Return (dL/dx float64 of x's shape, dL/dceiling, dL/dpole) for a stretch that began with held gains of 1."""
    grad_x = np.zeros(x.shape)
    grad_ceiling, grad_pole = _limiter_adjoint(grad_y, x, ceiling, pole, lookahead, _TAPS, *saved, grad_x)
    return grad_x, grad_ceiling, grad_pole
