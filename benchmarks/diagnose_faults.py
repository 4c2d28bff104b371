"""Known faults at three strengths, to be put into one track or the mix of clean music.

Every injector is `spoil(audio, rate, strength, generator) -> (audio, span)`: (2, samples) in and out; span is the
stretch of time the fault takes in seconds, or None where it is everywhere. Filters are scipy's and our own designs,
not the console's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import soxr
from scipy import signal as dsp

__all__ = ["FAULTS", "STRENGTHS", "Fault", "Spoilt", "gain_fault", "true_peak_db"]

STRENGTHS = ("audible", "plain", "gross")
Audio = np.ndarray
Generator = np.random.Generator
Spoilt = tuple[Audio, tuple[float, float] | None]


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        problem: id of the finding it should give.
        spoil: the injector.
        on: "mix", "track" or "both": where it is put.
        only, skip: instruments.
        band_hz: where in the spectrum it sits, or None.
        also: ids that are a right answer too.
        brings: ids that follow from it in truth: neither right nor false.
        technical: a fault with an exact truth.
        least_hz: the track must have something above.
        bare_db: noise so far under the track must be heard in its softest moments, not lie under its own treble.
        second: for faults between two microphones: the track is doubled first.
    """

    problem: str
    spoil: Callable[[Audio, int, int, Generator], Spoilt]
    on: str = "both"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    band_hz: tuple[float, float] | None = None
    also: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    technical: bool = False
    least_hz: float | None = None
    bare_db: float | None = None
    second: bool = False


