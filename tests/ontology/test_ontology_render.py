"""An entry for people and for programs."""

import json

import pytest

from ontology import BANDS_HZ, EFFECT_RANGES, load_ontology, render, to_json
from ontology.render import curve_text

ONTOLOGY = load_ontology()


@pytest.mark.parametrize("word_id", sorted(ONTOLOGY))
def test_json_has_the_documented_keys(word_id):
    entry = json.loads(json.dumps(to_json(ONTOLOGY[word_id], ONTOLOGY), allow_nan=False))
    assert list(entry) == ["id", "labels", "opposite", "senses", "instruments", "often_confused_with"]
    assert entry["id"] == word_id == entry["labels"][0]
    for sense in entry["senses"]:
        assert {"name", "share", "eq_db", "effects", "people", "agreement", "sources"} <= set(sense)
        assert [int(hz) for hz in sense["eq_db"]] == list(BANDS_HZ)
        assert sense["sources"]
        for name, effect in sense["effects"].items():
            terms = set(effect) - {"type", "origin", "people", "agreement", "sources"}
            assert terms <= set(EFFECT_RANGES[name])


def test_an_entry_reads_well():
    text = render(ONTOLOGY["warm"], ONTOLOGY, width=80)
    for part in (
        "warm",
        "cold",
        "of the people",
        "often confused with",
        "muddy",
        "vocal: ",
        "Social-EQ",
        "sources",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_colour_is_asked_for():
    assert "\x1b[" in render(ONTOLOGY["warm"], ONTOLOGY, color=True)


@pytest.mark.parametrize("word_id", sorted(ONTOLOGY))
def test_every_entry_renders(word_id):
    assert ONTOLOGY[word_id].gloss.split()[0] in render(ONTOLOGY[word_id], ONTOLOGY)


def test_a_drawn_curve_is_tall_where_the_curve_is():
    rows = curve_text([0.0, 6.0, 3.0, -6.0], height=2)
    assert [len(row) for row in rows] == [4] * 4
    assert rows[0] == " █  "
    assert rows[1] == " ██ "
    assert rows[2] == "   █"
    assert rows[3] == "   █"


def test_a_flat_curve_draws_nothing():
    assert "".join(curve_text([0.0] * 40)).strip() == ""
