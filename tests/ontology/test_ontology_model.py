"""The schema refuses what an entry must not hold."""

import pytest
from pydantic import ValidationError

from ontology import Band, Effect, Sense, Word

SENSE = {"name": "x", "share": 1.0, "eq_db": (0.0,) * 40, "origin": "literature", "sources": ("book",)}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"eq_db": (0.0,) * 39}, "39 values"),
        ({"eq_db": (0.0,) * 39 + (16.0,)}, "within 15"),
        ({"eq_db": (0.0,) * 39 + (float("nan"),)}, "nan dB"),
        ({"sources": ()}, "at least 1 item"),
        ({"share": 0.0}, "greater than 0"),
        ({"agreement": 1.5}, "less than or equal to 1"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_bad_sense_is_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Sense(**(SENSE | fields))


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("exciter", {"amount": 1.0}, "effect 'exciter' is unknown"),
        ("reverb", {"sparkle": 1.0}, "reverb has no 'sparkle'"),
        ("compression", {"ratio": 0.5}, "ratio=0.5 is outside"),
        ("compression", {"ratio": float("nan")}, "is outside"),
    ],
)
def test_a_bad_effect_is_refused(name, values, message):
    with pytest.raises(ValidationError, match=message):
        Effect(name=name, values=values, origin="literature", sources=("book",))


def test_a_type_is_for_saturation_only():
    with pytest.raises(ValidationError, match="saturation only"):
        Effect(name="reverb", values={"wet": 0.1}, type="tube", origin="literature", sources=("book",))


def test_shares_add_up_to_one():
    half = Sense(**(SENSE | {"share": 0.5}))
    with pytest.raises(ValidationError, match=r"share 0\.50 of the people"):
        Word(id="a1", kind="tone", gloss="x", senses=(half,))


def test_a_band_runs_upwards():
    with pytest.raises(ValidationError, match="put the lower edge first"):
        Band(low_hz=500, high_hz=200, source="book")


def test_a_band_names_a_known_instrument():
    band = Band(low_hz=100, high_hz=200, source="book")
    with pytest.raises(ValidationError, match="unknown instrument"):
        Word(id="a1", kind="tone", gloss="x", senses=(Sense(**SENSE),), bands={"kazoo": (band,)})


def test_an_id_is_plain_lower_case():
    with pytest.raises(ValidationError, match="pattern"):
        Word(id="Big Room", kind="tone", gloss="x", senses=(Sense(**SENSE),))


def test_entries_cannot_be_changed():
    sense = Sense(**SENSE)
    with pytest.raises(ValidationError, match="frozen"):
        sense.share = 0.5
