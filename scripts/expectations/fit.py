"""Fit what is usual: spectra and their covariance, readings' quantiles, movement, thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.diagnose.balance import level_against_rest_db
from assistant.diagnose.expectations import ANY_KIND, MIX_KIND, PART_KIND, from_data, kind_of_sound
from assistant.diagnose.image import balance_db, low_width_db, width_db
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problems
from assistant.diagnose.statistics import Signal
from assistant.diagnose.tone import tone_scores
from scripts.expectations.movement import fit_movement
from scripts.expectations.spoil import Moved

__all__ = ["Material", "fit"]

_LEAST = 6  # recordings of a kind; fewer are judged as any instrument
_LEVEL_MARGIN_DB = (4.0, 2.0)  # below and above what one set of arrangements has
_LEAST_RANGE_DB = (11.0, 9.5)  # below and above the middle
_LOWEST_TONE, _LOWEST_TONE_PART = 2.6, 3.2
_FALSE_MIX = {"squashed": 0.03, "pumping": 0.05, "uneven": 0.04, "spiky": 0.035, "washed-out": 0.1}
_FALSE_PART = {"squashed": 0.015, "pumping": 0.02, "uneven": 0.025, "spiky": 0.008, "washed-out": 0.02}
"""Share of sound material that may be called faulty: a song has one mix and many parts."""
_SHRINK = 0.15
_OF_ANY = 0.3
_LEAST_SPECTRA = 12


@dataclass
class Material:
    """Everything that was measured.

    Attributes:
        mixes: finished music.
        songs: multitrack songs.
        other_songs: more of them, of other instruments: how far parts differ from those that were fitted.
        moved_mixes, moved_parts: {package or song: motion of it, as it is and with faults}.
    """

    mixes: Sequence[Signal]
    songs: Sequence[Hearing]
    other_songs: Sequence[Hearing]
    moved_mixes: Mapping[str, Moved]
    moved_parts: Mapping[str, Moved]


def fit(material: Material, tone_false_share: float = 0.0025) -> dict:
    """Return the table as JSON.

    Args:
        material: of the training split only.
        tone_false_share: of sound recordings that may pass a problem's threshold.
    """
    movement = {
        MIX_KIND: fit_movement(material.moved_mixes, _FALSE_MIX),
        PART_KIND: fit_movement(material.moved_parts, _FALSE_PART),
    }
    data = {"spectra": _spectra(material), "movement": movement, "readings": _readings(material)}
    data["thresholds"] = _thresholds(material, data, tone_false_share)
    return data


def _spectra(material: Material) -> dict:
    """Fit finished mixes, parts of any instrument, and of each kind that there are enough of."""
    parts = _parts(material.songs)
    every = np.array([row for _, row in parts])
    wider = _OF_ANY * np.cov(every.T)
    found = {
        MIX_KIND: _spectrum([mix.spectrum_db() for mix in material.mixes], "finished tracks"),
        ANY_KIND: _spectrum(every, "instrument parts"),
    }
    for kind in {kind for kind, _ in parts}:
        rows = [row for other, row in parts if other == kind]
        if len(rows) >= _LEAST_SPECTRA:
            found[kind] = _spectrum(rows, f"parts of {kind}", wider)
    return found


def _parts(songs: Sequence[Hearing]) -> list[tuple[str, np.ndarray]]:
    """Return (kind of sound, spectrum) of every part."""
    return [
        (kind_of_sound(hearing.instruments[name]), signal.spectrum_db())
        for hearing in songs
        for name, signal in hearing.tracks.items()
        if not signal.silent
    ]


def _spectrum(rows: Sequence[np.ndarray], source: str, wider: np.ndarray | float = 0.0) -> dict:
    """Fit one kind; `wider` is added: instruments of one soundfont are more alike than those of the world."""
    stacked = np.array(rows)
    covariance = np.cov(stacked.T) + wider
    covariance = (1 - _SHRINK) * covariance + _SHRINK * np.diag(np.diag(covariance))
    return {
        "mean_db": np.round(np.median(stacked, axis=0), 2).tolist(),
        "covariance": _triangle(covariance),
        "count": len(rows),
        "source": source,
    }


def _triangle(matrix: np.ndarray) -> list[list[float]]:
    return [np.round(row[: index + 1], 2).tolist() for index, row in enumerate(matrix)]


def _readings(material: Material) -> dict:
    mixes = material.mixes
    lows = [value for value in map(low_width_db, mixes) if value is not None]
    readings = {
        "balance_db": {MIX_KIND: _outer(np.abs([balance_db(mix) for mix in mixes]), symmetric=True)},
        "width_db": {MIX_KIND: _outer([value for value in map(width_db, mixes) if value > -60])},
        "low_width_db": {MIX_KIND: _outer(lows)},
        "level_db": _levels(material),
    }
    return readings


def _outer(values: Sequence[float], symmetric: bool = False) -> list[float]:
    """Return (low, high, count): 19 of 20 lie above low, 19 of 20 below high."""
    high = float(np.quantile(values, 0.95))
    low = -high if symmetric else float(np.quantile(values, 0.05))
    return [round(low, 2), round(high, 2), len(values)]


def _levels(material: Material) -> dict:
    kinds: dict[str, list[float]] = {}
    for hearing in material.songs:
        for name, signal in hearing.tracks.items():
            if not signal.silent:
                level = level_against_rest_db(hearing, name)
                kinds.setdefault(kind_of_sound(hearing.instruments[name]), []).append(level)
                kinds.setdefault(ANY_KIND, []).append(level)
    return {kind: _level_range(np.array(levels)) for kind, levels in kinds.items() if len(levels) >= _LEAST}


def _level_range(levels: np.ndarray) -> list[float]:
    """Return (low, high, count): what 9 of 10 have and some more, no narrower than styles differ."""
    low, middle, high = np.quantile(levels, [0.05, 0.5, 0.95])
    (below, above), (less, more) = _LEAST_RANGE_DB, _LEVEL_MARGIN_DB
    return [
        round(float(min(low - less, middle - below)), 1),
        round(float(max(high + more, middle + above)), 1),
        len(levels),
    ]


def _thresholds(material: Material, data: dict, tone_share: float) -> dict:
    table = from_data({**data, "thresholds": {}})
    found: dict[str, dict[str, float]] = {}
    toned = tuple(name for name, row in problems().items() if row.shape)
    parts = [*_parts(material.songs), *_parts(material.other_songs)]
    rows = {MIX_KIND: [(MIX_KIND, mix.spectrum_db()) for mix in material.mixes], ANY_KIND: parts}
    for kind, heard in rows.items():
        scores = [tone_scores(row, table.spectra_of(one), toned) for one, row in heard]
        for name in toned:
            high = float(np.quantile([score[name][0] / score[name][1] for score in scores], 1 - tone_share))
            lowest = _LOWEST_TONE if kind == MIX_KIND else _LOWEST_TONE_PART
            found.setdefault(name, {})[kind] = round(max(lowest, high), 2)
    return found
