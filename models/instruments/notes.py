"""Draw notes for one instrument: what the tagger's training sounds play. Nothing here knows of sound."""

from collections.abc import Callable

import numpy as np

from models.instruments.classes import InstrumentClass

__all__ = ["PlayedNote", "draw_notes", "draw_starts"]

PlayedNote = tuple[float, float, int, int]
"""(start, s; length, s; MIDI pitch; velocity)."""

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))
_KICKS, _SNARES, _CYMBALS, _TOMS = (35, 36), (38, 40), (42, 44, 46, 49, 51, 57), (41, 43, 45, 47, 48, 50)
_STEPS = 16


def draw_notes(generator: np.random.Generator, entry: InstrumentClass, seconds: float) -> list[PlayedNote]:
    """Draw a part.

    Args:
        generator: the only source of chance.
        entry: what plays: its line, pitches and drum notes are used.
        seconds: all notes lie within; at least one is drawn.
    Returns:
        Notes, in no order.
    """
    beat_s = 60.0 / float(generator.uniform(65.0, 175.0))
    if entry.line in ("hits", "kit"):
        return (_hits if entry.line == "hits" else _kit)(generator, entry, beat_s, seconds)
    styles = _STYLES[entry.line]
    write = styles[int(generator.integers(len(styles)))]
    width = int(generator.integers(12, 30))
    low = int(generator.integers(entry.low, max(entry.low + 1, entry.high - width)))
    root = int(generator.integers(12))
    scale = _SCALES[int(generator.integers(len(_SCALES)))]
    tones = [pitch for pitch in range(low, min(entry.high, low + width) + 1) if (pitch - root) % 12 in scale]
    return write(generator, tones, beat_s, seconds)


def draw_starts(generator: np.random.Generator, beat_s: float, seconds: float, density: float) -> list[float]:
    """Draw a bar of sixteenths that is played over and over, with accents left out and added; at least one start."""
    mask = generator.random(_STEPS) < density
    mask[int(generator.choice((0, 4, 8)))] = True
    steps = range(int(seconds / (beat_s / 4)))
    played = [step for step in steps if bool(mask[step % _STEPS]) != (generator.random() < 0.03)] or [0]
    return [step * beat_s / 4 for step in played]


def _velocity(generator: np.random.Generator, middle: float) -> int:
    return int(np.clip(generator.normal(middle, 10.0), 15, 127))


def _hits(generator: np.random.Generator, entry: InstrumentClass, beat_s: float, seconds: float) -> list[PlayedNote]:
    """One drum, or a few of a kind."""
    most = {"kick": 1, "snare": 2, "cymbals": 3}.get(entry.name, 4)
    pitches = generator.choice(entry.drum_notes, size=int(generator.integers(1, most + 1)))
    densest = {"kick": 0.4, "snare": 0.35}.get(entry.name, 0.7)
    middle = float(generator.uniform(60, 118))
    starts = draw_starts(generator, beat_s, seconds, float(generator.uniform(0.03, densest)))
    return [(at, 0.2, int(generator.choice(pitches)), _velocity(generator, middle)) for at in starts]


def _kit(generator: np.random.Generator, entry: InstrumentClass, beat_s: float, seconds: float) -> list[PlayedNote]:
    """Kick, snare and cymbals together, now and then toms."""
    notes: list[PlayedNote] = []
    rows = ((_KICKS, 0.25, 105.0), (_SNARES, 0.15, 100.0), (_CYMBALS, 0.5, 85.0), (_CYMBALS, 0.1, 85.0))
    for choices, density, middle in (*rows, (_TOMS, float(generator.choice((0.0, 0.02, 0.15))), 95.0)):
        if density == 0.0:
            continue
        pitch = int(generator.choice([note for note in choices if note in entry.drum_notes]))
        middle = middle + float(generator.uniform(-25, 15))
        for at in draw_starts(generator, beat_s, seconds, density * float(generator.uniform(0.5, 1.5))):
            notes.append((at, 0.2, pitch, _velocity(generator, middle)))
    return notes


