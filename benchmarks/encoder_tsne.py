"""t-SNE of a few hundred points, exactly (van der Maaten & Hinton, JMLR 2008): a flat map that keeps neighbours."""

import numpy as np

__all__ = ["tsne"]

_ROUNDS, _EARLY = 750, 150
_EXAGGERATION, _RATE = 8.0, 60.0
_TINY = 1e-12


def tsne(points: np.ndarray, perplexity: float = 20.0) -> np.ndarray:
    """Place points on a plane so that near ones stay near; the same for the same points.

    Args:
        points: (items, dimensions).
        perplexity: about how many neighbours count; held below a third of the items.
    Returns:
        (items, 2), mean 0.
    """
    items = len(points)
    centred = points - points.mean(axis=0)
    distances = _squared_distances(centred)
    joint = _affinities(distances, min(perplexity, max((items - 1) / 3, 1.0)))
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    flat = left[:, :2] * values[:2]
    place = 1e-2 * flat / max(float(flat.std()), _TINY)
    if place.shape[1] < 2:
        place = np.pad(place, ((0, 0), (0, 2 - place.shape[1])))
    speed, gains = np.zeros_like(place), np.ones_like(place)
    for number in range(_ROUNDS):
        wanted = joint * (_EXAGGERATION if number < _EARLY else 1.0)
        near = 1.0 / (1.0 + _squared_distances(place))
        np.fill_diagonal(near, 0.0)
        pull = (wanted - near / max(near.sum(), _TINY)) * near
        slope = 4.0 * (pull.sum(axis=1)[:, None] * place - pull @ place)
        gains = np.maximum(np.where(np.sign(slope) != np.sign(speed), gains + 0.2, gains * 0.8), 0.01)
        speed = (0.5 if number < _EARLY else 0.8) * speed - _RATE * gains * slope
        place = place + speed
        place = place - place.mean(axis=0)
    return place


def _squared_distances(points: np.ndarray) -> np.ndarray:
    squares = np.square(points).sum(axis=1)
    return np.maximum(squares[:, None] + squares[None] - 2.0 * points @ points.T, 0.0)


def _affinities(distances: np.ndarray, perplexity: float) -> np.ndarray:
    """Return (items, items) joint probabilities; each row's width is found by halving."""
    items = len(distances)
    scale = distances / max(float(np.median(distances)), _TINY)
    low, high = np.full(items, -10.0), np.full(items, 20.0)  # natural logarithms of the precision
    rows = np.zeros_like(scale)
    for _ in range(50):
        middle = (low + high) / 2
        logits = -scale * np.exp(middle)[:, None]
        np.fill_diagonal(logits, -np.inf)
        rows = np.exp(logits - logits.max(axis=1, keepdims=True))
        rows /= rows.sum(axis=1, keepdims=True)
        entropy = -(rows * np.log(np.maximum(rows, _TINY))).sum(axis=1)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.maximum((rows + rows.T) / (2 * items), _TINY)
