"""Saturation: harmonics where they belong, aliases where they are not heard, levels that hold."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from console.errors import ParameterError
from console.saturation import REFERENCE_PEAK, saturate

SHAPES = ["tape", "tube", "clip"]
N = 1 << 15
each = pytest.mark.parametrize("shape", SHAPES)


def bin_near(freq_hz: float, sample_rate: int) -> int:
    """An odd bin: no alias of a harmonic can fall on another harmonic."""
    return round(freq_hz * N / sample_rate) | 1


def settled_spectrum(
    shape: str, freq_hz: float, peak: float, drive_db: float, sample_rate: int = 44_100, mix: float = 1.0
) -> tuple[NDArray[np.complex128], int]:
    """Amplitudes of a sine after saturation, and the sine's bin; a whole number of periods, the edges left out."""
    tone = bin_near(freq_hz, sample_rate)
    sine = peak * torch.sin(2 * math.pi * tone * torch.arange(3 * N, dtype=torch.float64) / N)
    out = saturate(sine[None, None], sample_rate, drive_db, mix, shape=shape)[0, 0, N : 2 * N].numpy()
    return np.fft.rfft(out) * 2 / N, tone


def level_db(amplitude: complex) -> float:
    return float(20 * np.log10(np.abs(amplitude) + 1e-30))


def alias_db(spectrum: NDArray[np.complex128], tone: int) -> float:
    """Energy that is no harmonic, against the fundamental, dB."""
    power = np.abs(spectrum) ** 2
    kept = np.ones(power.size, dtype=bool)
    kept[::tone] = False
    return float(10 * np.log10(power[kept].sum() / power[tone] + 1e-30))


@each
@pytest.mark.parametrize("drive_db", [0.0, 12.0, 40.0])
def test_small_signals_see_the_drive_less_the_make_up(shape: str, drive_db: float) -> None:
    """The curves have slope 1 at rest, so a whisper is only raised: by the drive and by what the reference loses."""
    drive = 10 ** (drive_db / 20)
    held = min(drive * REFERENCE_PEAK, 1.0) if shape == "clip" else 1 / math.hypot(1, 1 / (drive * REFERENCE_PEAK))
    spectrum, tone = settled_spectrum(shape, 1000.0, 1e-6, drive_db)
    assert level_db(spectrum[tone] / 1e-6) == pytest.approx(20 * math.log10(drive * REFERENCE_PEAK / held), abs=0.02)


@pytest.mark.parametrize("shape", ["tape", "clip"])
@pytest.mark.parametrize("drive_db", [6.0, 20.0, 40.0])
def test_symmetric_curves_make_odd_harmonics_only(shape: str, drive_db: float) -> None:
    spectrum, tone = settled_spectrum(shape, 300.0, 1.0, drive_db)
    odd, even = np.abs(spectrum[3 * tone :: 2 * tone]), np.abs(spectrum[2 * tone :: 2 * tone])
    assert odd.max() > 0.05
    assert even.max() < 1e-9
    assert level_db(spectrum[0]) < -200


@pytest.mark.parametrize(("drive_db", "peak"), [(6.0, REFERENCE_PEAK), (6.0, 1.0), (20.0, REFERENCE_PEAK)])
def test_tube_makes_even_harmonics_too_and_no_dc(drive_db: float, peak: float) -> None:
    """The second harmonic stands 18 to 23 dB under the fundamental; DC is 60 dB under it after one second."""
    tone = bin_near(300.0, 44_100)
    sine = peak * torch.sin(2 * math.pi * tone * torch.arange(4 * N, dtype=torch.float64) / N)
    out = saturate(sine[None, None], 44_100, drive_db, 1.0, shape="tube")[0, 0, 2 * N : 3 * N].numpy()
    spectrum = np.fft.rfft(out) * 2 / N
    assert -24 < level_db(spectrum[2 * tone] / spectrum[tone]) < -15
    assert level_db(spectrum[3 * tone] / spectrum[tone]) < -15
    assert level_db(spectrum[0] / spectrum[tone]) < -60


@each
@pytest.mark.parametrize("drive_db", [0.0, 6.0, 20.0, 40.0])
def test_reference_sine_keeps_its_peak(shape: str, drive_db: float) -> None:
    """A sine at -18 dBFS RMS: exactly for the symmetric curves, within 3 dB for the tube's lopsided one."""
    sine = REFERENCE_PEAK * torch.sin(2 * math.pi * 441 * torch.arange(44_100, dtype=torch.float64) / 44_100)
    out = saturate(sine[None, None], 44_100, drive_db, 1.0, shape=shape)[0, 0, 22_050:-100]
    swing = float(out.max() - out.min()) / (2 * REFERENCE_PEAK)
    ringing_db = 2.0 if shape == "clip" and drive_db > 10 else 0.2  # a clipped sine's edges, band-limited
    assert 20 * math.log10(swing) == pytest.approx(0.0, abs=3.0 if shape == "tube" else ringing_db)


