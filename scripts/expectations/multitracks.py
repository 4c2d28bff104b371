"""Multitrack songs played from scores: one file a part, drums taken apart, at the balance the score asks for."""

from pathlib import Path

import numpy as np
import soundfile

from models.training.corpus import SAMPLE_RATE
from scripts.corpus.play import play_midi
from scripts.corpus.scores import instrument_name, mma_chart, mma_midi, split_channels
from scripts.corpus.table import CorpusError
from scripts.demo_song.midi import PERCUSSION_CHANNEL

__all__ = ["DRUM_NOTES", "only_notes", "play_chart", "play_score"]

DRUM_NOTES = {
    "Kick": (35, 36),
    "Snare": (37, 38, 39, 40),
    "Hi-Hat": (42, 44, 46),
    "Toms": (41, 43, 45, 47, 48, 50),
    "Cymbals": (49, 51, 52, 53, 55, 57, 59),
    "Percussion": (54, 56, *range(58, 59), *range(60, 82)),
}
"""General MIDI percussion keys by the track they go to."""

_NAMES = {
    "piano": "Piano", "chromatic percussion": "Vibraphone", "organ": "Organ", "guitar": "Gtr", "bass": "Bass",
    "strings": "Strings", "ensemble": "Strings Ensemble", "brass": "Brass", "reed": "Sax", "pipe": "Flute",
    "synth lead": "Synth Lead", "synth pad": "Synth Pad", "synth effects": "Synth FX", "ethnic": "Banjo",
    "percussive": "Perc", "sound effects": "FX",
}  # fmt: skip
_SECONDS = 40.0
_BEATS = 90.0
_SOFTEST = 10 ** (-50 / 20)


def play_chart(seed: int, mma: Path, soundfont: Path, folder: Path) -> int:
    """Let MMA arrange a chart drawn from a seed and play every part; returns how many tracks were written."""
    chart = mma_chart(np.random.default_rng(seed), mma)
    return play_score(mma_midi(chart, mma), soundfont, folder)


def play_score(midi: bytes, soundfont: Path, folder: Path) -> int:
    """Play every part of a score into a folder of stems; returns how many were written."""
    parts: dict[str, np.ndarray] = {}
    for channel, (program, alone) in split_channels(midi).items():
        if channel == PERCUSSION_CHANNEL:
            for name, notes in DRUM_NOTES.items():
                played = _play(only_notes(alone, notes), soundfont)
                if played is not None:
                    parts[name] = played
            continue
        played = _play(only_notes(alone, None), soundfont)
        if played is None:
            continue
        name = _NAMES[instrument_name(channel, program)]
        count = sum(other == name or other.startswith(f"{name} ") for other in parts)
        parts[name if not count else f"{name} {count + 1}"] = played
    if len(parts) < 3:
        return 0
    length = min(int(_SECONDS * SAMPLE_RATE), max(audio.shape[1] for audio in parts.values()))
    total = sum(np.pad(audio[:, :length], ((0, 0), (0, max(0, length - audio.shape[1])))) for audio in parts.values())
    gain = 0.5 / max(float(np.abs(total).max()), 1e-6)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, audio) in enumerate(parts.items(), 1):
        cut = np.pad(audio[:, :length], ((0, 0), (0, max(0, length - audio.shape[1])))) * gain
        soundfile.write(folder / f"{number:02d} {name}.flac", cut.T, SAMPLE_RATE, subtype="PCM_24")
    return len(parts)


def only_notes(midi: bytes, keys: tuple[int, ...] | None, last_beat: float = _BEATS) -> bytes:
    """Return a MIDI file in which other keys, and all after some beats, are struck with no force.

    Note-ons keep their place in the file: only their velocity byte becomes 0, which means "off".

    Args:
        midi: a standard MIDI file whose division is in ticks a beat.
        keys: those that sound; None: all.
        last_beat: nothing is struck after it.
    """
    data, position = bytearray(midi), 8 + int.from_bytes(midi[4:8], "big")
    last_tick = last_beat * int.from_bytes(midi[12:14], "big")
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "big")
        at, end, status, now = position + 8, position + 8 + length, 0, 0
        while at < end:
            delta = 0
            while True:
                delta = delta << 7 | data[at] & 0x7F
                at += 1
                if not data[at - 1] & 0x80:
                    break
            now += delta
            if data[at] & 0x80:
                status = data[at]
                at += 1
            if status in (0xFF, 0xF0, 0xF7):
                at += status == 0xFF
                size = 0
                while True:
                    size = size << 7 | data[at] & 0x7F
                    at += 1
                    if not data[at - 1] & 0x80:
                        break
                at += size
                continue
            if status >> 4 == 9 and ((keys is not None and data[at] not in keys) or now > last_tick):
                data[at + 1] = 0
            at += 1 if status >> 4 in (12, 13) else 2
        position += 8 + length
    return bytes(data)


def _play(midi: bytes, soundfont: Path) -> np.ndarray | None:
    try:
        audio = play_midi(midi, soundfont)
    except CorpusError:  # nothing sounded: the score has no such part
        return None
    return audio if np.abs(audio).max() > _SOFTEST * 0.1 else None
