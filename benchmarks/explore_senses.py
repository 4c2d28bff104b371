"""The senses' half of the exploring benchmark: does an option go where people of its own cluster go?

For each word whose people fall into clusters, half of every cluster makes the sense, the option is made through the
console, and the response of its equaliser is compared with the curves of the other halves.
"""

from pathlib import Path
from typing import Any

import numpy as np

from assistant.eq_fit import current_curve_db
from assistant.explore import Reading
from assistant.explore.realise import turned
from assistant.request import MIX, Request
from console.settings import Settings
from exchange import Song
from models import ProductionFeatures
from models.text_to_effect.lexicon import lexicon_of, read_associations
from models.text_to_effect.people import Curve, read_curves
from models.text_to_effect.senses import describe, split
from ontology import BANDS_HZ, Ontology, Word
from ontology.load import read_literature

__all__ = ["measure_senses"]

_SENSE_RMS_DB = 4.0
_LIMIT_DB = 14.0


class _Taught(Ontology):
    """An ontology in which one word has the senses that a half of its people gave it."""

    def __init__(self, original: Ontology, word: Word) -> None:
        self.__dict__.update(original.__dict__)
        self._taught = word

    def __getitem__(self, word_id: str) -> Word:
        return self._taught if word_id == self._taught.id else super().__getitem__(word_id)


def measure_senses(data: Path, song: Song, ontology: Ontology, seeds: int) -> dict[str, Any]:
    """Make options for senses of half of the people; compare with the other half.

    Args:
        data: folder of the human data.
        song: whose mix the options change.
        ontology: for the words' kinds and processors.
        seeds: how many ways to halve.
    Returns:
        The share of options that correlate with their own cluster's held-out people more than with the others', per
        word and over all.
    """
    lexicon = lexicon_of(read_literature().values(), read_associations())
    by_word: dict[str, list[Curve]] = {}
    for curve in read_curves(data, lexicon, {}):
        by_word.setdefault(curve.word, []).append(curve)
    rows = {}
    for word_id, people in by_word.items():
        if word_id not in ontology:
            continue
        shapes = np.stack([curve.shape for curve in people])
        groups, _ = split(shapes, [curve.weight for curve in people])
        if len(groups) > 1:
            members = [list(group.members) for group in groups]
            rows[word_id] = [
                score for seed in range(seeds) for score in _scores(word_id, shapes, members, song, ontology, seed)
            ]
    every = [score for scores in rows.values() for score in scores]
    return {
        "words": {word: {"options": len(scores), "own": float(np.mean([own > other for own, other in scores])),
                         "r_own": float(np.mean([own for own, _ in scores])),
                         "r_other": float(np.mean([other for _, other in scores]))} for word, scores in rows.items()},
        "options": len(every),
        "own": float(np.mean([own > other for own, other in every])) if every else 0.0,
    }  # fmt: skip


def _scores(
    word_id: str, shapes: np.ndarray, groups: list[list[int]], song: Song, ontology: Ontology, seed: int
) -> list[tuple[float, float]]:
    """Return (own, other) mean correlations of each option with held-out people."""
    generator = np.random.default_rng(seed)
    halves = []
    for group in groups:
        order = generator.permutation(group)
        halves.append((order[: (len(order) + 1) // 2], order[(len(order) + 1) // 2 :]))
    word = ontology[word_id]
    senses = []
    for told, _ in halves:
        curve = shapes[told].mean(axis=0)
        curve = np.clip(
            curve * _SENSE_RMS_DB / max(float(np.sqrt(np.square(curve).mean())), 1e-9), -_LIMIT_DB, _LIMIT_DB
        )
        share = len(told) / sum(len(part) for part, _ in halves)
        eq_db = tuple(float(db) for db in curve)
        senses.append(word.senses[0].model_copy(update={"eq_db": eq_db, "share": share, "name": describe(curve)}))
    taught = _Taught(ontology, word.model_copy(update={"senses": tuple(senses)}))
    settings = Settings.neutral([track.name for track in song.tracks])
    request = Request(intent="edit", targets=(MIX,), descriptor=word_id, constraints=("only:eq",))
    found = []
    for number, (_, held_out) in enumerate(halves):
        others = np.concatenate([part for place, (_, part) in enumerate(halves) if place != number])
        if not len(held_out) or not len(others):
            continue
        reading = Reading(word_id, "", "sense", (request,), (word_id, number))
        made, _ = turned(reading, song, settings, taught, ProductionFeatures(), follow_gradient=True)
        curve = current_curve_db(made, "master", np.array(BANDS_HZ, float), song.sample_rate)
        found.append((_mean_r(curve, shapes[held_out]), _mean_r(curve, shapes[others])))
    return found


def _mean_r(curve: np.ndarray, people: np.ndarray) -> float:
    if curve.std() < 1e-6:
        return 0.0
    return float(np.mean([np.corrcoef(curve, person)[0, 1] for person in people]))
