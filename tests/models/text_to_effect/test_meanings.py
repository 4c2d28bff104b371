"""From people's settings to words: readers, the fit, senses, moves, rendering, pairs, held-out figures."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch

import models.text_to_effect.material as kept_material
from console.errors import ModelError
from models.text_to_effect.agreement import calibration_error, summary, unseen_people, unseen_words
from models.text_to_effect.building import build
from models.text_to_effect.held_out import by_sentence_alone
from models.text_to_effect.joint import JointRecipe, fit_joint
from models.text_to_effect.lexicon import BANDS_HZ, Effect, lexicon_of, normalise, read_associations
from models.text_to_effect.material import Material
from models.text_to_effect.moves import Move, moves_of
from models.text_to_effect.naming import directions_in, naming_auc
from models.text_to_effect.pairs import judge_pairs, pair_table, read_pairs
from models.text_to_effect.people import SPANISH, read_curves, read_opinions, read_table
from models.text_to_effect.rendering import apply_curve, changes
from models.text_to_effect.senses import describe, split
from models.text_to_effect.tone import expect_shapes, fit_tone
from models.text_to_effect.word_fit import Gathered, Ties, covariance, gather, posterior
from ontology.load import read_literature


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def bands(prefix, values):
    return {f"{prefix}_{hz}hz": float(value) for hz, value in zip(BANDS_HZ, values, strict=True)}


@pytest.fixture
def folder(tmp_path):
    line = np.linspace(-1, 1, 40)
    social = [
        {"row_id": "1", "word": "bright", "language": "English", "ratings_consistency": "0.5", **bands("z", line)},
        {"row_id": "2", "word": "frio", "language": "Spanish", "ratings_consistency": "0.5", **bands("z", line)},
        {"row_id": "3", "word": "piano", "language": "English", "ratings_consistency": "0.5", **bands("z", line)},
    ]
    safe = [
        {"descriptor": "bright", "contributor": "p0", **bands("db", 6 * line)},
        {"descriptor": "brighter", "contributor": "p0", **bands("db", 3 * line)},
        {"descriptor": "test bright", "contributor": "p1", **bands("db", 6 * line)},
        {"descriptor": "bright", "contributor": "p2", **bands("db", 0.1 * line)},
        {"descriptor": "warm dark", "contributor": "p3", **bands("db", -6 * line)},
    ]
    opinions = [
        {"user": "u0", "setting": "7", "words": "wet,piano", "agreed": "dry"},
        {"user": "u0", "setting": "7", "words": "", "agreed": "wet"},
    ]
    write_rows(tmp_path / "social_eq" / "eq_contributions.csv", social)
    write_rows(tmp_path / "safe" / "safe_equaliser_curves_db.csv", safe)
    write_rows(tmp_path / "social_reverb" / "reverb_contributions.csv", opinions)
    return tmp_path


def test_a_person_counts_once_and_junk_flat_and_foreign_rows_do_not(folder, lexicon):
    curves = read_curves(folder, lexicon)
    assert sorted((curve.word, curve.person) for curve in curves) == [
        ("bright", "safe p0"),
        ("bright", "session 1"),
        ("dark", "safe p3"),
        ("warm", "safe p3"),
    ]
    assert all(curve.shape.mean() == pytest.approx(0, abs=1e-9) for curve in curves)
    assert all(np.square(curve.shape).mean() == pytest.approx(1) for curve in curves)


def test_a_translation_counts_where_it_is_given(folder, lexicon):
    curves = [curve for curve in read_curves(folder, lexicon, {"frio": "dark"}) if curve.word == "dark"]
    spoken, translated = sorted(curves, key=lambda curve: curve.translated)
    assert not spoken.translated
    assert translated.translated
    assert translated.weight < spoken.weight


def test_the_shipped_translations_are_words_that_are_known():
    words = {row["word"] for row in read_table(SPANISH)}
    known = lexicon_of(read_literature().values(), read_associations()).names()
    assert len(words) > 40
    assert len(words & set(known)) > 35


def test_translated_people_are_learnt_from_but_not_predicted(folder, lexicon):
    curves = read_curves(folder, lexicon, {"frio": "dark"}) * 3
    people = [replace(curve, person=f"{number}") for number, curve in enumerate(curves)]
    rows = unseen_people(lexicon, people)
    assert len(rows) == sum(not curve.translated for curve in people)


def test_a_written_word_outweighs_a_ticked_one(folder, lexicon):
    found = {opinion.word: opinion.weight for opinion in read_opinions(folder, lexicon, "reverb")}
    assert found == {"wet": 1.0, "dry": 0.5}


def test_a_missing_table_is_named(tmp_path, lexicon):
    with pytest.raises(ModelError, match=r"eq_contributions\.csv cannot be read"):
        read_curves(tmp_path, lexicon)


def test_labels_are_compared_without_case_accents_and_hyphens():
    assert normalise("  Más-BRIGHT! ") == "mas bright"


def test_an_association_with_an_unknown_word_is_refused():
    with pytest.raises(ModelError, match="names 'lilac'"):
        lexicon_of([], {"lilac": ["purple"]})


def test_the_shipped_tables_read():
    assert sum(map(len, read_associations().values())) > 500
    assert {len(pair) for pairs in read_pairs().values() for pair in pairs} == {2}


def test_the_posterior_is_the_textbook_one():
    prior = np.array([[1.0, 0.5], [0.5, 2.0]])
    heard = Gathered(np.array([0]), np.array([[3.0]]), np.array([4.0]))
    # One observation of noise 1/4: K (K00 + 1/4)^-1 y by hand.
    assert posterior(prior, heard, 1.0) == pytest.approx(np.array([[3 / 1.25], [0.5 * 3 / 1.25]]))


def test_more_people_pull_a_word_further_from_its_prior():
    few, many = (gather([0] * count, np.ones((count, 1)), [1.0] * count) for count in (1, 20))
    assert posterior(np.eye(1), few, 1.0)[0, 0] == pytest.approx(0.5)
    assert posterior(np.eye(1), many, 1.0)[0, 0] == pytest.approx(20 / 21)


def test_relatives_covary_and_opposites_mirror(lexicon):
    prior, place = covariance(lexicon, Ties(books=0.0)), lexicon.index()
    assert prior[place["bright"], place["crisp"]] > 0 > prior[place["bright"], place["dark"]]
    assert np.linalg.eigvalsh(prior).min() > 0
    cut = covariance(lexicon.without_pair("bright", "dark"), Ties(books=0.0))
    assert cut[place["bright"], place["dark"]] == pytest.approx(0.0)


def test_a_word_nobody_set_leans_on_its_relatives(lexicon, curves):
    expected, place = expect_shapes(lexicon, curves), lexicon.index()
    assert expected[place["crisp"]] @ expected[place["bright"]] > 0
    assert np.square(expected[place["crisp"]]).mean() < np.square(expected[place["bright"]]).mean()


def test_curves_stand_at_the_strength_of_people(lexicon, curves):
    tone = fit_tone(lexicon, curves)
    assert 3.0 <= np.abs(tone.curves_db[lexicon.index()["bright"]]).max() <= 9.001


def test_two_camps_are_told_from_one():
    generator = np.random.default_rng(0)
    line, bump = np.linspace(-1, 1, 40), np.cos(np.linspace(0, 2 * np.pi, 40))

    def crowd(base, count):
        return base / base.std() + 0.5 * generator.standard_normal((count, 40))

    groups, p = split(np.concatenate((crowd(line, 12), crowd(-line, 6))), [1.0] * 18)
    assert [len(group.members) for group in groups] == [12, 6]
    assert groups[0].share == pytest.approx(2 / 3)
    assert p < 0.1
    assert len(split(crowd(bump, 18), [1.0] * 18)[0]) == 1
    assert len(split(crowd(line, 5), [1.0] * 5)[0]) == 1


def test_a_curve_is_described_by_what_it_does():
    curve = np.zeros(40)
    curve[5:8], curve[30:] = 6.0, -4.0
    assert describe(curve) == "more 210 Hz to 320 Hz, less above 7 kHz"
    assert describe(np.zeros(40)) == "no change of tone"


@pytest.mark.parametrize(
    ("effect", "amount", "processor"),
    [
        (Effect("reverb", {"wet": 0.3}), 1.0, "reverb"),
        (Effect("reverb", {"wet": -0.3}), -1.0, "reverb"),
        (Effect("delay", {"wet": 0.2, "time_ms": 110.0}), 1.0, "delay"),
        (Effect("compression", {"ratio": 4.0}), 1.0, "compressor"),
        (Effect("compression", {"ratio": 1.0}), -1.0, "compressor"),
        (Effect("transients", {"punch": 0.5}), -0.5, "compressor"),
        (Effect("saturation", {"drive_db": -6.0}), -1.0, "saturation"),
        (Effect("gate", {"range_db": 12.0}), 1.0, "gate"),
        (Effect("de_ess", {"amount_db": -6.0}), -0.5, "deesser"),
        (Effect("width", {"change": -0.5}), 1.0, "width"),
    ],
)
def test_every_effect_becomes_a_chain_forwards_or_backwards(effect, amount, processor):
    (move,) = moves_of(None, [effect])
    assert move.amount == amount
    assert move.chain.effects == (processor,)


def test_level_moves_nothing_and_tone_and_room_are_one_move():
    assert moves_of(None, [Effect("level", {"gain_db": 3.0})]) == []
    curve = np.ones(40)
    (move,) = moves_of(curve, [Effect("reverb", {"wet": 0.2})])
    assert move.curve_db is curve
    assert move.chain.reverb_send_db is not None


def test_a_curve_is_applied_at_its_bands():
    impulse = torch.zeros(1, 2, 44100)
    impulse[..., 22050] = 1.0
    curve = torch.zeros(1, 40)
    curve[0, 15] = 6.0  # 1114 Hz
    power_db = 20 * torch.log10(torch.fft.rfft(apply_curve(impulse, 44100, curve)[0, 0]).abs())
    assert float(power_db[1114]) == pytest.approx(6.0, abs=0.1)
    assert float(power_db[5000]) == pytest.approx(0.0, abs=0.01)


def test_unseen_people_are_predicted_nearly_as_by_the_others(lexicon, curves):
    seen, never = summary(unseen_people(lexicon, curves)), summary(unseen_words(lexicon, curves))
    assert seen["people"] == 19
    assert seen["part_of_ceiling_by_person"] > 0.95
    assert never["part_of_ceiling_by_person"] > 0.6


def test_leaving_a_word_out_leaves_its_people_out(lexicon, curves):
    """Whatever bright's own people set, what is expected of bright without them stays the same."""
    others = [curve for curve in curves if curve.word != "bright"]
    mine = [curve for curve in curves if curve.word == "bright"]
    turned = [curve.__class__(c.word, c.person, -c.shape, c.weight, c.rms_db) for c in mine for curve in [c]]
    plain = [row for row in unseen_words(lexicon, [*mine, *others]) if row.word == "bright"]
    mirrored = [row for row in unseen_words(lexicon, [*turned, *others]) if row.word == "bright"]
    assert [row.reached for row in mirrored] == pytest.approx([-row.reached for row in plain])


