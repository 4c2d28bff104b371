"""What is measured while a signal streams past, against plain numpy."""

import numpy as np
import pytest

from assistant.diagnose.statistics import BAND_EDGES_HZ, BAND_HZ


def test_levels_are_those_of_the_whole_signal(sounds):
    audio = sounds.noise(5.3, seed=1) + np.float32(0.01)
    signal = sounds.measured(audio)
    assert signal.samples == audio.shape[1]
    assert signal.peak == pytest.approx(np.abs(audio).max())
    np.testing.assert_allclose(signal.mean, audio.mean(axis=1), rtol=1e-4)
    np.testing.assert_allclose(signal.side_power, np.square(audio).mean(axis=1), rtol=1e-4)
    assert signal.correlation == pytest.approx(np.corrcoef(audio)[0, 1], abs=0.02)


def test_bands_add_up_to_the_power(sounds):
    audio = sounds.noise(6.0, seed=2)
    signal = sounds.measured(audio)
    spectrum = np.square(np.abs(np.fft.rfft(audio))).mean(axis=0)
    freqs = np.fft.rfftfreq(audio.shape[1], 1 / sounds.RATE)
    inside = (freqs >= BAND_EDGES_HZ[0]) & (freqs < BAND_EDGES_HZ[-1])
    share = spectrum[inside].sum() / spectrum.sum()
    assert signal.band_power.sum() == pytest.approx(np.square(audio).mean() * share, rel=0.03)


def test_a_sine_lies_in_its_band(sounds):
    spectrum = sounds.measured(sounds.sine(1000.0, 4.0)).spectrum_db()
    assert BAND_EDGES_HZ[np.argmax(spectrum)] <= 1000.0 < BAND_EDGES_HZ[np.argmax(spectrum) + 1]
    far = np.abs(np.log2(BAND_HZ / 1000)) > 1
    assert spectrum[far].max() < -45


@pytest.mark.parametrize("block", [1000, 44100, 200000])
def test_nothing_depends_on_how_the_song_was_cut(sounds, block):
    audio = sounds.hits(7.0, seed=3)
    one, other = sounds.measured(audio), sounds.measured(audio, block)
    np.testing.assert_array_equal(one.cells, other.cells)
    np.testing.assert_array_equal(one.envelope, other.envelope)
    np.testing.assert_array_equal(one.fine_db, other.fine_db)


def test_measurements_of_a_longer_song_take_no_more_room(sounds):
    audio = np.tile(sounds.noise(20.0, seed=4), (1, 12))
    signal = sounds.measured(audio)
    assert len(signal.cells) <= 1024
    assert len(signal.fine_db) <= 128
    assert signal.cell_s * len(signal.cells) == pytest.approx(240, abs=signal.cell_s)
