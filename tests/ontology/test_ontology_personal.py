"""What a user teaches wins over the crowd, and is kept safely."""

import json
import os

import numpy as np
import pytest

from console.errors import OntologyError
from ontology import PersonalDictionary, load_ontology, look_up
from ontology.personal import Part, default_path, parts_of

CROWD = load_ontology()


@pytest.fixture
def dictionary(tmp_path):
    return PersonalDictionary(tmp_path / "kept" / "dictionary.json")


def curve(ontology, word_id):
    return np.array(ontology[word_id].senses[0].eq_db)


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("bright and thin", {"bright": "+", "thin": "+"}),
        ("less muddy but warm", {"muddy": "-", "warm": "+"}),
        ("more air, not harsh", {"airy": "+", "harsh": "-"}),
        ("unmuddy", {"muddy": "-"}),
        ("It sounds sort of warm.", {"warm": "+"}),
        ("without boom", {"boomy": "-"}),
    ],
)
def test_what_is_said_is_read_part_by_part(said, parts):
    assert {part.id: part.direction for part in parts_of(said, CROWD)} == parts


def test_amounts_weigh_the_parts():
    bright, thin = parts_of("very bright and a touch thin", CROWD)
    assert bright.weight > 1 > thin.weight


@pytest.mark.parametrize(("said", "message"), [("like a kazoo", "'kazoo' is not a word"), ("  ", "Nothing in")])
def test_what_cannot_be_read_is_said(said, message):
    with pytest.raises(OntologyError, match=message):
        parts_of(said, CROWD)


def test_a_learnt_word_wins_over_the_crowd(dictionary):
    assert CROWD.find("glassy").word_id == "brittle"
    dictionary.learn("Glassy", "bright and airy", CROWD)
    mine = dictionary.over(CROWD)
    found = look_up("glassy", mine)
    assert (found.word_id, found.how, found.confidence) == ("glassy", "personal", 1.0)
    assert mine["glassy"].senses[0].origin == "you"
    assert np.corrcoef(curve(mine, "glassy"), curve(CROWD, "bright") + curve(CROWD, "airy"))[0, 1] > 0.99
    assert (
        np.abs(curve(mine, "glassy")).max()
        <= max(np.abs(curve(CROWD, word)).max() for word in ("bright", "airy")) + 0.01
    )
    assert "glassy" not in mine["brittle"].labels
    assert CROWD.find("glassy").word_id == "brittle"


def test_a_word_of_the_crowd_can_be_meant_otherwise(dictionary):
    dictionary.learn("warm", "dark", CROWD)
    mine = dictionary.over(CROWD)
    assert np.allclose(curve(mine, "warm"), curve(CROWD, "dark"), atol=0.01)
    assert mine["warm"].opposites == CROWD["warm"].opposites
    assert mine.find("warmer").word_id == "warm"


def test_less_turns_curves_and_processors_round(dictionary):
    dictionary.learn("shoebox", "less reverberant", CROWD)
    effect = dictionary.over(CROWD)["shoebox"].senses[0].effect("reverb")
    assert effect.values["wet"] == -CROWD["reverberant"].senses[0].effect("reverb").values["wet"]
    assert effect.origin == "you"


def test_an_example_teaches_as_well(dictionary):
    eq_db = [3.0] * 20 + [-3.0] * 20
    dictionary.learn_example("woozy", "the second of four", eq_db, {"reverb": {"wet": 0.2}})
    sense = dictionary.over(CROWD)["woozy"].senses[0]
    assert sense.eq_db == tuple(eq_db)
    assert sense.effect("reverb").values == {"wet": 0.2}


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({}, "says nothing"),
        ({"eq_db": [1.0] * 39}, "40 values"),
        ({"eq_db": [float("nan")] * 40}, "40 values"),
        ({"effects": {"flanger": {"wet": 1.0}}}, "not understood"),
    ],
)
def test_an_impossible_example_is_refused(dictionary, example, message):
    with pytest.raises(OntologyError, match=message):
        dictionary.learn_example("woozy", "x", **example)
    assert not dictionary.path.exists()


def test_a_word_is_not_explained_by_itself(dictionary):
    with pytest.raises(OntologyError, match="by itself"):
        dictionary.learn("warm", "warm and bright", CROWD)


def test_what_was_learnt_is_there_next_time(dictionary):
    dictionary.learn("Glassy", "bright and thin", CROWD)
    again = PersonalDictionary(dictionary.path)
    assert list(again) == ["glassy"]
    assert again["GLASSY"].parts == (Part(id="bright"), Part(id="thin"))
    again.forget("glassy")
    assert len(PersonalDictionary(dictionary.path)) == 0
    with pytest.raises(OntologyError, match="not in your dictionary"):
        again.forget("glassy")


def test_a_write_that_fails_leaves_the_old_file_and_the_old_words(dictionary, monkeypatch):
    dictionary.learn("glassy", "bright", CROWD)
    before = dictionary.path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        dictionary.learn("woozy", "warm", CROWD)
    assert dictionary.path.read_bytes() == before
    assert list(dictionary) == ["glassy"]
    assert [path.name for path in dictionary.path.parent.iterdir()] == ["dictionary.json"]


@pytest.mark.parametrize("text", ["{", json.dumps({"schema_version": 9}), json.dumps({"words": {"x": {}}})])
def test_a_damaged_file_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "dictionary.json"
    path.write_text(text)
    with pytest.raises(OntologyError, match="cannot be read"):
        PersonalDictionary(path)
    assert path.read_text() == text


def test_an_empty_dictionary_changes_nothing(dictionary):
    assert dictionary.over(CROWD) is CROWD


def test_the_default_lies_in_the_users_data(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path().name == "dictionary.json"
    assert "studiospeak" in default_path().parts
