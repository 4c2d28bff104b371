"""Dither, measured: level, distribution, spectrum, and what it does to distortion."""

import numpy as np
import pytest

from exchange import read_audio, write_audio
from exchange.encode import quantise

RATE = 44_100
STEP = 2.0**-15


def dithered(audio):
    return quantise(audio, 16, np.random.default_rng(0)) * STEP


def test_without_dither_it_rounds_to_the_nearest_step():
    audio = np.random.default_rng(1).uniform(-1, 1 - STEP, (1000, 2))
    assert np.abs(quantise(audio, 16) * STEP - audio).max() <= STEP / 2
    assert np.abs(quantise(audio, 24) * 2.0**-23 - audio).max() <= 2.0**-24


def test_the_error_has_the_power_and_mean_of_triangular_dither():
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, (400_000, 1))
    error = (dithered(audio) - audio) / STEP
    assert error.mean() == pytest.approx(0, abs=0.005)
    assert error.var() == pytest.approx(1 / 4, rel=0.01)  # 1/12 of rounding and 2/12 of dither, in steps squared
    assert np.abs(error).max() <= 1.5


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 0.75])
def test_mean_and_power_of_the_error_do_not_depend_on_the_signal(level):
    error = dithered(np.full((400_000, 1), level * STEP)) / STEP - level
    assert error.mean() == pytest.approx(0, abs=0.005)
    assert error.var() == pytest.approx(1 / 4, rel=0.02)


def test_the_error_is_white():
    audio = 0.3 * np.sin(2 * np.pi * 997 * np.arange(2**18) / RATE)[:, None]
    error = (dithered(audio) - audio)[:, 0]
    power = np.abs(np.fft.rfft(error)[1:]) ** 2
    octants = np.array([part.mean() for part in np.array_split(power, 8)])
    assert np.abs(10 * np.log10(octants / power.mean())).max() < 0.2  # dB


def test_channels_have_dither_of_their_own():
    left, right = dithered(np.zeros((100_000, 2))).T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.02


def test_a_tone_below_one_step_survives_without_harmonics(tmp_path):
    time = np.arange(2**17) / RATE
    freq_hz = 1000 * RATE / 2**17 * round(2**17 / RATE)  # a whole number of periods
    tone = (0.4 * STEP * np.sin(2 * np.pi * freq_hz * time))[None].astype(np.float32)
    for dither in (True, False):
        write_audio(tmp_path / f"{dither}.wav", tone, RATE, "pcm16", dither=dither)
    spectrum = np.abs(np.fft.rfft(read_audio(tmp_path / "True.wav").audio[0])) / 2**16
    first, third = (spectrum[round(n * freq_hz * 2**17 / RATE)] for n in (1, 3))
    assert first == pytest.approx(0.4 * STEP, rel=0.05)
    assert third < 0.01 * STEP
    assert not read_audio(tmp_path / "False.wav").audio.any()  # rounding alone loses it


def test_blocks_do_not_change_the_dither(tmp_path, noise):
    audio = noise(2, 200_000)
    write_audio(tmp_path / "a.wav", audio, RATE, "pcm16")
    whole = quantise(audio.T, 16, np.random.default_rng(16)) * STEP
    assert np.array_equal(read_audio(tmp_path / "a.wav").audio, whole.T.astype(np.float32))


def test_dither_at_full_scale_stays_in_range():
    whole = quantise(np.array([[1.0, -1.0]] * 1000), 16, np.random.default_rng(0))
    assert (whole.min(), whole.max()) == (-(2**15), 2**15 - 1)
