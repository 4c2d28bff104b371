"""Choose options that differ: farthest-point, after those that must come first, none closer than can be heard."""

from collections.abc import Sequence

import numpy as np

__all__ = ["choose_apart", "cosine"]


def choose_apart(
    places: np.ndarray, first: Sequence[int], count: int, least: float, taken: np.ndarray | None = None
) -> list[int]:
    """Return the rows to show, in order.

    Args:
        places: (candidates, D) embeddings.
        first: rows that come first if they can be told from what is chosen before them.
        count: how many to choose at most.
        least: the distance below which two are one; also from `taken`.
        taken: (items, D) what is heard already, such as the mix as it is and options that were turned down.
    Returns:
        At most `count` rows; fewer where no more are that far apart.
    """
    apart = np.full(len(places), np.inf)
    if taken is not None and len(taken):
        apart = np.linalg.norm(places[:, None] - taken[None], axis=2).min(axis=1)
    chosen: list[int] = []

    def take(row: int) -> None:
        nonlocal apart
        chosen.append(row)
        apart = np.minimum(apart, np.linalg.norm(places - places[row], axis=1))

    for row in first:
        if len(chosen) < count and apart[row] >= least:
            take(row)
    while len(chosen) < count and len(places):
        row = int(np.argmax(apart))
        if apart[row] < least or row in chosen:
            break
        take(row)
    return chosen


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Return the cosine of two changes, 0 where one of them is none."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size > 1e-12 else 0.0
