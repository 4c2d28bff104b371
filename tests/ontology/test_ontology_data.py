"""The word tables hold together: every entry is valid, cited, finite and fits the others."""

import math

import numpy as np
import pytest

from ontology import BANDS_HZ, load_ontology
from ontology.load import read_literature
from ontology.lookup import normalise_label

ONTOLOGY = load_ontology()
LITERATURE = read_literature()
WORDS = sorted(ONTOLOGY)

# Words whose people mean another spectrum than the books: a fact about people, kept as it is.
PEOPLE_AGAINST_BOOKS = {"soft", "sweet", "noisy", "vintage", "raspy", "buzzy"}

# What any engineer expects of more of it: centre of a band that rises, centre of one that rises less.
RISES = [
    ("warm", 208, 4941), ("bright", 6244, 120), ("dark", 120, 6244), ("muddy", 318, 4941),
    ("boomy", 120, 2126), ("boxy", 455, 4941), ("harsh", 3462, 120), ("nasal", 971, 120),
    ("thin", 3070, 120), ("full", 208, 15675), ("tinny", 2126, 83), ("crisp", 7014, 120),
    ("airy", 13984, 318), ("present", 4392, 208), ("deep", 50, 3070), ("bassy", 83, 3070),
    ("sub-heavy", 20, 971), ("sibilant", 7014, 455), ("shrill", 4392, 120), ("muffled", 120, 4941),
    ("light", 4941, 83), ("heavy", 83, 4392), ("cold", 3070, 208), ("brilliant", 8839, 208),
    ("telephone", 1452, 83), ("scooped", 83, 628), ("thick", 208, 7014),
]  # fmt: skip


def test_at_least_two_hundred_words():
    assert len(ONTOLOGY) >= 200


@pytest.mark.parametrize("word_id", WORDS)
def test_a_problem_says_why_it_arises_and_what_helps(word_id):
    word = ONTOLOGY[word_id]
    if word.problem and not word.listening_only:
        assert word.causes
        assert word.remedies
        assert set(word.remedy_sources) <= set(ONTOLOGY.sources)


def test_the_problems_that_are_diagnosed_have_an_entry():
    problems = [
        "muddy",
        "boomy",
        "boxy",
        "honky",
        "nasal",
        "harsh",
        "sibilant",
        "dull",
        "thin",
        "tinny",
        "sub-heavy",
        "resonant",
        "ringing",
        "buried",
        "overpowering",
        "masked",
        "cluttered",
        "squashed",
        "pumping",
        "uneven",
        "spiky",
        "too-wet",
        "too-dry",
        "washed-out",
        "narrow",
        "lopsided",
        "phasey",
        "wide-lows",
        "mono-loss",
        "clipped",
        "noisy",
        "hum",
        "dc-offset",
        "polarity",
        "misaligned",
        "clicks",
        "dropout",
        "lossy",
        "resampled",
        "silent-track",
        "low-headroom",
        "off-target",
        "gain-staging",
    ]
    assert [word_id for word_id in problems if not ONTOLOGY[word_id].remedies] == []


def test_a_word_is_not_a_kind_of_itself():
    assert [word_id for word_id in WORDS if word_id in ONTOLOGY.broader_all(word_id)] == []


def test_narrower_is_broader_turned_round():
    assert "sparkly" in ONTOLOGY.narrower("brilliant")
    assert all(word_id in ONTOLOGY.narrower(other) for word_id in WORDS for other in ONTOLOGY[word_id].broader)


def test_at_least_four_hundred_labels():
    assert len(ONTOLOGY.labels) - len(ONTOLOGY) >= 400


def test_no_two_words_share_a_label():
    labels = [
        normalise_label(label) for word in ONTOLOGY.values() for label in (word.id, *word.labels, *word.labels_minus)
    ]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("word_id", WORDS)
def test_opposites_are_symmetric(word_id):
    for other in ONTOLOGY[word_id].opposites:
        assert word_id in ONTOLOGY[other].opposites


@pytest.mark.parametrize("word_id", WORDS)
def test_every_sense_cites_a_known_source(word_id):
    for sense in ONTOLOGY[word_id].senses:
        assert sense.sources
        assert set(sense.sources) <= set(ONTOLOGY.sources)
        for effect in sense.effects:
            assert effect.sources
            assert set(effect.sources) <= set(ONTOLOGY.sources)


@pytest.mark.parametrize("word_id", WORDS)
def test_curves_are_finite_and_within_15_db(word_id):
    for sense in ONTOLOGY[word_id].senses:
        assert len(sense.eq_db) == len(BANDS_HZ) == 40
        assert all(math.isfinite(db) and abs(db) <= 15 for db in sense.eq_db)


@pytest.mark.parametrize("word_id", WORDS)
def test_a_fitted_curve_peaks_between_3_and_9_db(word_id):
    for sense in ONTOLOGY[word_id].senses:
        if sense.origin != "literature" and any(sense.eq_db) and sense.eq_db != LITERATURE[word_id].senses[0].eq_db:
            assert 2.9 <= max(map(abs, sense.eq_db)) <= 9.1


@pytest.mark.parametrize("word_id", WORDS)
def test_people_are_counted_where_they_are_the_origin(word_id):
    for sense in ONTOLOGY[word_id].senses:
        if sense.origin == "literature":
            assert sense.people == 0
            assert sense.agreement is None
        else:
            assert sense.people > 0 or sense.shrunk_towards


@pytest.mark.parametrize("word_id", WORDS)
def test_a_word_says_something_or_asks_for_nothing(word_id):
    word = ONTOLOGY[word_id]
    silent = all(not any(sense.eq_db) and not sense.effects for sense in word.senses)
    assert not silent or word_id in {"balanced", "lopsided"} or word.kind == "fault"


@pytest.mark.parametrize(("word_id", "higher_hz", "lower_hz"), RISES)
def test_direction_is_what_an_engineer_expects(word_id, higher_hz, lower_hz):
    curve = ONTOLOGY[word_id].senses[0].eq_db
    assert curve[BANDS_HZ.index(higher_hz)] > curve[BANDS_HZ.index(lower_hz)] + 1.0


@pytest.mark.parametrize("word_id", WORDS)
def test_the_books_agree_with_people_where_enough_people_spoke(word_id):
    sense = ONTOLOGY[word_id].senses[0]
    if sense.literature_r is not None and sense.people >= 3 and word_id not in PEOPLE_AGAINST_BOOKS:
        assert sense.literature_r > 0


def test_thin_fits_say_what_they_lean_on():
    few = ONTOLOGY["muddy"].senses[0]
    assert few.people < 16
    assert "literature" in few.shrunk_towards
    many = ONTOLOGY["bright"].senses[0]
    assert many.people >= 16
    assert many.shrunk_towards == ()


def test_senses_are_ordered_by_share():
    for word in ONTOLOGY.values():
        shares = [sense.share for sense in word.senses]
        assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("word_id", ["loud", "quiet", "wide", "narrow", "mono", "dry", "reverberant", "even"])
def test_words_of_level_and_space_leave_the_tone_alone(word_id):
    assert not any(ONTOLOGY[word_id].senses[0].eq_db)


def test_opposite_curves_of_warm_and_cold_oppose_each_other():
    warm, cold = (ONTOLOGY[word].senses[0].eq_db for word in ("warm", "cold"))
    assert np.corrcoef(warm, cold)[0, 1] < -0.5
