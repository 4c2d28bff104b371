"""Loudness and true peak against the standards' own test signals, pyloudnorm and exact resampling."""

import functools
import pickle

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from console.errors import AudioShapeError
from console.loudness import (
    LoudnessMeter,
    integrated_lufs,
    k_weighting_sos,
    loudness_range_lu,
    loudness_series,
    true_peak_dbtp,
)
from console.true_peak import oversampling_factor

RATES = [22_050, 44_100, 48_000, 96_000, 192_000]


def tone(parts, sample_rate=48_000, freq_hz=1000.0):
    """Stereo sine, continuous in phase, as (seconds, peak dBFS) parts: (2, samples)."""
    level = np.concatenate([np.full(round(s * sample_rate), 10 ** (db / 20)) for s, db in parts])
    return np.tile(level * np.sin(2 * np.pi * freq_hz / sample_rate * np.arange(len(level))), (2, 1))


@functools.cache
def music_like(sample_rate, seconds=8.0):
    """Plucked chords below 8 kHz with pauses and swells, the same waveform at every rate: (2, samples)."""
    rng = np.random.default_rng(3)
    audio = np.zeros((2, round(seconds * sample_rate)))
    for start_s in np.arange(0.0, seconds, 0.5):
        if 3.0 <= start_s < 5.0:
            continue
        first = round(start_s * sample_rate)
        local_s = np.arange(first, min(first + sample_rate, audio.shape[1])) / sample_rate - start_s
        envelope = (1 - np.exp(-local_s * 300)) * np.exp(-local_s * 6) * (0.1 if start_s > 6 else 1.0)
        for freq_hz in rng.choice([55, 110, 220, 330, 880, 1760, 3520, 7040], 3, replace=False):
            left, right, phase = rng.uniform(0.02, 0.2, 3)
            note = envelope * np.sin(2 * np.pi * (freq_hz * local_s + phase))
            audio[:, first : first + len(note)] += np.array([[left], [right]]) * note
    audio.flags.writeable = False
    return audio


def taper(audio, sample_rate):
    """Fade 10 ms in and out, as EBU Tech 3341 asks of the true-peak signals."""
    ramp = np.linspace(0, 1, round(0.01 * sample_rate))
    audio = audio.copy()
    audio[:, : len(ramp)] *= ramp
    audio[:, -len(ramp) :] *= ramp[::-1]
    return audio


