"""Guards: what an edit must not cost, watched in every turn and told where it did.

Mono compatibility, loudness range, sibilance, and the words that the one asked for is easily mistaken for. The true
peak is held by `assistant.settle`; tracks that were to stay clear are measured by `assistant.check`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.events import Measurement
from assistant.limits import neighbours_of, places
from assistant.measure import SongSound
from assistant.request import MIX, Request
from assistant.tell import say
from console.measures import band_level_db, power_to_db
from ontology import Ontology

__all__ = ["Guarded", "guard"]

_MONO_DB, _RANGE_LU, _SIBILANCE_DB, _NEIGHBOUR_DB = 1.5, 3.0, 3.0, 3.0
_SIBILANT_HZ, _VOICE_HZ = (5000.0, 9000.0), (300.0, 4000.0)
_FRAME_S = 0.02
_LOUDEST = 0.98  # of the frames: s and t are the short peaks of their band
_SMALL = 0.05


@dataclass(frozen=True)
class Guarded:
    """Measurements that are worth showing, and sentences about what an edit cost."""

    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...]


def guard(
    plan: Mapping[str, Sequence[Request]],
    before: SongSound,
    after: SongSound,
    sample_rate: int,
    ontology: Ontology,
    instruments: Mapping[str, str],
) -> Guarded:
    """Compare the song before and after an edit.

    Args:
        plan: what was asked, by track name or "mix".
        before, after: both having kept the channels of the plan.
        sample_rate: Hz.
        ontology: for neighbouring words.
        instruments: the ontology's name of what plays on the channels of the plan.
    """
    found: list[tuple[Measurement, str | None]] = []
    mono = [_mono_loss_db(sound.master) for sound in (before, after)]
    note = say("mono", loss=f"{mono[1] - mono[0]:.1f}") if mono[1] - mono[0] > _MONO_DB else None
    found.append((Measurement.of("level lost in mono", MIX, *mono, "dB"), note))
    ranges = (before.range_lu, after.range_lu)
    note = say("range", before=f"{ranges[0]:.1f}", after=f"{ranges[1]:.1f}")
    measured = Measurement.of("loudness range", MIX, *ranges, "LU")
    found.append((measured, note if abs(np.diff(ranges)[0]) > _RANGE_LU else None))
    for name, requests in plan.items():
        one, other = before.audio(name), after.audio(name)
        if instruments.get(name) in ("vocal", "mix"):
            pair = (_sibilance_db(one, sample_rate), _sibilance_db(other, sample_rate))
            note = say("sibilance", track=_who(name), change=f"{pair[1] - pair[0]:.1f}")
            entry = Measurement.of("s and t against the voice", name, *pair, "dB")
            found.append((entry, note if pair[1] - pair[0] > _SIBILANCE_DB else None))
        for request in requests:
            found += _neighbours(request, name, one, other, sample_rate, ontology, instruments.get(name, "any"))
    shown = [entry for entry, note in found if note is not None or abs(entry.after - entry.before) > _SMALL]
    return Guarded(tuple(shown), tuple(dict.fromkeys(note for _, note in found if note is not None)))


def _neighbours(
    request: Request,
    name: str,
    one: np.ndarray,
    other: np.ndarray,
    sample_rate: int,
    ontology: Ontology,
    instrument: str,
) -> list[tuple[Measurement, str | None]]:
    """Measure the band of each word that this one is mistaken for; what was named as not wanted is always shown."""
    found: list[tuple[Measurement, str | None]] = []
    named = {entry[8:] for entry in request.constraints if entry.startswith("without:")}
    for word in neighbours_of(request, ontology):
        bands = places(word, instrument)
        if not bands:
            continue
        low, high = bands[0]
        pair = tuple(_share_db(audio, sample_rate, low, high) for audio in (one, other))
        towards = np.array(max(word.senses, key=lambda sense: sense.share).eq_db)
        sign = float(np.sign(towards[np.abs(towards).argmax()]))
        rose = sign * (pair[1] - pair[0])
        entry = Measurement.of(f"{low:.0f}-{high:.0f} Hz against the whole ({word.id})", name, *pair, "dB")
        note = None
        if rose > (1.0 if word.id in named else _NEIGHBOUR_DB):
            note = say("neighbour", track=_who(name), word=word.id, change=f"{rose:.1f}")
        elif word.id in named:
            note = say("without", track=_who(name), word=word.id, change=f"{pair[1] - pair[0]:+.1f}")
        if note is not None:
            found.append((entry, note))
    return found


def _mono_loss_db(audio: np.ndarray) -> float:
    """Return by how much both sides together are louder than their mono sum, dB."""
    both = np.mean(np.square(audio, dtype=np.float64))
    mono = np.mean(np.square(audio.mean(axis=0), dtype=np.float64))
    return float(power_to_db(max(both, 1e-15) / max(mono, 1e-15)))


def _sibilance_db(audio: np.ndarray, sample_rate: int) -> float:
    """Return the loudest moments of 5-9 kHz against the mean of 300-4000 Hz, dB."""
    size = int(_FRAME_S * sample_rate)
    mono = audio.mean(axis=0)
    frames = mono[: len(mono) // size * size].reshape(-1, size)
    if len(frames) == 0:
        return 0.0
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    window = np.hanning(size).astype(np.float32)
    sharp, voice = [], []
    for first in range(0, len(frames), 512):
        power = np.square(np.abs(np.fft.rfft(frames[first : first + 512] * window, axis=1)))
        sharp.append(power[:, (hz >= _SIBILANT_HZ[0]) & (hz <= _SIBILANT_HZ[1])].sum(axis=1))
        voice.append(power[:, (hz >= _VOICE_HZ[0]) & (hz <= _VOICE_HZ[1])].sum(axis=1))
    loudest = float(np.quantile(np.concatenate(sharp), _LOUDEST))
    return float(power_to_db(max(loudest, 1e-15) / max(float(np.concatenate(voice).mean()), 1e-15)))


def _share_db(audio: np.ndarray, sample_rate: int, low_hz: float, high_hz: float) -> float:
    whole = band_level_db(audio, sample_rate, 20.0, sample_rate / 2)
    return band_level_db(audio, sample_rate, low_hz, high_hz) - whole


def _who(name: str) -> str:
    return "the mix" if name == MIX else name