def _sections(kind: str, freq: float, gain_db: float, q: float, rate: int) -> np.ndarray:
    """Return one biquad by R. Bristow-Johnson's Audio EQ Cookbook."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * freq / rate
    alpha, cos = np.sin(w) / (2 * q), np.cos(w)
    if kind == "bell":
        b0, b1, b2 = 1 + alpha * a, -2 * cos, 1 - alpha * a
        a0, a1, a2 = 1 + alpha / a, -2 * cos, 1 - alpha / a
    else:
        sign = 1 if kind == "low_shelf" else -1
        root = 2 * np.sqrt(a) * alpha
        b0 = a * ((a + 1) - sign * (a - 1) * cos + root)
        b1 = sign * 2 * a * ((a - 1) - sign * (a + 1) * cos)
        b2 = a * ((a + 1) - sign * (a - 1) * cos - root)
        a0 = (a + 1) + sign * (a - 1) * cos + root
        a1 = sign * -2 * ((a - 1) + sign * (a + 1) * cos)
        a2 = (a + 1) + sign * (a - 1) * cos - root
    return np.array([[b0, b1, b2, a0, a1, a2]]) / a0


def _tone(kind: str, freq: float, q: float, gains: tuple[float, float, float]):
    def spoil(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
        at = freq * 2 ** generator.uniform(-0.2, 0.2)
        sos = _sections(kind, at, gains[strength], q * 2 ** generator.uniform(-0.3, 0.3), rate)
        return _level_kept(audio, dsp.sosfilt(sos, audio)), None

    return spoil


def _level_kept(before: Audio, after: Audio) -> Audio:
    """Keep the power, and stay under full scale where the sound did: the fault is not the level."""
    after = after * np.sqrt(np.square(before).mean() / max(np.square(after).mean(), 1e-20))
    peak, limit = float(np.abs(after).max()), max(0.97, float(np.abs(before).max()))
    return (after * min(1.0, limit / max(peak, 1e-9))).astype(np.float32)


def _body(audio: Audio) -> float:
    """Return the RMS of a sound while it plays: of the stretches within 20 dB of its loud ones."""
    power = np.square(audio).mean(axis=0)
    cut = power[: power.size // 4096 * 4096].reshape(-1, 4096).mean(axis=1)
    return (
        float(np.sqrt(cut[cut >= 0.01 * np.quantile(cut, 0.95)].mean())) if cut.size else float(np.sqrt(power.mean()))
    )


def _somewhere(audio: Audio, rate: int, seconds: float, generator: Generator) -> int:
    """Return the first sample of a stretch in which something plays throughout."""
    length = int(seconds * rate)
    hop = 512
    level = np.sqrt(np.square(audio[:, : audio.shape[1] // hop * hop]).mean(axis=0).reshape(-1, hop).mean(axis=1))
    loud = level > 0.3 * np.quantile(level, 0.8)
    width = max(1, length // hop + 8)
    whole = np.convolve(loud, np.ones(width), mode="valid") >= width - 0.5
    places = np.flatnonzero(whole[4:-4]) + 4
    if not places.size:
        places = np.array([int(np.argmax(level))])
    return int(places[generator.integers(places.size)] * hop + 4 * hop)


def _clip(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate, generator
    share = (0.0008, 0.004, 0.02)[strength]
    ceiling = float(np.quantile(np.abs(audio).max(axis=0), 1 - share))
    return np.clip(audio, -ceiling, ceiling).astype(np.float32), None


def _true_peak(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    """Raise the level until the curve between the samples goes over full scale."""
    del rate, generator
    return (audio * 10 ** (((0.4, 1.0, 2.5)[strength] - true_peak_db(audio)) / 20)).astype(np.float32), None


def true_peak_db(audio: Audio) -> float:
    """Return the highest level of the curve through the samples of (2, samples), dB."""
    return 20 * float(np.log10(max(float(np.abs(dsp.resample_poly(audio, 4, 1, axis=1)).max()), 1e-9)))


def _dc(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate
    return (audio + np.float32((0.005, 0.02, 0.08)[strength] * generator.choice([-1, 1]))).astype(np.float32), None


def _hum(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    mains = float(generator.choice([50.0, 60.0]))
    time = np.arange(audio.shape[1]) / rate
    tone = sum(
        np.sin(2 * np.pi * mains * h * time + generator.uniform(0, 6.28)) * gain
        for h, gain in ((1, 1.0), (2, 0.5), (3, 0.7), (4, 0.2), (5, 0.35), (7, 0.15))
    )
    level = _body(audio) * 10 ** ((-27, -19, -10)[strength] / 20) / np.sqrt(np.square(tone).mean())
    return (audio + level * tone).astype(np.float32), None


def _hiss(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate
    noise = generator.normal(size=audio.shape)
    return (audio + _body(audio) * 10 ** ((-44, -36, -26)[strength] / 20) * noise).astype(np.float32), None


def _silent(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate, strength, generator
    return np.zeros_like(audio), None


def _gap(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    seconds = (0.5, 1.5, 4.0)[strength]
    start = _somewhere(audio, rate, min(seconds, audio.shape[1] / rate / 3), generator)
    stop = min(start + int(seconds * rate), audio.shape[1] - rate // 2)
    out = audio.copy()
    out[:, start:stop] = 0.0
    return out, (start / rate, stop / rate)


def _dropout(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    seconds = (0.008, 0.03, 0.12)[strength]
    start = _somewhere(audio, rate, seconds, generator)
    out = audio.copy()
    out[:, start : start + int(seconds * rate)] = 0.0
    return out, (start / rate, start / rate + seconds)


def _click(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    start = _somewhere(audio, rate, 0.01, generator)
    out = audio.copy()
    height = (0.15, 0.4, 0.9)[strength] * float(np.abs(audio).max())
    out[:, start : start + 3] += np.array([0.7, -1.0, 0.4], np.float32) * height
    return out, (start / rate, (start + 3) / rate)


def _invert(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate, strength, generator
    return -audio, None


def _late(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    milliseconds = (0.5, 2.0, 8.0)[strength] * generator.uniform(0.8, 1.25)
    return _delayed(audio, round(milliseconds * rate / 1000), rate), None


def _delayed(audio: Audio, late: int, rate: int) -> Audio:
    """Delay by some samples; it begins with a short fade, not in the middle of a wave."""
    fade = np.minimum(np.arange(audio.shape[1]) / (0.02 * rate), 1.0)
    return np.pad(audio * fade, ((0, 0), (late, 0)))[:, : audio.shape[1]].astype(np.float32)


def _codec(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    """Cut as a lossy coder's filter bank does: nothing above a wall."""
    del generator
    cut = (16000, 15500, 12500)[strength]
    taps = dsp.firwin(511, cut, fs=rate, window=("kaiser", 9.0))
    return dsp.fftconvolve(audio, taps[None], mode="same", axes=1).astype(np.float32), None


