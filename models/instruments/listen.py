"""What the tagger hears of a track: the FX encoder's statistics of its loudest windows, in mono and below 7.5 kHz.

Mono, because how wide an instrument stands says how it was mixed, not what it is. Below 7.5 kHz, because the speech
that voices are learned from stops at 8 kHz: with more, "nothing up there" would mean a voice.
"""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

from console.errors import AudioShapeError
from models.fx_encoder.front_end import (
    FLATNESS_BANDS,
    SAMPLE_RATE,
    TIME_BAND_EDGES_HZ,
    TONE_BANDS,
    WINDOW_SAMPLES,
    hear,
)
from models.fx_encoder.statistics import STATISTICS, TONE_EACH, statistics
from models.resample import resample

__all__ = ["LOWEST_RATE", "columns", "listen", "mono", "numbers_of_windows"]

LOWEST_RATE = 16000
"""Hz; recordings below stop short of what the tagger listens to, and are not judged."""
_WINDOWS = 3
_WINDOW_S = WINDOW_SAMPLES // SAMPLE_RATE
_SHORTEST_S = 0.05
_SILENT = 10.0 ** (-70.0 / 20.0)
_HIGHEST_HZ = 7500.0
_TONE_LOW_HZ, _TONE_HIGH_HZ = 25.0, 19000.0
_FLATNESS_LOW_HZ, _FLATNESS_HIGH_HZ = 150.0, 18000.0
_FLATNESS_EACH = 9
_LOUDNESS_STEP_S = 0.5
_SAMPLES_LOOKED_AT = 1 << 20
_QUIETER = 10.0 ** (-15.0 / 10.0)


def listen(audio: np.ndarray, sample_rate: int) -> Tensor | None:
    """Return the numbers of a track.

    Args:
        audio: (1 or 2, samples) finite floats.
        sample_rate: Hz.
    Returns:
        (columns,) float32, the mean over the loudest few windows of 5 s; None where there is nothing to judge: silence
        (below -70 dBFS), DC, less than 50 ms, or a sample rate below LOWEST_RATE.
    Raises:
        AudioShapeError: another shape, no valid rate, or values that are no numbers.
    """
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise AudioShapeError(f"Audio of shape {audio.shape} is not (1 or 2, samples). Use mono or stereo.")
    if sample_rate != int(sample_rate) or sample_rate < 1:
        raise AudioShapeError(f"sample_rate={sample_rate} is not a positive whole number. Use e.g. 44100.")
    if sample_rate < LOWEST_RATE or audio.shape[1] < _SHORTEST_S * sample_rate:
        return None
    sample_rate = int(sample_rate)
    length = _WINDOW_S * sample_rate
    windows = []
    for start in _loudest_starts(audio, length, sample_rate):
        window = torch.from_numpy(np.ascontiguousarray(audio[:, start : start + length], dtype=np.float32))
        if not bool(torch.isfinite(window).all()):
            raise AudioShapeError("The audio holds values that are no numbers. Export the file again.")
        window = mono(window - window.mean(dim=-1, keepdim=True))
        if float(window.square().mean().sqrt()) < _SILENT:
            continue
        heard = resample(window, sample_rate, SAMPLE_RATE)[:WINDOW_SAMPLES]
        windows.append(torch.nn.functional.pad(heard, (0, WINDOW_SAMPLES - heard.shape[-1])))
    return numbers_of_windows(torch.stack(windows)).mean(dim=0) if windows else None


def mono(audio: Tensor) -> Tensor:
    """Return (samples,) of (1 or 2, samples): the mid, or the louder side where the two cancel."""
    middle = audio.mean(dim=0)
    powers = audio.square().mean(dim=-1)
    if float(middle.square().mean()) >= 0.1 * float(powers.max()):
        return middle
    return audio[int(powers.argmax())]


def numbers_of_windows(windows: Tensor) -> Tensor:
    """Return (windows, columns) of mono (windows, WINDOW_SAMPLES) at SAMPLE_RATE."""
    with torch.no_grad():
        return statistics(hear(torch.stack((windows, windows), dim=1)))[:, columns()]


@cache
def columns() -> Tensor:
    """Return which of the STATISTICS are used: of the mid alone, and of bands below 7.5 kHz."""
    tone_hz = torch.logspace(math.log10(_TONE_LOW_HZ), math.log10(_TONE_HIGH_HZ), TONE_BANDS + 2)[2:]
    flatness_hz = torch.logspace(math.log10(_FLATNESS_LOW_HZ), math.log10(_FLATNESS_HIGH_HZ), FLATNESS_BANDS + 1)[1:]
    bands = len(TIME_BAND_EDGES_HZ) - 1
    time_rows = 2 * bands + 3
    before_time = 2 * TONE_BANDS * TONE_EACH + FLATNESS_BANDS * _FLATNESS_EACH
    time_each, rest = divmod(STATISTICS - before_time - 4, time_rows)
    assert rest == 0, "the statistics are laid out differently from what is written here"
    tone = int((tone_hz <= _HIGHEST_HZ).sum()) * TONE_EACH
    flatness = int((flatness_hz <= _HIGHEST_HZ).sum()) * _FLATNESS_EACH
    low_bands = sum(edge <= _HIGHEST_HZ for edge in TIME_BAND_EDGES_HZ[1:])
    rows = [*range(low_bands), 2 * bands, 2 * bands + 1]  # of the mid: bands, peak, RMS
    parts = [torch.arange(tone), 2 * TONE_BANDS * TONE_EACH + torch.arange(flatness)]
    parts += [before_time + row * time_each + torch.arange(time_each) for row in rows]
    return torch.cat(parts)


def _loudest_starts(audio: np.ndarray, length: int, sample_rate: int) -> list[int]:
    """Return where the loudest windows begin, not overlapping; those far below the loudest are left out."""
    samples = audio.shape[1]
    if samples <= length:
        return [0]
    step = max(1, samples // _SAMPLES_LOOKED_AT)  # which samples are looked at hardly matters for a level
    hop = round(_LOUDNESS_STEP_S * sample_rate)
    in_hop = max(1, hop // step)
    seen = audio[:, ::step].astype(np.float32)
    seen = seen - seen.mean(axis=1, keepdims=True)
    hops = seen.shape[1] // in_hop
    power = np.square(seen[:, : hops * in_hop]).sum(axis=0).reshape(hops, in_hop).sum(axis=1)
    in_window = min(hops, round(_WINDOW_S / _LOUDNESS_STEP_S))
    totals = np.convolve(power, np.ones(in_window), "valid")
    starts: list[int] = []
    loudest = float(totals.max())
    while len(starts) < _WINDOWS:
        place = int(totals.argmax())
        if starts and totals[place] < _QUIETER * loudest:
            break
        starts.append(min(place * in_hop * step, samples - length))
        totals[max(0, place - in_window + 1) : place + in_window] = -1.0
    return starts
