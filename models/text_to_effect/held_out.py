"""What has to be shown of the words' meanings, cross-validated on people's data: needs the data, no sound.

Three answers to "a word nobody set": one that the ontology knows (its books, relatives and opposites), one that only
its books describe, and one that only the sentence encoder knows, everything the ontology has under its name left out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.text_encoder import as_sound
from models.text_to_effect.agreement import (
    Unseen,
    calibration_error,
    summary,
    unseen_people,
    unseen_words,
)
from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.naming import directions_in, naming_auc
from models.text_to_effect.people import Curve, shape_of
from models.text_to_effect.studies import Study
from models.text_to_effect.texts import SentenceEncoder, fit_smoother, owned_texts
from models.text_to_effect.tone import TONE, expect_shapes

__all__ = ["by_sentence_alone", "meanings_report"]

_FOLDS = 10


def meanings_report(
    lexicon: Lexicon, curves: Sequence[Curve], studies: Sequence[Study], sentences: SentenceEncoder | None
) -> dict[str, Any]:
    """Measure everything.

    Args:
        lexicon: words as the books have them.
        curves: people's equalisers.
        studies: SocialReverb and SocialFX.
        sentences: None: what only the sentence encoder knows is left out.
    Returns:
        {"seen", "never_seen", "sentence_alone" (or None), "calibration", "calibration_never_seen", "confidence" (word:
        expected, reached, people), "processors"}.
    """
    seen = unseen_people(lexicon, curves)
    never = unseen_words(lexicon, curves)
    alone = by_sentence_alone(lexicon, curves, seen, sentences) if sentences is not None else None
    return {
        "seen": summary(seen),
        "never_seen": summary(never),
        "sentence_alone": summary(alone) if alone is not None else None,
        "calibration": calibration_error(seen),
        "calibration_never_seen": calibration_error(never),
        "confidence": _by_word(seen),
        "processors": {
            study.processor: {
                "seen": naming_auc(lexicon, study, directions_in(lexicon, study, study.measures)),
                "never_seen": naming_auc(lexicon, study, directions_in(lexicon, study, study.measures), True),
            }
            for study in studies
        },
    }


def by_sentence_alone(
    lexicon: Lexicon, curves: Sequence[Curve], judges: Sequence[Unseen], sentences: SentenceEncoder
) -> list[Unseen]:
    """Predict people of words of which only the sentence vector is known; words are left out in ten folds.

    Args:
        lexicon: words and associations.
        curves: people's equalisers, in the order in which `judges` were made from them.
        judges: for the ceiling of every person.
        sentences: the encoder.
    """
    texts, owners = owned_texts(lexicon)
    vectors = sentences.embed([as_sound(text) for text in texts]).numpy()
    place, ids = lexicon.index(), lexicon.ids
    named = sentences.embed([as_sound(word.replace("-", " ")) for word in ids]).numpy()
    words = sorted({row.word for row in judges})
    ceiling: dict[str, list[Unseen]] = {word: [row for row in judges if row.word == word] for word in words}
    order = np.random.default_rng(0).permutation(len(words))
    found = []
    for fold in range(_FOLDS):
        out = [words[index] for index in order[fold::_FOLDS]]
        held = [place[word] for word in out]
        expected = expect_shapes(lexicon, [curve for curve in curves if curve.word not in out], TONE)
        owned = owners.copy()
        owned[:, held] = 0.0
        kept = np.abs(owned).sum(axis=1) > 0
        owned = owned[kept] / np.abs(owned[kept]).sum(axis=1, keepdims=True)
        smoother = fit_smoother(vectors[kept], owned)
        guesses = smoother.mix(named[held]) @ expected
        for word, guess in zip(out, guesses, strict=True):
            shape, rms = shape_of(guess)
            mine = [curve for curve in curves if curve.word == word and not curve.translated]
            for judge, curve in zip(ceiling[word], mine, strict=True):
                reached = float(np.mean(shape * curve.shape))
                found.append(Unseen(word, reached, judge.ceiling, judge.books, rms))
    return found


def _by_word(rows: Sequence[Unseen]) -> dict[str, dict[str, float]]:
    table = {}
    for word in sorted({row.word for row in rows}):
        mine = [row for row in rows if row.word == word]
        table[word] = {
            "expected": float(np.mean([row.foretold for row in mine])),
            "reached": float(np.mean([row.reached for row in mine])),
            "people": float(len(mine)),
        }
    return table