# Measured at 44.1 kHz, all that is no harmonic against the fundamental, dB. Bounds are 2 dB above the measurement.
# A programme peak of -15 dBFS (the reference) and a full-scale sine, the worst there is.
ALIASES = {
    # (shape, drive_db): (5 kHz reference, 7 kHz reference, 5 kHz full scale, 7 kHz full scale)
    ("tape", 6.0): (-116.0, -154.0, -73.0, -114.0),
    ("tape", 20.0): (-74.0, -116.0, -60.0, -58.0),
    ("tape", 40.0): (-53.0, -50.0, -45.0, -44.0),
    ("tube", 6.0): (-133.0, -144.0, -76.0, -116.0),
    ("tube", 20.0): (-79.0, -117.0, -60.0, -58.0),
    ("tube", 40.0): (-54.0, -50.0, -45.0, -44.0),
    ("clip", 6.0): (-200.0, -200.0, -69.0, -71.0),
    ("clip", 20.0): (-74.0, -68.0, -59.0, -55.0),
    ("clip", 40.0): (-50.0, -47.0, -44.0, -44.0),
}


@pytest.mark.parametrize(("shape", "drive_db"), ALIASES)
def test_aliases_stay_under_the_measured_bounds(shape: str, drive_db: float) -> None:
    cases = [(freq_hz, peak) for peak in (REFERENCE_PEAK, 1.0) for freq_hz in (5000.0, 7000.0)]
    for (freq_hz, peak), bound in zip(cases, ALIASES[shape, drive_db], strict=True):
        assert alias_db(*settled_spectrum(shape, freq_hz, peak, drive_db)) < bound, (freq_hz, peak)


@each
def test_oversampling_helps(shape: str) -> None:
    """The same curve without oversampling aliases at least 15 dB more."""
    tone = bin_near(5000.0, 44_100)
    drive = 10 ** (20.0 / 20)
    t = drive * REFERENCE_PEAK * np.sin(2 * np.pi * tone * np.arange(N) / N)
    bias = {"tape": 0.0, "tube": 0.35, "clip": 0.0}[shape]
    plain = np.clip(t, -1, 1) if shape == "clip" else (t + bias) / np.sqrt(1 + (t + bias) ** 2)
    ours = alias_db(*settled_spectrum(shape, 5000.0, REFERENCE_PEAK, 20.0))
    assert ours < alias_db(np.fft.rfft(plain - plain.mean()), tone) - 15


@each
def test_band_limiting_is_flat_and_in_time(shape: str) -> None:
    """Where the curve is straight only the filters are heard: 0.1 dB to 18 kHz at 44.1 kHz, no delay."""
    impulse = torch.zeros(1, 1, 2001, dtype=torch.float64)
    impulse[..., 1000] = 1e-4
    out = saturate(impulse, 44_100, 0.0, 1.0, shape=shape)[0, 0]
    assert int(out.abs().argmax()) == 1000
    response_db = 20 * torch.log10(torch.fft.rfft(out).abs() / 1e-4)
    freqs_hz = torch.fft.rfftfreq(2001, 1 / 44_100)
    held_db = 20 * math.log10(math.hypot(1, REFERENCE_PEAK)) if shape != "clip" else 0.0
    heard = (freqs_hz > 100) & (freqs_hz < 18_000)
    assert float((response_db[heard] - held_db).abs().max()) < 0.1


@each
def test_mix_of_zero_changes_no_bit_at_any_drive(shape: str, noise) -> None:
    audio = noise(2, 2, 777)
    assert torch.equal(saturate(audio, 44_100, 40.0, 0.0, 24.0, shape), audio)


@each
def test_mix_is_linear_between_dry_and_wet(shape: str, noise) -> None:
    audio = noise(1, 2, 777, dtype=torch.float64)
    wet = saturate(audio, 44_100, 18.0, 1.0, shape=shape)
    half = saturate(audio, 44_100, 18.0, 0.5, shape=shape)
    torch.testing.assert_close(half, (audio + wet) / 2, rtol=0, atol=1e-14)


@each
def test_output_gain_is_on_the_driven_path_only(shape: str, noise) -> None:
    audio = noise(1, 2, 777, dtype=torch.float64)
    wet = saturate(audio, 44_100, 18.0, 1.0, 0.0, shape)
    louder = saturate(audio, 44_100, 18.0, 0.5, 6.0, shape)
    torch.testing.assert_close(louder, audio / 2 + wet * 10 ** (6 / 20) / 2, rtol=0, atol=1e-14)


def test_polarity_is_kept_by_symmetric_curves_and_heard_by_the_tube(noise) -> None:
    audio = noise(1, 1, 2000, dtype=torch.float64)
    for shape in ("tape", "clip"):
        flipped = -saturate(-audio, 44_100, 20.0, 1.0, shape=shape)
        torch.testing.assert_close(flipped, saturate(audio, 44_100, 20.0, 1.0, shape=shape), rtol=0, atol=1e-14)
    tube = saturate(audio, 44_100, 20.0, 1.0, shape="tube")
    assert float((tube + saturate(-audio, 44_100, 20.0, 1.0, shape="tube")).abs().max()) > 0.01


def test_unknown_shape_and_range_are_named(noise) -> None:
    with pytest.raises(ParameterError, match=r"saturation\.type='fuzz' is not a choice\. Use one of tape, tube"):
        saturate(noise(1, 1, 8), 44_100, 6.0, 1.0, shape="fuzz")
    with pytest.raises(ParameterError, match=r"saturation\.drive_db=41 dB is outside 0 to 40 dB"):
        saturate(noise(1, 1, 8), 44_100, 41.0, 1.0)
