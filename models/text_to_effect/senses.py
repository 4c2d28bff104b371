"""Where people split over a word: groups that mean different things, found only where chance would not find them.

k-means on the correlation of curves, judged by silhouette. Any cloud splits somewhat, so a split counts only if it is
clearer than nine in ten splits of random people with the same mean and covariance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.text_to_effect.lexicon import BANDS_HZ

__all__ = ["Group", "describe", "split"]

_LEAST_PEOPLE = 12  # below this a split cannot be told from chance
_LEAST_GROUP = 3
_LEAST_SHARE = 0.1
_MOST_GROUPS = 3
_SURROGATES = 100
_RESTARTS = 12
_CHANCE = 0.1
_NAMED = 0.35  # of the largest deviation: what is worth naming
_EDGE = 0.7


@dataclass(frozen=True)
class Group:
    """People who mean the same.

    Attributes:
        members: places in the list that was split.
        share: of the people's weight, 0..1.
    """

    members: tuple[int, ...]
    share: float


def split(shapes: np.ndarray, weights: Sequence[float], seed: int = 0) -> tuple[list[Group], float]:
    """Group people by what they mean.

    Args:
        shapes: (people, 40) of mean 0 and rms 1.
        weights: (people,).
        seed: of starts and surrogates.
    Returns:
        Groups, the largest share first, one where there is no clear split; and the share of surrogates that split as
        clearly.
    """
    weight = np.asarray(weights, dtype=float)
    whole = [Group(tuple(range(len(shapes))), 1.0)]
    if len(shapes) < _LEAST_PEOPLE:
        return whole, 1.0
    generator = np.random.default_rng(seed)
    score, labels = _best(_unit(shapes), weight, generator)
    if labels is None:
        return whole, 1.0
    mean, spread = shapes.mean(axis=0), np.cov(shapes.T)
    root = np.linalg.cholesky(spread + 1e-9 * np.trace(spread) * np.eye(len(spread)))
    chance = [
        _best(_unit(mean + generator.standard_normal(shapes.shape) @ root.T), weight, generator)[0]
        for _ in range(_SURROGATES)
    ]
    p = float(np.mean(np.array(chance) >= score))
    if p >= _CHANCE:
        return whole, p
    groups = [
        Group(tuple(np.flatnonzero(labels == label).tolist()), float(weight[labels == label].sum() / weight.sum()))
        for label in range(labels.max() + 1)
    ]
    return sorted(groups, key=lambda group: -group.share), p


def _best(points: np.ndarray, weight: np.ndarray, generator: np.random.Generator) -> tuple[float, np.ndarray | None]:
    best: tuple[float, np.ndarray | None] = (0.0, None)
    for count in range(2, _MOST_GROUPS + 1):
        labels = _k_means(points, count, generator)
        if labels is None or np.bincount(labels, minlength=count).min() < _LEAST_GROUP:
            continue
        if np.bincount(labels, weights=weight).min() < _LEAST_SHARE * weight.sum():
            continue
        score = _silhouette(points, labels)
        if score > best[0]:
            best = (score, labels)
    return best


def _k_means(points: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray | None:
    best: tuple[float, np.ndarray | None] = (-np.inf, None)
    for _ in range(_RESTARTS):
        centres = points[generator.choice(len(points), count, replace=False)]
        labels = np.zeros(len(points), dtype=int)
        for _ in range(30):
            labels = (points @ centres.T).argmax(axis=1)
            if len(set(labels.tolist())) < count:
                break
            moved = _unit(np.array([points[labels == label].mean(axis=0) for label in range(count)]))
            if np.allclose(moved, centres):
                break
            centres = moved
        if len(set(labels.tolist())) < count:
            continue
        fit = float((points * centres[labels]).sum())
        if fit > best[0]:
            best = (fit, labels)
    return best[1]


def _unit(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette on the correlation distance."""
    distance = 1.0 - points @ points.T
    scores = []
    for index, label in enumerate(labels):
        own = labels == label
        inside = distance[index, own].sum() / max(own.sum() - 1, 1)
        outside = min(distance[index, labels == other].mean() for other in set(labels.tolist()) - {int(label)})
        scores.append((outside - inside) / max(inside, outside, 1e-9))
    return float(np.mean(scores))


def describe(curve_db: np.ndarray) -> str:
    """Name a curve by what it does: "more 83-380 Hz, less above 3.5 kHz"."""
    if not np.any(np.abs(curve_db) > 1e-6):
        return "no change of tone"
    order = [("more", curve_db), ("less", -curve_db)]
    if curve_db.min() < -curve_db.max():
        order.reverse()
    parts = []
    for verb, values in order:
        top = int(np.argmax(values))
        if values[top] < _NAMED * np.max(np.abs(curve_db)):
            continue
        low = high = top
        while low > 0 and values[low - 1] > _EDGE * values[top]:
            low -= 1
        while high < len(values) - 1 and values[high + 1] > _EDGE * values[top]:
            high += 1
        parts.append(f"{verb} {_where(low, high)}")
    return ", ".join(parts)


def _where(low: int, high: int) -> str:
    if low == 0:
        return f"below {_hz(BANDS_HZ[high])}"
    if high == len(BANDS_HZ) - 1:
        return f"above {_hz(BANDS_HZ[low])}"
    return f"at {_hz(BANDS_HZ[low])}" if low == high else f"{_hz(BANDS_HZ[low])} to {_hz(BANDS_HZ[high])}"


def _hz(hz: float) -> str:
    rounded = float(f"{hz:.2g}")
    return f"{rounded / 1000:g} kHz" if rounded >= 1000 else f"{rounded:g} Hz"
