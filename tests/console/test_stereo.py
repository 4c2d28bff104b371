"""Width, pan and low-frequency mono."""

import math

import numpy as np
import pytest
import torch
from scipy import signal

from console.errors import ParameterError
from console.stereo import pan_gains, place, side_highpass

DB = torch.float64


def test_pan_law_keeps_the_power_and_the_centre() -> None:
    pan = torch.linspace(-1, 1, 201, dtype=DB)
    gains = pan_gains(pan)
    torch.testing.assert_close(gains.square().sum(dim=1), torch.full_like(pan, 2.0))
    assert pan_gains(torch.zeros(1, dtype=DB)).tolist() == [[1.0, 1.0]]
    torch.testing.assert_close(gains[0], torch.tensor([math.sqrt(2), 0.0], dtype=DB))
    torch.testing.assert_close(gains[-1], torch.tensor([0.0, math.sqrt(2)], dtype=DB))
    assert (gains[1:, 1] > gains[:-1, 1]).all()
    assert (gains[1:, 0] < gains[:-1, 0]).all()


def test_pan_has_its_true_gradient_in_the_centre() -> None:
    """The centre's gain is set to exactly 1; its slope must stay that of the law."""
    pan = torch.zeros(1, dtype=DB, requires_grad=True)
    slopes = [torch.autograd.grad(pan_gains(pan)[0, side], pan)[0].item() for side in (0, 1)]
    assert slopes == pytest.approx([-math.pi / 4, math.pi / 4])


def test_mono_goes_to_both_sides_with_constant_power(noise) -> None:
    audio = noise(1, 1, 1_000, dtype=DB)
    for pan in (-1.0, -0.4, 0.0, 0.7, 1.0):
        out = place(audio, pan=pan)
        assert out.shape == (1, 2, 1_000)
        torch.testing.assert_close(out.square().sum(), 2 * audio.square().sum())
    assert not place(audio, pan=-1.0)[0, 1].abs().max() > 1e-15


def test_width_scales_the_side_and_nothing_else(noise) -> None:
    audio = noise(1, 2, 1_000, dtype=DB)
    mid, side = (audio[:, 0] + audio[:, 1]) / 2, (audio[:, 0] - audio[:, 1]) / 2
    for width in (0.0, 0.3, 1.0, 2.0):
        out = place(audio, width=width)
        torch.testing.assert_close((out[:, 0] + out[:, 1]) / 2, mid)
        torch.testing.assert_close((out[:, 0] - out[:, 1]) / 2, width * side)
    mono = place(audio, width=0.0)
    assert torch.equal(mono[:, 0], mono[:, 1])


def test_width_means_nothing_to_mono(noise) -> None:
    audio = noise(1, 1, 100)
    assert torch.equal(place(audio, width=2.0), place(audio, width=0.0))


def test_gain_pan_and_width_are_one_matrix(noise) -> None:
    """Against the steps one after the other."""
    audio = noise(3, 2, 500, dtype=DB)
    width, pan, gain = (torch.tensor(v, dtype=DB) for v in ([0.2, 1.0, 1.7], [-0.6, 0.0, 0.9], [0.5, 1.0, 2.0]))
    wanted = place(place(audio, width=width), pan=pan) * gain[:, None, None]
    torch.testing.assert_close(place(audio, width, pan, gain), wanted, rtol=0, atol=1e-14)


def test_gradient_does_not_depend_on_the_shortcut_at_unit_width(noise) -> None:
    """Width 1 skips the cross terms unless width is being tuned: the outcome is the same."""
    audio = noise(1, 2, 50, dtype=DB)
    width = torch.ones(1, dtype=DB, requires_grad=True)
    tuned = place(audio, width, 0.3)
    assert torch.equal(tuned.detach(), place(audio, 1.0, 0.3))
    (gradient,) = torch.autograd.grad(tuned[0, 0].sum(), width)
    side = (audio[0, 0] - audio[0, 1]) / 2
    torch.testing.assert_close(gradient, pan_gains(torch.tensor([0.3], dtype=DB))[0, :1] * side.sum())


def test_mono_below_is_a_butterworth_on_the_side(noise) -> None:
    audio = noise(1, 2, 6_000, dtype=DB)
    left, right = audio[0].numpy()
    side = signal.sosfilt(signal.butter(2, 150.0, "high", fs=44_100, output="sos"), (left - right) / 2)
    wanted = np.stack(((left + right) / 2 + side, (left + right) / 2 - side))
    assert np.abs(side_highpass(audio, 44_100, 150.0)[0].numpy() - wanted).max() < 1e-12


def test_lows_are_mono_highs_are_not() -> None:
    n = torch.arange(44_100, dtype=DB)
    for freq_hz, kept_db in ((30.0, -29.5), (1500.0, 0.0)):
        tone = torch.sin(2 * math.pi * freq_hz * n / 44_100)
        out = side_highpass(torch.stack((tone, -tone))[None], 44_100, 165.0)[0, :, 22_050:]
        assert 20 * math.log10(float(out.abs().max())) == pytest.approx(kept_db, abs=0.2)


def test_mono_is_returned_as_it_is(noise) -> None:
    audio = noise(1, 1, 100)
    assert torch.equal(side_highpass(audio, 44_100, 500.0), audio)


def test_out_of_range_is_named(noise) -> None:
    with pytest.raises(ParameterError, match=r"stereo\.width=2\.5 0\.\.2 is outside 0 to 2"):
        place(noise(1, 2, 8), width=2.5)
    with pytest.raises(ParameterError, match=r"stereo\.pan=-1\.1"):
        place(noise(1, 2, 8), pan=-1.1)
    with pytest.raises(ParameterError, match=r"stereo\.mono_below_hz=600 Hz is outside 5 to 500 Hz"):
        side_highpass(noise(1, 2, 8), 44_100, 600.0)
