"""Files to read: good ones by another writer (soundfile), bad ones by hand."""

import struct

import numpy as np
import pytest
import soundfile

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
