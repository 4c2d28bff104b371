"""Gentle treatment by role: rumble out, peaks evened where the part wants it, and measured as it is set."""

from dataclasses import dataclass

import numpy as np
import torch

from assistant.aim import ONTOLOGY_NAMES
from assistant.listen import active_start
from assistant.start.roles import Compression, role_of
from console.loudness import integrated_lufs
from console.measures import power_spectrum
from console.parameters import Value, spec
from console.render import render
from console.settings import Settings
from exchange import Track
from ontology import load_practice

__all__ = ["Treated", "compressor", "highpass"]

_MOST_LOST = 0.01  # of a track's power
_STEPS_HZ = 5.0
_EXCERPT_S = 10.0
_TRIES = 7
_NEAR_DB = 0.3


@dataclass(frozen=True)
class Treated:
    """Knobs of one processor on one track, and why.

    Attributes:
        knobs: parameter -> value.
        why: a sentence with what was measured.
    """

    knobs: dict[str, Value]
    why: str


def highpass(track: Track, settings: Settings, sample_rate: int) -> Treated | None:
    """Return the high-pass that studios use on such a track, as high as its own sound allows.

    Args:
        track: as it was recorded.
        settings: of the song; a high-pass that is on already is left.
        sample_rate: Hz.
    Returns:
        None where none is usual, none fits the sound, or one is on.
    """
    if settings.number(track.name, "highpass.on"):
        return None
    part = ONTOLOGY_NAMES.get(track.instrument, track.instrument)
    usual = next(
        (entry for name in (track.instrument, part) for entry in load_practice().conventions_of(name)
         if entry.about == "highpass_hz"),
        None,
    )  # fmt: skip
    if usual is None:
        return None
    low, high = usual.value
    spectrum = power_spectrum(track.audio, sample_rate)
    freqs, power = np.asarray(spectrum.freq_hz), np.asarray(spectrum.power)
    total = max(float(power.sum()), 1e-30)
    lost = {freq: float(power[freqs < freq].sum()) / total for freq in np.arange(low, high + 0.1, _STEPS_HZ)}
    fits = [freq for freq, share in lost.items() if share <= _MOST_LOST]
    if not fits or "very low or not at all" in usual.say:
        return None
    freq_hz = spec("highpass.freq_hz").round(max(fits))
    why = f"high-pass at {freq_hz:.0f} Hz, where {100 * lost[max(fits)]:.1f} % of its power lies below ({usual.why})"
    return Treated({"highpass.on": 1.0, "highpass.freq_hz": freq_hz}, why)


def compressor(track: Track, settings: Settings, sample_rate: int) -> Treated | None:
    """Return a compressor that takes what its role wants, found by listening to the track through it.

    Args:
        track: with its level staged in `settings`.
        settings: of the song.
        sample_rate: Hz.
    """
    wanted = role_of(track).compress
    if wanted is None:
        return None
    start = active_start([track.audio], sample_rate, _EXCERPT_S)
    audio = torch.from_numpy(np.ascontiguousarray(track.audio[:, start : start + int(_EXCERPT_S * sample_rate)]))
    plain = {name: value for name, value in settings.channel(track.name).items() if not name.startswith("send.")}
    before = _lufs(audio, track.name, plain, sample_rate)
    if not np.isfinite(before):
        return None
    low, high = before - 24.0, before + 18.0  # of the threshold, dB
    knobs, taken = _knobs(wanted, high), 0.0
    for _ in range(_TRIES):
        middle = (low + high) / 2
        knobs = _knobs(wanted, middle)
        taken = before - _lufs(audio, track.name, {**plain, **knobs}, sample_rate)
        if abs(taken - wanted.taken_db) <= _NEAR_DB:
            break
        low, high = (middle, high) if taken > wanted.taken_db else (low, middle)
    if taken < _NEAR_DB:
        return None
    return Treated(
        knobs, f"compressor {wanted.ratio:g}:1 from {knobs['compressor.threshold_db']:g} dB takes {taken:.1f} dB"
    )


def _knobs(wanted: Compression, threshold_db: float) -> dict[str, Value]:
    entry = spec("compressor.threshold_db")
    return {
        "compressor.ratio": wanted.ratio,
        "compressor.threshold_db": entry.round(entry.clip(threshold_db)),
        "compressor.attack_ms": wanted.attack_ms,
        "compressor.release_ms": wanted.release_ms,
    }


def _lufs(audio: torch.Tensor, name: str, channel: dict[str, Value], sample_rate: int) -> float:
    found = render({name: audio}, Settings(tracks={name: channel}), sample_rate)
    return integrated_lufs(found.tracks[name].numpy(), sample_rate)
