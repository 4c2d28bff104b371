"""Filters and equaliser against scipy in float64, the analytic response and the Cookbook's promises."""

import math

import numpy as np
import pytest
import torch
from scipy import signal
from torch import Tensor

from console.errors import AudioShapeError, ParameterError
from console.filters import (
    BANDS,
    bell_section,
    cut_sections,
    eq_sections,
    highpass,
    lowpass,
    parametric_eq,
    response_db,
    shelf_section,
)
from console.parameters import spec
from console.recursions import biquad_cascade

RATES = [22_050, 44_100, 48_000, 96_000, 192_000]
DB = torch.float64

EVERY_BAND = {
    "low_shelf_gain_db": 6.0,
    "low_shelf_freq_hz": 90.0,
    "low_shelf_q": 0.8,
    "bell_1_gain_db": -9.0,
    "bell_1_freq_hz": 230.0,
    "bell_1_q": 4.0,
    "bell_2_gain_db": 12.0,
    "bell_2_freq_hz": 700.0,
    "bell_2_q": 0.4,
    "bell_3_gain_db": -18.0,
    "bell_3_freq_hz": 2500.0,
    "bell_3_q": 18.0,
    "bell_4_gain_db": 3.0,
    "bell_4_freq_hz": 5200.0,
    "bell_4_q": 1.1,
    "high_shelf_gain_db": -4.0,
    "high_shelf_freq_hz": 9000.0,
    "high_shelf_q": 0.5,
}


def sos(sections: Tensor) -> np.ndarray:
    """(sections, 5) as scipy's (sections, 6)."""
    b0, b1, b2, a1, a2 = sections.numpy().T
    return np.stack((b0, b1, b2, np.ones_like(b0), a1, a2), axis=1)


def cookbook(kind: str, sample_rate: int, gain_db: float, freq_hz: float, q: float) -> np.ndarray:
    """The Audio EQ Cookbook as printed: (6,) of scipy's order, written anew from the text."""
    a = 10 ** (gain_db / 40)
    w0 = 2 * math.pi * freq_hz / sample_rate
    c, alpha = math.cos(w0), math.sin(w0) / (2 * q)
    beta = 2 * math.sqrt(a) * alpha
    if kind == "bell":
        row = [1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a]
    elif kind == "low":
        row = [
            a * ((a + 1) - (a - 1) * c + beta),
            2 * a * ((a - 1) - (a + 1) * c),
            a * ((a + 1) - (a - 1) * c - beta),
            (a + 1) + (a - 1) * c + beta,
            -2 * ((a - 1) + (a + 1) * c),
            (a + 1) + (a - 1) * c - beta,
        ]
    else:
        row = [
            a * ((a + 1) + (a - 1) * c + beta),
            -2 * a * ((a - 1) + (a + 1) * c),
            a * ((a + 1) + (a - 1) * c - beta),
            (a + 1) - (a - 1) * c + beta,
            2 * ((a - 1) - (a + 1) * c),
            (a + 1) - (a - 1) * c - beta,
        ]
    return np.array(row) / row[3]


@pytest.mark.parametrize("sample_rate", RATES)
def test_equaliser_equals_scipy(sample_rate: int, noise) -> None:
    """Measured: 6.0e-8 in float32 (the output's rounding), 1.7e-12 in float64."""
    kinds = {"low_shelf": "low", "high_shelf": "high"}
    rows = [
        cookbook(
            kinds.get(band, "bell"),
            sample_rate,
            EVERY_BAND[f"{band}_gain_db"],
            EVERY_BAND[f"{band}_freq_hz"],
            EVERY_BAND[f"{band}_q"],
        )
        for band in BANDS
    ]
    audio = noise(1, 2, 20_011, level=0.25)
    wanted = signal.sosfilt(np.array(rows), audio.double().numpy()[0])
    assert np.abs(parametric_eq(audio, sample_rate, **EVERY_BAND)[0].numpy() - wanted).max() < 2e-7
    exact = parametric_eq(audio.double(), sample_rate, **EVERY_BAND)[0].numpy()
    assert np.abs(exact - wanted).max() < 1e-11


