"""From a few people's settings to every word's: relatives lend each other what they have, opposites mirrored.

A Gaussian process over words. Two words covary by their place in the net of relatives (+) and opposites (-), and by
the likeness of what the books say of them; a person is the word's meaning plus noise. The posterior mean of a word is
shrunk exactly as far as its people disagree: its rms, on shapes of rms 1, is the correlation to expect with the next
person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.text_to_effect.lexicon import Lexicon

__all__ = ["Gathered", "Ties", "covariance", "gather", "posterior"]


@dataclass(frozen=True)
class Ties:
    """How strongly words hold together; chosen by leave-word-out correlation (see CARD.md).

    Attributes:
        alone: how freely a word may differ from its net.
        related, opposite: pull of one link.
        books: variance that follows the likeness of the books' curves.
        mean: part of the books' curve expected before anybody is heard.
        noise: variance of one person of weight 1 about the word, of a shape's 1.
    """

    alone: float = 0.3
    related: float = 1.0
    opposite: float = 1.0
    books: float = 0.3
    mean: float = 0.3
    noise: float = 1.0


@dataclass(frozen=True)
class Gathered:
    """Means of what people set, a row a word that has any.

    Attributes:
        places: (rows,) of the words in the lexicon.
        means: (rows, terms).
        weights: (rows,) summed over people.
    """

    places: np.ndarray
    means: np.ndarray
    weights: np.ndarray


def gather(places: Sequence[int], values: np.ndarray, weights: Sequence[float]) -> Gathered:
    """Average people by word.

    Args:
        places: (people,) of their words.
        values: (people, terms).
        weights: (people,) above 0.
    """
    words = sorted(set(places))
    at, weight = np.asarray(places), np.asarray(weights, dtype=float)
    sums = np.array([weight[at == word].sum() for word in words])
    means = [weight[at == word] @ values[at == word] / total for word, total in zip(words, sums, strict=True)]
    return Gathered(np.array(words, dtype=int), np.array(means).reshape(len(words), values.shape[1]), sums)


def covariance(lexicon: Lexicon, ties: Ties) -> np.ndarray:
    """Return (words, words): the prior covariance, by links and by what the books say."""
    count = len(lexicon.entries)
    precision = ties.alone * np.eye(count)
    for what, pull, sign in (("related", ties.related, 1.0), ("opposites", ties.opposite, -1.0)):
        for first, second in lexicon.pairs(what):
            precision[[first, second], [first, second]] += pull
            precision[[first, second], [second, first]] -= sign * pull
    books = lexicon.books()
    return np.linalg.inv(precision) + ties.books * books @ books.T / books.shape[1]


def posterior(prior: np.ndarray, people: Gathered, noise: float, mean: np.ndarray | None = None) -> np.ndarray:
    """Return (words, terms): what to expect of every word.

    Args:
        prior: (words, words) covariance.
        people: what was heard.
        noise: variance of one person of weight 1.
        mean: (words, terms) expected before; None: zeros.
    """
    if mean is None:
        mean = np.zeros((prior.shape[0], people.means.shape[1]))
    if len(people.places) == 0:
        return mean
    heard = prior[np.ix_(people.places, people.places)] + noise * np.diag(1.0 / people.weights)
    return mean + prior[:, people.places] @ np.linalg.solve(heard, people.means - mean[people.places])
