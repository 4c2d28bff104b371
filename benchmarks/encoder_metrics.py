"""Figures of merit of an encoder of processing: pure functions of embeddings and labels."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.stats

__all__ = [
    "auc",
    "correlation",
    "cosines",
    "jackknife_error",
    "mean_average_precision",
    "monotone_share",
    "pair_auc",
    "recall_at_1",
    "spearman",
]

Floats = np.ndarray


def cosines(embeddings: Floats) -> Floats:
    """Return the (items, items) cosines of (items, dimensions); a zero vector is at right angles to all."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = np.divide(embeddings, lengths, out=np.zeros_like(embeddings, dtype=np.float64), where=lengths > 0)
    return unit @ unit.T


def recall_at_1(similarity: Floats, styles: Floats, contents: Floats) -> float:
    """Return the share of items whose nearest neighbour of another content has the same style.

    Args:
        similarity: (items, items).
        styles, contents: (items,) labels.
    """
    order = _others(similarity, contents)
    return float(np.mean(styles[order[:, 0]] == styles))


def mean_average_precision(similarity: Floats, styles: Floats, contents: Floats, depth: int = 10) -> float:
    """Return the mean over items of: precision at each hit within `depth`, summed, over all hits there are.

    Args:
        similarity: (items, items).
        styles, contents: (items,) labels; every content holds every style once.
        depth: how far down the list is read. An item has as many hits as there are other contents, and that is what
            the sum is divided by ("mAP@10 over 9" of 10 contents).
    """
    order = _others(similarity, contents)[:, :depth]
    hits = styles[order] == styles[:, None]
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    there_are = np.unique(contents).size - 1
    return float(np.mean((precision * hits).sum(axis=1) / there_are))


def auc(positive: Floats, negative: Floats) -> float:
    """Return the chance that a positive lies above a negative, ties counted half (Mann-Whitney U over all pairs)."""
    ranks = scipy.stats.rankdata(np.concatenate((positive, negative)))
    u = ranks[: positive.size].sum() - positive.size * (positive.size + 1) / 2
    return float(u / (positive.size * negative.size))


def pair_auc(similarity: Floats, styles: Floats, contents: Floats, types: Floats | None = None) -> float:
    """Return the AUC of pairs of one style against pairs of two, always across contents.

    Args:
        similarity: (items, items).
        styles, contents: (items,) labels.
        types: (items,) if given, only pairs of one type are compared.
    """
    first, second = np.triu_indices(styles.size, 1)
    keep = contents[first] != contents[second]
    if types is not None:
        keep &= types[first] == types[second]
    first, second = first[keep], second[keep]
    values, same = similarity[first, second], styles[first] == styles[second]
    return auc(values[same], values[~same])


def spearman(values: Floats) -> Floats:
    """Return the rank correlation of (curves, steps) with the step's number; 0 for a flat curve."""
    steps = scipy.stats.rankdata(values, axis=1)
    centred = steps - steps.mean(axis=1, keepdims=True)
    number = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    length = np.sqrt(np.square(centred).sum(axis=1) * np.square(number).sum())
    return np.divide(centred @ number, length, out=np.zeros(len(values)), where=length > 0)


def monotone_share(values: Floats) -> float:
    """Return the share of (curves, steps) that rise at every step."""
    return float(np.mean((np.diff(values, axis=1) > 0).all(axis=1)))


def correlation(first: Floats, second: Floats) -> float:
    """Return Pearson's r of two lists of numbers; 0 where one of them does not vary."""
    a, b = first - first.mean(), second - second.mean()
    length = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float(a @ b) / length if length > 0 else 0.0


def jackknife_error(figure: Callable[[Floats], float], labels: Sequence[Floats]) -> float:
    """Return the standard error of a figure by leaving out one label at a time.

    Args:
        figure: of the places of the items kept.
        labels: (items,) each. The variances of several (settings, contents) are added: both were drawn.
    """
    variance = 0.0
    for label in labels:
        each = [figure(np.flatnonzero(label != left_out)) for left_out in np.unique(label)]
        variance += (len(each) - 1) * float(np.var(each))
    return float(np.sqrt(variance))


def _others(similarity: Floats, contents: Floats) -> Floats:
    """Return (items, others) indices of items of other contents, nearest first."""
    same = contents[:, None] == contents[None, :]
    ranked = np.argsort(np.where(same, np.inf, -similarity), axis=1, kind="stable")
    return ranked[:, : int((~same).sum(axis=1).min())]
