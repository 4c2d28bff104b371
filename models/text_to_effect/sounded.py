"""Figures that need sound, with what they are judged by left out: pairs of words, and the naming of settings."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.text_to_effect.acts import acts_of, likeness, train_joint
from models.text_to_effect.joint import JointRecipe
from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.material import Material, Rendered
from models.text_to_effect.naming import directions_in, naming_auc
from models.text_to_effect.pairs import judge_pairs, pair_table
from models.text_to_effect.people import Opinion, shape_of
from models.text_to_effect.studies import Study
from models.text_to_effect.tone import Tone, expect_shapes

__all__ = ["sounded_figures"]

_RIDGE = 1e-3


def sounded_figures(
    material: Material,
    tone: Tone,
    rendered: Rendered,
    recipe: JointRecipe,
    pairs: Mapping[str, Sequence[tuple[str, str]]] | None,
) -> dict[str, Any]:
    """Measure the changes of the embedding and the joint space.

    Returns:
        {"pairs": kind -> {"pairs", "change", "joint"} parts that are right, "processors": processor -> space ->
        {"seen", "never_seen"} -> `naming_auc`}.
    """
    alike = likeness(tone.expected, rendered.words[0])
    processors = {}
    for study, rows in zip(material.studies, rendered.settings, strict=True):
        fit = directions_in(material.lexicon, study, rows)
        processors[study.processor] = {
            "changes of the embedding": {
                "seen": naming_auc(material.lexicon, study, fit),
                "never_seen": naming_auc(material.lexicon, study, fit, leave_words_out=True),
            },
            "the joint space": {"seen": _joint_auc(material, rendered, study, rows, alike, recipe)},
        }
    return {"pairs": _pairs(material, tone, rendered, recipe, pairs or {}), "processors": processors}


def _pairs(
    material: Material,
    tone: Tone,
    rendered: Rendered,
    recipe: JointRecipe,
    pairs: Mapping[str, Sequence[tuple[str, str]]],
) -> dict[str, dict[str, float]]:
    acts = acts_of(material, rendered)
    per_db = _change_per_db(material, tone, rendered)

    def train(without: Lexicon) -> dict[str, np.ndarray]:
        # Rendering every word anew for every fold would take an hour; the curves' part of a change is all but linear.
        expected = expect_shapes(without, material.curves)
        moved = np.stack([shape_of(row)[0] for row in expected]) - np.stack([shape_of(row)[0] for row in tone.expected])
        strength_db = np.sqrt(np.mean(np.square(tone.curves_db), axis=1, keepdims=True))
        change = rendered.words[0] + strength_db * moved @ per_db
        return {"change": change, "joint": train_joint(without, acts, likeness(expected, change), recipe).words}

    return pair_table(judge_pairs(material.lexicon, pairs, train))


def _change_per_db(material: Material, tone: Tone, rendered: Rendered) -> np.ndarray:
    """Return (40, D): the change of the embedding with each band, by ridge over words that are tone alone."""
    ids = material.lexicon.ids
    alone = [
        at
        for at, word in enumerate(ids)
        if np.any(tone.curves_db[at]) and not any(effect.name != "level" for effect in material.effects.get(word, ()))
    ]
    curves = tone.curves_db[alone]
    gram = curves.T @ curves
    size = _RIDGE * np.trace(gram) / len(gram) + 1e-12
    return np.linalg.solve(gram + size * np.eye(len(gram)), curves.T @ rendered.words[0][alone])


def _joint_auc(
    material: Material, rendered: Rendered, study: Study, rows: np.ndarray, alike: np.ndarray, recipe: JointRecipe
) -> dict[str, float]:
    centred = rows - rows.mean(axis=0)

    def fit(opinions: Sequence[Opinion]) -> tuple[np.ndarray, np.ndarray]:
        kept = {other.processor: other.opinions for other in material.studies} | {study.processor: opinions}
        joint = train_joint(material.lexicon, acts_of(material, rendered, kept), alike, recipe)
        return joint.words, joint.place(centred)

    return naming_auc(material.lexicon, study, fit)