def _low_rate(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del generator
    low = (22050, 16000, 11025)[strength]
    there = [soxr.resample(soxr.resample(side, rate, low), low, rate)[: side.size] for side in audio]
    return np.stack([np.pad(side, (0, audio.shape[1] - side.size)) for side in there]).astype(np.float32), None


def _gain(gains_db: tuple[float, float, float], audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate, generator
    return (audio * 10 ** (gains_db[strength] / 20)).astype(np.float32), None


def gain_fault(gains_db: tuple[float, float, float]) -> Callable[[Audio, int, int, Generator], Spoilt]:
    """Return what turns the level by so many dB at each strength."""
    return partial(_gain, gains_db)


def _peak_at(levels_db: tuple[float, float, float], audio: Audio, rate: int, strength: int, generator: Generator):
    del rate, generator
    return (audio * 10 ** (levels_db[strength] / 20) / max(float(np.abs(audio).max()), 1e-9)).astype(np.float32), None


def _ring(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    freq = float(np.exp(generator.uniform(np.log(250), np.log(4000))))
    sos = _sections("bell", freq, (14, 20, 26)[strength], 16.0, rate)
    return _level_kept(audio, dsp.sosfilt(sos, audio)), None


def _follower(level: Audio, rate: int, attack_ms: float, release_ms: float, step: int = 32) -> Audio:
    """Return a gain follower's state at every `step` samples: fast up, slow down."""
    peak = level[: level.size // step * step].reshape(-1, step).max(axis=1)
    up, down = (np.exp(-step / (rate * ms / 1000)) for ms in (attack_ms, release_ms))
    out, state = np.empty_like(peak), 0.0
    for index, value in enumerate(peak):
        pole = up if value > state else down
        state = pole * state + (1 - pole) * value
        out[index] = state
    return np.interp(np.arange(level.size), (np.arange(out.size) + 0.5) * step, out)


def _compressed(audio: Audio, rate: int, depth_db: float, ratio: float, attack_ms: float, release_ms: float, key=None):
    key = np.abs(audio).max(axis=0) if key is None else key
    level = 20 * np.log10(np.maximum(_follower(key, rate, attack_ms, release_ms), 1e-6))
    top = float(np.quantile(level, 0.98))
    reduction = np.maximum(level - (top - depth_db), 0.0) * (1 - 1 / ratio)
    out = audio * 10 ** (-reduction / 20)
    return out * (_body(audio) / max(_body(out), 1e-9))


def _squash(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    depth = (10, 16, 24)[strength] * generator.uniform(0.9, 1.1)
    out = _compressed(audio, rate, depth, 12.0, 0.5, generator.uniform(40, 90))
    ceiling = _body(out) * 10 ** ((9, 6.5, 4.5)[strength] / 20)
    out = ceiling * np.tanh(out / ceiling)
    return (out * (_body(audio) / max(_body(out), 1e-9))).astype(np.float32), None


def _pump(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    low = dsp.sosfilt(dsp.butter(2, 150, "lowpass", fs=rate, output="sos"), audio.mean(axis=0))
    depth = (8, 14, 22)[strength]
    release = generator.uniform(180, 320)
    out = _compressed(audio, rate, depth, 10.0, 2.0, release, key=np.abs(low))
    return _level_kept(audio, out), None


def _wander(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    swing = (5, 9, 14)[strength]
    points = np.cumsum(generator.uniform(0.8, 2.2, size=4 + int(audio.shape[1] / rate)))
    gains = generator.choice([-1.0, 0.0, 1.0], size=points.size) * swing
    gain_db = np.interp(np.arange(audio.shape[1]) / rate, points, gains)
    return _level_kept(audio, audio * 10 ** (gain_db / 20)), None


def _spike(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del generator
    level = np.abs(audio).max(axis=0)
    fast = _follower(level, rate, 0.3, 12.0)
    slow = _follower(level, rate, 25.0, 120.0)
    boost = (8, 14, 20)[strength]
    gain_db = boost * np.clip((20 * np.log10(np.maximum(fast, 1e-6) / np.maximum(slow, 1e-6)) - 2) / 6, 0, 1)
    return _level_kept(audio, audio * 10 ** (gain_db / 20)), None


def _drown(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    decay = (1.6, 2.4, 3.5)[strength] * generator.uniform(0.85, 1.15)
    time = np.arange(int(rate * decay)) / rate
    tail = generator.normal(size=(2, time.size)) * 10 ** (-3 * time / decay)
    tail[:, : int(0.015 * rate)] = 0
    tail = dsp.sosfilt(dsp.butter(1, 6000, "lowpass", fs=rate, output="sos"), tail)
    wet = dsp.fftconvolve(audio, tail, axes=1)[:, : audio.shape[1]]
    wet *= _body(audio) / max(_body(wet), 1e-9) * 10 ** ((-2, 4, 12)[strength] / 20)
    return _level_kept(audio, audio + wet), None


def _width(widths: tuple[float, float, float], audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate, generator
    middle, side = audio.mean(axis=0), (audio[0] - audio[1]) / 2 * widths[strength]
    return np.stack([middle + side, middle - side]).astype(np.float32), None


def _lean(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del rate
    out = audio.copy()
    out[int(generator.integers(2))] *= 10 ** (-(4, 8, 14)[strength] / 20)
    return out, None


def _flip_side(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    """Turn one side upside down, as a miswired cable does; weaker: of the lows and middle alone."""
    del generator
    if strength == 2:
        return np.stack([audio[0], -audio[1]]), None
    edge = (1500, 5000)[strength]
    low = dsp.sosfiltfilt(dsp.butter(2, edge, "lowpass", fs=rate, output="sos"), audio[1])
    return np.stack([audio[0], audio[1] - 2 * low]).astype(np.float32), None


def _loose_lows(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    del generator
    low = dsp.sosfiltfilt(dsp.butter(2, 160, "lowpass", fs=rate, output="sos"), audio)
    late = round(rate * (0.0035, 0.001, 0.0)[strength])
    moved = np.pad(low[1], (late, 0))[: low.shape[1]] * (-0.9, -1.0, -1.0)[strength]
    out = audio - low + np.stack([low[0], moved])
    return _level_kept(audio, out), None


def _coarse(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    """Keep fewer bits, without dither."""
    del rate, generator
    steps = 2.0 ** ((11, 9, 7)[strength] - 1)
    return (np.round(audio * steps) / steps).astype(np.float32), None


def _late_side(audio: Audio, rate: int, strength: int, generator: Generator) -> Spoilt:
    """Delay one side, as one does to widen a mono sound."""
    late = round((4, 11, 20)[strength] * generator.uniform(0.8, 1.25) * rate / 1000)
    out, side = audio.copy(), int(generator.integers(2))
    out[side] = _delayed(audio[side : side + 1], late, rate)[0]
    return out, None


_NOT_LOW = ("kick", "bass")
_LESS = ("narrow", "lopsided", "overpowering")
"""What follows for the others when a track is gone or nearly so."""
_LEADS_THE_MIX = (
    "narrow", "low-headroom", "clipped", "lopsided", "wide-lows", "muddy", "boomy", "boxy", "nasal", "harsh", "dull",
    "thin", "tinny", "sub-heavy", "fizzy", "ringing", "off-target",
)  # fmt: skip
"""What a mix takes over from a part that drowns the others."""
FAULTS: dict[str, Fault] = {
    "clipped": Fault("clipped", _clip, technical=True, brings=("squashed", "clicks")),
    "intersample-peaks": Fault("intersample-peaks", _true_peak, on="mix", also=("low-headroom",)),
    "dc-offset": Fault("dc-offset", _dc, technical=True),
    "hum": Fault("hum", _hum, technical=True, band_hz=(50, 360)),
    "noisy": Fault("noisy", _hiss, on="track", bare_db=-36.0),
    "silent-track": Fault("silent-track", _silent, on="track", technical=True, brings=_LESS),
    "gap": Fault("gap", _gap, on="both", technical=True, also=("dropout",)),
    "dropout": Fault("dropout", _dropout, technical=True),
    "clicks": Fault("clicks", _click),
    "polarity": Fault("polarity", _invert, on="track", technical=True, second=True),
    "misaligned": Fault("misaligned", _late, on="track", technical=True, second=True),
    "lossy": Fault("lossy", _codec, also=("resampled",), least_hz=15500),
    "resampled": Fault("resampled", _low_rate, also=("lossy",), brings=("dull",), least_hz=9000),
    "coarse": Fault("coarse", _coarse, brings=("noisy", "clicks", "dropout")),
    "low-headroom": Fault("low-headroom", partial(_peak_at, (1.0, 4.0, 9.0)), on="mix", also=("intersample-peaks",)),
    "gain-staging": Fault(
        "gain-staging", partial(_peak_at, (-46, -52, -58)), on="track", also=("buried",), brings=_LESS
    ),
    "muddy": Fault("muddy", _tone("bell", 300, 0.8, (5, 10, 15)), band_hz=(200, 450), also=("boxy",)),
    "boomy": Fault("boomy", _tone("bell", 120, 1.0, (6, 11, 16)), skip=("kick",), band_hz=(80, 170)),
    "boxy": Fault("boxy", _tone("bell", 560, 1.2, (5, 10, 15)), band_hz=(430, 750), also=("muddy",)),
    "nasal": Fault("nasal", _tone("bell", 1000, 1.4, (5, 10, 15)), band_hz=(800, 1300)),
    "harsh": Fault("harsh", _tone("bell", 3500, 1.0, (5, 10, 15)), band_hz=(2500, 5000)),
    "sibilant": Fault(
        "sibilant", _tone("bell", 7200, 1.4, (6, 11, 16)), on="track", only=("lead_vocal", "backing_vocal"),
        band_hz=(5500, 9500),
    ),
    "dull": Fault("dull", _tone("high_shelf", 4000, 0.7, (-8, -15, -22)), skip=_NOT_LOW, band_hz=(4000, 16000)),
    "thin": Fault("thin", _tone("low_shelf", 220, 0.7, (-8, -15, -22)), on="mix", band_hz=(60, 250)),
    "tinny": Fault("tinny", _tone("bell", 1900, 0.6, (6, 11, 16)), band_hz=(1100, 3200)),
    "sub-heavy": Fault("sub-heavy", _tone("low_shelf", 55, 0.7, (8, 15, 22)), on="mix", band_hz=(20, 60)),
    "fizzy": Fault("fizzy", _tone("high_shelf", 8500, 0.7, (7, 13, 19)), skip=_NOT_LOW, band_hz=(9000, 16000)),
    "ringing": Fault("ringing", _ring, on="both"),
    "off-target": Fault("off-target", partial(_gain, (-18, -24, -32)), on="mix", also=("gain-staging",)),
    "buried": Fault("buried", partial(_gain, (-10, -16, -24)), on="track", also=("gain-staging",), brings=_LESS),
    "overpowering": Fault(
        "overpowering",
        partial(_gain, (8, 13, 18)),
        on="track",
        skip=("cymbals", "hihat"),
        brings=("masked", "buried", *_LEADS_THE_MIX),
    ),
    "loud-cymbals": Fault(
        "loud-cymbals",
        partial(_gain, (8, 13, 18)),
        on="track",
        only=("cymbals", "hihat"),
        brings=("masked", "buried", *_LEADS_THE_MIX),
    ),
    "squashed": Fault("squashed", _squash, brings=("gain-staging", "dc-offset")),
    "pumping": Fault("pumping", _pump, on="mix"),
    "uneven": Fault("uneven", _wander, on="track"),
    "spiky": Fault("spiky", _spike),
    "washed-out": Fault("washed-out", _drown, brings=("wide-lows",)),
    "narrow": Fault("narrow", partial(_width, (0.3, 0.1, 0.0)), on="mix"),
    "lopsided": Fault("lopsided", _lean, on="mix"),
    "phasey": Fault("phasey", _flip_side, on="mix", brings=("wide-lows",)),
    "mono-loss": Fault("mono-loss", _late_side, brings=("phasey", "wide-lows", "ringing")),
    "wide-lows": Fault("wide-lows", _loose_lows, on="mix", brings=("phasey",)),
}  # fmt: skip
"""Every fault by name."""
