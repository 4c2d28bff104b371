"""The spectrum plot."""

from pathlib import Path

import numpy as np
import pytest

from assistant.web.plots import curve_db, spectrum_figure
from assistant.web.takes import Take
from console.settings import Settings

FREQS = np.geomspace(25.0, 20000.0, 200)
FLAT = Settings.neutral(["Vox"])


def take(*level_db):
    centre_hz = np.geomspace(100.0, 10000.0, len(level_db))
    return Take(
        Path("x.wav"), -18.0, -15.0, 4.0, -3.0, 12.0, 0.9, -20.0, 10.0, np.ones(4), centre_hz, np.array(level_db)
    )


def test_a_neutral_channel_has_a_flat_curve():
    assert not curve_db(FLAT, "Vox", FREQS, 44100).any()


def test_the_curve_holds_equaliser_and_cuts():
    settings = FLAT.turned(
        {("Vox", "eq.bell_3_gain_db"): 6.0, ("Vox", "highpass.on"): 1.0, ("Vox", "highpass.freq_hz"): 100.0}
    )
    curve = curve_db(settings, "Vox", FREQS, 44100)
    assert curve[np.argmin(np.abs(FREQS - 1500.0))] == pytest.approx(6.0, abs=0.1)
    assert curve[np.argmin(np.abs(FREQS - 100.0))] == pytest.approx(-3.0, abs=0.2)
    assert curve.min() >= -60.0


def test_both_spectra_and_the_curve_are_drawn():
    settings = FLAT.turned({("Vox", "eq.bell_3_gain_db"): 6.0})
    curves = (curve_db(FLAT, "Vox", FREQS, 44100), curve_db(settings, "Vox", FREQS, 44100))
    figure = spectrum_figure(take(-40.0, -50.0, -60.0), take(-40.0, -44.0, -60.0), curves, FREQS, ("v0", "v1"))
    assert [trace.name for trace in figure.data] == ["Before (v0)", "After (v1)", "EQ after"]
    assert figure.layout.yaxis.range[1] >= -40.0
    assert figure.layout.yaxis2.range[1] > 6.0


def test_a_second_curve_appears_when_there_was_one_before():
    one = FLAT.turned({("Vox", "eq.bell_3_gain_db"): 3.0})
    two = FLAT.turned({("Vox", "eq.bell_3_gain_db"): 6.0})
    curves = (curve_db(one, "Vox", FREQS, 44100), curve_db(two, "Vox", FREQS, 44100))
    figure = spectrum_figure(take(-40.0), take(-40.0), curves, FREQS, ("v1", "v2"))
    assert "EQ before" in [trace.name for trace in figure.data]


def test_silence_is_drawn_as_nothing():
    silent = take(-np.inf, -np.inf)
    curve = np.zeros(len(FREQS))
    figure = spectrum_figure(silent, silent, (curve, curve), FREQS, ("v0", "v0"))
    assert np.isnan(np.asarray(figure.data[0].y)).all()
