"""The audio-feature loss: nothing for the same production, whatever the level; each term answers to its own change."""

import numpy as np
import pytest

from benchmarks.explore_loss import feature_loss

RATE = 44100


def noise(seed=0):
    rng = np.random.default_rng(seed)
    mid, side = rng.standard_normal((2, 3 * RATE))
    return (0.05 * np.stack((mid + 0.4 * side, mid - 0.4 * side))).astype(np.float32)


def test_level_alone_is_no_difference():
    audio = noise()
    assert feature_loss(audio, 0.25 * audio, RATE).total == pytest.approx(0.0, abs=1e-6)


def test_width_is_the_ratio_of_side_to_mid_energy():
    audio = noise()
    total, difference = audio[0] + audio[1], audio[0] - audio[1]
    wide = np.stack((total + 2 * difference, total - 2 * difference)) / 2
    ratio = np.square(difference).mean() / np.square(total).mean()
    assert feature_loss(audio, wide, RATE).width == pytest.approx((3 * ratio) ** 2, rel=0.01)


def test_imbalance_is_the_difference_of_energy_shares():
    audio = noise()
    leaning = audio * np.array([[0.5], [1.0]], np.float32)
    assert feature_loss(audio, leaning, RATE).imbalance == pytest.approx(0.6**2, rel=0.03)


def test_a_tilt_is_seen_by_the_spectrum_and_not_by_width():
    audio = noise()
    tilted = np.cumsum(audio, axis=1)
    tilted = (tilted - tilted.mean(axis=1, keepdims=True)).astype(np.float32)
    loss = feature_loss(audio, tilted, RATE)
    assert loss.spectrum > 0.1
    assert loss.width < 0.01
