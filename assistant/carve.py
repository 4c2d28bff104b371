"""Space between tracks: where two hold the same band, the one that needs it less dips there.

A band is shared where both tracks are heard in it: neither far under its own loudest band, and neither so far under
the other that it is masked whatever is done. It belongs to the track that puts the greater part of itself there (a
kick's 60 Hz, a bass's 150 Hz), and the other makes room by a cut of at most a few dB.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.request import MIX, Request
from console.measures import power_spectrum, power_to_db
from ontology import BANDS_HZ

__all__ = ["carve", "crowded", "curves_for", "is_apart", "overlap_measurements"]

_DEEPEST_DB = 4.5  # per amount 1
_STEEP_DB = 8.0  # what a band that is wholly the other's would be cut by, but for that
_OWN_RANGE_DB = 18.0  # under a track's loudest band: below it the track is not heard for that band
_PAIR_RANGE_DB = 20.0  # between two tracks: beyond it one is masked, or the other does not matter
_CLEAR_DB = 2.0  # by how much a band must matter more to one track for it to be wholly its own
_SMOOTH_BANDS = 0.5
_EDGES_HZ = np.concatenate(([0.0], np.sqrt(np.multiply(BANDS_HZ[:-1], BANDS_HZ[1:])), [24000.0]))


def is_apart(requests: Sequence[Request]) -> bool:
    """Say whether tracks are to get out of each other's way: less masking, asked of two or more of them."""
    return any(
        request.descriptor == "masked" and request.direction == "-" and len(request.targets) > 1 and not request.numbers
        for request in requests
    )


def carve(sound: SongSound, names: Sequence[str], sample_rate: int) -> dict[str, np.ndarray]:
    """Return what each track gives up so that the others are heard.

    Args:
        sound: with the audio of `names` as it leaves their faders.
        names: two or more tracks.
        sample_rate: Hz.
    Returns:
        (40,) change of tone on `BANDS_HZ`, dB, at most 0, by track; tracks that give up nothing are left out.
    """
    levels = {name: _levels_db(sound.audio(name), sample_rate) for name in names}
    cuts = {name: np.zeros(len(BANDS_HZ)) for name in names}
    for name, own in levels.items():
        for other, theirs in levels.items():
            if other != name:
                cuts[name] = np.minimum(cuts[name], np.maximum(-_STEEP_DB * _given_up(own, theirs), -_DEEPEST_DB))
    return {name: gaussian_filter1d(cut, _SMOOTH_BANDS) for name, cut in cuts.items() if cut.min() < -1.0}


def overlap_measurements(
    before: SongSound, after: SongSound, names: Sequence[str], sample_rate: int
) -> tuple[Measurement, ...]:
    """Measure how much of the quieter track's sound lies under the other, of every pair, dB against the whole of it."""
    rows = []
    tracks = [name for name in names if name != MIX]
    for at, name in enumerate(tracks):
        for other in tracks[at + 1 :]:
            was, now = (round(_overlap_db(sound, name, other, sample_rate), 2) for sound in (before, after))
            rows.append(Measurement(what=f"band shared with {other}", track=name, before=was, after=now, unit="dB"))
    return tuple(rows)


def _given_up(own_db: np.ndarray, other_db: np.ndarray) -> np.ndarray:
    """Return (40,) 0..1: where a track makes room for another."""
    mine, theirs = own_db - own_db.max(), other_db - other_db.max()
    heard = np.clip((np.minimum(mine, theirs) + _OWN_RANGE_DB) / (_OWN_RANGE_DB / 2), 0.0, 1.0)
    close = np.clip((_PAIR_RANGE_DB - np.abs(own_db - other_db)) / (_PAIR_RANGE_DB / 2), 0.0, 1.0)
    return np.asarray(heard * close * np.clip((theirs - mine) / _CLEAR_DB, 0.0, 1.0))


def _levels_db(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    return np.asarray(power_to_db(_powers(audio, sample_rate)))


def _powers(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    spectrum = power_spectrum(audio, sample_rate)
    return np.asarray(spectrum.band_power(_EDGES_HZ[:-1], np.minimum(_EDGES_HZ[1:], sample_rate / 2)))


def _overlap_db(sound: SongSound, name: str, other: str, sample_rate: int) -> float:
    one, two = (_powers(sound.audio(track), sample_rate) for track in (name, other))
    quieter = min(one.sum(), two.sum())
    return float(power_to_db(np.minimum(one, two).sum() / max(quieter, 1e-30)))


def crowded(plan: Mapping[str, Sequence[Request]]) -> list[str]:
    """Return the tracks of a plan that are to get out of each other's way."""
    return [name for name, wanted in plan.items() if name != MIX and is_apart(wanted)]


def curves_for(plan: Mapping[str, Sequence[Request]], sound: SongSound, sample_rate: int) -> dict[str, np.ndarray]:
    """Return `carve` of the plan's crowded tracks."""
    names = crowded(plan)
    return carve(sound, names, sample_rate) if len(names) > 1 else {}