def peak_tone(divisor, amplitude, phase_deg, sample_rate=48_000):
    """EBU Tech 3341 cases 15-19: sine at sample_rate / divisor."""
    wave = amplitude * np.sin(2 * np.pi * np.arange(sample_rate // 2) / divisor + np.deg2rad(phase_deg))
    return taper(np.tile(wave, (2, 1)), sample_rate)


def peak_burst(offset, sample_rate=48_000):
    """EBU Tech 3341 cases 20-23: fs/6 at 0.5 with one period of fs/4 at 1.0, made at 4 fs, then decimated."""
    base = 0.5 * np.sin(2 * np.pi * np.arange(24 * 800) / 24)
    period = np.sin(2 * np.pi * np.arange(16) / 16)
    fine = taper(np.concatenate((base, period, base))[None], 4 * sample_rate)
    smooth = signal.fftconvolve(fine, signal.firwin(1023, 0.25, window=("kaiser", 8.0))[None], mode="same")
    return np.tile(smooth[:, offset::4], (2, 1))


# --- K-weighting ---


def test_k_weighting_at_48_khz_is_the_printed_table():
    expected = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting_sos(48_000), expected, atol=1e-10)


@pytest.mark.parametrize("sample_rate", [8_000, *RATES])
def test_k_weighting_has_the_same_response_at_every_rate(sample_rate):
    freq_hz = np.geomspace(20, min(10_000, sample_rate * 0.4), 200)
    _, response = signal.sosfreqz(k_weighting_sos(sample_rate), freq_hz, fs=sample_rate)
    _, reference = signal.sosfreqz(k_weighting_sos(48_000), freq_hz, fs=48_000)
    difference_db = 20 * np.log10(np.abs(response / reference))
    limit_db = 0.01 if sample_rate >= 44_100 else 0.04 if sample_rate >= 22_050 else 0.3
    assert np.abs(difference_db).max() < limit_db


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_full_scale_997_hz_sine_in_one_channel_reads_minus_3_01(sample_rate):
    audio = tone([(5, 0)], sample_rate, 997.0)[:1]
    assert integrated_lufs(audio, sample_rate) == pytest.approx(-3.01, abs=0.03)


# --- EBU Tech 3341, table 1 ---


@pytest.mark.parametrize(
    ("parts", "expected_lufs"),
    [
        pytest.param([(20, -23)], -23, id="1"),
        pytest.param([(20, -33)], -33, id="2"),
        pytest.param([(10, -36), (60, -23), (10, -36)], -23, id="3"),
        pytest.param([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23, id="4"),
        pytest.param([(20, -26), (20.1, -20), (20, -26)], -23, id="5"),
    ],
)
def test_tech_3341_integrated(parts, expected_lufs):
    assert integrated_lufs(tone(parts), 48_000) == pytest.approx(expected_lufs, abs=0.1)


def test_tech_3341_case_1_momentary_and_short_term():
    meter = LoudnessMeter(48_000, 2)
    meter.add(tone([(20, -23)]))
    assert meter.momentary_lufs == pytest.approx(-23, abs=0.1)
    assert meter.short_term_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("parts", "name", "settled_s"),
    [
        pytest.param([(1.34, -20), (1.66, -30)] * 5, "short_term_lufs", 3.0, id="9"),
        pytest.param([(0.18, -20), (0.22, -30)] * 25, "momentary_lufs", 1.0, id="12"),
    ],
)
def test_tech_3341_windows_stay_constant(parts, name, settled_s):
    audio = tone(parts)
    meter = LoudnessMeter(48_000, 2)
    settled = round(settled_s * 48_000)
    meter.add(audio[:, :settled])
    for start in range(settled, audio.shape[1], 480):
        meter.add(audio[:, start : start + 480])
        assert getattr(meter, name) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("name", "tone_s", "silence_step_s"),
    [
        pytest.param("max_short_term_lufs", 3.0, 0.15, id="10"),
        pytest.param("max_momentary_lufs", 0.4, 0.02, id="13"),
    ],
)
def test_tech_3341_maximum_of_each_file(name, tone_s, silence_step_s):
    for index in range(20):
        meter = LoudnessMeter(48_000, 2)
        meter.add(tone([(index * silence_step_s, -np.inf), (tone_s, -23), (1, -np.inf)]))
        assert getattr(meter, name) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("name", "tone_s", "silence_step_s"),
    [
        pytest.param("max_short_term_lufs", 3.0, 0.15, id="11"),
        pytest.param("max_momentary_lufs", 0.4, 0.02, id="14"),
    ],
)
def test_tech_3341_successive_maxima_live(name, tone_s, silence_step_s):
    meter = LoudnessMeter(48_000, 2)
    for index in range(20):
        silence_s = index * silence_step_s
        meter.add(tone([(silence_s, -np.inf), (tone_s, -38 + index), (tone_s - silence_s, -np.inf)]))
        assert getattr(meter, name) == pytest.approx(-38 + index, abs=0.1)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_deg", "expected_dbtp"),
    [
        pytest.param(4, 0.50, 0.0, -6.0, id="15"),
        pytest.param(4, 0.50, 45.0, -6.0, id="16"),
        pytest.param(6, 0.50, 60.0, -6.0, id="17"),
        pytest.param(8, 0.50, 67.5, -6.0, id="18"),
        pytest.param(4, 1.41, 45.0, 3.0, id="19"),
    ],
)
def test_tech_3341_true_peak_of_sines(divisor, amplitude, phase_deg, expected_dbtp, sample_rate):
    error_db = true_peak_dbtp(peak_tone(divisor, amplitude, phase_deg, sample_rate), sample_rate) - expected_dbtp
    assert -0.4 <= error_db <= 0.2


@pytest.mark.parametrize("offset", range(4), ids=["20", "21", "22", "23"])
def test_tech_3341_true_peak_of_a_burst(offset):
    assert -0.4 <= true_peak_dbtp(peak_burst(offset), 48_000) <= 0.2


# --- EBU Tech 3342, table 1 ---


@pytest.mark.parametrize(
    ("levels_dbfs", "expected_lu"),
    [
        pytest.param([-20, -30], 10, id="1"),
        pytest.param([-20, -15], 5, id="2"),
        pytest.param([-40, -20], 20, id="3"),
        pytest.param([-50, -35, -20, -35, -50], 15, id="4"),
    ],
)
def test_tech_3342_loudness_range(levels_dbfs, expected_lu):
    audio = tone([(20, level) for level in levels_dbfs])
    assert loudness_range_lu(audio, 48_000) == pytest.approx(expected_lu, abs=1)


