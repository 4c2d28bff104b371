"""Fit what is usual: spectra and their covariance, readings' quantiles, directions of movement, thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.diagnose.balance import level_against_rest_db
from assistant.diagnose.dynamics import motion_score
from assistant.diagnose.expectations import ANY_KIND, MIX_KIND, Spectra, from_data, kind_of_sound
from assistant.diagnose.features import MOTION
from assistant.diagnose.image import balance_db, low_width_db, width_db
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problems
from assistant.diagnose.tone import tone_scores

__all__ = ["Material", "fit"]

_LEAST = 6  # recordings of a kind; fewer are judged as any instrument
_LEVEL_MARGIN_DB = 4.0  # of a kind with few songs
_LOWEST_TONE, _LOWEST_TONE_PART = 2.6, 3.2
_LOWEST_MOTION = {"squashed": 2.4}  # the others need more: sound parts differ more than the faults move them
_LOWEST_MOTION_ELSE = 3.2
_SHRINK = 0.15
_TOLD = {
    "squashed": "peak over loudness",
    "pumping": "treble after each low hit",
    "uneven": "loud passages over typical ones",
    "spiky": "peak over body, sharpest",
    "washed-out": "movement within bands",
}
"""Which value of `features.motion` is told with a finding."""


@dataclass
class Material:
    """Everything that was measured.

    Attributes:
        mixes: finished music.
        songs: multitrack songs.
        moved: {kind: {"clean" or a fault: (recordings, 15)}}.
    """

    mixes: Sequence[Hearing]
    songs: Sequence[Hearing]
    moved: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


def fit(material: Material, tone_false_share: float = 0.0025, motion_false_share: float = 0.01) -> dict:
    """Return the table as JSON.

    Args:
        material: of the training split only.
        tone_false_share, motion_false_share: of sound recordings that may pass a problem's threshold.
    """
    data = {"spectra": _spectra(material), "motion": _motion(material), "readings": _readings(material)}
    data["thresholds"] = _thresholds(material, data, tone_false_share, motion_false_share)
    return data


def _spectra(material: Material) -> dict:
    """Fit finished mixes, and parts of any instrument: few songs a kind, of one set of instruments, mislead."""
    mixes = [hearing.mix.spectrum_db() for hearing in material.mixes]
    return {
        MIX_KIND: _spectrum(mixes, "finished tracks"),
        ANY_KIND: _spectrum(_parts(material), "instrument parts"),
    }


def _parts(material: Material) -> list[np.ndarray]:
    signals = [signal for hearing in material.songs for signal in hearing.tracks.values()]
    return [signal.spectrum_db() for signal in signals if not signal.silent]


def _spectrum(rows: Sequence[np.ndarray], source: str) -> dict:
    stacked = np.array(rows)
    covariance = np.cov(stacked.T)
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
    mixes = [hearing.mix for hearing in material.mixes]
    lows = [value for value in map(low_width_db, mixes) if value is not None]
    readings = {
        "balance_db": {MIX_KIND: _outer(np.abs([balance_db(mix) for mix in mixes]), symmetric=True)},
        "width_db": {MIX_KIND: _outer([value for value in map(width_db, mixes) if value > -60])},
        "low_width_db": {MIX_KIND: _outer(lows)},
        "level_db": _levels(material),
    }
    return readings


def _outer(values: Sequence[float], symmetric: bool = False) -> list[float]:
    high = float(np.quantile(values, 0.975 if not symmetric else 0.95))
    low = -high if symmetric else float(np.quantile(values, 0.025))
    return [round(low, 2), round(high, 2), len(values)]


def _levels(material: Material) -> dict:
    kinds: dict[str, list[float]] = {}
    for hearing in material.songs:
        for name, signal in hearing.tracks.items():
            if not signal.silent:
                level = level_against_rest_db(hearing, name)
                kinds.setdefault(kind_of_sound(hearing.instruments[name]), []).append(level)
                kinds.setdefault(ANY_KIND, []).append(level)
    return {
        kind: [
            round(float(np.quantile(levels, 0.05)) - (_LEVEL_MARGIN_DB if kind != ANY_KIND else 1.0), 1),
            round(float(np.quantile(levels, 0.95)) + (_LEVEL_MARGIN_DB if kind != ANY_KIND else 1.0), 1),
            len(levels),
        ]
        for kind, levels in kinds.items()
        if len(levels) >= _LEAST
    }


def _motion(material: Material) -> dict:
    """Fit, for each fault and kind, the direction that parts spoilt from sound (Fisher's linear discriminant)."""
    moved = dict(material.moved)
    stems = [rows for kind, rows in moved.items() if kind != MIX_KIND]
    if stems:
        moved[ANY_KIND] = {
            name: np.concatenate([rows[name] for rows in stems if name in rows])
            for name in {name for rows in stems for name in rows}
        }
    found: dict[str, dict] = {}
    for kind, rows in moved.items():
        clean = rows["clean"]
        if len(clean) < 5 * _LEAST and kind != ANY_KIND:
            continue
        for fault, spoilt in rows.items():
            if fault == "clean" or fault not in _TOLD:
                continue
            both = np.isfinite(spoilt).all(axis=1)
            if both.sum() < _LEAST:
                continue
            found.setdefault(fault, {})[kind] = _direction(clean, clean[both], spoilt[both], fault)
    return found


def _direction(clean: np.ndarray, before: np.ndarray, spoilt: np.ndarray, fault: str) -> dict:
    shift = (spoilt - before).mean(axis=0)
    scale = clean.std(axis=0) + 1e-6
    covariance = (np.cov((clean / scale).T) + np.cov((spoilt / scale).T)) / 2
    covariance = (1 - _SHRINK) * covariance + _SHRINK * np.eye(len(scale))
    weights = np.linalg.solve(covariance, shift / scale) / scale
    mean = np.median(clean, axis=0)
    weights /= ((clean - mean) @ weights).std() + 1e-9
    told = MOTION.index(_TOLD[fault])
    return {
        "mean": np.round(mean, 4).tolist(),
        "weights": np.round(weights, 5).tolist(),
        "plain": round(float(((spoilt - mean) @ weights).mean()), 2),
        "usual": np.round(np.quantile(clean[:, told], [0.05, 0.95]), 2).tolist(),
        "told": told,
    }


def _thresholds(material: Material, data: dict, tone_share: float, motion_share: float) -> dict:
    table = from_data({**data, "thresholds": {}})
    found: dict[str, dict[str, float]] = {}
    toned = tuple(name for name, row in problems().items() if row.shape)
    kinds = {MIX_KIND: [hearing.mix.spectrum_db() for hearing in material.mixes], ANY_KIND: _parts(material)}
    for kind, rows in kinds.items():
        expected: Spectra = table.spectra[kind]
        scores = [tone_scores(row, expected, toned) for row in rows]
        for name in toned:
            z = [score[name][0] / score[name][1] for score in scores]
            high = float(np.quantile(z, 1 - tone_share))
            found.setdefault(name, {})[kind] = round(
                max(_LOWEST_TONE if kind == MIX_KIND else _LOWEST_TONE_PART, high), 2
            )
    for fault, learnt in table.motion.items():
        lowest = _LOWEST_MOTION.get(fault, _LOWEST_MOTION_ELSE)
        for kind, one in learnt.items():
            clean = _clean(material, kind)
            z = [motion_score(row, one) for row in clean]
            found.setdefault(fault, {})[kind] = round(max(lowest, float(np.quantile(z, 1 - motion_share))), 2)
    return found


def _clean(material: Material, kind: str) -> np.ndarray:
    if kind != ANY_KIND:
        return material.moved[kind]["clean"]
    return np.concatenate([rows["clean"] for name, rows in material.moved.items() if name != MIX_KIND])
