"""Find words that mean several things: people who fall into clearly separate groups.

Spherical k-means, judged by silhouette. Random data of the same mean and covariance also splits to some
degree, so a split counts only if it is clearer than 95 % of such surrogates.
"""

import numpy as np

MIN_PEOPLE = 12  # below this a split cannot be told from chance
MIN_GROUP = 4
MAX_GROUPS = 3
SURROGATES = 200
RESTARTS = 20


def _normalise(shapes: np.ndarray) -> np.ndarray:
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def _k_means(points: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray | None:
    best: tuple[float, np.ndarray] | None = None
    for _ in range(RESTARTS):
        centres = points[rng.choice(len(points), k, replace=False)]
        for _ in range(30):
            labels = (points @ centres.T).argmax(axis=1)
            if len(set(labels.tolist())) < k:
                break
            moved = _unit_rows(np.array([points[labels == j].mean(axis=0) for j in range(k)]))
            if np.allclose(moved, centres):
                break
            centres = moved
        if len(set(labels.tolist())) < k:
            continue
        fit = float((points * centres[labels]).sum())
        if best is None or fit > best[0]:
            best = (fit, labels)
    return None if best is None else best[1]


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette on the correlation distance; `points` have length 1."""
    distance = 1.0 - points @ points.T
    member = (labels[:, None] == np.unique(labels)[None]).astype(float)  # (people, groups)
    sums, counts = distance @ member, member.sum(axis=0)
    own = member.astype(bool)
    inside = sums[own] / np.maximum(member @ counts - 1, 1)
    outside = np.where(own, np.inf, sums / counts).min(axis=1)
    return float(np.mean((outside - inside) / np.maximum(np.maximum(inside, outside), 1e-9)))


def _best_split(points: np.ndarray, rng: np.random.Generator) -> tuple[float, np.ndarray | None]:
    best: tuple[float, np.ndarray | None] = (0.0, None)
    for k in range(2, MAX_GROUPS + 1):
        labels = _k_means(points, k, rng)
        if labels is None or np.bincount(labels, minlength=k).min() < MIN_GROUP:
            continue
        score = silhouette(points, labels)
        if score > best[0]:
            best = (score, labels)
    return best


def split(shapes: np.ndarray, seed: int = 0, surrogates: int = SURROGATES) -> tuple[list[np.ndarray], float]:
    """Group people by what they mean.

    Args:
        shapes: (people, 40).
        seed: of the k-means starts and the surrogates.
        surrogates: random data sets to compare with.
    Returns:
        Indices of each group, the largest first (one group where the split is no clearer than chance), and
        the share of surrogates that split at least as clearly.
    """
    everyone = [np.arange(len(shapes))]
    if len(shapes) < MIN_PEOPLE:
        return everyone, 1.0
    rng = np.random.default_rng(seed)
    score, labels = _best_split(_normalise(shapes), rng)
    if labels is None:
        return everyone, 1.0
    mean, covariance = shapes.mean(axis=0), np.cov(shapes.T)
    chance = [
        _best_split(_normalise(rng.multivariate_normal(mean, covariance, size=len(shapes))), rng)[0]
        for _ in range(surrogates)
    ]
    p = float(np.mean(np.array(chance) >= score))
    if p >= 0.05:
        return everyone, p
    groups = [np.flatnonzero(labels == j) for j in range(labels.max() + 1)]
    return sorted(groups, key=len, reverse=True), p
