"""Notes to MIDI to dry audio through FluidSynth."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

SAMPLE_RATE = 44100
TEMPO_BPM = 96.0
TICKS_PER_BEAT = 960
PERCUSSION_CHANNEL = 9


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch and velocity."""

    start: float
    length: float
    pitch: int
    velocity: int
    channel: int = 0


def variable_length(value):
    """Encode a delta time as MIDI's base-128 number, most significant group first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def midi_file(notes, programs, end_beat):
    """Write notes as the bytes of a format 0 MIDI file.

    Args:
        notes: iterable of Note.
        programs: {channel: General MIDI program}, program 0 is the first.
        end_beat: where the track ends; later notes are kept, the end moves after them.
    """
    events = []
    for note in notes:
        on = round(max(note.start, 0.0) * TICKS_PER_BEAT)
        off = max(on + 1, round((note.start + note.length) * TICKS_PER_BEAT))
        # Note-offs sort before note-ons of the same tick, so that repeated notes sound again.
        events.append((on, 1, bytes([0x90 | note.channel, note.pitch, note.velocity])))
        events.append((off, 0, bytes([0x80 | note.channel, note.pitch, 0])))
    tempo = round(60_000_000 / TEMPO_BPM)
    track = b"\x00\xff\x51\x03" + tempo.to_bytes(3, "big")
    for channel, program in programs.items():
        track += bytes([0, 0xC0 | channel, program])
    now = 0
    for tick, _, message in sorted(events):
        track += variable_length(tick - now) + message
        now = tick
    track += variable_length(max(0, round(end_beat * TICKS_PER_BEAT) - now)) + b"\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + bytes([0, 0, 0, 1]) + TICKS_PER_BEAT.to_bytes(2, "big")
    return header + b"MTrk" + len(track).to_bytes(4, "big") + track


def render(notes, programs, soundfont, samples):
    """Play notes with a SoundFont, without reverb or chorus.

    Args:
        notes: iterable of Note.
        programs: {channel: General MIDI program}.
        soundfont: path of an .sf2 file that exists (FluidSynth falls back silently when it does not).
        samples: length of the result; the render is cut or padded with silence.
    Returns:
        (2, samples) float64 at SAMPLE_RATE.
    """
    with tempfile.TemporaryDirectory() as folder:
        midi_path, wav_path = Path(folder, "stem.mid"), Path(folder, "stem.wav")
        midi_path.write_bytes(midi_file(notes, programs, samples / SAMPLE_RATE * TEMPO_BPM / 60))
        command = ["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(SAMPLE_RATE)]
        command += ["-T", "wav", "-O", "float", "-F", str(wav_path), str(soundfont), str(midi_path)]
        subprocess.run(command, check=True, capture_output=True)
        audio, sample_rate = sf.read(wav_path, always_2d=True)
    if sample_rate != SAMPLE_RATE or not np.any(audio):
        raise RuntimeError(f"FluidSynth gave {sample_rate} Hz, silent={not np.any(audio)}; expected sound.")
    stem = np.zeros((2, samples))
    stem[:, : min(samples, len(audio))] = audio.T[:, :samples]
    return stem
