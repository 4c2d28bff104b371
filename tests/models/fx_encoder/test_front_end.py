import numpy as np
import pytest
import torch

from console.loudness import k_weighting_sos
from models.fx_encoder.front_end import FLOOR_DB, SAMPLE_RATE, TONE_BANDS, WINDOW_SAMPLES, hear
from models.fx_encoder.short_time import short_time_power
from models.fx_encoder.statistics import STATISTICS, statistics


def noise(batch: int = 1, level: float = 0.1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return level * torch.randn((batch, 2, WINDOW_SAMPLES), generator=generator)


def test_short_time_power_is_torchs() -> None:
    signal = noise()[0, :, :5000].double()
    window = torch.hann_window(512, dtype=torch.float64)
    wanted = torch.stft(signal, 512, 256, window=window, center=False, return_complex=True).abs().square()
    torch.testing.assert_close(short_time_power(signal, 512), wanted.transpose(1, 2))


@pytest.mark.parametrize("samples", [16, 17, 50])
def test_short_time_power_has_the_true_gradient(samples: int) -> None:
    signal = torch.randn((2, samples), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda x: short_time_power(x, 16), (signal.requires_grad_(),))


def test_rows_have_the_shapes_they_say() -> None:
    rows = hear(noise(2))
    assert rows.tone.shape == (2, 2 * TONE_BANDS, 214)
    assert rows.flatness.shape == (2, 20, 214)
    assert rows.time.shape == (2, 15, 860)
    assert rows.lean.shape == rows.skew.shape == (2, 2)
    assert statistics(rows).shape == (2, STATISTICS)


def test_level_changes_nothing() -> None:
    audio = noise()
    torch.testing.assert_close(statistics(hear(audio)), statistics(hear(0.01 * audio)), atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_silence_and_dc_are_finite(value: float) -> None:
    numbers = statistics(hear(torch.full((1, 2, WINDOW_SAMPLES), value)))
    assert numbers.isfinite().all()


def test_a_tone_stands_in_its_band_against_its_k_weighted_level() -> None:
    time_s = torch.arange(WINDOW_SAMPLES, dtype=torch.float64) / SAMPLE_RATE
    audio = 0.3 * torch.sin(2 * np.pi * 1000.0 * time_s).to(torch.float32).expand(1, 2, -1)
    rows = hear(audio)
    rms_row_db = float(rows.time[0, 13].mean())  # RMS of the mid against the K-weighted level
    w = np.exp(-2j * np.pi * 1000.0 / SAMPLE_RATE)
    gain = 1.0
    for b0, b1, b2, a0, a1, a2 in k_weighting_sos(SAMPLE_RATE).tolist():
        gain *= abs((b0 + b1 * w + b2 * w * w) / (a0 + a1 * w + a2 * w * w))
    assert rms_row_db == pytest.approx(-20 * np.log10(gain), abs=0.1)
    mid = rows.tone[0, :TONE_BANDS].mean(dim=-1)
    centre = int(mid.argmax())
    assert 25.0 * (19000 / 25.0) ** ((centre + 1) / (TONE_BANDS + 1)) == pytest.approx(1000.0, rel=0.06)
    assert float(rows.tone[0, TONE_BANDS:].max()) == pytest.approx(FLOOR_DB, abs=1e-3)  # no side


def test_lean_and_skew_have_signs() -> None:
    right = noise()
    right[:, 0] *= 0.1
    assert float(hear(right).lean[0, 0]) == pytest.approx((1 - 0.01) / (1 + 0.01), abs=0.01)
    assert float(hear(noise().abs()).skew[0, 0]) > 1.0


def test_statistics_of_every_kind_take_a_gradient() -> None:
    audio = noise().requires_grad_()
    numbers = statistics(hear(audio))
    numbers.std().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
    assert float(audio.grad.abs().max()) > 0.0


def test_onset_and_decay_show_in_the_trajectories() -> None:
    """Noise bursts that die fast or slowly differ most in what follows the peaks."""
    time_s = torch.arange(WINDOW_SAMPLES) / SAMPLE_RATE
    since = time_s % 0.5
    fast, slow = (noise() * torch.exp(-since / decay) for decay in (0.03, 0.2))
    rows = torch.cat((hear(fast).time, hear(slow).time))
    after = 20  # frames of 5.8 ms after each burst's start
    starts = torch.arange(1, 9) * 0.5 * SAMPLE_RATE / 256
    level = rows[:, 13][:, (starts + after).long()].mean(dim=1)
    assert float(level[1] - level[0]) > 15.0


def test_what_is_kept_serves_gradients_though_made_without_them() -> None:
    from models.fx_encoder.constants import kept

    @kept
    def make(size: int) -> torch.Tensor:
        return torch.ones(size)

    with torch.inference_mode():
        assert make(3).sum() == 3
    value = torch.ones(3, requires_grad=True)
    (value * make(3)).sum().backward()
    assert value.grad is not None
