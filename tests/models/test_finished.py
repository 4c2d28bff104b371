"""The frame of finished music against closed forms and plain renders."""

import numpy as np
import pytest
from scipy.signal import sosfilt

from console.errors import ModelError
from models.finished import CENTRES_HZ, FinishedMusic, band_levels, band_shape, load_finished_music

RATE = 44100


def _noise(seconds=2.0, seed=0):
    return np.random.default_rng(seed).standard_normal((2, int(seconds * RATE))).astype(np.float32) * 0.1


def test_white_noise_rises_three_db_an_octave():
    level_db = band_levels(_noise(), RATE)
    middle = (CENTRES_HZ > 200) & (CENTRES_HZ < 15000)
    slope = np.polyfit(np.log2(CENTRES_HZ[middle]), level_db[middle], 1)[0]
    assert slope == pytest.approx(3.01, abs=0.1)


def test_levels_do_not_depend_on_loudness():
    audio = _noise()
    assert np.allclose(band_levels(audio, RATE), band_levels(0.01 * audio, RATE), atol=1e-3)


def test_a_filter_adds_its_response():
    audio = _noise()
    section = np.array([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])  # mean of two samples: |cos(w / 2)|
    change = band_levels(sosfilt(section, audio, axis=1), RATE) - band_levels(audio, RATE)
    expected = 20 * np.log10(np.abs(np.cos(np.pi * CENTRES_HZ / RATE)))
    inside = (CENTRES_HZ > 100) & (CENTRES_HZ < 15000)
    difference = (change - expected)[inside]
    assert np.ptp(difference) < 0.3


def test_silence_has_no_levels():
    assert band_levels(np.zeros((2, RATE), dtype=np.float32), RATE) is None
    assert band_levels(_noise()[:, :100], RATE) is None


def test_shapes_are_one_inside_and_nothing_outside():
    shelf, band, top = band_shape(20.0, 150.0), band_shape(350.0, 3500.0), band_shape(6000.0, 20000.0)
    assert shelf[CENTRES_HZ < 40].min() > 0.9
    assert shelf[CENTRES_HZ > 2000].max() < 0.02
    assert band[(CENTRES_HZ > 700) & (CENTRES_HZ < 1700)].min() > 0.9
    assert band[CENTRES_HZ < 100].max() < 0.05
    assert top[CENTRES_HZ > 15000].min() > 0.9
    assert top[CENTRES_HZ < 1000].max() < 0.02


def test_the_more_certain_music_is_the_more_the_sound_counts():
    mean_db, shape = np.zeros(60), band_shape(6000.0, 20000.0)
    fault = -14.0 * shape
    sizes = [
        FinishedMusic(mean_db, variance * np.eye(60)).correct(fault, shape[None], 1.0).curve_db.max()
        for variance in (0.1, 1000.0)
    ]
    assert sizes[0] == pytest.approx(14.0, abs=0.6)
    assert 7.0 < sizes[1] < 12.0


def test_too_much_is_cut_and_too_little_is_raised():
    music, shape = load_finished_music(), band_shape(200.0, 500.0)[None]
    assert music.correct(music.mean_db, shape, 1.0).curve_db.max() > 5.0
    assert music.correct(music.mean_db, shape, -1.0).curve_db.min() < -5.0


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(ModelError, match="not there"):
        load_finished_music(tmp_path / "none.safetensors")
