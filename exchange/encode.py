"""From float samples to the bytes of a file: whole numbers with dither, WAV headers, FLAC.

WAV headers are written here and not by libsndfile, which stamps the time of day into float files: the same
audio must give the same bytes.
"""

import struct
from pathlib import Path

import numpy as np
import soundfile

from exchange.headers import native_name

__all__ = ["BITS", "quantise", "wav_header", "write_samples"]

#: Subtype name -> bits per stored sample.
BITS = {"pcm16": 16, "pcm24": 24, "float": 32}

_BLOCK = 65_536  # frames encoded at a time
_DITHER_SEED = 16
_PCM_TAG, _FLOAT_TAG = 1, 3  # WAVE_FORMAT_PCM, WAVE_FORMAT_IEEE_FLOAT


def quantise(audio: np.ndarray, bits: int, generator: np.random.Generator | None = None) -> np.ndarray:
    """Turn samples into whole numbers of the given width.

    Args:
        audio: (samples, channels) float, full scale -1..1; beyond that it is clipped.
        bits: 16 or 24.
        generator: where dither comes from; without one none is added. It is triangular, from -1 to 1 step, so
            that the mean and the power of the error keep no trace of the signal.
    Returns:
        (samples, channels) int32 between -2**(bits - 1) and 2**(bits - 1) - 1.
    Source:
        Lipshitz, Wannamaker, Vanderkooy, Quantization and Dither: A Theoretical Survey, JAES 40(5), 1992.
    """
    full_scale = 2 ** (bits - 1)
    scaled = audio.astype(np.float64) * full_scale
    if generator is not None:
        scaled += generator.random((*audio.shape, 2)).sum(axis=-1) - 1.0
    return np.clip(np.rint(scaled), -full_scale, full_scale - 1).astype(np.int32)


def wav_header(channels: int, frames: int, sample_rate: int, subtype: str) -> bytes:
    """Make everything of a WAV file that stands before its samples.

    Args:
        channels: 1 or 2.
        frames: samples per channel.
        sample_rate: Hz.
        subtype: a key of BITS.
    Returns:
        44 bytes for whole numbers, 58 for float (which must also say its length in a `fact` chunk).
    Raises:
        struct.error: the samples take more than the 4 GiB a WAV can hold; callers check limits first.
    Source:
        Multimedia Programming Interface and Data Specifications 1.0, 1991; Microsoft, New Multimedia Data
        Types and Data Techniques, 1994 (fact chunk, tag 3).
    """
    bits = BITS[subtype]
    frame_bytes = channels * bits // 8
    tag = _FLOAT_TAG if subtype == "float" else _PCM_TAG
    format_body = struct.pack("<HHIIHH", tag, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, bits)
    fact = b""
    if tag == _FLOAT_TAG:
        format_body += struct.pack("<H", 0)  # no extension follows
        fact = b"fact" + struct.pack("<II", 4, frames)
    data_bytes = frames * frame_bytes
    body = b"WAVEfmt " + struct.pack("<I", len(format_body)) + format_body + fact
    body += b"data" + struct.pack("<I", data_bytes)
    riff_bytes = len(body) + data_bytes + data_bytes % 2
    return b"RIFF" + struct.pack("<I", riff_bytes) + body


def write_samples(path: Path, suffix: str, audio: np.ndarray, sample_rate: int, subtype: str, dither: bool) -> None:
    """Write a new file block by block, with no more memory than one block.

    Args:
        path: must not exist; its own ending is not looked at.
        suffix: .wav or .flac, which decides the container.
        audio: (channels, samples) float, finite.
        sample_rate: Hz.
        subtype: a key of BITS; FLAC takes no float.
        dither: triangular dither for pcm16, from a fixed seed.
    Raises:
        OSError: the disk or the encoder refuses.
    """
    channels, frames = audio.shape
    generator = np.random.default_rng(_DITHER_SEED) if dither and subtype == "pcm16" else None
    blocks = (audio[:, start : start + _BLOCK].T for start in range(0, frames, _BLOCK))
    if suffix == ".wav":
        with path.open("xb") as file:
            file.write(wav_header(channels, frames, sample_rate, subtype))
            for block in blocks:
                file.write(_wav_bytes(block, subtype, generator))
            file.write(b"\0" * (file.tell() % 2))  # chunks are padded to an even size
        return
    bits = BITS[subtype]
    name = native_name(path)
    try:
        with soundfile.SoundFile(name, "x", sample_rate, channels, f"PCM_{bits}", format="FLAC") as file:
            for block in blocks:
                file.write(quantise(block, bits, generator) << (32 - bits))
        written = soundfile.info(name).frames
    except (soundfile.LibsndfileError, AssertionError) as error:  # soundfile asserts that no write is short
        raise OSError("the FLAC encoder could not write all samples") from error
    if written != frames:
        raise OSError("the FLAC encoder lost samples")


def _wav_bytes(block: np.ndarray, subtype: str, generator: np.random.Generator | None) -> bytes:
    """Encode (samples, channels) floats as the little-endian bytes of a WAV."""
    if subtype == "float":
        return np.ascontiguousarray(block, dtype="<f4").tobytes()
    whole = quantise(block, BITS[subtype], generator).astype("<i4", order="C")
    if subtype == "pcm16":
        return whole.astype("<i2").tobytes()
    return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()  # the low three bytes of each int32
