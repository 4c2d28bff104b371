"""Gain reduction against what the static curves say."""

import numpy as np
import pytest

from assistant.session import Session
from assistant.web.reduction import reductions
from exchange import Song, Track

RATE = 22050


@pytest.fixture
def session():
    time_s = np.arange(2 * RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 1000 * time_s)).astype(np.float32)[None]
    return Session(Song((Track("Tone", "other", "other", "#888888", tone, None),), RATE, 2 * RATE, "t", ()))


def test_a_steady_tone_is_turned_down_as_the_ratio_says(session):
    settings = session.settings.turned({
        ("Tone", "compressor.threshold_db"): -26.0, ("Tone", "compressor.ratio"): 4.0,
        ("Tone", "compressor.knee_db"): 0.0, ("Tone", "compressor.makeup_db"): 9.0,
        ("Tone", "fader.gain_db"): -6.0,
        ("Tone", "compressor.attack_ms"): 0.05, ("Tone", "compressor.release_ms"): 2500.0,  # so that it holds the peak
    })  # fmt: skip
    (found,) = reductions(session, settings, "Tone")
    over_db = 20 * np.log10(0.5) + 26.0
    assert found.processor == "compressor"
    assert found.curve_db[-10:] == pytest.approx(-over_db * (1 - 1 / 4), abs=0.3)
    assert found.most_db == found.curve_db.min()
    assert found.mean_db == pytest.approx(-over_db * 0.75, abs=0.5)


def test_what_is_idle_is_left_out(session):
    assert reductions(session, session.settings, "Tone") == ()
    assert reductions(session, session.settings, "reverb") == ()


def test_the_limiter_of_the_mix_shows_what_it_holds_back(session):
    settings = session.settings.turned({
        ("master", "limiter.on"): 1.0, ("master", "limiter.gain_db"): 12.0, ("master", "limiter.ceiling_dbtp"): -1.0,
    })  # fmt: skip
    (found,) = reductions(session, settings, "master")
    assert found.processor == "limiter"
    assert found.curve_db[-10:] == pytest.approx(-(20 * np.log10(0.5) + 12.0 + 1.0), abs=0.3)


def test_a_gate_that_is_open_takes_nothing(session):
    settings = session.settings.turned({("Tone", "gate.ratio"): 4.0, ("Tone", "gate.threshold_db"): -40.0})
    (found,) = reductions(session, settings, "Tone")
    assert found.curve_db[10:] == pytest.approx(0.0, abs=0.05)
