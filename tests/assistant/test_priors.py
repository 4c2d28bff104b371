import numpy as np
import pytest

from assistant.priors import knob_changes
from assistant.request import Request
from assistant.wish import wish
from console.parameters import spec
from console.settings import Settings
from ontology import BANDS_HZ, load_ontology

ONTOLOGY = load_ontology()


def _request(word, direction="+", **values):
    return Request(intent="edit", targets=("a",), descriptor=word, direction=direction, **values)


def _wish(*requests, instrument="vocal"):
    return wish(list(requests), ONTOLOGY, instrument)


def _changes(word, direction="+", settings=None, **values):
    wished = _wish(_request(word, direction, **values))
    return knob_changes(wished, settings or Settings.neutral(["a"]), "a", -6.0)


def test_amount_scales_the_curve_and_direction_turns_it():
    full = _wish(_request("warm")).curve_db
    assert np.allclose(_wish(_request("warm", amount=0.5)).curve_db, full / 2)
    assert np.allclose(_wish(_request("warm", "-")).curve_db, -full)


def test_two_words_add_up():
    both = _wish(_request("warm"), _request("forward"))
    assert np.allclose(both.curve_db, _wish(_request("warm")).curve_db + _wish(_request("forward")).curve_db)
    assert both.level_asked
    assert both.level_db > 0


def test_taking_a_problem_away_only_cuts_where_the_books_place_it():
    wished = _wish(_request("boomy", "-"), instrument="bass")
    freqs = np.array(BANDS_HZ)
    assert wished.relief
    assert wished.curve_db.max() == 0.0
    assert np.abs(wished.curve_db[freqs > 1000]).max() == 0.0
    assert 50 <= freqs[np.argmin(wished.curve_db)] <= 200


def test_only_restricts_processors():
    assert not _wish(_request("forward", constraints=("only:level",))).curve_db.any()
    assert _wish(_request("forward", constraints=("only:level",))).level_db > 0


def test_thresholds_follow_the_track_level():
    wished = _wish(_request("compressed"))
    settings = Settings.neutral(["a"])
    loud, soft = (knob_changes(wished, settings, "a", peak)["a", "compressor.threshold_db"] for peak in (-6.0, -26.0))
    assert loud - soft == pytest.approx(20.0)


def test_wet_opens_the_reverb_and_dry_closes_it():
    wet = _changes("wet")
    assert wet["a", "send.reverb_db"] > spec("send.reverb_db").low
    settings = Settings.neutral(["a"]).turned(wet)
    assert _changes("dry", settings=settings)["a", "send.reverb_db"] < wet["a", "send.reverb_db"]


def test_a_room_in_use_keeps_its_decay():
    settings = Settings.neutral(["a", "b"]).turned({("b", "send.reverb_db"): -12.0})
    assert not any(address == "reverb" for address, _ in _changes("wet", settings=settings))


def test_wider_and_narrower_go_opposite_ways():
    assert _changes("wide")["a", "stereo.width"] > 1.0 > _changes("wide", "-")["a", "stereo.width"]


def test_less_sibilant_sets_a_deesser():
    changes = _changes("sibilant", "-")
    assert changes["a", "deesser.ratio"] > 1.0
    assert 4000 <= changes["a", "deesser.freq_hz"] <= 9000


@pytest.mark.parametrize("word", list(ONTOLOGY))
@pytest.mark.parametrize("direction", ["+", "-"])
@pytest.mark.parametrize("amount", [0.3, 4.0])
def test_every_word_gives_values_the_console_takes(word, direction, amount):
    settings = Settings.neutral(["a"])
    settings.turned(_changes(word, direction, amount=amount))
