"""What the joint space is trained on: changes of the embedding that were made for words, by people and by the books."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.text_to_effect.joint import Joint, JointRecipe, fit_joint
from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.material import Material, Rendered
from models.text_to_effect.people import Opinion
from models.text_to_effect.studies import heard_matrix

__all__ = ["Acts", "acts_of", "likeness", "train_joint"]

_WORD_WEIGHT = 2.0  # of the words' own moves, against 1 for all people's equalisers and 1 for every study


@dataclass(frozen=True)
class Acts:
    """Changes that were made for words.

    Attributes:
        changes: (acts, D).
        belongs: (acts, words), rows of sum 1.
        weights: (acts,).
    """

    changes: np.ndarray
    belongs: np.ndarray
    weights: np.ndarray


def acts_of(material: Material, rendered: Rendered, opinions: Mapping[str, Sequence[Opinion]] | None = None) -> Acts:
    """Gather people's curves, their settings, and the words' own moves.

    A setting of a study is taken as its difference from the mean of the study: all of them are reverbs (or
    compressors), and what a word says is which.

    Args:
        material: words and people.
        rendered: what all of it does to the embedding.
        opinions: of each study those to train on; None: all.
    """
    lexicon = material.lexicon
    place, count = lexicon.index(), len(lexicon.entries)
    one = np.eye(count)
    rows: list[np.ndarray] = [rendered.curves]
    belongs: list[np.ndarray] = [one[[place[curve.word] for curve in material.curves]]]
    weights: list[np.ndarray] = [_evened([c.word for c in material.curves], [c.weight for c in material.curves])]
    for study, settings in zip(material.studies, rendered.settings, strict=True):
        mine = study.opinions if opinions is None else opinions[study.processor]
        heard = heard_matrix(lexicon, study, mine)
        heard = heard / np.sqrt(np.maximum(heard.sum(axis=1, keepdims=True), 1e-9))  # words evened out
        named = np.flatnonzero(heard.sum(axis=0) > 0)
        rows.append((settings - settings.mean(axis=0))[named])
        belongs.append((heard / np.maximum(heard.sum(axis=0), 1e-9)).T[named])
        weights.append(heard.sum(axis=0)[named] / max(heard.sum(), 1e-9))
    moved = np.flatnonzero(np.any(rendered.words[0], axis=1))
    for table in rendered.words:
        rows.append(table[moved])
        belongs.append(one[moved])
        weights.append(np.full(len(moved), _WORD_WEIGHT / len(moved) / len(rendered.words)))
    return Acts(np.concatenate(rows), np.concatenate(belongs), np.concatenate(weights))


def _evened(words: Sequence[str], weights: Sequence[float]) -> np.ndarray:
    """Return weights of sum 1 in which a word with a hundred times the people counts ten times as much."""
    total: dict[str, float] = defaultdict(float)
    for word, weight in zip(words, weights, strict=True):
        total[word] += weight
    even = np.array([weight / np.sqrt(total[word]) for word, weight in zip(words, weights, strict=True)])
    return even / even.sum() if len(even) else even


def likeness(expected: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """Return (words, words): the mean of the cosines of expected curves and of changes."""
    parts = []
    for table in (expected, changes):
        unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
        parts.append(unit @ unit.T)
    both = np.mean(parts, axis=0)
    np.fill_diagonal(both, 1.0)
    return np.asarray(both)


def train_joint(lexicon: Lexicon, acts: Acts, alike: np.ndarray, recipe: JointRecipe) -> Joint:
    """Train the joint space.

    Args:
        lexicon: whose links are pulled together and apart.
        acts: what was made for which words.
        alike: (words, words), `likeness`.
        recipe: how.
    """
    links = lexicon.pairs("related"), lexicon.pairs("opposites")
    return fit_joint(acts.changes, acts.belongs, acts.weights, alike, *links, recipe)
