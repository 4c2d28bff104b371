"""Reverb and delay: decay, time, level and side of what comes back."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import signal

from console.errors import AudioShapeError, ParameterError
from console.space import delay, delay_response, reverb, reverb_response

DB = torch.float64
RATES = [22_050, 44_100, 48_000, 96_000, 192_000]


def room(sample_rate: int = 44_100, **values: float) -> NDArray[np.float64]:
    """The room's (2, samples) response."""
    knobs = {"decay_s": 1.0, "predelay_ms": 0.0, "damping_hz": 12_000.0, "size": 0.5} | values
    return reverb_response(sample_rate, **{name: torch.tensor(v, dtype=DB) for name, v in knobs.items()}).numpy()


def echoes(sample_rate: int = 44_100, **values: float) -> NDArray[np.float64]:
    """The delay's (2, samples) response."""
    knobs = {"time_ms": 100.0, "feedback": 0.5, "damping_hz": 20_000.0, "ping_pong": 0.0} | values
    return delay_response(sample_rate, **{name: torch.tensor(v, dtype=DB) for name, v in knobs.items()}).numpy()


def decay_time_s(response: NDArray[np.float64], sample_rate: int, freq_hz: float) -> float:
    """T30 of an octave band: Schroeder's backward integration, a line from -5 to -35 dB, times two."""
    band = signal.butter(4, [freq_hz / math.sqrt(2), freq_hz * math.sqrt(2)], "band", fs=sample_rate, output="sos")
    energy = (signal.sosfilt(band, response, axis=1) ** 2).sum(axis=0)
    left = np.cumsum(energy[::-1])[::-1]
    level_db = 10 * np.log10(left / left[0])
    first, last = int(np.argmax(level_db < -5)), int(np.argmax(level_db < -35))
    return -60 / float(np.polyfit(np.arange(first, last) / sample_rate, level_db[first:last], 1)[0])


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("decay_s", [0.3, 1.6, 4.0])
def test_mids_decay_by_60_db_in_decay_s(decay_s: float, sample_rate: int) -> None:
    """Measured: within 4.5 % from 0.3 to 8 s, 22.05 to 192 kHz."""
    response = room(sample_rate, decay_s=decay_s)
    for freq_hz in (500.0, 1000.0):
        assert decay_time_s(response, sample_rate, freq_hz) == pytest.approx(decay_s, rel=0.1)


def test_longest_decay_at_the_highest_rate_is_made() -> None:
    """8 s at 192 kHz needs more noise than any other setting."""
    response = room(192_000, decay_s=8.0)
    assert response.shape[1] >= 8 * 192_000
    assert np.isfinite(response).all()


def test_damping_shortens_highs_and_halves_the_decay_at_its_frequency() -> None:
    response = room(decay_s=2.0, damping_hz=4000.0)
    times = {freq_hz: decay_time_s(response, 44_100, freq_hz) for freq_hz in (250.0, 1000.0, 4000.0, 10_000.0)}
    assert sorted(times.values(), reverse=True) == list(times.values())
    assert times[250.0] == pytest.approx(2.0, rel=0.1)
    assert times[4000.0] == pytest.approx(1.0, rel=0.35)  # an octave across the edge of two bands
    assert times[10_000.0] < 0.8


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("size", [0.0, 1.0])
@pytest.mark.parametrize("decay_s", [0.1, 1.6])
def test_response_has_unit_energy(decay_s: float, size: float, sample_rate: int) -> None:
    response = room(sample_rate, decay_s=decay_s, size=size)
    assert (response**2).sum(axis=1).mean() == pytest.approx(1.0, abs=1e-9)
    energy = (response**2).sum(axis=1)
    assert 0.8 < energy[0] / energy[1] < 1.25, "the room must not lean to one side"


def test_the_two_sides_are_decorrelated() -> None:
    left, right = room()
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


@pytest.mark.parametrize("predelay_ms", [10.0, 200.0])
def test_predelay_shifts_the_whole_room_exactly(predelay_ms: float) -> None:
    plain, late = room(), room(predelay_ms=predelay_ms)
    shift = round(predelay_ms * 44.1)
    assert not late[:, :shift].any()
    np.testing.assert_allclose(late[:, shift : shift + 5_000], plain[:, :5_000], atol=1e-15)


