"""Faults of movement and space made in other ways than the benchmark's, with drawn strengths, for fitting.

Every maker is `spoil(audio, rate, generator) -> audio`, (2, samples) in and out. What is learnt from them is the fault,
not one tool's way to make it.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy import signal as dsp

__all__ = ["VARIANTS", "treated"]

Audio = np.ndarray
Generator = np.random.Generator


def _limited(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Push into a limiter that looks ahead."""
    drive = 10 ** (generator.uniform(9, 18) / 20)
    top = float(np.quantile(np.abs(audio).max(axis=0), 0.999))
    pushed = audio * drive
    level = np.abs(pushed).max(axis=0)
    reach = int(rate * generator.uniform(0.002, 0.006))
    held = ndimage.maximum_filter1d(level, 2 * reach)
    gain = np.minimum(1.0, top / np.maximum(held, 1e-9))
    release = int(rate * generator.uniform(0.01, 0.08))
    gain = ndimage.uniform_filter1d(ndimage.minimum_filter1d(gain, release), release)
    return np.clip(pushed * gain, -top, top)


def _saturated(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Drive a soft curve."""
    del rate
    body = float(np.sqrt(np.square(audio).mean())) + 1e-9
    knee = body * 10 ** (generator.uniform(2.5, 6) / 20)
    shape = generator.choice(("tanh", "cubic"))
    scaled = audio / knee
    return np.tanh(scaled) if shape == "tanh" else np.clip(1.5 * scaled - 0.5 * np.clip(scaled, -1, 1) ** 3, -1, 1)


def _ducked(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Duck on every beat, as a compressor keyed by a kick does."""
    beat = 60 / generator.uniform(85, 145) * generator.choice([1.0, 1.0, 2.0])
    depth = generator.uniform(8, 18)
    hold, back = generator.uniform(0.01, 0.06), generator.uniform(0.12, 0.4)
    since = np.mod(np.arange(audio.shape[1]) / rate - _first_hit(audio, rate), beat)
    if generator.random() < 0.5:
        dip = np.clip(1 - (since - hold) / back, 0, 1)
    else:
        dip = np.exp(-np.maximum(since - hold, 0) / (back / 2.5))
    return audio * 10 ** (-depth * dip / 20)


def _breathing(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Compress deeply with a fast attack and a slow release, keyed by the whole or by its lows."""
    key = audio.mean(axis=0)
    if generator.random() < 0.7:
        key = dsp.sosfilt(dsp.butter(2, generator.uniform(80, 200), "lowpass", fs=rate, output="sos"), key)
    hop = 64
    level = np.abs(key[: key.size // hop * hop]).reshape(-1, hop).max(axis=1)
    fall = np.exp(-hop / (rate * generator.uniform(0.12, 0.45)))
    state, held = 0.0, np.empty_like(level)
    for index, value in enumerate(level):
        state = max(value, state * fall)
        held[index] = state
    held_db = 20 * np.log10(np.maximum(held, 1e-6))
    over = np.maximum(held_db - (np.quantile(held_db, 0.98) - generator.uniform(9, 18)), 0)
    gain_db = np.interp(np.arange(audio.shape[1]), np.arange(level.size) * hop, -0.9 * over)
    return audio * 10 ** (gain_db / 20)


def _stepping(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Change the level every few seconds, within a moment."""
    swing = generator.uniform(6, 11)
    points, gains, now = [0.0], [generator.uniform(-swing, swing)], 0.0
    while now < audio.shape[1] / rate:
        now += generator.uniform(1.2, 4.0)
        ramp = generator.uniform(0.02, 0.6)
        new = generator.uniform(-swing, swing)
        points += [now, now + ramp]
        gains += [gains[-1], new]
        now += ramp
    return audio * 10 ** (np.interp(np.arange(audio.shape[1]) / rate, points, gains) / 20)


def _drifting(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Let the level wander smoothly."""
    knots = generator.normal(size=8 + int(audio.shape[1] / rate * generator.uniform(0.5, 1.3)))
    line = np.interp(np.linspace(0, knots.size - 1, audio.shape[1]), np.arange(knots.size), knots)
    line = ndimage.uniform_filter1d(line, max(3, int(0.3 * rate)))
    return audio * 10 ** (line / max(line.std(), 1e-6) * generator.uniform(4.5, 8) / 20)


def _sharpened(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Lift attacks: the gain follows how far a fast follower stands over a slow one."""
    gain_db = generator.uniform(9, 18) * _attack_of(audio, rate, generator.uniform(4, 15), generator.uniform(60, 160))
    return audio * 10 ** (gain_db / 20)


def _far_away(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Add a hall: early reflections, a delay before the tail, treble that dies sooner."""
    decay = generator.uniform(1.6, 4.5)
    count = int(rate * min(decay, 4.0))
    time = np.arange(count) / rate
    sides = (
        generator.normal(size=(2, count)) if generator.random() < 0.8 else np.tile(generator.normal(size=count), (2, 1))
    )
    slow = dsp.sosfilt(dsp.butter(1, generator.uniform(1500, 4000), "lowpass", fs=rate, output="sos"), sides)
    tail = slow * 10 ** (-3 * time / decay) + 0.3 * (sides - slow) * 10 ** (-3 * time / (0.45 * decay))
    late = int(rate * generator.uniform(0.0, 0.06))
    tail = np.pad(tail, ((0, 0), (late, 0)))[:, :count]
    for _ in range(12):
        tail[:, int(rate * generator.uniform(0.005, 0.09))] += generator.choice([-1, 1]) * generator.uniform(2, 8)
    wet = dsp.fftconvolve(audio, tail, axes=1)[:, : audio.shape[1]]
    share = 10 ** (generator.uniform(1, 12) / 20) * np.sqrt(np.square(audio).mean() / max(np.square(wet).mean(), 1e-20))
    return (0.0 if generator.random() < 0.1 else 1.0) * audio + share * wet


def treated(audio: Audio, rate: int, generator: Generator) -> Audio:
    """Return a part as an engineer may leave it: some compression, a small room, a lean in tone. Nothing is wrong."""
    level = 20 * np.log10(_one_pole(np.abs(audio).max(axis=0), 1 / (0.03 * rate)) + 1e-6)
    over = np.maximum(level - (np.quantile(level, 0.98) - generator.uniform(3, 9)), 0)
    out = audio * 10 ** (-over * generator.uniform(0.3, 0.65) / 20)
    count = int(rate * generator.uniform(0.15, 0.7))
    room = generator.normal(size=(2, count)) * 10 ** (-3 * np.arange(count) / count)
    room = dsp.sosfilt(dsp.butter(1, generator.uniform(2500, 7000), "lowpass", fs=rate, output="sos"), room)
    wet = dsp.fftconvolve(out, room, axes=1)[:, : audio.shape[1]]
    wet *= np.sqrt(np.square(out).mean() / max(float(np.square(wet).mean()), 1e-20))
    out = out + 10 ** (generator.uniform(-24, -9) / 20) * wet
    shelf = dsp.sosfilt(dsp.butter(1, generator.uniform(1500, 5000), "highpass", fs=rate, output="sos"), out)
    out = out + generator.uniform(-0.4, 0.6) * shelf
    return np.asarray(out * np.abs(audio).max() / max(float(np.abs(out).max()), 1e-9), dtype=np.float32)


def _attack_of(audio: Audio, rate: int, fast_ms: float, slow_ms: float) -> Audio:
    """Return 0..1: how much of an attack each moment is."""
    level = np.abs(audio).max(axis=0)
    hop = 32
    peak = level[: level.size // hop * hop].reshape(-1, hop).max(axis=1)
    fast = _one_pole(peak, hop / rate / (fast_ms / 1000))
    slow = _one_pole(peak, hop / rate / (slow_ms / 1000))
    over = np.clip((20 * np.log10(np.maximum(fast, 1e-6) / np.maximum(slow, 1e-6)) - 1.5) / 6, 0, 1)
    return np.interp(np.arange(audio.shape[1]), np.arange(over.size) * hop, over)


def _one_pole(values: Audio, speed: float) -> Audio:
    pole = np.exp(-speed)
    return np.asarray(dsp.lfilter([1 - pole], [1, -pole], values))


def _first_hit(audio: Audio, rate: int) -> float:
    hop = 512
    power = np.square(audio[:, : audio.shape[1] // hop * hop]).mean(axis=0).reshape(-1, hop).mean(axis=1)
    return float(np.argmax(np.diff(np.log(power + 1e-9))[: int(2 * rate / hop)]) * hop / rate)


VARIANTS: dict[str, tuple[Callable[[Audio, int, Generator], Audio], ...]] = {
    "squashed": (_limited, _saturated),
    "pumping": (_ducked, _breathing),
    "uneven": (_stepping, _drifting),
    "spiky": (_sharpened,),
    "washed-out": (_far_away,),
}
"""Makers by the problem they give."""
