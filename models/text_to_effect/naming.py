"""Is the right word's direction nearer to an unseen person's setting than another word's? By person, and by word.

Somebody hears a reverb (or a compressor) and names it; who is left out names one more, and every word bids for it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.people import Opinion
from models.text_to_effect.studies import STUDY, Study, heard_matrix, study_prior, word_settings
from models.text_to_effect.word_fit import Ties

__all__ = ["Fit", "directions_in", "naming_auc"]

_LEAST_NAMED = 5
_FOLDS = 5

Fit = Callable[[Sequence[Opinion]], tuple[np.ndarray, np.ndarray]]
"""From opinions to (words, terms) directions and (settings, terms) points."""


def directions_in(lexicon: Lexicon, study: Study, rows: np.ndarray, ties: Ties = STUDY) -> Fit:
    """Return the fit of word directions in a space.

    Args:
        lexicon: the words.
        study: whose settings.
        rows: (settings, terms) where the settings lie: measures, or changes of an embedding.
        ties: how words lend each other.
    """
    prior, points = study_prior(lexicon, ties), rows - rows.mean(axis=0)

    def fit(opinions: Sequence[Opinion]) -> tuple[np.ndarray, np.ndarray]:
        return word_settings(prior, heard_matrix(lexicon, study, opinions), rows, ties.noise), points

    return fit


def naming_auc(lexicon: Lexicon, study: Study, fit: Fit, leave_words_out: bool = False) -> dict[str, float]:
    """Compare the cosine of the right word with those of the words the person did not use, people left out in folds.

    Args:
        lexicon: the words.
        study: whose opinions.
        fit: made anew from the opinions of every fold's others.
        leave_words_out: nobody's settings for the right word are used either.
    Returns:
        "auc" over opinions, "auc_by_word", "opinions", "words".
    """
    place, at = lexicon.index(), {name: index for index, name in enumerate(study.settings)}
    fold = {person: index % _FOLDS for index, person in enumerate(sorted({o.person for o in study.opinions}))}
    named = _named_often(study.opinions)
    candidate = np.zeros(len(place), dtype=bool)
    candidate[[place[word] for word in named]] = True
    said = defaultdict(set)
    for opinion in study.opinions:
        said[opinion.person, opinion.setting].add(place[opinion.word])
    wins: dict[str, list[float]] = defaultdict(list)
    for out in range(_FOLDS):
        kept = [opinion for opinion in study.opinions if fold[opinion.person] != out]
        tested = [o for o in study.opinions if fold[o.person] == out and o.word in named]
        directions, points = fit(kept)
        scores = _unit(directions) @ _unit(points).T  # (words, settings)
        if leave_words_out:
            for word in sorted({opinion.word for opinion in tested}):
                alone, there = fit([opinion for opinion in kept if opinion.word != word])
                scores[place[word]] = (_unit(alone[[place[word]]]) @ _unit(there).T)[0]
        for opinion in tested:
            column = scores[:, at[opinion.setting]]
            others = candidate.copy()
            others[list(said[opinion.person, opinion.setting])] = False
            own = column[place[opinion.word]]
            wins[opinion.word].append(float(np.mean((column[others] < own) + 0.5 * (column[others] == own))))
    everything = [value for values in wins.values() for value in values]
    return {
        "auc": float(np.mean(everything)),
        "auc_by_word": float(np.mean([np.mean(values) for values in wins.values()])),
        "opinions": float(len(everything)),
        "words": float(len(wins)),
    }


def _named_often(opinions: Sequence[Opinion]) -> set[str]:
    people = defaultdict(set)
    for opinion in opinions:
        people[opinion.word].add(opinion.person)
    return {word for word, named in people.items() if len(named) >= _LEAST_NAMED}


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
