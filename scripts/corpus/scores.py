"""Notes for soundfonts to play: drawn at random, accompaniments by MMA, and MIDI files taken apart by channel.

Whatever the source, the result is the same: MIDI bytes in which one instrument plays at a time, or alone.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.corpus.fetch import Run, run_command
from scripts.corpus.table import CorpusError
from scripts.demo_song.midi import PERCUSSION_CHANNEL, TEMPO_BPM, Note, variable_length

__all__ = ["FAMILIES", "GAP_S", "Part", "compose", "instrument_name", "mma_chart", "mma_midi", "split_channels"]

GAP_S = 2.0
"""Silence after each composed part, for its last notes to die away."""

FAMILIES = (
    "piano", "chromatic percussion", "organ", "guitar", "bass", "strings", "ensemble", "brass",
    "reed", "pipe", "synth lead", "synth pad", "synth effects", "ethnic", "percussive", "sound effects",
)  # fmt: skip
_LAST_MUSICAL_PROGRAM = 111  # above: percussive one-shots and sound effects
_KITS = (0, 8, 16, 24, 25, 32, 40)
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9), (0, 3, 5, 6, 7, 10))
_CHORDS = ("C", "Am", "F", "G", "Dm", "Em", "Am7", "Dm7", "G7", "CM7", "FM7", "E7", "A7", "D7", "Bb", "Eb", "Fm", "Gm")
_BASS_FAMILY = FAMILIES.index("bass")


@dataclass(frozen=True)
class Part:
    """One instrument's stretch of a composed song: where it lies, s, and what plays."""

    start_s: float
    seconds: float
    instrument: str


