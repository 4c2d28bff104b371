"""The limiter: no true peak over the ceiling, ever; nothing touched below it; release as asked."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from console.errors import AudioShapeError, ParameterError
from console.limiter import latency, limiter, lookahead_samples
from console.true_peak import true_peak_dbtp

RATES = [44_100, 48_000, 96_000]
DB = torch.float64


def loud(name: str, sample_rate: int) -> Tensor:
    """Half a second of trouble, (1, 2, samples) float32."""
    rng = np.random.default_rng(4)
    n = np.arange(sample_rate // 2)
    between = {"fs/4": 4.0, "just above fs/4": 3.97, "just below fs/4": 4.05, "fs/2.5": 2.5, "fs/2.2": 2.2}
    if name in between:
        sides = [2 * np.sin(2 * np.pi * n / between[name] + phase) for phase in (0.7, 0.21)]
    elif name == "white noise":
        sides = rng.standard_normal((2, n.size))
    elif name == "clicks":
        sides = np.zeros((2, n.size))
        sides[:, ::997] = 8.0
        sides[0, 1::1511] = -5.0
        sides[1, 500:503] = (3.0, -3.0, 3.0)
    elif name == "random square":
        sides = [np.sign(rng.standard_normal(n.size)), np.sign(np.sin(2 * np.pi * n * 997.0 / sample_rate + 0.1))]
    elif name == "bursts near fs/4":
        sides = [np.sin(2 * np.pi * n / 3.9 + k) * (n % 4000 < 40) * 6 for k in (0, 1)]
    else:
        sides = 3 * np.ones((2, n.size))
    return torch.tensor(np.array(sides), dtype=torch.float32)[None]


SIGNALS = [
    "white noise",
    "clicks",
    "fs/4",
    "just above fs/4",
    "just below fs/4",
    "fs/2.5",
    "fs/2.2",
    "random square",
    "bursts near fs/4",
    "DC",
]


@pytest.mark.parametrize("sample_rate", [22_050, *RATES, 192_000])
@pytest.mark.parametrize("name", SIGNALS)
def test_true_peak_never_passes_the_ceiling(name: str, sample_rate: int) -> None:
    """Measured by the BS.1770 meter, whose interpolator is another one: 0.026 dB or more are left everywhere."""
    audio = loud(name, sample_rate)
    assert true_peak_dbtp(audio[0].numpy(), sample_rate) >= 0.0
    for ceiling_dbtp, gain_db, release_ms in ((-1.0, 0.0, 80.0), (-1.0, 24.0, 5.0), (-10.0, 6.0, 1000.0)):
        out = limiter(audio, sample_rate, ceiling_dbtp, gain_db, release_ms)
        assert true_peak_dbtp(out[0].numpy(), sample_rate) <= ceiling_dbtp


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_steady_signal_is_let_up_to_the_ceiling(sample_rate: int) -> None:
    """Not lower than it must be: within 0.1 dB."""
    n = np.arange(sample_rate)
    audio = torch.tensor(4 * np.sin(2 * np.pi * 441.0 / sample_rate * n), dtype=torch.float32).expand(1, 2, -1)
    out = limiter(audio, sample_rate, -3.0, release_ms=200.0)[0, :, sample_rate // 2 :].numpy()
    assert true_peak_dbtp(np.ascontiguousarray(out), sample_rate) == pytest.approx(-3.05, abs=0.06)


def test_below_the_ceiling_no_bit_changes(noise) -> None:
    audio = noise(1, 2, 5_000, level=0.3)
    assert torch.equal(limiter(audio, 44_100, -1.0), audio)
    assert torch.equal(limiter(audio.double(), 44_100, -1.0), audio.double())


def test_input_gain_is_plain_gain_below_the_ceiling(noise) -> None:
    audio = noise(1, 2, 5_000, level=0.05, dtype=DB)
    torch.testing.assert_close(limiter(audio, 44_100, -1.0, 12.0), audio * 10 ** (12 / 20), rtol=1e-14, atol=0)


def click_gain(sample_rate: int, release_ms: float) -> tuple[Tensor, int]:
    """Gain around one peak 12 dB over the ceiling in a quiet tone: (samples,), and where the peak is."""
    n = torch.arange(sample_rate, dtype=DB)
    tone = 0.01 * torch.cos(2 * math.pi * 50 * n / sample_rate) + 0.05
    at = sample_rate // 4
    tone[at] = 4.0 * 10 ** (-1.05 / 20)
    return (limiter(tone[None, None], sample_rate, -1.0, release_ms=release_ms)[0, 0] / tone), at


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("release_ms", [20.0, 80.0, 200.0])
def test_release_time_is_honoured(release_ms: float, sample_rate: int) -> None:
    """The reduction (as a factor) has 37 % left release_ms after the peak, counted from the lookahead's middle."""
    gain, at = click_gain(sample_rate, release_ms)
    later = at + round(release_ms * sample_rate / 1000) + lookahead_samples(sample_rate) // 2
    assert float(gain[at]) == pytest.approx(0.25, abs=0.001)
    assert float(1 - gain[later]) == pytest.approx(0.75 * math.exp(-1), rel=0.02)


@pytest.mark.parametrize("sample_rate", RATES)
def test_gain_comes_down_within_the_lookahead_and_no_earlier(sample_rate: int) -> None:
    gain, at = click_gain(sample_rate, 80.0)
    start = at - lookahead_samples(sample_rate) - 20
    assert torch.equal(gain[:start], torch.ones(start, dtype=DB))
    ramp = gain[start : at + 1]
    assert (ramp[1:] <= ramp[:-1]).all()
    # Straight, so that it does not click: no step above twice the mean slope.
    assert float((ramp[:-1] - ramp[1:]).max()) < 2 * 0.75 / lookahead_samples(sample_rate)


def test_both_sides_get_one_gain() -> None:
    n = torch.arange(8_000, dtype=DB)
    left = 3 * torch.sin(2 * math.pi * 100 * n / 44_100)
    right = 0.01 * torch.cos(2 * math.pi * 70 * n / 44_100) + 0.02
    out = limiter(torch.stack((left, right))[None], 44_100, -1.0)[0]
    inside = left.abs() > 0.1
    torch.testing.assert_close((out[0] / left)[inside], (out[1] / right)[inside], rtol=1e-12, atol=0)


def test_latency_is_lookahead_and_detector() -> None:
    assert lookahead_samples(48_000) == 96
    assert lookahead_samples(100) == 1
    assert latency(48_000) == 96 + 16


def test_gradient_reaches_what_made_the_peak(noise) -> None:
    """Audio above the ceiling at one point only: the gradient of the rest flows through that point."""
    audio = noise(1, 1, 2_000, level=0.1, dtype=DB)
    audio[0, 0, 1_000] = 3.0
    audio.requires_grad_()
    limiter(audio, 44_100, -1.0)[0, 0, 1_100:1_200].square().sum().backward()
    assert int(audio.grad.abs().argmax()) == 1_000 or float(audio.grad[0, 0, 1_000]) < 0
    assert float(audio.grad[0, 0, 1_000].abs()) > 1e-4


def test_out_of_range_and_shape_are_named(noise) -> None:
    with pytest.raises(ParameterError, match=r"limiter\.ceiling_dbtp=1 dBTP is outside -20 to 0 dBTP"):
        limiter(noise(1, 2, 8), 44_100, 1.0)
    with pytest.raises(AudioShapeError, match="holds 2 items"):
        limiter(noise(2, 2, 8), 44_100)
