"""The edits benchmark: faults are what they say, measures are right, results print."""

import io

import numpy as np
import pytest
from rich.console import Console

from benchmarks.edits_cost import longer
from benchmarks.edits_faults import FAULTS, band_ratio
from benchmarks.edits_material import song_of
from benchmarks.edits_people import change_curve
from benchmarks.edits_report import show
from ontology import BANDS_HZ

RATE = 44100


def _noise(seconds=2.0):
    return 0.1 * np.random.default_rng(0).standard_normal((2, int(seconds * RATE))).astype(np.float32)


def test_a_band_of_white_noise_holds_its_share():
    assert band_ratio(_noise(), (5000.0, 10000.0)) == pytest.approx(5000.0 / 22050.0, rel=0.03)


@pytest.mark.parametrize(
    ("name", "at_hz", "low_db", "high_db"),
    [
        ("bright", 15000, -12.0, -6.0),
        ("dark", 15000, 6.0, 12.0),
        ("warm", 83, -12.0, -6.0),
        ("boom, cut", 50, -20.0, -8.0),
        ("boom, raised", 50, 5.0, 12.0),
        ("muddy", 318, 6.0, 12.0),
        ("vocals", 1000, -12.0, -6.0),
        ("clarity", 9000, -33.0, -9.0),
    ],
)
def test_a_fault_changes_its_band_by_as_much_as_it_says(name, at_hz, low_db, high_db):
    audio = _noise()
    spoiled = FAULTS[name].spoil(audio, np.random.default_rng(3))
    change_db = change_curve(audio, spoiled, RATE)[int(np.argmin(np.abs(np.array(BANDS_HZ) - at_hz)))]
    assert low_db - 0.7 <= change_db <= high_db + 0.7


def test_the_change_curve_reads_a_plain_gain():
    assert np.allclose(change_curve(_noise(), 2 * _noise(), RATE), 20 * np.log10(2), atol=1e-3)


def test_a_longer_song_has_eight_stems():
    song = longer(song_of({"Lead Vocal": _noise(1.0), "Bass": _noise(1.0)}), 3.0)
    assert len(song.tracks) == 8
    assert {track.audio.shape for track in song.tracks} == {(2, 3 * RATE)}


def test_results_print():
    figures = {"error": 0.1, "ratio": 0.31, "median": 0.3, "better": 0.97}
    repair = {
        "clips": 2,
        "spoiled": {"dark": 0.2},
        "rows": {"people and frame": {"dark": figures}},
        "summary": {"people and frame": {"ratio": 0.31, "better": 0.97, "faults_better": 1.0, "faults": 1.0}},
    }
    console = Console(file=io.StringIO(), width=160)
    show({"repair": repair}, console)
    assert "0.31" in console.file.getvalue()
    assert "97 %" in console.file.getvalue()


def test_a_band_that_a_sound_does_not_have_has_no_change():
    sine = 0.1 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    curve = change_curve(np.stack((sine, sine)), 2 * np.stack((sine, sine)), RATE)
    assert np.isnan(curve[-1])
    assert curve[int(np.argmin(np.abs(np.array(BANDS_HZ) - 200)))] == pytest.approx(6.02, abs=0.01)
