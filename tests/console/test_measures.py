"""Level, stereo image and spectrum against values known in closed form."""

import numpy as np
import pytest

from console.errors import AudioShapeError, ParameterError
from console.measures import (
    THIRD_OCTAVE_CENTRES_HZ,
    balance_db,
    band_level_db,
    correlation,
    crest_factor_db,
    measure_audio,
    power_spectrum,
    rms_dbfs,
    sample_peak_dbfs,
    third_octave_spectrum,
    width_db,
    width_ratio,
)

RATES = [8_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def sine(freq_hz, sample_rate=48_000, seconds=2.0, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * freq_hz / sample_rate * np.arange(round(seconds * sample_rate)))[None]


def noise(channels=2, samples=48_000, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal((channels, samples))


# --- level ---


def test_levels_of_a_sine():
    audio = sine(1000, amplitude=0.5)
    assert sample_peak_dbfs(audio) == pytest.approx(-6.0206, abs=1e-4)
    assert rms_dbfs(audio) == pytest.approx(-9.0309, abs=1e-4)
    assert crest_factor_db(audio) == pytest.approx(3.0103, abs=1e-4)


def test_square_wave_has_no_crest():
    assert crest_factor_db(np.sign(sine(1000) + 1e-9)) == pytest.approx(0, abs=1e-9)


def test_negative_peak_counts():
    assert sample_peak_dbfs(np.array([[0.1, -0.5], [0.2, 0.3]])) == pytest.approx(-6.0206, abs=1e-4)


def test_rms_is_over_both_channels():
    audio = np.stack([np.ones(100), np.zeros(100)])
    assert rms_dbfs(audio) == pytest.approx(-3.0103, abs=1e-4)


# --- stereo image ---


def test_mono_is_narrow_and_correlated():
    image = measure_audio(noise(1))
    assert (image.correlation, image.width_db, image.width_ratio, image.balance_db) == (
        1.0,
        -np.inf,
        0.0,
        0.0,
    )


def test_upside_down_channels_are_all_side():
    left = noise(1)
    audio = np.concatenate((left, -left))
    assert correlation(audio) == pytest.approx(-1)
    assert width_db(audio) == np.inf
    assert width_ratio(audio) == 1.0
    assert balance_db(audio) == 0.0


def test_unrelated_channels_are_half_side():
    audio = noise(2, 400_000)
    assert correlation(audio) == pytest.approx(0, abs=0.01)
    assert width_db(audio) == pytest.approx(0, abs=0.1)
    assert width_ratio(audio) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("side_gain", [0.001, 0.1, 0.5, 2.0])
def test_width_is_side_over_mid(side_gain):
    mid, side = sine(1000)[0], side_gain * sine(1300)[0]
    audio = np.stack((mid + side, mid - side)).astype(np.float32)
    assert width_db(audio) == pytest.approx(20 * np.log10(side_gain), abs=0.01)
    assert width_ratio(audio) == pytest.approx(side_gain**2 / (1 + side_gain**2), rel=1e-2)


def test_correlation_ignores_level_and_agrees_with_numpy():
    audio = noise(2) + noise(1, seed=5)
    audio -= audio.mean(axis=1, keepdims=True)
    assert correlation(audio * [[1.0], [0.01]]) == pytest.approx(np.corrcoef(audio)[0, 1], abs=1e-9)


def test_balance_is_positive_to_the_right():
    left = noise(1)
    assert balance_db(np.concatenate((left, 2 * left))) == pytest.approx(6.0206, abs=1e-4)
    assert balance_db(np.concatenate((0 * left, left))) == np.inf
    assert balance_db(np.concatenate((left, 0 * left))) == -np.inf


def test_one_silent_channel():
    audio = np.concatenate((noise(1), np.zeros((1, 48_000))))
    assert correlation(audio) == 0.0
    assert width_db(audio) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("samples", [0, 1, 1000])
def test_silence_is_defined(samples):
    audio = np.zeros((2, samples), dtype=np.float32)
    values = measure_audio(audio)
    assert values.sample_peak_dbfs == values.rms_dbfs == values.width_db == -np.inf
    assert values.crest_factor_db == values.correlation == values.width_ratio == values.balance_db == 0.0
    assert np.all(third_octave_spectrum(audio, 48_000).level_db == -np.inf)
    assert band_level_db(audio, 48_000, 100, 200) == -np.inf


def test_functions_read_the_same_as_measure_audio():
    audio = noise(2).astype(np.float32)
    values = measure_audio(audio)
    for function in (
        sample_peak_dbfs,
        rms_dbfs,
        crest_factor_db,
        correlation,
        width_db,
        width_ratio,
        balance_db,
    ):
        assert function(audio) == getattr(values, function.__name__)


def test_float32_and_float64_agree():
    audio = noise(2).astype(np.float32)
    assert measure_audio(audio) == measure_audio(audio.astype(np.float64))
    np.testing.assert_allclose(
        third_octave_spectrum(audio, 48_000).level_db,
        third_octave_spectrum(audio.astype(np.float64), 48_000).level_db,
        atol=1e-4,
    )


# --- spectrum ---


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("samples", [1, 2, 999, 20_000, 50_001])
def test_bins_add_up_to_the_mean_square(sample_rate, samples):
    audio = noise(2, samples) + 0.05
    spectrum = power_spectrum(audio, sample_rate)
    assert spectrum.power.sum() == pytest.approx(np.mean(audio**2), rel=1e-9)
    assert spectrum.freq_hz[0] == 0
    assert spectrum.freq_hz[-1] <= sample_rate / 2
    assert spectrum.freq_hz.shape == spectrum.power.shape


@pytest.mark.parametrize("position", [0, 1, 12_345, 47_999])
def test_a_click_counts_the_same_wherever_it_falls(position):
    audio = np.zeros((1, 48_000))
    audio[0, position] = 1.0
    expected_db = 10 * np.log10((2000 - 1000) / 24_000 / 48_000)
    assert band_level_db(audio, 48_000, 1000, 2000) == pytest.approx(expected_db, abs=0.05)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 192_000])
