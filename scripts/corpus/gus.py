"""Read instruments from Gravis Ultrasound patches (.pat), the format of freepats."""

import re
import struct
from pathlib import Path

import numpy as np

from scripts.corpus.sampler import Instrument, Sample
from scripts.corpus.table import CorpusError

__all__ = ["read_kit", "read_patch"]

_SAMPLES_AT = 239  # after the header of the file (129), the instrument (63) and the layer (47)
_COUNT_AT = 198
_SAMPLE_HEADER = 96
_16_BIT, _UNSIGNED, _LOOP, _BOTH_WAYS = 1, 2, 4, 8
_SHORTEST_LOOP = 8


def read_patch(path: Path) -> Instrument:
    """Read the samples of one patch with a plain envelope.

    Raises:
        CorpusError: no GUS patch, or damaged.
    """
    data = path.read_bytes()
    if data[:8] != b"GF1PATCH":
        raise CorpusError(f"{path.name} is no GUS patch. It is left out.")
    samples, position = [], _SAMPLES_AT
    try:
        for _ in range(data[_COUNT_AT]):
            size, loop_start, loop_end, rate = struct.unpack_from("<IIIH", data, position + 8)
            _, high, root = struct.unpack_from("<III", data, position + 22)
            mode = data[position + 55]
            position += _SAMPLE_HEADER
            audio = _audio(data[position : position + size], size, mode)
            position += size
            width = 2 if mode & _16_BIT else 1
            loop = _loop(loop_start // width, min(loop_end // width, audio.size), mode)
            samples.append(Sample(audio, float(rate), root / 1000, high / 1000, loop))
    except (struct.error, ValueError, IndexError) as error:
        raise CorpusError(f"{path.name} is damaged: {error}. It is left out.") from error
    samples.sort(key=lambda sample: sample.highest_hz)
    if not samples or min(sample.audio.size for sample in samples) < _SHORTEST_LOOP:
        raise CorpusError(f"{path.name} holds no samples. It is left out.")
    return Instrument(dict(enumerate(samples)))


def read_kit(folder: Path) -> Instrument:
    """Read a folder of drum patches whose names begin with their MIDI pitch.

    Raises:
        CorpusError: it holds none.
    """
    drums = {}
    for path in sorted(folder.glob("*.pat")):
        pitch = re.match(r"\d+", path.name)
        if pitch:
            first = read_patch(path).samples[0]
            drums[int(pitch[0])] = Sample(first.audio, first.rate, 0.0, 0.0)
    if not drums:
        raise CorpusError(f"{folder.name} holds no drum patches. Unpack the package again.")
    return Instrument(drums, kit=True)


def _audio(raw: bytes, size: int, mode: int) -> np.ndarray:
    if len(raw) < size:
        raise ValueError("it ends inside a sample")
    kind = ("<u2" if mode & _UNSIGNED else "<i2") if mode & _16_BIT else ("u1" if mode & _UNSIGNED else "i1")
    full = 32768.0 if mode & _16_BIT else 128.0
    audio = np.frombuffer(raw, dtype=kind).astype(np.float32) / np.float32(full)
    return audio - 1.0 if mode & _UNSIGNED else audio


def _loop(first: int, end: int, mode: int) -> tuple[int, int] | None:
    if not mode & _LOOP or mode & _BOTH_WAYS or end - first < _SHORTEST_LOOP:
        return None
    return first, end
