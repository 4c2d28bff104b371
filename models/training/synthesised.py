"""Stems of instruments that nobody built: drawn wavetables, partials and drums, drawn notes, drawn envelopes.

A soundfont is a few hundred sounds by a few people. A network that hears only those takes what they share for
processing. Here every clip is another instrument, played dry: short loops and bare envelopes as small synthesizers have
them, bodies, noises and inharmonic partials as large ones do.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, sosfilt

from models.fx_encoder.front_end import WINDOW_SAMPLES
from models.training.corpus import SAMPLE_RATE

__all__ = ["play"]

Instrument = Callable[[float, float], np.ndarray]
"""(hertz, seconds) -> (2, samples), the release included."""

_TABLE = 2048
_DRUM_KITS = 0.25
_STEREO = 0.4
_PEAK = 0.5
_LEAST_PEAK = 1e-3
_STEPS = 16
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10))


def play(generator: np.random.Generator) -> np.ndarray:
    """Return (2, WINDOW_SAMPLES) float32 of a drawn instrument playing a drawn part; its peak is at -6 dBFS."""
    part = np.zeros((2, WINDOW_SAMPLES))
    while np.abs(part).max() < _LEAST_PEAK:  # a part of nothing but rests is drawn again
        part = _drums(generator) if generator.random() < _DRUM_KITS else _melody(generator)
    return np.asarray(part * (_PEAK / np.abs(part).max()), np.float32)


def _octaves(generator: np.random.Generator, low: float, high: float) -> float:
    return float(low * (high / low) ** generator.random())


def _melody(generator: np.random.Generator) -> np.ndarray:
    """One instrument: lines, chords or pads, in time."""
    instrument = _partials if generator.random() < 0.25 else _wavetable
    sound = instrument(generator)
    step_s = 60.0 / generator.uniform(60.0, 180.0) / float(generator.choice((1.0, 2.0, 4.0)))
    voices = int(generator.choice((1, 1, 1, 2, 3, 4)))
    root = generator.uniform(28.0, 72.0)
    scale = _SCALES[int(generator.integers(len(_SCALES)))]
    legato = generator.uniform(0.3, 1.2)
    rests = generator.uniform(0.0, 0.5)
    dynamics_db = generator.uniform(0.0, 12.0)
    out = np.zeros((2, WINDOW_SAMPLES))
    place_s = -generator.uniform(0.0, step_s)
    while place_s < WINDOW_SAMPLES / SAMPLE_RATE:
        steps = int(generator.choice((1, 1, 2, 4)))
        length_s = float(np.clip(step_s * steps * legato, 0.05, 4.0))
        if generator.random() > rests:
            gain = 10 ** (-generator.uniform(0.0, dynamics_db) / 20)
            for _ in range(voices):
                note = root + scale[int(generator.integers(len(scale)))] + 12 * int(generator.integers(2))
                _lay(out, sound(440.0 * 2 ** ((note - 69) / 12), length_s) * gain, place_s)
        place_s += step_s * steps
    return out


def _wavetable(generator: np.random.Generator) -> Instrument:
    """Return (hertz, seconds) -> (2, samples) of two single periods, one faded into the other, and noise."""
    rolls = generator.uniform(0.3, 2.5, size=2)
    phases = generator.uniform(0.0, 2 * np.pi, size=_TABLE // 2)
    uneven = generator.uniform(0.0, 1.0)  # how much of the even partials is there
    bodies_hz = [_octaves(generator, 150.0, 6000.0) for _ in range(3)]
    bodies_db = generator.normal(0.0, 8.0, size=3)
    decay_s = _octaves(generator, 0.05, 8.0)
    attack_s = _octaves(generator, 0.001, 0.2) if generator.random() < 0.4 else 0.002
    release_s = _octaves(generator, 0.01, 0.4)
    sustain = generator.uniform(0.0, 1.0) if generator.random() < 0.6 else 0.0
    fade_s = _octaves(generator, 0.02, 1.5)
    vibrato_hz, vibrato = generator.uniform(3.0, 7.0), generator.uniform(0.0, 0.008) * (generator.random() < 0.4)
    detunes = [0.0] if generator.random() < 0.6 else list(generator.normal(0.0, 0.004, size=3))
    pans = generator.uniform(-0.8, 0.8, size=len(detunes)) * (generator.random() < _STEREO)
    noise_db, noise_s = generator.uniform(-60.0, -12.0), _octaves(generator, 0.01, 3.0)

    def sound(hertz: float, seconds: float) -> np.ndarray:
        samples = int((seconds + 3 * release_s) * SAMPLE_RATE)
        time_s = np.arange(samples) / SAMPLE_RATE
        partials = np.arange(1, max(2, min(_TABLE // 2, int(0.45 * SAMPLE_RATE / hertz))))
        body_db = sum(
            db * np.exp(-0.5 * (np.log2(partials * hertz / at_hz) / 0.5) ** 2)
            for db, at_hz in zip(bodies_db, bodies_hz, strict=True)
        )
        tables = []
        for roll in rolls:
            levels = partials**-roll * 10 ** (np.asarray(body_db) / 20)
            levels = np.where(partials % 2 == 0, levels * uneven, levels)
            spectrum = np.zeros(_TABLE // 2 + 1, complex)
            spectrum[partials] = levels * np.exp(1j * phases[partials - 1])
            table = np.fft.irfft(spectrum)
            tables.append(np.append(table, table[0]) / np.sqrt(np.mean(table**2)))
        share = np.exp(-time_s / fade_s)
        out = np.zeros((2, samples))
        for detune, pan in zip(detunes, pans, strict=True):
            swing = 1.0 + vibrato * np.sin(2 * np.pi * vibrato_hz * time_s)
            cycles = np.cumsum(hertz * (1.0 + detune) * swing) / SAMPLE_RATE
            at = (cycles % 1.0) * _TABLE
            first, last = (np.interp(at, np.arange(_TABLE + 1), table) for table in tables)
            out += np.array([[1.0 - pan], [1.0 + pan]]) * (share * first + (1.0 - share) * last)
        hiss = generator.standard_normal(samples) * np.exp(-time_s / noise_s) * 10 ** (noise_db / 20)
        out += hiss
        envelope = np.minimum(time_s / attack_s, 1.0) * (sustain + (1.0 - sustain) * np.exp(-time_s / decay_s))
        return np.asarray(out * envelope * np.exp(-np.maximum(time_s - seconds, 0.0) / release_s))

    return sound


def _partials(generator: np.random.Generator) -> Instrument:
    """Return (hertz, seconds) -> (2, samples) of partials that ring each for itself: bells, bars, stiff strings."""
    count = int(generator.integers(4, 16))
    stiffness = generator.uniform(0.0, 0.02)
    orders = np.arange(1, count + 1)
    ratios = orders * np.sqrt(1.0 + stiffness * orders**2)
    if generator.random() < 0.4:
        ratios = np.sort(generator.uniform(1.0, 12.0, size=count))
        ratios[0] = 1.0
    levels = generator.random(count) * orders ** -generator.uniform(0.3, 2.0)
    decay_s = _octaves(generator, 0.1, 4.0)
    damping = generator.uniform(0.0, 1.5)
    release_s = _octaves(generator, 0.03, 1.0)
    pans = generator.uniform(-0.6, 0.6, size=count) * (generator.random() < _STEREO)
    knock_db = generator.uniform(-50.0, -6.0)

    def sound(hertz: float, seconds: float) -> np.ndarray:
        samples = int((seconds + 3 * release_s) * SAMPLE_RATE)
        time_s = np.arange(samples) / SAMPLE_RATE
        out = np.zeros((2, samples))
        for ratio, level, pan in zip(ratios, levels, pans, strict=True):
            if ratio * hertz < 0.45 * SAMPLE_RATE:
                ring = level * np.sin(2 * np.pi * ratio * hertz * time_s) * np.exp(-time_s * ratio**damping / decay_s)
                out += np.array([[1.0 - pan], [1.0 + pan]]) * ring
        out += generator.standard_normal(samples) * np.exp(-time_s / 0.006) * 10 ** (knock_db / 20)
        return np.asarray(out * np.exp(-np.maximum(time_s - seconds, 0.0) / release_s))

    return sound


def _drums(generator: np.random.Generator) -> np.ndarray:
    """A kit or one of its drums: struck skins, snares, metal, on a grid of sixteenths."""
    step_s = 60.0 / generator.uniform(70.0, 170.0) / 4
    out = np.zeros((2, WINDOW_SAMPLES))
    for _ in range(int(generator.choice((1, 1, 2, 3, 4)))):
        hit = (_skin, _snare, _metal)[int(generator.integers(3))](generator)
        pan = generator.uniform(-0.6, 0.6) * (generator.random() < _STEREO)
        pattern = generator.random(_STEPS) < generator.uniform(0.12, 0.6)
        accents_db = generator.uniform(-12.0, 0.0, size=_STEPS)
        gain = 10 ** (generator.uniform(-12.0, 0.0) / 20) * np.array([[1.0 - pan], [1.0 + pan]])
        for step, place_s in enumerate(np.arange(-step_s, WINDOW_SAMPLES / SAMPLE_RATE, step_s)):
            if pattern[step % _STEPS]:
                _lay(out, hit * gain * 10 ** (accents_db[step % _STEPS] / 20), float(place_s))
    if not out.any():
        _lay(out, np.stack((_skin(generator),) * 2), 0.0)
    return out


def _skin(generator: np.random.Generator) -> np.ndarray:
    time_s = np.arange(int(0.8 * SAMPLE_RATE)) / SAMPLE_RATE
    low_hz, sweep, sweep_s = (
        _octaves(generator, 38.0, 220.0),
        generator.uniform(0.1, 5.0),
        _octaves(generator, 0.01, 0.08),
    )
    cycles = np.cumsum(low_hz * (1.0 + sweep * np.exp(-time_s / sweep_s))) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * cycles) * np.exp(-time_s / _octaves(generator, 0.05, 0.35))
    click = generator.standard_normal(time_s.size) * np.exp(-time_s / _octaves(generator, 0.001, 0.01))
    return np.asarray(tone + click * 10 ** (generator.uniform(-40.0, -6.0) / 20))


def _snare(generator: np.random.Generator) -> np.ndarray:
    time_s = np.arange(int(0.6 * SAMPLE_RATE)) / SAMPLE_RATE
    band_hz = sorted((_octaves(generator, 200.0, 3000.0), _octaves(generator, 3000.0, 16000.0)))
    noise = sosfilt(
        butter(1, band_hz, "bandpass", fs=SAMPLE_RATE, output="sos"), generator.standard_normal(time_s.size)
    )
    noise = noise * np.exp(-time_s / _octaves(generator, 0.03, 0.25))
    tone = np.sin(2 * np.pi * _octaves(generator, 140.0, 330.0) * time_s) * np.exp(-time_s / 0.06)
    return np.asarray(noise + generator.uniform(0.0, 1.0) * tone)


def _metal(generator: np.random.Generator) -> np.ndarray:
    time_s = np.arange(int(1.2 * SAMPLE_RATE)) / SAMPLE_RATE
    squares = sum(np.sign(np.sin(2 * np.pi * hertz * time_s)) for hertz in generator.uniform(300.0, 9000.0, size=6))
    noise = generator.uniform(0.2, 4.0) * generator.standard_normal(time_s.size)
    sos = butter(2, _octaves(generator, 2000.0, 9000.0), "highpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sos, squares + noise) * np.exp(-time_s / _octaves(generator, 0.02, 0.8)))


def _lay(out: np.ndarray, sound: np.ndarray, place_s: float) -> None:
    """Add (2, samples) to a track at a place, which may lie before its beginning."""
    start = round(place_s * SAMPLE_RATE)
    begin, end = max(start, 0), min(start + sound.shape[-1], out.shape[-1])
    if end > begin:
        out[:, begin:end] += sound[:, begin - start : end - start]
