"""Small sounds with known faults, and what they measure."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assistant.diagnose import Hearing, hear, inspect
from assistant.diagnose.damage import DamageFinder
from assistant.diagnose.listening import chunks
from assistant.diagnose.statistics import CHUNK, Signal, SignalStatistics
from console.settings import Settings
from exchange import Song, Track

RATE = 44100


def noise(seconds: float, seed: int = 0, channels: int = 2, slope: float = 1.0) -> np.ndarray:
    """Return (channels, samples) of pink-like noise at -20 dBFS, its sides independent."""
    generator = np.random.default_rng(seed)
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(generator.normal(size=(channels, count)))
    freqs = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 30.0)
    shaped = np.fft.irfft(spectrum * freqs ** (-slope / 2), count)
    return (0.1 * shaped / shaped.std()).astype(np.float32)


def sine(freq_hz: float, seconds: float, level: float = 0.5) -> np.ndarray:
    """Return (2, samples) of a sine."""
    wave = level * np.sin(2 * np.pi * freq_hz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def hits(seconds: float, seed: int = 0, rate_hz: float = 4.0, decay_s: float = 0.05) -> np.ndarray:
    """Return (2, samples) of decaying noise bursts."""
    count = int(seconds * RATE)
    envelope = np.zeros(count)
    tail = np.exp(-np.arange(int(6 * decay_s * RATE)) / (decay_s * RATE))
    for start in range(0, count - tail.size, int(RATE / rate_hz)):
        envelope[start : start + tail.size] += tail
    return (noise(seconds, seed) * 4 * envelope).astype(np.float32)


def song(parts: dict[str, tuple[str, np.ndarray]]) -> Song:
    """Return a song of {name: (instrument, audio)}; one part alone is a mix."""
    groups = {"kick": "drums", "snare": "drums", "bass": "bass", "lead_vocal": "vocals", "keys": "keys", "mix": "mix"}
    tracks = tuple(
        Track(name, instrument, groups.get(instrument, "other"), "#888888", audio, Path(f"{name}.wav"))
        for name, (instrument, audio) in parts.items()
    )
    return Song(tracks, RATE, tracks[0].audio.shape[1], "test", ())


def heard(parts: dict[str, tuple[str, np.ndarray]]) -> Hearing:
    """Measure a song of {name: (instrument, audio)} on an untouched console."""
    made = song(parts)
    return hear(made, Settings.neutral(list(parts)), inspect(made))


def heard_mix(audio: np.ndarray) -> Hearing:
    """Measure one stereo mix."""
    return heard({"Mix": ("mix", audio)})


def measured(audio: np.ndarray, block: int = CHUNK) -> Signal:
    """Measure one signal that arrives in blocks."""
    statistics = SignalStatistics("test", RATE)
    blocks = ([audio[:, start : start + block]] for start in range(0, audio.shape[1], block))
    for chunk, valid in chunks(blocks, 1):
        statistics.add(chunk[0], valid)
    return statistics.result()


def damaged(audio: np.ndarray):
    """Return the damage found in (2, samples)."""
    finder = DamageFinder(RATE)
    for chunk, valid in chunks(([audio[:, s : s + CHUNK]] for s in range(0, audio.shape[1], CHUNK)), 1):
        finder.add(chunk[0], valid)
    return finder.result()


@pytest.fixture(scope="session")
def sounds() -> SimpleNamespace:
    """The makers and meters of this file, by name."""
    return SimpleNamespace(
        RATE=RATE, noise=noise, sine=sine, hits=hits, song=song, heard=heard, heard_mix=heard_mix, measured=measured,
        damaged=damaged,
    )  # fmt: skip