def instrument_name(channel: int, program: int) -> str:
    """Return the General MIDI family, or "drums"."""
    return "drums" if channel == PERCUSSION_CHANNEL else FAMILIES[program // 8]


def compose(generator: np.random.Generator, part_s: float) -> tuple[list[Note], dict[int, int], list[Part]]:
    """Draw a song of 16 parts, one General MIDI channel each, one after the other.

    Args:
        generator: the only source of chance.
        part_s: length of a part, s.
    Returns:
        (notes in beats at TEMPO_BPM, {channel: program}, parts in order of time).
    """
    notes: list[Note] = []
    programs: dict[int, int] = {}
    parts: list[Part] = []
    beats_a_second = TEMPO_BPM / 60
    for place, channel in enumerate(generator.permutation(16)):
        channel = int(channel)
        drums = channel == PERCUSSION_CHANNEL
        programs[channel] = (
            int(generator.choice(_KITS)) if drums else int(generator.integers(_LAST_MUSICAL_PROGRAM + 1))
        )
        start = place * (part_s + GAP_S)
        write = _drum_notes if drums else _style(generator, programs[channel])
        bpm = float(generator.uniform(70.0, 160.0))
        for at, length, pitch, velocity in write(generator, part_s * bpm / 60):
            seconds, held = at * 60 / bpm, length * 60 / bpm
            begin = (start + seconds) * beats_a_second
            notes.append(Note(begin, held * beats_a_second, pitch, velocity, channel))
        parts.append(Part(start, part_s, instrument_name(channel, programs[channel])))
    return notes, programs, parts


Line = Iterator[tuple[float, float, int, int]]
"""(beat, length in beats, pitch, velocity)."""


def _style(generator: np.random.Generator, program: int) -> Callable[[np.random.Generator, float], Line]:
    if program // 8 == _BASS_FAMILY:
        return _bass_line
    return (_melody, _chords, _arpeggio)[int(generator.integers(3))]


def _tones(generator: np.random.Generator, low: int, high: int) -> list[int]:
    root = int(generator.integers(12))
    scale = _SCALES[int(generator.integers(len(_SCALES)))]
    return [pitch for pitch in range(low, high) if (pitch - root) % 12 in scale]


def _velocity(generator: np.random.Generator, middle: float) -> int:
    return int(np.clip(generator.normal(middle, 10.0), 20, 127))


def _melody(generator: np.random.Generator, beats: float) -> Line:
    tones = _tones(generator, int(generator.integers(48, 64)), 88)
    middle, at = generator.uniform(60, 110), 0.0
    index = len(tones) // 2
    steps = generator.choice((0.25, 0.5, 1.0, 2.0), size=3)
    while at < beats:
        length = float(generator.choice(steps))
        index = int(np.clip(index + generator.integers(-3, 4), 0, len(tones) - 1))
        if generator.random() < 0.85:
            yield (
                at,
                min(length * float(generator.uniform(0.4, 1.0)), beats - at),
                tones[index],
                _velocity(generator, middle),
            )
        at += length


def _chords(generator: np.random.Generator, beats: float) -> Line:
    tones = _tones(generator, int(generator.integers(40, 56)), 80)
    middle, every = generator.uniform(55, 100), float(generator.choice((0.5, 1.0, 2.0, 4.0)))
    held, size = float(generator.uniform(0.3, 1.0)), int(generator.integers(3, 6))
    for at in np.arange(0.0, beats, every):
        low = int(generator.integers(max(1, len(tones) - 2 * size)))
        for pitch in tones[low : low + 2 * size : 2]:
            yield float(at), min(every * held, beats - float(at)), pitch, _velocity(generator, middle)


def _arpeggio(generator: np.random.Generator, beats: float) -> Line:
    tones = _tones(generator, 45, 84)
    middle, every = generator.uniform(60, 110), float(generator.choice((0.25, 1 / 3, 0.5)))
    low = 0
    for step, at in enumerate(np.arange(0.0, beats, every)):
        if step % 16 == 0:
            low = int(generator.integers(len(tones) - 9))
        yield float(at), min(1.5 * every, beats - float(at)), tones[low + (step * 2) % 9], _velocity(generator, middle)


def _bass_line(generator: np.random.Generator, beats: float) -> Line:
    tones = _tones(generator, 28, 52)
    middle, every = generator.uniform(75, 115), float(generator.choice((0.5, 1.0)))
    root = int(generator.integers(len(tones) - 4))
    for step, at in enumerate(np.arange(0.0, beats, every)):
        if step % 8 == 0:
            root = int(generator.integers(len(tones) - 4))
        if generator.random() < 0.8:
            pitch = tones[root + int(generator.choice((0, 0, 0, 2, 4)))]
            yield float(at), min(every * 0.9, beats - float(at)), pitch, _velocity(generator, middle)


def _drum_notes(generator: np.random.Generator, beats: float) -> Line:
    kicks, snares = generator.random(16) < 0.3, generator.random(16) < 0.15
    kicks[0], snares[[4, 12]] = True, True
    cymbal = int(generator.choice((42, 44, 46, 51)))
    every = int(generator.choice((1, 2, 4)))
    for step, at in enumerate(np.arange(0.0, beats, 0.25)):
        if kicks[step % 16]:
            yield float(at), 0.2, 36, _velocity(generator, 105)
        if snares[step % 16]:
            yield float(at), 0.2, int(generator.choice((38, 38, 40))), _velocity(generator, 100)
        if step % every == 0:
            yield float(at), 0.2, cymbal, _velocity(generator, 80)
        if generator.random() < 0.03:
            yield float(at), 0.2, int(generator.choice((41, 45, 48, 49))), _velocity(generator, 95)


def mma_chart(generator: np.random.Generator, root: Path, bars: int = 24) -> str:
    """Write a chord chart in one of MMA's own grooves.

    Raises:
        CorpusError: the package holds no grooves.
    """
    library = root / "usr/share/mma/lib/stdlib"
    styles = sorted(path for path in library.glob("*.mma"))
    if not styles:
        raise CorpusError(f"mma holds no grooves under {library.name}. Unpack the package again.")
    style = styles[int(generator.integers(len(styles)))]
    grooves = [
        line.split()[1] for line in style.read_text(errors="replace").splitlines() if line.startswith("DefGroove ")
    ]
    if not grooves:
        raise CorpusError(f"{style.name} defines no groove. It is left out.")
    lines = [f"Tempo {int(generator.integers(70, 150))}", f"Use stdlib/{style.stem}"]
    lines.append(f"Groove {grooves[int(generator.integers(len(grooves)))]}")
    lines += [f"{bar} {generator.choice(_CHORDS)}" for bar in range(1, bars + 1)]
    return "\n".join(lines) + "\n"


def mma_midi(chart: str, root: Path, run: Run = run_command) -> bytes:
    """Let the unpacked MMA play a chart.

    Raises:
        CorpusError: it refused the chart.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "chart.mma").write_text(chart)
        home = f"MMA_HOME={root.resolve() / 'usr/share/mma'}"
        program = str(root.resolve() / "usr/bin/mma")
        run(["env", home, os.fspath(sys.executable), program, "-f", "out.mid", "chart.mma"], Path(folder))
        out = Path(folder, "out.mid")
        if not out.is_file():
            raise CorpusError("MMA wrote no MIDI file. The chart is left out.")
        return out.read_bytes()


def split_channels(midi: bytes) -> dict[int, tuple[int, bytes]]:
    """Take a MIDI file apart.

    Args:
        midi: a standard MIDI file, format 0 or 1.
    Returns:
        {channel: (its first program, a MIDI file with tempo and this channel alone)}, channels with notes only.
    Raises:
        CorpusError: not a MIDI file, or damaged.
    """
    try:
        if midi[:4] != b"MThd":
            raise CorpusError("Not a MIDI file: no MThd. It is left out.")
        size = int.from_bytes(midi[4:8], "big")
        header, position, tracks = midi[: 8 + size], 8 + size, []
        while position + 8 <= len(midi):
            length = int.from_bytes(midi[position + 4 : position + 8], "big")
            if position + 8 + length > len(midi):
                raise IndexError(position)
            if midi[position : position + 4] == b"MTrk":
                tracks.append(list(_events(midi[position + 8 : position + 8 + length])))
            position += 8 + length
    except IndexError as error:
        raise CorpusError("A MIDI file ends in the middle of an event. It is left out.") from error
    split = {}
    for channel in range(16):
        mine = [event for track in tracks for event in track if event[1] == channel]
        if any(event[2][0] >> 4 == 9 and event[2][2] for event in mine):
            program = next((event[2][1] for event in mine if event[2][0] >> 4 == 12), 0)
            body = b"".join(_track_bytes(track, channel) for track in tracks)
            split[channel] = (program, header + body)
    return split


Event = tuple[int, int | None, bytes]
"""(ticks from the start of the track, channel or None, message with its status byte)."""


def _events(track: bytes) -> Iterator[Event]:
    position, now, status = 0, 0, 0
    while position < len(track):
        delta, position = _read_number(track, position)
        now += delta
        start = position
        if track[position] & 0x80:
            status = track[position]
            position += 1
        if status in (0xFF, 0xF0, 0xF7):
            position += status == 0xFF
            length, position = _read_number(track, position)
            position += length
            yield now, None, track[start:position]
            continue
        data = 1 if status >> 4 in (12, 13) else 2
        message = bytes([status]) + track[position : position + data]
        if len(message) != data + 1:
            raise IndexError(position)
        position += data
        yield now, status & 0x0F, message


def _read_number(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = data[position]
        position += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, position


def _track_bytes(events: list[Event], channel: int) -> bytes:
    body, now = b"", 0
    for tick, owner, message in events:
        if owner in (None, channel):
            body += variable_length(tick - now) + message
            now = tick
    return b"MTrk" + len(body).to_bytes(4, "big") + body
