"""A small song of three tones with attacks: enough for every step of a turn, rendered in milliseconds."""

from pathlib import Path

import numpy as np
import pytest

from assistant.session import Session
from exchange import load_tracks, write_audio

RATE = 22050
SECONDS = 7


def _notes(freqs_hz, harmonics, seed, note_s=0.5, decay_s=0.25):
    """Return (samples,) of plucked harmonic notes with a little noise."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(RATE * SECONDS) / RATE
    audio = np.zeros_like(time_s)
    for index in range(int(SECONDS / note_s)):
        freq_hz = freqs_hz[index % len(freqs_hz)]
        since = time_s - index * note_s
        envelope = np.where(since >= 0, np.exp(-np.maximum(since, 0) / decay_s) * np.minimum(since / 0.004, 1), 0)
        for number in range(1, harmonics + 1):
            if number * freq_hz < 0.45 * RATE:
                audio += envelope * np.sin(2 * np.pi * number * freq_hz * since + rng.uniform(0, 6)) / number
    return audio + 0.02 * rng.standard_normal(audio.size)


@pytest.fixture(scope="session")
def stems(tmp_path_factory) -> Path:
    """A folder of stems: Lead Vox (mono), Bass DI (mono), Keys (stereo)."""
    folder = tmp_path_factory.mktemp("stems")
    lead = _notes([330, 392, 440, 294], 20, 1)
    bass = _notes([82, 98, 73, 110], 6, 2, decay_s=0.4)
    left, right = _notes([262, 330, 392], 10, 3, note_s=1.0), _notes([262, 330, 392], 10, 4, note_s=1.0)
    for name, audio, gain in (("Lead Vox", lead[None], 0.06), ("Bass DI", bass[None], 0.2)):
        write_audio(folder / f"{name}.wav", (gain * audio).astype(np.float32), RATE, "float")
    write_audio(folder / "Keys.wav", (0.08 * np.stack((left, right))).astype(np.float32), RATE, "float")
    return folder


@pytest.fixture(scope="session")
def song(stems):
    return load_tracks(stems)


@pytest.fixture
def session(song) -> Session:
    return Session(song)