def _melody(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """Steps up and down a scale, with rests, short or tied."""
    notes: list[PlayedNote] = []
    at, index = 0.0, len(tones) // 2
    middle, held = float(generator.uniform(50, 115)), float(generator.uniform(0.4, 1.1))
    steps = generator.choice((0.25, 0.5, 1.0, 2.0), size=3)
    while at < seconds:
        length = float(generator.choice(steps)) * beat_s
        index = int(np.clip(index + generator.integers(-3, 4), 0, len(tones) - 1))
        if not notes or generator.random() < 0.85:
            notes.append((at, min(length * held, seconds - at), tones[index], _velocity(generator, middle)))
        at += length
    return notes


def _chords(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """Thirds stacked, struck together or strummed, held long or short."""
    every = float(generator.choice((0.5, 1.0, 2.0, 4.0))) * beat_s
    held, size = float(generator.uniform(0.25, 1.0)), int(generator.integers(2, 6))
    strum_s, middle = float(generator.choice((0.0, 0.012, 0.025))), float(generator.uniform(50, 110))
    notes: list[PlayedNote] = []
    for at in np.arange(0.0, seconds, every).tolist():
        first = int(generator.integers(max(1, len(tones) - 2 * size)))
        for place, pitch in enumerate(tones[first : first + 2 * size : 2]):
            start = at + place * strum_s
            if start < seconds:
                notes.append((start, min(every * held, seconds - start), pitch, _velocity(generator, middle)))
    return notes


def _power_chords(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """Root, fifth and octave in eighths, long or muted."""
    every, held = float(generator.choice((0.5, 1.0, 4.0))) * beat_s, float(generator.uniform(0.3, 1.0))
    middle = float(generator.uniform(75, 118))
    low = tones[: max(1, len(tones) // 2)]
    notes: list[PlayedNote] = []
    for at in np.arange(0.0, seconds, every).tolist():
        root = int(generator.choice(low))
        length = min(every * held, seconds - at)
        notes += [(at, length, root + interval, _velocity(generator, middle)) for interval in (0, 7, 12)]
    return notes


def _arpeggio(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """Broken chords, ringing into each other."""
    every, held = float(generator.choice((0.25, 1 / 3, 0.5))) * beat_s, float(generator.uniform(0.7, 3.0))
    middle, first = float(generator.uniform(50, 110)), 0
    notes: list[PlayedNote] = []
    for step, at in enumerate(np.arange(0.0, seconds, every).tolist()):
        if step % 16 == 0:
            first = int(generator.integers(max(1, len(tones) - 6)))
        pitch = tones[min(first + (step * 2) % 7, len(tones) - 1)]
        notes.append((at, min(every * held, seconds - at), pitch, _velocity(generator, middle)))
    return notes


def _bass(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """Mostly roots, in a repeated rhythm, long or short."""
    held, middle = float(generator.uniform(0.3, 1.0)), float(generator.uniform(65, 118))
    starts = draw_starts(generator, beat_s, seconds, float(generator.uniform(0.08, 0.5)))
    ends = [*starts[1:], seconds]
    notes: list[PlayedNote] = []
    for at, end in zip(starts, ends, strict=True):
        index = int(generator.choice((0, 0, 0, 2, 4))) if generator.random() < 0.8 else int(generator.integers(7))
        pitch = tones[min(index, len(tones) - 1)]
        notes.append((at, max(0.03, (end - at) * held), pitch, _velocity(generator, middle)))
    return notes


def _long_tones(generator: np.random.Generator, tones: list[int], beat_s: float, seconds: float) -> list[PlayedNote]:
    """One to three voices of held notes."""
    notes: list[PlayedNote] = []
    for _ in range(int(generator.integers(1, 4))):
        at, middle = 0.0, float(generator.uniform(50, 110))
        while at < seconds:
            length = float(generator.choice((1.0, 2.0, 4.0))) * beat_s
            pitch = int(generator.choice(tones))
            notes.append((at, min(0.95 * length, seconds - at), pitch, _velocity(generator, middle)))
            at += length
    return notes


_Write = Callable[[np.random.Generator, list[int], float, float], list[PlayedNote]]
_STYLES: dict[str, tuple[_Write, ...]] = {
    "bass": (_bass, _bass, _melody),
    "guitar": (_melody, _chords, _arpeggio, _power_chords),
    "keys": (_melody, _chords, _arpeggio, _long_tones),
    "sung": (_melody, _melody, _long_tones, _chords),
}
