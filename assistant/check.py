"""Check: what really changed, measured on the whole song, against what was wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from assistant.aim import Target
from assistant.bands import main_band_hz
from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.request import MIX
from console.measures import power_spectrum, power_to_db
from console.settings import Settings
from models import PARTS, ProductionFeatures
from models.production_features import SCALES
from ontology import BANDS_HZ

__all__ = ["KEPT", "Checked", "check", "check_kept", "overall"]

KEPT = "1-4 kHz against the rest"
"""What is measured of a track that was to stay clear."""

_FEATURES = {
    "crest": ("crest factor", "compression", "transients", "gate"),
    "fill": ("level between the notes", "reverb", "delay"),
    "width": ("side against mid", "width"),
    "spread": ("level swing over time", "compression", "gate"),
}
"""Parts of the production features that a processor should have moved, with their names for people."""
_LEAST_DB = 0.3  # a goal smaller than this is not reported as one
_REACHED = 0.6
_SIDE_EFFECT = 0.5  # of the largest of a processor's goals, in steps of the features: what is less comes along with it


@dataclass(frozen=True)
class Checked:
    """What was measured for one target.

    Attributes:
        measurements: goals first.
        reached: share of the way that was gone, the least over the goals, 0..1 and more.
    """

    measurements: tuple[Measurement, ...]
    reached: float

    @property
    def there(self) -> bool:
        return self.reached >= _REACHED


def check(target: Target, before: SongSound, after: SongSound) -> Checked:
    """Measure one target's goals before and after."""
    measurements: list[Measurement] = []
    track, wished = target.track, target.wished
    one, other = before.audio(track), after.audio(track)
    rate = target.scene.sample_rate
    if wished.curve_db.any():
        low, high = main_band_hz(wished.curve_db)
        was, wanted = _band_share_db(one, rate, low, high, wished.curve_db)
        now, _ = _band_share_db(other, rate, low, high)
        if abs(wanted - was) >= _LEAST_DB:
            name = f"{low:.0f}-{high:.0f} Hz against the whole"
            measurements.append(Measurement.of(name, track, was, now, "dB", wanted))
    if track != MIX and wished.level_asked:
        was, now = before.standing_db(track), after.standing_db(track)
        measurements.append(
            Measurement.of("level and presence against the rest", track, was, now, "dB", was + wished.level_db)
        )
        measurements.append(
            Measurement.of("level against the rest", track, before.level_lu(track), after.level_lu(track), "LU")
        )
    elif track != MIX:
        was, now = before.track_lufs[track], after.track_lufs[track]
        measurements.append(Measurement.of("loudness", track, was, now, "LUFS"))
    measurements += _features(target, after.settings)
    goals = [entry for entry in measurements if entry.wanted is not None]
    ways = [(entry.after - entry.before) / (entry.wanted - entry.before)
            for entry in goals if abs(entry.wanted - entry.before) >= _LEAST_DB]  # fmt: skip
    return Checked(tuple(measurements), min(ways) if ways else 1.0)


def overall(before: SongSound, after: SongSound) -> tuple[Measurement, ...]:
    """Measure what is watched in every turn: loudness and true peak of the mix."""
    return (
        Measurement.of("loudness", MIX, before.loudness_lufs, after.loudness_lufs, "LUFS"),
        Measurement.of("true peak", MIX, before.true_peak_dbtp, after.true_peak_dbtp, "dBTP"),
    )


def _band_share_db(
    audio: np.ndarray, sample_rate: int, low_hz: float, high_hz: float, curve_db: np.ndarray | None = None
) -> tuple[float, float]:
    """Return a band's level against the whole, dB, as it is and as a curve would make it."""
    spectrum = power_spectrum(audio, sample_rate)
    freqs, power = np.asarray(spectrum.freq_hz), np.asarray(spectrum.power)
    inside = (freqs >= low_hz) & (freqs <= min(high_hz, sample_rate / 2))
    share = power_to_db(power[inside].sum() / max(power.sum(), 1e-30))
    if curve_db is None:
        return float(share), float(share)
    gain = 10 ** (np.interp(np.log(np.maximum(freqs, 1.0)), np.log(BANDS_HZ), curve_db) / 10)
    would_be = power_to_db((power * gain)[inside].sum() / max((power * gain).sum(), 1e-30))
    return float(share), float(would_be)


def _features(target: Target, settings: Settings) -> list[Measurement]:
    """Measure dynamics, room and width where a processor that moves them was asked for, and where it was aimed at.

    A track's own audio in a rendered song lacks what comes back from the sends, and another stretch of the song meets
    a threshold with other levels.
    """
    asked = set(target.wished.effects)
    steps = {
        part: float((target.embedding - target.embedding_now)[PARTS[part]].mean())
        for part, (_, *effects) in _FEATURES.items()
        if asked & set(effects)
    }
    if not steps:
        return []
    scene = target.scene
    with torch.no_grad():
        now = ProductionFeatures().embed(scene.hear(scene.standing(settings)), scene.sample_rate)[0]
    most = max(map(abs, steps.values()))
    measurements = []
    for part, step in steps.items():
        where, scale = PARTS[part], float(SCALES[PARTS[part]][0])
        aimed = step * scale
        if abs(aimed) >= _LEAST_DB and abs(step) >= _SIDE_EFFECT * most:
            before, after = (scale * float(place[where].mean()) for place in (target.embedding_now, now))
            measurements.append(Measurement.of(_FEATURES[part][0], target.track, before, after, "dB", before + aimed))
    return measurements


def check_kept(names: Sequence[str], before: SongSound, after: SongSound) -> tuple[Measurement, ...]:
    """Measure tracks that were to stay clear: their presence against the rest; both sounds must have measured them."""
    return tuple(
        Measurement.of(KEPT, name, before.presence_db[name], after.presence_db[name], "dB")
        for name in dict.fromkeys(names)
        if name in before.presence_db
    )