def test_expectation_is_compared_with_what_is_reached(lexicon, curves):
    error = calibration_error(unseen_people(lexicon, curves), bins=3)
    assert 0.0 <= error["ece"] < 0.5
    assert sum(count for _, _, count in error["table"]) == 19


def test_the_right_word_is_nearer_to_an_unseen_persons_setting(lexicon, study):
    fit = directions_in(lexicon, study, study.measures)
    assert naming_auc(lexicon, study, fit)["auc"] > 0.9
    assert naming_auc(lexicon, study, fit, leave_words_out=True)["auc"] > 0.9  # by its opposite


def test_a_word_only_the_sentence_encoder_knows_is_predicted_without_its_entry(lexicon, curves, letters):
    seen = unseen_people(lexicon, curves)
    rows = by_sentence_alone(lexicon, curves, seen, letters)
    assert [row.word for row in rows].count("warm") == 6
    assert all(np.isfinite(row.reached) for row in rows)


def test_pairs_are_judged_without_their_links(lexicon, curves):
    links = []

    def train(without):
        links.append(without.pairs("opposites"))
        return {"curves": expect_shapes(without, curves)}

    judged = judge_pairs(lexicon, {"synonyms": [("more top", "crisp")], "antonyms": [("bright", "warm")]}, train)
    assert {row.kind for row in judged} == {"opposites", "related", "synonyms", "antonyms"}
    assert all(len(pairs) < 2 for pairs in links[:1])
    assert pair_table(judged)["opposites"]["pairs"] == 2


