import numpy as np
import pytest

from models.fx_encoder.front_end import WINDOW_SAMPLES
from models.training.synthesised import play


@pytest.mark.parametrize("seed", range(12))
def test_every_seed_plays_something_at_one_peak(seed):
    sound = play(np.random.default_rng(seed))
    assert sound.shape == (2, WINDOW_SAMPLES)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(0.5, rel=1e-6)


def test_a_part_of_nothing_but_rests_is_drawn_again():
    assert np.abs(play(np.random.default_rng(27))).max() == pytest.approx(0.5, rel=1e-6)


def test_one_seed_is_one_sound_and_seeds_differ():
    first, again, other = (play(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_instruments_differ_in_tone_by_more_than_a_soundfonts():
    """Spectral centroids of thirty instruments spread over more than three octaves."""
    hertz = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / 44100)
    centroids = []
    for seed in range(30):
        power = np.abs(np.fft.rfft(play(np.random.default_rng(seed)).mean(axis=0))) ** 2
        centroids.append((power * hertz).sum() / power.sum())
    low, high = np.percentile(centroids, (10, 90))
    assert np.log2(high / low) > 3.0