def test_predelay_between_samples_is_a_fraction_of_a_sample() -> None:
    """Half a sample: the phase of a band-limited click says so, and whole samples on either side agree."""
    whole, half = room(48_000), room(48_000, predelay_ms=12.5 / 48)
    spectra = np.fft.rfft(np.stack((whole[0, :50_000], half[0, 12 : 12 + 50_000])))[:, 1_000:15_000].reshape(2, -1, 28)
    freqs = np.fft.rfftfreq(50_000)[1_000:15_000].reshape(-1, 28).mean(axis=1)
    phase = np.angle((spectra[1] * spectra[0].conj()).sum(axis=1))
    np.testing.assert_allclose(phase, -np.pi * freqs, atol=0.02)


def test_response_moves_smoothly_through_whole_samples() -> None:
    """The gradient in predelay is not broken where the integer part changes."""
    below, above = room(48_000, predelay_ms=(20 - 1e-9) / 48), room(48_000, predelay_ms=(20 + 1e-9) / 48)
    length = min(below.shape[1], above.shape[1])
    assert np.abs(below[:, :length] - above[:, :length]).max() < 1e-8


def test_size_spreads_the_early_part() -> None:
    """The first 12 ms hold most of a small room's reflections, and little of a large one's."""
    early = [(room(size=size, decay_s=0.4)[:, : round(0.013 * 44_100)] ** 2).sum() for size in (0.0, 0.5, 1.0)]
    assert early[0] > 1.5 * early[1] > 1.5 * early[2]


def test_early_reflections_stand_out_of_the_noise() -> None:
    """Few and strong: the fourth moment of noise of this envelope is below 6."""
    for size in (0.0, 0.5, 1.0):
        early = room(size=size, decay_s=0.4)[:, : round(0.012 * 44_100)]
        assert (early**4).mean() / (early**2).mean() ** 2 > 9


def test_the_room_is_the_same_room_in_every_version() -> None:
    """Settings saved today must sound the same tomorrow: three samples of the response are written down."""
    response = room(48_000, damping_hz=6000.0)
    kept = {(0, 1_000): -0.013254778517, (1, 5_000): -0.008328336611, (0, 20_000): -0.000140539690}
    for (side, sample), value in kept.items():
        assert response[side, sample] == pytest.approx(value, abs=1e-9)


def test_same_room_each_call_and_another_seed_nowhere() -> None:
    torch.manual_seed(1)
    first = room(decay_s=0.7)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    room(48_000, decay_s=3.0)
    assert np.array_equal(room(decay_s=0.7), first)
    assert torch.equal(torch.get_rng_state(), state), "the caller's random state is not touched"


def test_reverb_is_the_response_convolved_with_the_filtered_mono_sum(noise) -> None:
    audio = noise(1, 2, 3_000, dtype=DB)
    values = {"decay_s": 0.3, "predelay_ms": 5.0, "damping_hz": 6000.0, "size": 0.4}
    out = reverb(audio, 44_100, **values, colour_db=0.0, lowcut_hz=200.0, return_db=-6.0)[0].numpy()
    cut = signal.sosfilt(signal.butter(2, 200.0, "high", fs=44_100, output="sos"), audio[0].mean(dim=0).numpy())
    wanted = np.stack([np.convolve(cut, side)[:3_000] for side in room(**values)]) * 10 ** (-6 / 20)
    assert np.abs(out - wanted).max() < 1e-12


def test_colour_tilts_around_900_hz() -> None:
    impulse = torch.zeros(1, 1, 1 << 15, dtype=DB)
    impulse[..., 0] = 1.0
    plain, bright = (
        torch.fft.rfft(reverb(impulse, 44_100, decay_s=0.2, colour_db=colour, lowcut_hz=20.0)).abs()
        for colour in (0.0, 8.0)
    )
    tilt_db = 20 * torch.log10(bright / plain)[0, 0]
    at = {freq_hz: float(tilt_db[round(freq_hz * (1 << 15) / 44_100)]) for freq_hz in (60.0, 900.0, 15_000.0)}
    assert at[60.0] == pytest.approx(-4.0, abs=0.3)
    assert at[900.0] == pytest.approx(0.0, abs=0.1)
    assert at[15_000.0] == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("decay_s", [0.1, 1.0, 8.0])
def test_reverb_gradients_are_finite_at_the_ends_of_the_range(decay_s: float, noise) -> None:
    audio = noise(1, 2, 4_000).requires_grad_()
    values = {"decay_s": decay_s, "predelay_ms": 0.0, "damping_hz": 500.0, "size": 0.0, "colour_db": 12.0}
    knobs = {name: torch.tensor([value], dtype=DB, requires_grad=True) for name, value in values.items()}
    reverb(audio, 44_100, **knobs).square().sum().backward()
    for tensor in (audio, *knobs.values()):
        assert torch.isfinite(tensor.grad).all()


