"""How well words predict people they have not heard: cross-validated by person and by word, with the ceiling beside.

The ceiling is what the mean of the other people reaches, the floor a flat curve (correlation 0 by definition).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.people import Curve, shape_of
from models.text_to_effect.tone import TONE
from models.text_to_effect.word_fit import Gathered, Ties, covariance, gather, posterior

__all__ = ["Unseen", "calibration_error", "summary", "unseen_people", "unseen_words"]

_LEAST_PEOPLE = 3


@dataclass(frozen=True)
class Unseen:
    """One person left out.

    Attributes:
        word: id.
        reached: correlation of the prediction with this person's curve.
        ceiling: of the mean of the word's other people.
        books: of the books' curve, 0 where there is none.
        foretold: rms of the prediction, the correlation it expects of itself.
    """

    word: str
    reached: float
    ceiling: float
    books: float
    foretold: float


def unseen_people(lexicon: Lexicon, curves: Sequence[Curve], ties: Ties = TONE) -> list[Unseen]:
    """Predict every person of words with at least three from everybody else; all of the person's words are left out."""
    return _leave_out(lexicon, curves, ties, by_word=False)


def unseen_words(lexicon: Lexicon, curves: Sequence[Curve], ties: Ties = TONE) -> list[Unseen]:
    """Predict the same people with nobody's setting for their word, and nothing else of theirs either."""
    return _leave_out(lexicon, curves, ties, by_word=True)


def _leave_out(lexicon: Lexicon, curves: Sequence[Curve], ties: Ties, by_word: bool) -> list[Unseen]:
    place, books = lexicon.index(), lexicon.books()
    prior, before = covariance(lexicon, ties), ties.mean * books
    at = np.array([place[curve.word] for curve in curves])
    shapes = np.array([curve.shape for curve in curves])
    weights = np.array([curve.weight for curve in curves])
    people = np.array([curve.person for curve in curves])
    spoken = np.array([not curve.translated for curve in curves])
    counts = np.bincount(at[spoken], minlength=len(place))
    found = []
    for index, curve in enumerate(curves):
        if curve.translated or counts[at[index]] < _LEAST_PEOPLE:
            continue
        kept = people != curve.person
        others = kept & (at == at[index]) & spoken
        if not others.any():
            continue
        if by_word:
            kept = kept & (at != at[index])
        heard = gather(at[kept].tolist(), shapes[kept], weights[kept].tolist())
        guess = _one(prior, heard, ties.noise, before, int(at[index]))
        found.append(
            Unseen(
                curve.word,
                _correlation(guess, curve.shape),
                _correlation(weights[others] @ shapes[others], curve.shape),
                _correlation(books[at[index]], curve.shape),
                shape_of(guess)[1],
            )
        )
    return found


def _one(prior: np.ndarray, heard: Gathered, noise: float, before: np.ndarray, word: int) -> np.ndarray:
    return posterior(prior, heard, noise, before)[word]


def summary(rows: Sequence[Unseen]) -> dict[str, float]:
    """Average, every person once and every word once, with the part of the ceiling that is reached."""
    words = defaultdict(list)
    for row in rows:
        words[row.word].append(row)
    table = {"people": float(len(rows)), "words": float(len(words))}
    for name in ("reached", "ceiling", "books"):
        table[f"{name}_by_person"] = float(np.mean([getattr(row, name) for row in rows]))
        table[f"{name}_by_word"] = float(
            np.mean([np.mean([getattr(r, name) for r in mine]) for mine in words.values()])
        )
    for by in ("person", "word"):
        table[f"part_of_ceiling_by_{by}"] = table[f"reached_by_{by}"] / table[f"ceiling_by_{by}"]
    return table


def calibration_error(rows: Sequence[Unseen], slope: float = 1.0, bins: int = 8) -> dict[str, Any]:
    """Compare what predictions expect of themselves with what they reach.

    Returns:
        "ece": mean distance over bins of equal size; "rank": Spearman over words of at least three people; "slope": the
        best factor; "table": (expected, reached, people) of every bin.
    """
    foretold = slope * np.array([row.foretold for row in rows])
    reached = np.array([row.reached for row in rows])
    table = []
    for part in np.array_split(np.argsort(foretold, kind="stable"), bins):
        if len(part):
            table.append((float(foretold[part].mean()), float(reached[part].mean()), len(part)))
    ece = sum(count * abs(expected - found) for expected, found, count in table) / len(rows)
    words = sorted({row.word for row in rows})
    mean = {
        name: [np.mean([getattr(row, name) for row in rows if row.word == word]) for word in words]
        for name in ("foretold", "reached")
    }
    return {
        "ece": float(ece),
        "rank": float(spearmanr(mean["foretold"], mean["reached"]).statistic),
        "slope": float(foretold @ reached / max(foretold @ foretold, 1e-12)) * slope,
        "table": table,
    }


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.mean(shape_of(first)[0] * shape_of(second)[0]))
