"""The fitting script on invented people: counts people once, keeps strength, splits only what is apart."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ontology import BANDS_HZ, load_ontology
from ontology.load import read_literature
from scripts.ontology import senses
from scripts.ontology.people import Curve, words_of
from scripts.ontology.processors import ProcessorFit, Setting
from scripts.ontology.tone import ToneFit, agreement, describe, smooth, unit

LITERATURE = read_literature()
TILT = np.linspace(1, -1, 40)
BUMP = np.exp(-0.5 * ((np.arange(40) - 20) / 3.0) ** 2)


def person(shape, name, rms_db=4.0):
    return Curve("warm", name, "safe-eq", unit(np.asarray(shape, dtype=float)), 1.0, rms_db, "English")


def noisy(shape, count, noise, seed=0):
    rng = np.random.default_rng(seed)
    return [person(unit(shape) + noise * rng.standard_normal(40), f"p{i}") for i in range(count)]


def test_agreement_measures_agreement_not_the_count():
    assert agreement(noisy(TILT, 5, 0.1)) > 0.95
    assert agreement(noisy(TILT, 50, 3.0)) < 0.6
    assert agreement(noisy(TILT, 1, 0.1)) is None


def test_a_curve_is_as_strong_as_people_set_it_by_the_root_of_their_agreement():
    for noise, seed in ((0.1, 0), (2.0, 0)):
        people = noisy(TILT, 30, noise, seed)
        fit = ToneFit(LITERATURE, {"warm": people})
        curve = np.array(fit.to_db("warm", fit.shape("warm", people)[0], people))
        expected = 4.0 * np.sqrt((30 * agreement(people) + 6 * 0.35) / 36)
        assert np.sqrt(np.mean(curve**2)) == pytest.approx(expected, abs=0.2)


def test_averaging_people_who_disagree_does_not_shrink_the_shape():
    people = noisy(TILT, 30, 2.0)
    mean = np.mean([person.shape for person in people], axis=0)
    assert np.sqrt(np.mean(mean**2)) < 0.6
    assert np.sqrt(np.mean(ToneFit(LITERATURE, {"warm": people}).shape("warm", people)[0] ** 2)) == pytest.approx(1.0)


def test_a_word_nobody_set_leans_on_the_net_of_its_relatives():
    people = {"warm": noisy(-TILT, 30, 0.1), "mellow": noisy(-TILT, 30, 0.1)}
    alone, heard = ToneFit(LITERATURE, {"boxy": noisy(BUMP, 3, 0.1)}), ToneFit(LITERATURE, people)
    against = [np.corrcoef(fit.shape("rich", [])[0], -TILT)[0, 1] for fit in (alone, heard)]
    assert against[1] > against[0] + 0.3
    assert heard.shape("rich", [])[1][0] == "literature"


def test_ragged_curves_are_smoothed_and_flat_ones_stay():
    zigzag = np.tile([1.0, -1.0], 20)
    assert np.abs(smooth(zigzag)).max() < 0.3
    assert np.allclose(smooth(np.full(40, 2.0)), 2.0)


def test_few_people_lean_on_the_books_and_many_do_not():
    few, many = noisy(-TILT, 2, 0.1), noisy(-TILT, 20, 0.1)
    fit = ToneFit(LITERATURE, {"warm": many})
    assert "literature" in fit.shape("warm", few)[1]
    assert fit.shape("warm", many)[1] == ()
    against = np.corrcoef(fit.shape("warm", few)[0], -TILT)[0, 1]
    assert against < np.corrcoef(fit.shape("warm", many)[0], -TILT)[0, 1]


def test_two_camps_are_two_senses_and_one_cloud_is_one():
    camps = np.array([c.shape for c in noisy(TILT, 12, 0.3) + noisy(BUMP, 8, 0.3, seed=1)])
    groups, p = senses.split(camps, surrogates=25)
    assert [len(group) for group in groups] == [12, 8]
    assert p < 0.05
    cloud = np.array([c.shape for c in noisy(TILT, 20, 0.8)])
    assert len(senses.split(cloud, surrogates=25)[0]) == 1


def test_few_people_are_never_split():
    camps = np.array([c.shape for c in noisy(TILT, 5, 0.1) + noisy(-TILT, 5, 0.1)])
    assert len(senses.split(camps)[0]) == 1


def test_curves_are_named_by_what_they_do():
    assert describe(TILT.tolist()) == "more below 210 Hz, less above 11 kHz"
    assert describe((6 * BUMP).tolist()) == "more 1.7-2.7 kHz"


def test_descriptors_count_only_when_every_part_is_a_word():
    ontology = load_ontology()
    assert words_of("Bright and Clear", ontology) == ["bright", "clear"]
    assert words_of("warm kazoo", ontology) == []
    assert words_of("brihgt", ontology) == []
    assert words_of("de-ess", ontology) == []


def settings(word, ratios):
    return [Setting(word, f"{word}{i}", "safe-comp", 1.0, {"ratio": ratio}) for i, ratio in enumerate(ratios)]


def test_processors_speak_only_where_people_differ_from_everybody():
    usual = settings("", np.linspace(1, 20, 60))
    clear = ProcessorFit("compression", [*usual, *settings("gentle", [1.5, 1.6, 1.8, 2.0, 2.2, 1.4])])
    tendency = clear.tendency("gentle")
    assert tendency.values["ratio"] == pytest.approx(1.7, abs=0.15)
    assert tendency.people == 6
    assert tendency.agreement > 0.9
    vague = ProcessorFit("compression", [*usual, *settings("gentle", [2, 18, 9, 5, 14, 11])])
    assert vague.tendency("gentle") is None
    assert clear.tendency("punchy") is None


def test_one_person_counts_once_however_many_settings():
    usual = settings("", np.linspace(1, 20, 60))
    same = [Setting("gentle", "p0", "safe-comp", 1.0, {"ratio": 1.5}) for _ in range(50)]
    assert ProcessorFit("compression", [*usual, *same]).tendency("gentle") is None


def test_curves_have_forty_bands():
    assert len(BANDS_HZ) == 40