def test_a_pair_of_unknown_words_is_refused(lexicon):
    with pytest.raises(ModelError, match="'gooey' of the list of pairs"):
        judge_pairs(lexicon, {"synonyms": [("gooey", "warm")]}, lambda _: {})


def test_a_stopped_build_goes_on_with_what_it_rendered(material, encoder, letters, tmp_path):
    small = Material(material.lexicon, {}, material.curves[:4], [], material.contents)
    tables, _ = build(encoder, small, letters, tmp_path)
    rendered = len(list(tmp_path.glob("*.npz")))

    class Deaf(type(encoder)):
        def embed(self, audio, sample_rate):
            assert audio.shape[0] == 1, "rendered again"
            return super().embed(audio, sample_rate)

    again, _ = build(Deaf(), small, letters, tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == rendered
    assert np.array_equal(again.word_changes, tables.word_changes)


def test_a_build_is_the_same_every_time(material, encoder, letters, built, tmp_path):
    tables, about = build(encoder, material, letters, tmp_path)
    assert np.array_equal(tables.joint_words, built[0].joint_words)
    assert about == built[1]


def test_a_build_goes_on_from_kept_changes_and_from_curves_all_but_the_same(encoder, material, tmp_path, monkeypatch):
    made = []

    def spied(*arguments):
        made.append(len(arguments[2]))
        return changes(*arguments)

    monkeypatch.setattr(kept_material, "changes", spied)
    shop = kept_material._Workshop(encoder, material.contents, tmp_path, lambda *_: None)
    line = np.linspace(-3.0, 3.0, 40)
    first = shop.render("", [Move(1.0, line), Move(1.0, -line)], [[0, 1]] * 2)
    again = kept_material._Workshop(encoder, material.contents, tmp_path, lambda *_: None)
    near = again.render("", [Move(1.0, line + 0.05), Move(1.0, line + 0.5), Move(1.0, line)], [[0, 1], [0, 1], [1]])
    assert made == [2, 2]
    assert np.array_equal(near[0], first[0])
    assert not np.array_equal(near[1], first[0])
    assert near[2].shape == (1, 11)


def test_a_joint_space_trained_on_drawn_changes_is_that_of_all():
    generator = np.random.default_rng(0)
    meanings = generator.standard_normal((6, 20))
    made_for = generator.integers(6, size=900)
    changes_ = meanings[made_for] + 0.5 * generator.standard_normal((900, 20))
    arguments = changes_, np.eye(6)[made_for], np.ones(900), np.eye(6), [(0, 1)], [(2, 3)]
    whole, drawn = (fit_joint(*arguments, JointRecipe(dimensions=12, batch=batch)) for batch in (900, 100))
    for joint in (whole, drawn):
        assert np.mean((joint.place(changes_) @ joint.words.T).argmax(axis=1) == made_for) > 0.95
    assert np.abs(whole.words @ whole.words.T - drawn.words @ drawn.words.T).max() < 0.15
