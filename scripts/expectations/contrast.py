"""Learn how much a song differs from itself: from bar to like bar, and from song to song of one hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.diagnose.contrast import LOUDER, SOFTER, Blocks, changes, compared
from assistant.diagnose.expectations import MIX_KIND, PART_KIND, Contrast
from assistant.diagnose.problems import problems
from assistant.diagnose.statistics import BAND_HZ, Signal

__all__ = ["fit_contrast"]

_APART_S = 8.0
_MATCHES = 3
_EVERY = 3
_FREEDOM, _ROUNDS = 4.0, 8
_SHRINK = 0.1
_SHARES = (0.02, 0.005)
"""Of songs (parts, pairs of songs) that may pass a problem's threshold: as a hint, and plainly."""
_LOWEST = {MIX_KIND: 1.2, PART_KIND: 0.9, "reference": 1.2}


def fit_contrast(songs: Mapping[str, Sequence[Signal]], parts: Sequence[Signal]) -> dict:
    """Return the table's entry as JSON.

    Args:
        songs: {package: whole finished songs}.
        parts: single instruments.
    """
    every = [song for package in songs.values() for song in package]
    covariance = _scatter(np.concatenate([_from_like(song) for song in every]))
    contrast = Contrast(covariance, {}, len(every))
    tone = tuple(name for name, row in problems().items() if row.shape)
    scores = {
        MIX_KIND: [_scores(song, contrast, (*tone, LOUDER)) for song in every],
        PART_KIND: [_scores(part, contrast, (*tone, LOUDER, SOFTER)) for part in parts],
        "reference": _between(songs, contrast, tone),
    }
    thresholds = {kind: _thresholds(rows, _LOWEST[kind]) for kind, rows in scores.items()}
    return {
        "covariance": [np.round(row[: index + 1], 2).tolist() for index, row in enumerate(covariance)],
        "thresholds": thresholds,
        "count": len(every),
    }


def _from_like(song: Signal) -> np.ndarray:
    """Return (pairs, 40) dB: blocks against the mean of those most like them, 8 s away or more, level left out."""
    blocks = Blocks.of(song)
    levels = blocks.levels_db[blocks.plays]
    if len(levels) < 5 * _MATCHES:
        return np.zeros((0, BAND_HZ.size))
    shape = levels - levels.mean(axis=1, keepdims=True)
    unlike = np.square(shape[:, None] - shape).mean(axis=2)
    steps = np.arange(len(levels))
    unlike[np.abs(steps[:, None] - steps) <= _APART_S / blocks.seconds] = np.inf
    nearest = np.argsort(unlike, axis=1)[:, :_MATCHES]
    return np.array([levels[at] - levels[nearest[at]].mean(axis=0) for at in range(0, len(levels), _EVERY)])


def _scatter(rows: np.ndarray) -> np.ndarray:
    """Return the scatter of a multivariate t distribution (4 degrees of freedom): far rows count less."""
    rows = rows[np.isfinite(rows).all(axis=1)]
    covariance = np.cov(rows.T)
    for _ in range(_ROUNDS):
        distance = np.einsum("rb,bc,rc->r", rows, np.linalg.inv(covariance + 0.3 * np.eye(BAND_HZ.size)), rows)
        weight = (_FREEDOM + BAND_HZ.size) / (_FREEDOM + distance)
        covariance = (rows * weight[:, None]).T @ rows / len(rows)
    return np.asarray((1 - _SHRINK) * covariance + _SHRINK * np.diag(np.diag(covariance)))


def _scores(signal: Signal, contrast: Contrast, names: tuple[str, ...]) -> dict[str, float]:
    found = changes(signal, contrast, names)
    return {name: found[name].score if name in found else 0.0 for name in names}


def _between(songs: Mapping[str, Sequence[Signal]], contrast: Contrast, names: tuple[str, ...]) -> list:
    """Return the scores of every song against the next one of its package."""
    rows = []
    for package in songs.values():
        spectra = [Blocks.of(song) for song in package]
        means = [np.log10(np.power(10, one.levels_db[one.plays] / 10).mean(axis=0)) * 10 for one in spectra]
        for one, other in zip(means, [*means[1:], *means[:1]], strict=True):
            if one is not other:
                pairs = {name: compared(one - other, contrast, name) for name in names}
                rows.append({name: amount / error for name, (amount, error) in pairs.items()})
    return rows


def _thresholds(rows: Sequence[Mapping[str, float]], lowest: float) -> dict[str, list[float]]:
    scores = {name: [row[name] for row in rows] for name in rows[0]}
    return {
        name: [round(max(lowest, float(np.quantile(values, 1 - share))), 2) for share in _SHARES]
        for name, values in scores.items()
    }