# --- pyloudnorm ---


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("kind", ["noise", "music"])
def test_integrated_agrees_with_pyloudnorm(kind, sample_rate, channels):
    if kind == "noise":
        audio = 0.1 * np.random.default_rng(1).standard_normal((channels, 3 * sample_rate))
    else:
        audio = music_like(sample_rate)[:channels]
    expected = pyloudnorm.Meter(sample_rate).integrated_loudness(audio.T)
    assert integrated_lufs(audio, sample_rate) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
def test_integrated_agrees_closely_with_pyloudnorm_filters_of_the_standard(sample_rate):
    audio = music_like(sample_rate)
    expected = pyloudnorm.Meter(sample_rate, filter_class="DeMan").integrated_loudness(audio.T)
    assert integrated_lufs(audio, sample_rate) == pytest.approx(expected, abs=0.03)


def test_range_agrees_with_pyloudnorm():
    noise = 0.1 * np.random.default_rng(2).standard_normal((2, 40 * 8_000))
    audio = noise * 10 ** (np.linspace(-15, 0, noise.shape[1]) / 20)
    expected = pyloudnorm.Meter(8_000).loudness_range(audio.T)
    assert loudness_range_lu(audio, 8_000) == pytest.approx(expected, abs=0.5)


def test_range_is_the_percentiles_of_the_gated_series():
    noise = 0.1 * np.random.default_rng(7).standard_normal((1, 47 * 8_000))
    audio = noise * 10 ** (np.linspace(-90, 0, noise.shape[1]) / 20)
    lufs = loudness_series(audio, 8_000).short_term_lufs
    lufs = lufs[lufs >= -70]
    mean_lufs = 10 * np.log10(np.mean(10 ** (lufs / 10)))
    kept = np.sort(lufs[lufs >= mean_lufs - 20])
    low, high = kept[round((len(kept) - 1) * 0.10)], kept[round((len(kept) - 1) * 0.95)]
    assert loudness_range_lu(audio, 8_000) == pytest.approx(high - low, abs=1e-9)


# --- streaming ---


def readings(meter):
    names = (
        *(
            "integrated_lufs",
            "momentary_lufs",
            "short_term_lufs",
            "max_momentary_lufs",
            "max_short_term_lufs",
        ),
        *("range_lu", "true_peak_dbtp", "sample_peak_dbfs"),
    )
    return {name: getattr(meter, name) for name in names}


