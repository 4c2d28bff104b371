"""Do opposites point apart and synonyms together? Judged on pairs whose link was left out of the training.

A general sentence encoder puts bright and dark nearer than bright and crisp; this says how far the trained space is
from that, on the ontology's own pairs and on a list that was never trained on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from console.errors import ModelError
from models.text_to_effect.lexicon import Lexicon, normalise

__all__ = ["OPPOSED", "SYNONYMOUS", "Judged", "judge_pairs", "pair_table", "read_pairs"]

PAIRS = Path(__file__).parent / "pairs.yaml"
SYNONYMOUS, OPPOSED = 0.5, 0.0
_FOLDS = 5

Pair = tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """One pair: `kind` "opposites", "related", "synonyms" or "antonyms", and its cosine in every space."""

    kind: str
    pair: Pair
    cosines: Mapping[str, float]


def read_pairs(path: Path = PAIRS) -> dict[str, list[Pair]]:
    """Read the independent list: "synonyms" and "antonyms".

    Raises:
        ModelError: it is missing or damaged.
    """
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {kind: [(str(first), str(second)) for first, second in table[kind]] for kind in ("synonyms", "antonyms")}
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The pairs in {path} cannot be read: {error}") from error


def judge_pairs(
    lexicon: Lexicon, independent: Mapping[str, Sequence[Pair]], train: Callable[[Lexicon], Mapping[str, np.ndarray]]
) -> list[Judged]:
    """Leave a fifth of the pairs out, train, look where they are; five times.

    Args:
        lexicon: words and links; its "opposites" and "related" are judged.
        independent: other pairs of texts, each of which a name or an association of the lexicon must know.
        train: gives (words, anything) directions of every space, by its name, from a lexicon without the pairs' links.
    Returns:
        Every pair. Those whose texts are names of one word come out as 1.
    """
    ids = lexicon.ids
    asked: list[tuple[str, Pair]] = [
        (kind, (ids[first], ids[second])) for kind in ("opposites", "related") for first, second in lexicon.pairs(kind)
    ]
    asked += [(kind, pair) for kind, pairs in independent.items() for pair in pairs]
    words = {text: _mixture(lexicon, text) for _, pair in asked for text in pair}
    judged = []
    for fold in range(_FOLDS):
        out = asked[fold::_FOLDS]
        without = lexicon
        for _, (first, second) in out:
            for one in _owners(lexicon, words[first]):
                for other in _owners(lexicon, words[second]):
                    if one != other:
                        without = without.without_pair(one, other)
        spaces = train(without)
        for kind, (first, second) in out:
            cosines = {name: _cosine(words[first] @ rows, words[second] @ rows) for name, rows in spaces.items()}
            judged.append(Judged(kind, (first, second), cosines))
    return judged


def pair_table(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Return, by kind and space, which part of the pairs is right, and how many there are."""
    table: dict[str, dict[str, float]] = {}
    for kind in dict.fromkeys(row.kind for row in judged):
        rows = [row for row in judged if row.kind == kind]
        apart = kind in ("opposites", "antonyms")
        table[kind] = {"pairs": float(len(rows))}
        for space in rows[0].cosines:
            values = np.array([row.cosines[space] for row in rows])
            table[kind][space] = float(np.mean(values < OPPOSED if apart else values > SYNONYMOUS))
    return table


def _mixture(lexicon: Lexicon, text: str) -> np.ndarray:
    place, key = lexicon.index(), normalise(text)
    row = np.zeros(len(place))
    names = lexicon.names()
    if key in names:
        row[place[names[key][0]]] = names[key][1]
    elif key in lexicon.associations:
        for word, weight in lexicon.associations[key].items():
            row[place[word]] = weight
    else:
        raise ModelError(f"'{text}' of the list of pairs is neither a name nor an association. Correct the list.")
    return row


def _owners(lexicon: Lexicon, mixture: np.ndarray) -> list[str]:
    return [lexicon.ids[at] for at in np.flatnonzero(mixture)]


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-12))
