"""Looking words up beyond the tables: everyday words, phrases, the text model, and honest unknowns."""

from types import SimpleNamespace

import numpy as np
import pytest

from console.errors import ModelError
from ontology import load_ontology, look_up

ONTOLOGY = load_ontology()


class Model:
    """A text model that knows one text."""

    def __init__(self, words=(("shrill", 0.6), ("soft", -0.3), ("dull", 0.05)), confidence=0.4, known=True):
        self.told = SimpleNamespace(words=words, confidence=confidence, known=known, vector=np.ones(2), magnitude=1.0)
        self.asked = []

    def direction(self, text):
        self.asked.append(text)
        return self.told

    def nearest_words(self, change, count):
        assert change.shape == (2,)
        near = [SimpleNamespace(word="harsh", direction="+"), SimpleNamespace(word="warm", direction="-")]
        return near[:count]


class NoWeights:
    """A text model whose weights are not on this machine."""

    def direction(self, text):
        raise ModelError(f"no weights to read {text}")

    def nearest_words(self, change, count):
        raise AssertionError(f"asked for {count} words near {change}")


@pytest.mark.parametrize(
    ("text", "how", "word_id", "sure"),
    [
        ("warm", "label", "warm", 1.0),
        ("warmish", "form", "warm", 0.95),
        ("unmuddy", "label", "muddy", 1.0),
        ("unharsh", "turned", "harsh", 0.85),
        ("hrash", "spelling", "harsh", 0.75),
        ("good", "everyday", "good", 0.6),
        ("professional sounding", "everyday", "hi-fi", 0.6),
        ("warm and bright", "phrase", "warm", 0.8),
    ],
)
def test_each_step_says_which_it_was_and_how_sure(text, how, word_id, sure):
    found = look_up(text, ONTOLOGY, NoWeights())
    assert (found.how, found.word_id, found.confidence) == (how, word_id, sure)
    assert found.why


def test_a_phrase_gives_all_its_words_and_names_what_says_nothing():
    found = look_up("warm and not so bright kazoo", ONTOLOGY, NoWeights())
    assert [match.word_id for match in found.matches] == ["warm", "bright"]
    assert "'kazoo'" in found.why
    assert found.confidence < 0.8


def test_everyday_words_are_looked_up_but_never_read_out_of_an_order():
    assert ONTOLOGY.everyday.keys().isdisjoint(ONTOLOGY.labels)
    assert [word for word in ONTOLOGY.everyday if ONTOLOGY._exact(word) is not None] == []
    assert look_up("fast", ONTOLOGY, NoWeights()).word_id == "fast"
    assert ONTOLOGY.find("fast") is None


def test_the_model_reads_what_no_table_knows():
    model = Model()
    found = look_up("nails on a chalkboard", ONTOLOGY, model)
    assert found.how == "meaning"
    assert [(match.word_id, match.direction) for match in found.matches] == [("shrill", "+"), ("soft", "-")]
    assert found.confidence == pytest.approx(0.4)
    assert found.suggestions == ("harsh",)
    assert model.asked == ["nails on a chalkboard"]
    look_up("warm", ONTOLOGY, model)
    assert len(model.asked) == 1


def test_a_faint_guess_of_the_sentence_encoder_is_not_told():
    assert look_up("spreadsheet", ONTOLOGY, Model(confidence=0.02, known=False)).how == "unknown"


@pytest.mark.parametrize("text", ["kwijibo", "", "!!", "tuesday"])
def test_the_unknown_is_unknown(text):
    found = look_up(text, ONTOLOGY, NoWeights())
    assert (found.how, found.matches, found.word_id, found.confidence) == ("unknown", (), None, 0.0)
    assert "not a word known here" in found.why


def test_an_unknown_word_comes_with_what_looks_like_it():
    assert "crunchy" in look_up("crunchitized", ONTOLOGY, NoWeights()).suggestions