def peaks(response: NDArray[np.float64], time_ms: float, count: int, sample_rate: int = 44_100) -> list[list[float]]:
    """Sum of each echo around its time, per side: the low-pass passes 0 Hz whole, so the sum is its level."""
    step, reach = time_ms * sample_rate / 1000, round(0.3 * time_ms * sample_rate / 1000)
    return [
        [float(side[round(k * step) - reach : round(k * step) + reach].sum()) for side in response]
        for k in range(1, count + 1)
    ]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("feedback", [0.0, 0.3, 0.9])
def test_echoes_come_at_their_times_each_lower_by_the_feedback(feedback: float, sample_rate: int) -> None:
    response = echoes(sample_rate, feedback=feedback)
    for k, (left, right) in enumerate(peaks(response, 100.0, 5 if feedback else 2, sample_rate)):
        assert left == pytest.approx(feedback**k, abs=2e-3)
        assert right == left
    first = int(np.abs(response[0]).argmax())
    assert abs(first - 0.1 * sample_rate) <= 2
    assert np.abs(response[0][: round(0.098 * sample_rate)]).max() < 0.02, "nothing before the first echo but ringing"


def test_ping_pong_sends_echoes_left_and_right_in_turn() -> None:
    for ping_pong in (0.0, 0.4, 1.0):
        quiet = 1 - ping_pong
        for k, (left, right) in enumerate(peaks(echoes(ping_pong=ping_pong), 100.0, 4)):
            sides = (1.0, quiet) if k % 2 == 0 else (quiet, 1.0)
            assert (left, right) == pytest.approx((0.5**k * sides[0], 0.5**k * sides[1]), abs=2e-3)


def test_each_echo_passes_the_damping_once_more() -> None:
    """6 dB/octave: after k echoes a tone at damping_hz is 3 k dB down."""
    response = echoes(time_ms=100.0, feedback=0.8, damping_hz=2000.0)[0]
    for k in (1, 2, 3):
        at = round(k * 4410)
        echo = response[at - 2000 : at + 2200]
        spectrum = np.abs(np.exp(-2j * np.pi * np.outer([20.0, 2000.0], np.arange(echo.size) / 44_100)) @ echo)
        assert 20 * np.log10(spectrum[1] / spectrum[0]) == pytest.approx(-3.01 * k, abs=0.15)


def test_echoes_ring_down_to_60_db_or_10_s() -> None:
    assert echoes(feedback=0.9).shape[1] > 0.1 * 44_100 * math.log(1e-3) / math.log(0.9)
    assert echoes(feedback=0.0).shape[1] < 0.4 * 44_100
    assert echoes(time_ms=1500.0, feedback=0.9).shape[1] < 11 * 44_100


def test_delay_is_the_response_convolved_with_the_mono_sum(noise) -> None:
    audio = noise(1, 2, 9_000, dtype=DB)
    values = {"time_ms": 20.0, "feedback": 0.6, "damping_hz": 4000.0, "ping_pong": 0.7}
    out = delay(audio, 44_100, **values, return_db=3.0)[0].numpy()
    mono = audio[0].mean(dim=0).numpy()
    wanted = np.stack([signal.fftconvolve(mono, side)[:9_000] for side in echoes(**values)]) * 10 ** (3 / 20)
    assert np.abs(out - wanted).max() < 1e-12


def test_shortest_delay_is_a_comb_that_stays_stable(noise) -> None:
    out = delay(noise(1, 1, 44_100), 44_100, time_ms=1.0, feedback=0.9, damping_hz=20_000.0)
    assert float(out.abs().max()) < 10.0


def test_out_of_range_and_shape_are_named(noise) -> None:
    with pytest.raises(ParameterError, match=r"reverb\.decay_s=9 s is outside 0\.1 to 8 s"):
        reverb(noise(1, 1, 8), 44_100, decay_s=9.0)
    with pytest.raises(ParameterError, match=r"delay\.feedback=0\.95 0\.\.1 is outside 0 to 0\.9"):
        delay(noise(1, 1, 8), 44_100, feedback=0.95)
    with pytest.raises(AudioShapeError, match="does not fit"):
        reverb(noise(3, 1, 8)[0], 44_100)
