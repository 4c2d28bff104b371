"""Play notes with a few short samples, as small synthesizers do: transposed, looped, shaped by an envelope.

An instrument's samples come from GUS patches (`gus.py`); how it is played is drawn.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.training.corpus import SAMPLE_RATE

__all__ = ["Instrument", "Sample", "draw_envelope", "play_notes"]

Line = Iterable[tuple[float, float, int, int]]
"""(start in s, length in s, MIDI pitch, velocity)."""
_CONCERT_A = 69


@dataclass(frozen=True, eq=False)
class Sample:
    """One recording.

    Attributes:
        audio: (samples,) float32.
        rate: Hz.
        root_hz: the pitch it sounds at; 0: it is played as it is, whatever the note.
        highest_hz: the highest note it serves.
        loop: first sample and one past the last of what is repeated while a note is held; None: it sounds once.
    """

    audio: np.ndarray
    rate: float
    root_hz: float
    highest_hz: float
    loop: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Instrument:
    """Samples and how they are played.

    Attributes:
        samples: by rising `highest_hz`; of a kit, by MIDI pitch.
        attack_s, decay_s, release_s: of the envelope; decay to 1/e of what is above `sustain`.
        sustain: 0..1.
        vibrato_cents: how far pitch swings, at `vibrato_hz`.
        detune_cents: right against left.
        pan: -1..1, and `spread`, how much pan follows pitch.
        kit: whether samples are drums.
    """

    samples: dict[int, Sample]
    attack_s: float = 0.002
    decay_s: float = 10.0
    release_s: float = 0.1
    sustain: float = 1.0
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.0
    detune_cents: float = 0.0
    pan: float = 0.0
    spread: float = 0.0
    kit: bool = False


def draw_envelope(generator: np.random.Generator, samples: dict[int, Sample], struck: bool | None = None) -> Instrument:
    """Draw how samples are played: struck or held, still or with vibrato, in the middle or across the stereo field.

    Args:
        generator: the only source of chance.
        samples: of the instrument.
        struck: whether notes die away while they are held; None: drawn too.
    """
    struck = bool(generator.random() < 0.5) if struck is None else struck
    placed = generator.random()
    return Instrument(
        samples,
        attack_s=_octaves(generator, 0.001, 0.01 if struck else 0.2),
        decay_s=_octaves(generator, 0.15, 3.0),
        release_s=_octaves(generator, 0.03, 0.5),
        sustain=0.0 if struck else float(generator.uniform(0.3, 1.0)),
        vibrato_cents=float(generator.uniform(5, 40)) if generator.random() < 0.25 else 0.0,
        vibrato_hz=float(generator.uniform(4, 7)),
        detune_cents=float(generator.uniform(3, 15)) if placed > 0.85 else 0.0,
        pan=float(generator.uniform(-0.6, 0.6)) if placed < 0.5 else 0.0,
        spread=float(generator.uniform(0.1, 0.6)) if 0.3 < placed < 0.6 else 0.0,
    )


def play_notes(instrument: Instrument, notes: Line, samples: int) -> np.ndarray:
    """Return (2, samples) float32 at SAMPLE_RATE; notes a kit has no sample for stay silent."""
    out = np.zeros((2, samples), np.float32)

    @functools.cache
    def note(pitch: int, held: int, side: int) -> np.ndarray:
        return _note(instrument, pitch, held / SAMPLE_RATE, side)

    for start_s, seconds, pitch, velocity in notes:
        if instrument.kit and pitch not in instrument.samples:
            continue
        at, held = round(start_s * SAMPLE_RATE), round(seconds * SAMPLE_RATE)
        pan = np.clip(instrument.pan + instrument.spread * (pitch - 60) / 24, -1.0, 1.0)
        for side in (0, 1):
            audio = note(pitch, held, side if instrument.detune_cents else 0)[: max(samples - at, 0)]
            gain = (velocity / 127) ** 2 * np.sqrt(1.0 + (pan if side else -pan))
            out[side, at : at + audio.size] += np.float32(gain) * audio
    return out


def _note(instrument: Instrument, pitch: int, held_s: float, side: int) -> np.ndarray:
    """Return one note at full velocity, (samples,) with its release."""
    hz = 440.0 * 2.0 ** ((pitch - _CONCERT_A) / 12)
    sample = instrument.samples[pitch] if instrument.kit else _sample_for(instrument, hz)
    ratio = sample.rate / SAMPLE_RATE * (hz / sample.root_hz if sample.root_hz else 1.0)
    ratio *= 2.0 ** ((side - 0.5) * instrument.detune_cents / 1200)
    count = round((held_s + 3.0 * instrument.release_s) * SAMPLE_RATE)
    if sample.loop is None:
        whole = int((sample.audio.size - 3) / ratio)
        count = whole if instrument.kit else min(count, whole)
    seconds = np.arange(count) / SAMPLE_RATE
    place = seconds * (SAMPLE_RATE * ratio)
    if instrument.vibrato_cents:
        depth = instrument.vibrato_cents / 1200 * np.log(2.0) / (2 * np.pi * instrument.vibrato_hz)
        place = place + depth * SAMPLE_RATE * ratio * (1.0 - np.cos(2 * np.pi * instrument.vibrato_hz * seconds))
    if sample.loop is not None:
        first, end = sample.loop
        place = np.where(place < end, place, first + np.mod(place - first, end - first))
    audio = _between_samples(sample, place)
    if instrument.kit:
        return audio
    envelope = np.minimum(1.0, (seconds + 1e-4) / instrument.attack_s)
    envelope *= instrument.sustain + (1.0 - instrument.sustain) * np.exp(-seconds / instrument.decay_s)
    envelope *= np.exp(-np.maximum(seconds - held_s, 0.0) / instrument.release_s)
    return (audio * envelope).astype(np.float32)


def _sample_for(instrument: Instrument, hz: float) -> Sample:
    reach = [sample for sample in instrument.samples.values() if sample.highest_hz >= hz]
    return reach[0] if reach else list(instrument.samples.values())[-1]


def _between_samples(sample: Sample, place: np.ndarray) -> np.ndarray:
    """Return the sample at fractional places, by Catmull-Rom cubics; a loop goes on at its first sample."""
    index = np.floor(place).astype(np.int64)
    x = (place - index).astype(np.float32)
    if sample.loop is None:
        before, at, after, next_ = (np.clip(index + step, 0, sample.audio.size - 1) for step in (-1, 0, 1, 2))
    else:
        first, end = sample.loop
        before, at = np.maximum(index - 1, 0), index
        after, next_ = (np.where(index + step < end, index + step, index + step - (end - first)) for step in (1, 2))
    a, b, c, d = (sample.audio[places] for places in (before, at, after, next_))
    cubic: np.ndarray = b + 0.5 * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)))
    return cubic


def _octaves(generator: np.random.Generator, low: float, high: float) -> float:
    """Draw evenly in octaves."""
    return float(np.exp(generator.uniform(np.log(low), np.log(high))))