def test_each_extreme_band_equals_scipy(noise) -> None:
    """Every corner of the table: gain +-18 dB, lowest and highest frequency, narrowest and widest."""
    audio = noise(1, 1, 8_191, level=0.05, dtype=DB)
    for band in BANDS:
        for gain_db in (-18.0, 18.0):
            for freq_hz in (spec(f"eq.{band}_freq_hz").low, spec(f"eq.{band}_freq_hz").high):
                for q in (spec(f"eq.{band}_q").low, spec(f"eq.{band}_q").high):
                    bands = {f"{band}_gain_db": gain_db, f"{band}_freq_hz": freq_hz, f"{band}_q": q}
                    kind = {"low_shelf": "low", "high_shelf": "high"}.get(band, "bell")
                    for sample_rate in (44_100, 192_000):
                        wanted = signal.sosfilt(
                            cookbook(kind, sample_rate, gain_db, freq_hz, q)[None], audio.numpy()[0]
                        )
                        assert np.abs(parametric_eq(audio, sample_rate, **bands)[0].numpy() - wanted).max() < 1e-8, (
                            bands
                        )


@pytest.mark.parametrize("sections", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("lanes", [(1, 1), (1, 2), (3, 1), (2, 2), (5, 1), (3, 3)])
def test_cascade_of_any_shape_equals_scipy(sections: int, lanes: tuple[int, int], noise) -> None:
    """1 to N sections; 1 to 9 lanes: whole and broken groups of SIMD lanes, each with its own coefficients."""
    audio = noise(*lanes, 700, dtype=DB)
    rng = np.random.default_rng(sections)
    rows = torch.stack(
        [
            torch.cat(
                [
                    bell_section(
                        44_100,
                        torch.tensor([rng.uniform(-18, 18)]),
                        torch.tensor([rng.uniform(50, 15_000)]),
                        torch.tensor([rng.uniform(0.3, 6)]),
                    )
                    for _ in range(sections)
                ]
            )
            for _ in range(lanes[0])
        ]
    ).double()
    out = biquad_cascade(audio, rows)
    for item in range(lanes[0]):
        wanted = signal.sosfilt(sos(rows[item]), audio[item].numpy())
        np.testing.assert_allclose(out[item].numpy(), wanted, atol=1e-11)


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("slope", ["12", "24"])
@pytest.mark.parametrize(("function", "kind", "freq_hz"), [(highpass, "high", 120.0), (lowpass, "low", 4000.0)])
def test_cut_equals_scipy_s_butterworth(
    function, kind: str, freq_hz: float, slope: str, sample_rate: int, noise
) -> None:
    audio = noise(1, 2, 9_001)
    design = signal.butter(int(slope) // 6, freq_hz, kind, fs=sample_rate, output="sos")
    wanted = signal.sosfilt(design, audio.double().numpy()[0])
    assert np.abs(function(audio, sample_rate, freq_hz, slope)[0].numpy() - wanted).max() < 1e-7
    exact = function(audio.double(), sample_rate, freq_hz, slope)[0].numpy()
    assert np.abs(exact - wanted).max() < 1e-10


@pytest.mark.parametrize("sample_rate", RATES)
def test_response_equals_scipy_s_from_10_hz_to_nyquist(sample_rate: int) -> None:
    freqs_hz = np.geomspace(10.0, 0.499 * sample_rate, 400)
    like = torch.zeros(1, 1, 1)
    low = torch.tensor([16.0], dtype=DB)
    cascades = [
        eq_sections(like, sample_rate, **EVERY_BAND),
        cut_sections(sample_rate, low, "24", "high"),
        cut_sections(sample_rate, torch.tensor([5000.0], dtype=DB), "24", "low"),
    ]
    for sections in cascades:
        _, response = signal.sosfreqz(sos(sections[0]), freqs_hz, fs=sample_rate)
        wanted_db = 20 * np.log10(np.abs(response))
        found_db = response_db(sections, torch.tensor(freqs_hz), sample_rate)[0].numpy()
        assert np.abs(found_db - wanted_db)[wanted_db > -140].max() < 2e-5


def test_response_is_what_the_filter_does() -> None:
    """The impulse response's spectrum is the analytic response: one is drawn, the other heard."""
    impulse = torch.zeros(1, 1, 1 << 16, dtype=DB)
    impulse[..., 0] = 1.0
    heard = torch.fft.rfft(parametric_eq(impulse, 44_100, **EVERY_BAND)[0, 0]).abs()
    freqs_hz = torch.arange(1, heard.shape[0] - 1, dtype=DB) * 44_100 / (1 << 16)
    drawn_db = response_db(eq_sections(impulse, 44_100, **EVERY_BAND), freqs_hz, 44_100)[0]
    assert float((20 * torch.log10(heard[1:-1]) - drawn_db).abs().max()) < 1e-5


@pytest.mark.parametrize("sample_rate", RATES)
def test_bell_reaches_its_gain_at_its_frequency_and_shelves_half_of_it(sample_rate: int) -> None:
    gain_db, freq_hz, q = (torch.tensor([value], dtype=DB) for value in (7.0, 3000.0, 2.0))
    bell = bell_section(sample_rate, gain_db, freq_hz, q)[:, None]
    assert float(response_db(bell, freq_hz, sample_rate)) == pytest.approx(7.0, abs=1e-9)
    assert float(response_db(bell, torch.tensor([20.0]), sample_rate)) == pytest.approx(0.0, abs=1e-3)
    for high in (False, True):
        shelf = shelf_section(sample_rate, gain_db, freq_hz, q, high)[:, None]
        ends = response_db(shelf, torch.tensor([1.0, 0.4999 * sample_rate]), sample_rate)[0].tolist()
        assert float(response_db(shelf, freq_hz, sample_rate)) == pytest.approx(3.5, abs=1e-9)
        assert ends == pytest.approx([0.0, 7.0] if high else [7.0, 0.0], abs=1e-3)


@pytest.mark.parametrize("slope", ["12", "24"])
@pytest.mark.parametrize("kind", ["high", "low"])
def test_cut_is_3_db_down_at_its_frequency_and_falls_by_its_slope(kind: str, slope: str) -> None:
    sections = cut_sections(192_000, torch.tensor([1000.0], dtype=DB), slope, kind)
    far = (125.0, 62.5) if kind == "high" else (8000.0, 16_000.0)
    at = response_db(sections, torch.tensor([1000.0, *far]), 192_000)[0].tolist()
    assert at[0] == pytest.approx(-3.0103, abs=1e-3)
    assert at[1] - at[2] == pytest.approx(float(slope), rel=0.03)


def test_bell_of_opposite_gain_undoes_it(noise) -> None:
    audio = noise(1, 1, 5_000, dtype=DB)
    there = parametric_eq(audio, 48_000, bell_2_gain_db=9.0, bell_2_freq_hz=800.0, bell_2_q=3.0)
    back = parametric_eq(there, 48_000, bell_2_gain_db=-9.0, bell_2_freq_hz=800.0, bell_2_q=3.0)
    assert float((back - audio).abs().max()) < 1e-12


def test_frequency_above_what_the_rate_can_tune_is_held_and_stays_stable(noise) -> None:
    """A session at 22.05 kHz opens settings made at 48 kHz."""
    audio = noise(1, 2, 22_050)
    held_hz = 0.475 * 22_050
    out = parametric_eq(audio, 22_050, bell_4_gain_db=18.0, bell_4_freq_hz=20_000.0, bell_4_q=18.0)
    same = parametric_eq(audio, 22_050, bell_4_gain_db=18.0, bell_4_freq_hz=held_hz, bell_4_q=18.0)
    assert torch.equal(out, same)
    assert float(out.abs().max()) < 8.0
    assert torch.isfinite(lowpass(audio, 22_050, 22_000.0, "24")).all()


def test_neutral_band_between_working_bands_changes_no_bit(noise) -> None:
    audio = noise(1, 2, 4_000)
    one = parametric_eq(audio, 44_100, bell_1_gain_db=5.0)
    moved = parametric_eq(audio, 44_100, bell_1_gain_db=5.0, bell_3_freq_hz=6000.0, bell_3_q=9.0, low_shelf_q=1.9)
    assert torch.equal(one, moved)


def test_dc_passes_the_equaliser_and_not_the_highpass() -> None:
    audio = torch.ones(1, 1, 96_000)
    assert float(parametric_eq(audio, 48_000, bell_2_gain_db=12.0)[0, 0, -1]) == pytest.approx(1.0, abs=1e-6)
    assert abs(float(highpass(audio, 48_000, 80.0)[0, 0, -1])) < 1e-6


def test_unknown_band_slope_and_range_are_named(noise) -> None:
    audio = noise(1, 1, 16)
    with pytest.raises(ParameterError, match=r"The equaliser has no bell_9_gain_db\. It has low_shelf_gain_db"):
        parametric_eq(audio, 44_100, bell_9_gain_db=1.0)
    with pytest.raises(ParameterError, match=r"slope_db_per_octave='18' does not exist\. Use '12' or '24'\."):
        highpass(audio, 44_100, 80.0, "18")
    with pytest.raises(ParameterError, match=r"lowpass\.freq_hz=100 Hz is outside 500 to 22000 Hz"):
        lowpass(audio, 44_100, 100.0)


@pytest.mark.parametrize(
    "audio", [torch.zeros(2, 8), torch.zeros(1, 2, 0), torch.zeros(1, 2, 8, dtype=torch.int16), torch.zeros(8).half()]
)
def test_audio_of_another_shape_or_type_is_refused(audio: Tensor) -> None:
    with pytest.raises(AudioShapeError, match=r"Use float32 or float64 of shape \(batch, channels, samples\)"):
        parametric_eq(audio, 44_100)