def test_a_sine_in_the_centre_fills_its_band_only(sample_rate):
    for nominal_hz in (31.5, 100, 1000, 12_500):
        centre_hz = 1000 * 10 ** (round(10 * np.log10(nominal_hz / 1000)) / 10)
        spectrum = third_octave_spectrum(sine(centre_hz, sample_rate, 6.0), sample_rate)
        band = list(spectrum.centre_hz).index(nominal_hz)
        assert spectrum.level_db[band] == pytest.approx(-3.01, abs=0.1)
        others = np.delete(spectrum.level_db, [band - 1, band, band + 1])
        assert others.max() < -30


def test_white_noise_rises_by_one_db_a_band_and_is_even_a_hz():
    audio = noise(2, 48_000 * 30)
    spectrum = third_octave_spectrum(audio, 48_000)
    above = spectrum.centre_hz >= 200
    slope_db = np.polyfit(np.arange(above.sum()), spectrum.level_db[above], 1)[0]
    assert slope_db == pytest.approx(1.0, abs=0.02)
    assert band_level_db(audio, 48_000, 1000, 4000) == pytest.approx(-20 + 10 * np.log10(3 / 24), abs=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
def test_bands_above_nyquist_are_left_out(sample_rate):
    spectrum = third_octave_spectrum(noise(1, sample_rate), sample_rate)
    assert tuple(spectrum.centre_hz) == tuple(c for c in THIRD_OCTAVE_CENTRES_HZ if c < sample_rate / 2)
    assert spectrum.level_db.shape == spectrum.centre_hz.shape
    assert np.all(np.isfinite(spectrum.level_db))


def test_third_octave_bands_join_without_gap_or_overlap():
    audio = noise(2, 48_000 * 2)
    spectrum = third_octave_spectrum(audio, 48_000)
    low_hz, high_hz = 1000 * 10**-1.65, 1000 * 10**1.35
    total_db = 10 * np.log10(np.sum(10 ** (spectrum.level_db / 10)))
    assert total_db == pytest.approx(band_level_db(audio, 48_000, low_hz, high_hz), abs=1e-9)


def test_the_nominal_centres_are_those_of_iec_61260():
    assert len(THIRD_OCTAVE_CENTRES_HZ) == 30
    exact_hz = 1000 * 10 ** (np.arange(-16, 14) / 10)
    np.testing.assert_allclose(THIRD_OCTAVE_CENTRES_HZ, exact_hz, rtol=0.016)


def test_band_level_of_all_frequencies_is_the_rms():
    audio = noise(2)
    assert band_level_db(audio, 48_000, 0, 24_000) == pytest.approx(rms_dbfs(audio), abs=1e-9)
    assert band_level_db(audio, 48_000, 0, 90_000) == pytest.approx(rms_dbfs(audio), abs=1e-9)
    assert band_level_db(audio, 48_000, 30_000, 90_000) == -np.inf


def test_rates_agree_on_the_same_sound():
    levels = [third_octave_spectrum(sine(440, rate, 3.0), rate).level_db[:20] for rate in RATES]
    for level in levels[1:]:
        assert level[12] == pytest.approx(levels[0][12], abs=0.01)


# --- bad input ---


@pytest.mark.parametrize(("low_hz", "high_hz"), [(200, 100), (100, 100), (-1, 100)])
def test_a_band_that_is_none_is_named(low_hz, high_hz):
    with pytest.raises(ParameterError, match=f"low_hz={low_hz} and high_hz={high_hz}"):
        band_level_db(noise(), 48_000, low_hz, high_hz)


def test_bad_audio_is_named():
    for function in (sample_peak_dbfs, rms_dbfs, measure_audio):
        with pytest.raises(AudioShapeError, match=r"shape \(100,\)"):
            function(np.zeros(100))
    with pytest.raises(AudioShapeError, match="float16"):
        measure_audio(np.zeros((2, 10), dtype=np.float16))
    with pytest.raises(AudioShapeError, match="sample_rate=500000"):
        third_octave_spectrum(np.zeros((2, 10)), 500_000)
