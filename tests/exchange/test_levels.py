"""Levels as other programs store them come back as they went, and ramps stay where they were."""

import numpy as np
import pytest

from exchange.levels import db_of, gain_of, ramp, send_db_of, send_gain_of


@pytest.mark.parametrize("level_db", [-90.0, -60.0, -3.17, 0.0, 0.1, 12.0])
def test_faders_go_to_a_gain_and_back(level_db):
    assert db_of(gain_of(level_db)) == pytest.approx(level_db, abs=1e-6)


def test_no_gain_is_the_lowest_fader_and_a_closed_send():
    assert db_of(0.0) == -90.0
    assert send_gain_of(-60.0) == pytest.approx(0.0, abs=1e-18)
    assert send_db_of(0.0) == -60.0


@pytest.mark.parametrize("send_db", [-59.9, -20.0, 0.0, 6.0])
def test_sends_go_to_a_gain_and_back(send_db):
    assert send_db_of(send_gain_of(send_db)) == pytest.approx(send_db, abs=1e-5)


@pytest.mark.parametrize("ends_db", [(-30.0, 0.0), (3.0, -12.0), (-90.0, 12.0)])
def test_a_ramp_in_db_is_drawn_within_a_tenth_in_gain(ends_db):
    points = ramp([(1.0, ends_db[0]), (2.0, ends_db[1])], gain_of)
    times, gains = zip(*points, strict=True)
    at = np.linspace(1.0, 2.0, 500)
    drawn = 20 * np.log10(np.interp(at, times, gains))
    assert np.abs(drawn - np.interp(at, [1.0, 2.0], ends_db)).max() < 0.02
    assert (times[0], times[-1]) == (1.0, 2.0)


def test_a_jump_stays_a_jump():
    assert ramp([(0.0, -6.0), (1.0, -6.0), (1.0, 0.0)], float) == [(0.0, -6.0), (1.0, -6.0), (1.0, 0.0)]
