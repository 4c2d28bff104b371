"""Space between tracks: where two hold the same band, the one that needs it less dips there.

A band is shared where both tracks are heard in it: neither far under its own loudest band, and neither so far under
the other that it is masked whatever is done. It belongs to the track that puts the greater part of itself there (a
kick's 60 Hz, a bass's 150 Hz), and the other makes room by a cut of at most a few dB.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from assistant.bands import band_powers
from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.request import MIX, Request
from console.measures import power_to_db
from ontology import BANDS_HZ

__all__ = ["carve", "crowded", "is_apart", "overlap_measurements"]

_DEEPEST_DB = 4.5  # per amount 1
_STEEP_DB = 8.0  # what a band that is wholly the other's would be cut by, but for that
_OWN_RANGE_DB = 18.0  # under a track's loudest band: below it the track is not heard for that band
_PAIR_RANGE_DB = 20.0  # between two tracks: beyond it one is masked, or the other does not matter
_CLEAR_DB = 2.0  # by how much a band must matter more to one track for it to be wholly its own
_SMOOTH_BANDS = 0.5


def is_apart(request: Request) -> bool:
    """Say whether tracks are to get out of each other's way: less masking, asked of two or more of them."""
    less = request.descriptor == "masked" and request.direction == "-"
    return less and len(request.targets) > 1 and not request.numbers


def crowded(plan: Mapping[str, Sequence[Request]]) -> list[str]:
    """Return the tracks of a plan that are to get out of each other's way."""
    return [name for name, wanted in plan.items() if name != MIX and any(map(is_apart, wanted))]


def carve(sound: SongSound, names: Sequence[str], sample_rate: int) -> dict[str, np.ndarray]:
    """Return what each track gives up so that the others are heard.

    Args:
        sound: with the audio of `names` as it leaves their faders.
        names: of the tracks; one alone makes room for none.
        sample_rate: Hz.
    Returns:
        (40,) change of tone on `BANDS_HZ`, dB, at most 0, by track; tracks that give up nothing are left out.
    """
    levels = {name: power_to_db(band_powers(sound.audio(name), sample_rate)) for name in names}
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
    powers = {name: [band_powers(sound.audio(name), sample_rate) for sound in (before, after)] for name in names}
    rows = []
    for name, other in itertools.combinations(names, 2):
        was, now = (round(_overlap_db(*pair), 2) for pair in zip(powers[name], powers[other], strict=True))
        rows.append(Measurement(what=f"band shared with {other}", track=name, before=was, after=now, unit="dB"))
    return tuple(rows)


def _given_up(own_db: np.ndarray, other_db: np.ndarray) -> np.ndarray:
    """Return (40,) 0..1: where a track makes room for another."""
    mine, theirs = own_db - own_db.max(), other_db - other_db.max()
    heard = np.clip((np.minimum(mine, theirs) + _OWN_RANGE_DB) / (_OWN_RANGE_DB / 2), 0.0, 1.0)
    close = np.clip((_PAIR_RANGE_DB - np.abs(own_db - other_db)) / (_PAIR_RANGE_DB / 2), 0.0, 1.0)
    return np.asarray(heard * close * np.clip((theirs - mine) / _CLEAR_DB, 0.0, 1.0))


def _overlap_db(one: np.ndarray, other: np.ndarray) -> float:
    return float(power_to_db(np.minimum(one, other).sum() / max(min(one.sum(), other.sum()), 1e-30)))
