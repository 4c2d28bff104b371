"""How far a mix goes: people's curve keeps its shape, the frame of finished music gives the size."""

import numpy as np
import pytest

from assistant.regions import region_of
from assistant.request import Request
from assistant.standing import in_frame
from assistant.wish import wish
from models.finished import CENTRES_HZ, band_shape, load_finished_music
from ontology import BANDS_HZ, load_ontology

ONTOLOGY = load_ontology()
MUSIC = load_finished_music()


def _wish(word, direction="+", targets=("mix",), **values):
    request = Request(intent="edit", targets=targets, descriptor=word, direction=direction, **values)
    return wish([request], ONTOLOGY, "mix", one_mix=True)


def _sound(change_db=0.0):
    level_db = MUSIC.mean_db + change_db
    return level_db - level_db.mean()


def _share(level_db, low_hz, high_hz):
    power = 10 ** (level_db / 10)
    inside = (low_hz <= CENTRES_HZ) & (high_hz >= CENTRES_HZ)
    return power[inside].sum() / power.sum()


def _mended(word, direction, fault_db, low_hz, high_hz):
    """Return the error of a band's share of energy, left over before."""
    curve_db = in_frame(_wish(word, direction), _sound(fault_db)).curve_db
    after = _sound(fault_db) + np.interp(np.log(CENTRES_HZ), np.log(BANDS_HZ), curve_db)
    right = _share(_sound(), low_hz, high_hz)
    return abs(_share(after, low_hz, high_hz) - right) / abs(_share(_sound(fault_db), low_hz, high_hz) - right)


@pytest.mark.parametrize(
    ("word", "direction", "place", "gain_db"),
    [
        ("boomy", "-", (20.0, 150.0), 9.0),
        ("muddy", "-", (200.0, 500.0), 9.0),
        ("dark", "+", (6000.0, 20000.0), 9.0),
        ("warm", "+", (20.0, 400.0), -9.0),
        ("airy", "+", (10000.0, 20000.0), -9.0),
    ],
)
def test_a_fault_of_the_usual_size_is_mostly_mended(word, direction, place, gain_db):
    assert _mended(word, direction, gain_db * band_shape(*place), *place) < 0.5


def test_a_dull_mix_is_brightened_more_than_a_bright_one():
    sounds = [_sound(gain_db * band_shape(6000.0, 20000.0)) for gain_db in (-10.0, 10.0)]
    above = np.array(BANDS_HZ) >= 6000
    dull, bright = (in_frame(_wish("bright"), sound).curve_db[above].mean() for sound in sounds)
    assert dull > 1.1 * bright


def test_what_is_far_beyond_finished_music_says_so_and_moves_little():
    extreme = in_frame(_wish("bright"), _sound(40.0 * band_shape(5000.0, 20000.0)))
    assert extreme.beyond_db > 5.0
    assert np.abs(extreme.curve_db).max() < 0.7 * np.abs(in_frame(_wish("bright"), _sound()).curve_db).max()


@pytest.mark.parametrize("word", ["bright", "warm", "clear", "dark"])
def test_the_shape_stays_that_of_people(word):
    wished = _wish(word)
    assert np.corrcoef(in_frame(wished, _sound()).curve_db, wished.curve_db)[0, 1] > 0.94


def test_the_amount_scales_what_the_frame_gives():
    whole, half = (in_frame(_wish("bright", amount=amount), _sound()).curve_db for amount in (1.0, 0.5))
    assert np.allclose(half, whole / 2)


def test_without_a_mix_people_alone_decide():
    wished = _wish("bright")
    assert in_frame(wished, None) is wished


def test_a_part_of_one_mix_is_reached_by_its_band():
    curve_db = _wish("loud", targets=("vocal",)).curve_db
    hz = np.array(BANDS_HZ)
    assert curve_db[(hz > 500) & (hz < 3000)].min() > 2.0
    assert np.abs(curve_db[(hz < 150) | (hz > 9000)]).max() == 0.0


def test_plurals_and_spaces_name_the_same_region():
    assert region_of(("vocals",)).bands_hz == region_of(("vocal",)).bands_hz
    assert region_of(("theremin",)) is None


def test_a_word_that_is_not_wanted_limits_the_curve():
    free, held = (_wish("warm", constraints=limits).curve_db for limits in ((), ("without:muddy",)))
    inside = (np.array(BANDS_HZ) >= 210) & (np.array(BANDS_HZ) <= 490)
    assert free[inside].max() > 2.0
    assert held[inside].max() <= 1.0
