"""The directions that are shipped are those of the ontology as it is now."""

import numpy as np
import pytest

from models.text_to_effect import load_text_to_effect
from ontology.load import load_ontology

REBUILD = "python scripts/train_text_to_effect.py --data HUMAN_DATA --corpus CORPUS --encoder fx"


@pytest.fixture(scope="module")
def model():
    return load_text_to_effect("fx")


def test_every_word_of_the_ontology_has_a_direction(model):
    missing = sorted(set(load_ontology()) - set(model.words))
    assert not missing, f"no directions for {missing}: {REBUILD}"
    left_over = sorted(set(model.words) - set(load_ontology()))
    assert not left_over, f"directions of words that are gone, {left_over}: {REBUILD}"


def test_only_words_that_change_nothing_but_level_point_nowhere(model):
    silent = [word for word in load_ontology() if model.direction(word.replace("-", " ")).magnitude < 1e-6]
    for word in silent:
        senses = load_ontology()[word].senses
        assert not any(np.any(sense.eq_db) for sense in senses), word
        assert {effect.name for sense in senses for effect in sense.effects} <= {"level"}, word


def test_every_label_reads_as_its_word(model):
    for id_, word in load_ontology().items():
        for label in word.labels:
            found = model.direction(label)
            assert found.known, label
            assert np.isfinite(found.vector.numpy()).all(), (id_, label)