@pytest.mark.parametrize("sample_rate", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_block_size_does_not_change_any_reading(sample_rate, dtype):
    audio = music_like(sample_rate, 5.03).astype(dtype)
    whole = LoudnessMeter(sample_rate, 2)
    whole.add(audio)
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        meter = LoudnessMeter(sample_rate, 2)
        start = 0
        while start < audio.shape[1]:
            size = int(rng.choice([0, 1, 7, 441, 512, 8192, 50_000]))
            meter.add(audio[:, start : start + size])
            if size == 441:
                readings(meter)  # looking at the meter must not change it
            start += size
        assert readings(meter) == readings(whole)
        np.testing.assert_array_equal(meter.series().momentary_lufs, whole.series().momentary_lufs)


def test_blocks_of_one_sample_read_the_same():
    audio = music_like(8_000, 0.6)
    whole, meter = LoudnessMeter(8_000, 2), LoudnessMeter(8_000, 2)
    whole.add(audio)
    for start in range(audio.shape[1]):
        meter.add(audio[:, start : start + 1])
    assert readings(meter) == readings(whole)


def test_functions_read_the_same_as_the_meter():
    audio = music_like(44_100, 5)
    meter = LoudnessMeter(44_100, 2)
    meter.add(audio)
    assert integrated_lufs(audio, 44_100) == meter.integrated_lufs
    assert loudness_range_lu(audio, 44_100) == meter.range_lu
    assert true_peak_dbtp(audio, 44_100) == meter.true_peak_dbtp
    series = loudness_series(audio, 44_100)
    assert series.momentary_lufs[-1] == meter.momentary_lufs
    assert series.short_term_lufs[-1] == meter.short_term_lufs


def test_memory_grows_only_by_the_kept_energies():
    meter = LoudnessMeter(8_000, 1)
    block = 0.1 * np.random.default_rng(4).standard_normal((1, 8_000 * 10))
    sizes = []
    for _ in range(3):
        meter.add(block)
        sizes.append(len(pickle.dumps(meter)))
    assert sizes[2] - sizes[1] <= 10 * 80 + 100


def test_input_is_left_unchanged():
    audio = music_like(44_100, 1)
    before = audio.copy()
    LoudnessMeter(44_100, 2).add(audio)
    np.testing.assert_array_equal(audio, before)


# --- series ---


def test_series_times_are_the_ends_of_full_windows():
    series = loudness_series(tone([(3.25, -23)]), 48_000)
    np.testing.assert_allclose(series.momentary_times_s, np.arange(4, 33) / 10)
    np.testing.assert_allclose(series.short_term_times_s, [3.0, 3.1, 3.2])
    assert series.momentary_lufs.shape == series.momentary_times_s.shape
    assert series.short_term_lufs.shape == series.short_term_times_s.shape


def test_series_follows_a_level_step():
    series = loudness_series(tone([(2, -23), (2, -33)]), 48_000)
    at_s = dict(zip(np.round(series.momentary_times_s, 1), series.momentary_lufs, strict=True))
    assert at_s[1.9] == pytest.approx(-23, abs=0.1)
    assert at_s[2.4] == pytest.approx(-33, abs=0.1)


# --- rates, edges ---


def test_all_rates_agree():
    reference = music_like(48_000)
    for sample_rate in RATES:
        audio = music_like(sample_rate)
        lufs_error = integrated_lufs(audio, sample_rate) - integrated_lufs(reference, 48_000)
        range_error = loudness_range_lu(audio, sample_rate) - loudness_range_lu(reference, 48_000)
        peak_error = true_peak_dbtp(audio, sample_rate) - true_peak_dbtp(reference, 48_000)
        assert abs(lufs_error) < 0.05
        assert abs(range_error) < 0.05
        assert abs(peak_error) < 0.1


@pytest.mark.parametrize("samples", [0, 1, 100, 48_000 * 4])
def test_silence_has_no_loudness(samples):
    meter = LoudnessMeter(48_000, 2)
    meter.add(np.zeros((2, samples), dtype=np.float32))
    silent = readings(meter)
    assert silent.pop("range_lu") == 0.0
    assert set(silent.values()) == {-np.inf}


def test_quieter_than_the_gate_has_no_loudness():
    assert integrated_lufs(tone([(1, -71)]), 48_000) == -np.inf
    assert integrated_lufs(tone([(0.2, -71)]), 48_000) == -np.inf
    assert integrated_lufs(tone([(1, -69)]), 48_000) == pytest.approx(-69, abs=0.1)


def test_short_sound_is_measured_as_one_window():
    audio = tone([(0.4, -23)])
    assert integrated_lufs(audio[:, :-1], 48_000) == pytest.approx(integrated_lufs(audio, 48_000), abs=1e-3)
    assert integrated_lufs(audio[:, :4800], 48_000) == pytest.approx(-23, abs=0.1)
    assert loudness_range_lu(audio, 48_000) == 0.0
    assert loudness_series(audio[:, :-1], 48_000).momentary_lufs.size == 0


def test_one_sample_is_measured():
    audio = np.array([[0.5]])
    # The first sample of K-weighting's impulse response is the product of its leading coefficients.
    gain = np.prod(k_weighting_sos(48_000)[:, 0])
    expected = -0.691 + 20 * np.log10(0.5 * gain)
    assert integrated_lufs(audio, 48_000) == pytest.approx(expected, abs=1e-9)
    assert true_peak_dbtp(audio, 48_000) == pytest.approx(-6.0206, abs=1e-3)


def test_dc_has_no_loudness_once_settled_and_its_own_true_peak():
    meter = LoudnessMeter(48_000, 1)
    meter.add(np.full((1, 48_000 * 5), 0.25))
    assert meter.momentary_lufs == -np.inf
    sine = tone([(4, -23)])
    faded_dc = 0.25 * np.minimum(np.arange(sine.shape[1]) / 48_000, 1.0)
    assert integrated_lufs(sine + faded_dc, 48_000) == pytest.approx(integrated_lufs(sine, 48_000), abs=0.01)
    ramp = taper(np.full((1, 48_000), 0.25), 48_000)
    assert true_peak_dbtp(ramp, 48_000) == pytest.approx(20 * np.log10(0.25), abs=0.01)


def test_mono_counts_as_one_channel():
    stereo = tone([(2, -23)])
    assert integrated_lufs(stereo[:1], 48_000) == pytest.approx(integrated_lufs(stereo, 48_000) - 3.0103, abs=1e-3)


def test_gain_moves_every_level_by_as_much():
    audio = music_like(44_100, 5)
    quiet = audio * 10 ** (-6 / 20)
    assert integrated_lufs(quiet, 44_100) == pytest.approx(integrated_lufs(audio, 44_100) - 6, abs=1e-6)
    assert true_peak_dbtp(quiet, 44_100) == pytest.approx(true_peak_dbtp(audio, 44_100) - 6, abs=1e-3)
    assert loudness_range_lu(quiet, 44_100) == pytest.approx(loudness_range_lu(audio, 44_100), abs=1e-6)


# --- true peak ---


@pytest.mark.parametrize(("sample_rate", "factor"), [(8_000, 4), (88_200, 4), (96_000, 2), (176_400, 2), (192_000, 1)])
def test_oversampling_reaches_at_least_176_khz_from_44_1_khz(sample_rate, factor):
    assert oversampling_factor(sample_rate) == factor


@pytest.mark.parametrize("seed", range(5))
def test_true_peak_agrees_with_exact_resampling(seed):
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(2049, dtype=complex)
    spectrum[1:1680] = np.exp(2j * np.pi * rng.random(1679))  # flat up to 0.41 of the rate
    wave = np.fft.irfft(spectrum)
    wave /= np.abs(wave).max()
    period = np.tile(wave, 3)  # the middle period is what the resampling of an endless signal sees
    exact_db = 20 * np.log10(np.abs(signal.resample(wave, 64 * len(wave))).max())
    measured_db = true_peak_dbtp(taper(period[None], 44_100), 44_100)
    assert -0.4 <= measured_db - exact_db <= 0.02


@pytest.mark.parametrize("sample_rate", RATES)
def test_true_peak_is_never_below_the_sample_peak(sample_rate):
    audio = np.random.default_rng(6).uniform(-1, 1, (2, 20_000)).astype(np.float32)
    meter = LoudnessMeter(sample_rate, 2)
    meter.add(audio)
    assert meter.sample_peak_dbfs == pytest.approx(20 * np.log10(np.abs(audio).max()))
    if sample_rate < 192_000:
        assert meter.true_peak_dbtp > meter.sample_peak_dbfs
    else:
        assert meter.true_peak_dbtp == meter.sample_peak_dbfs


@pytest.mark.parametrize("position", [0, 1, 31, 32, 8190, 8191, 8192, 8193, 16_000])
def test_a_peak_is_found_wherever_it_falls(position):
    audio = np.zeros((2, position + 2))
    audio[1, position:] = 0.5  # a pair of equal samples peaks between them
    assert true_peak_dbtp(audio, 48_000) == pytest.approx(20 * np.log10(0.5 * 2 * 2 / np.pi), abs=0.1)


# --- bad input ---


@pytest.mark.parametrize("function", [integrated_lufs, loudness_range_lu, loudness_series, true_peak_dbtp])
def test_bad_audio_is_named(function):
    with pytest.raises(AudioShapeError, match=r"shape \(100,\).*channels, samples"):
        function(np.zeros(100), 48_000)
    with pytest.raises(AudioShapeError, match=r"shape \(3, 100\)"):
        function(np.zeros((3, 100)), 48_000)
    with pytest.raises(AudioShapeError, match=r"int16.*float32 or float64"):
        function(np.zeros((2, 100), dtype=np.int16), 48_000)
    with pytest.raises(AudioShapeError, match="sample_rate=4000 Hz"):
        function(np.zeros((2, 100)), 4_000)


def test_meter_refuses_another_number_of_channels():
    meter = LoudnessMeter(48_000, 2)
    with pytest.raises(AudioShapeError, match="1 channels and the meter 2"):
        meter.add(np.zeros((1, 100)))
    with pytest.raises(AudioShapeError, match="sample_rate=200000"):
        LoudnessMeter(200_000, 2)
    with pytest.raises(AudioShapeError, match="1 or 2 channels"):
        LoudnessMeter(48_000, 6)
