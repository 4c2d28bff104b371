"""Files to read: good ones by another writer (soundfile), bad ones by hand."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from console.settings import Settings
from exchange import Song, Track
from exchange.project import Project, Section

RATE = 44_100


@pytest.fixture
def noise():
    """(channels, samples) float32 noise around -20 dBFS, from a fixed seed."""

    def make(channels=2, samples=RATE, seed=0):
        generator = np.random.default_rng(seed)
        return (0.1 * generator.standard_normal((channels, samples))).clip(-1, 1).astype(np.float32)

    return make


@pytest.fixture
def save(tmp_path):
    """Write (channels, samples) with soundfile, not with the code under test."""

    def write(name, audio, sample_rate=RATE, subtype=None, **options):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.asarray(audio).T, sample_rate, subtype=subtype, **options)
        return path

    return write


@pytest.fixture
def wav_claiming(tmp_path):
    """Write a 16-bit WAV whose header claims `data_bytes`; `there` bytes of zeros follow, sparse on disk."""

    def write(name, data_bytes, there, channels=1, sample_rate=RATE):
        frame_bytes = 2 * channels
        header = b"RIFF" + struct.pack("<I", (36 + data_bytes) & 0xFFFFFFFF) + b"WAVEfmt "
        header += struct.pack("<IHHIIHH", 16, 1, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, 16)
        header += b"data" + struct.pack("<I", data_bytes)
        path = tmp_path / name
        with path.open("wb") as file:
            file.write(header)
            file.truncate(len(header) + there)
        return path

    return write


MIX = {
    ("Kick", "eq.low_shelf_gain_db"): 3.3,
    ("Kick", "eq.bell_2_gain_db"): -4.1,
    ("Kick", "eq.bell_2_q"): 2.2,
    ("Kick", "highpass.on"): 1.0,
    ("Kick", "highpass.slope_db_per_octave"): "24",
    ("Snare", "compressor.ratio"): 3.7,
    ("Snare", "compressor.attack_ms"): 3.3,
    ("Snare", "compressor.knee_db"): 9.5,
    ("Snare", "fader.gain_db"): -3.17,
    ("Snare", "stereo.pan"): -0.31,
    ("Lead Vox", "send.reverb_db"): -12.3,
    ("Lead Vox", "deesser.ratio"): 4.0,
    ("Lead Vox", "gate.ratio"): 2.0,
    ("Gtr/L", "saturation.mix"): 0.3,
    ("Gtr/L", "saturation.type"): "tube",
    ("Gtr/L", "stereo.width"): 1.4,
    ("Gtr/L", "trim.invert"): 1.0,
    ("group:Drums", "fader.gain_db"): -1.5,
    ("group:Drums", "send.delay_db"): -20.0,
    ("reverb", "reverb.decay_s"): 0.4,
    ("reverb", "reverb.return_db"): -2.0,
    ("delay", "delay.time_ms"): 90.0,
    ("master", "fader.gain_db"): 2.0,
    ("master", "limiter.on"): 1.0,
    ("master", "limiter.ceiling_dbtp"): -1.3,
}
"""A mix that uses every processor, a group, both effects and the limiter."""


@pytest.fixture
def project(noise):
    """Four tracks of 0.5 s, two of them in a group, mixed as MIX says, in two sections between which a fader moves."""
    names = (("Kick", 1), ("Snare", 2), ("Lead Vox", 1), ("Gtr/L", 2))
    tracks = tuple(
        Track(name, "unknown", "other", "#2f9e8f", noise(channels, RATE // 2, seed), Path(f"{name}.wav"))
        for seed, (name, channels) in enumerate(names)
    )
    routing = {"Kick": "Drums", "Snare": "Drums"}
    settings = Settings.neutral([name for name, _ in names], routing).turned(MIX)
    song = Song(tracks, RATE, RATE // 2, "four tracks", ())
    settings = settings.turned({("Snare", "fader.gain_db"): 0.0, ("Gtr/L", "highpass.on"): 1.0}, (0.2, 0.5))
    return Project("Tëst song", song, settings, (Section("verse", 0.0, 0.2), Section("chorus", 0.2, 0.5)))
