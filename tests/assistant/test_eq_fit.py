import numpy as np
import pytest

from assistant.eq_fit import current_curve_db, fit_eq
from console.settings import Settings
from ontology import BANDS_HZ, load_ontology

FREQS = np.array(BANDS_HZ, dtype=float)
FLAT = np.ones(len(FREQS))


def _fitted_curve(values):
    settings = Settings.neutral(["a"]).turned({("a", name): value for name, value in values.items()})
    return current_curve_db(settings, "a", FREQS, 44100)


@pytest.mark.parametrize("word", ["warm", "bright", "boomy", "tinny", "forward"])
def test_peoples_curves_fit_within_a_sixth(word):
    curve = np.array(load_ontology()[word].senses[0].eq_db)
    misfit = _fitted_curve(fit_eq(curve, FREQS, FLAT, 44100, {})) - curve
    assert np.sqrt(np.mean(misfit**2)) < max(0.5, np.sqrt(np.mean(curve**2)) / 6)


def test_a_shelf_takes_one_band():
    curve = _fitted_curve({"eq.high_shelf_gain_db": 4.0, "eq.high_shelf_freq_hz": 6000.0})
    values = fit_eq(curve, FREQS, FLAT, 44100, {})
    assert [name for name, value in values.items() if name.endswith("gain_db") and value] == ["eq.high_shelf_gain_db"]


def test_a_flat_wish_turns_nothing():
    values = fit_eq(np.zeros(len(FREQS)), FREQS, FLAT, 44100, {})
    assert not any(values.values())


def test_bands_in_use_are_kept_and_taken_back():
    start = {"eq.bell_2_gain_db": 5.0, "eq.bell_2_freq_hz": 900.0, "eq.bell_2_q": 1.0}
    same = fit_eq(_fitted_curve(start), FREQS, FLAT, 44100, start)
    assert same["eq.bell_2_gain_db"] == pytest.approx(5.0, abs=0.3)
    assert same["eq.bell_2_freq_hz"] == pytest.approx(900.0, rel=0.05)
    gone = fit_eq(np.zeros(len(FREQS)), FREQS, FLAT, 44100, start)
    assert all(value == 0.0 for name, value in gone.items() if name.endswith("gain_db"))


def test_inaudible_bands_are_left_alone():
    curve = np.where(FREQS < 100, 9.0, 0.0)
    weights = np.where(FREQS < 200, 0.0, 1.0)
    assert np.abs(_fitted_curve(fit_eq(curve, FREQS, weights, 44100, {}))[FREQS > 200]).max() < 1.0
