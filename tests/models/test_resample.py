import numpy as np
import pytest
import soxr
import torch

from console.errors import AudioShapeError
from models.resample import resample

PAIRS = [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (22_050, 44_100), (8_000, 44_100), (44_101, 44_100)]


def _error_db(found, wanted):
    middle = slice(len(wanted) // 8, -len(wanted) // 8)  # sines that begin at once have no band limit at their ends
    return 20 * np.log10(np.std(found[middle] - wanted[middle]) / np.std(wanted[middle]))


@pytest.mark.parametrize(("rate_from", "rate_to"), PAIRS)
def test_sines_come_out_as_their_closed_form(rate_from, rate_to):
    generator = np.random.default_rng(3)
    freqs_hz = generator.uniform(20, 0.45 * min(rate_from, rate_to), (20, 1))
    phases = generator.uniform(0, 6, (20, 1))

    def sines(rate, samples):
        return np.sin(2 * np.pi * freqs_hz * np.arange(samples) / rate + phases).mean(axis=0)

    found = resample(torch.tensor(sines(rate_from, rate_from // 2), dtype=torch.float32), rate_from, rate_to).numpy()
    assert len(found) == round(rate_from // 2 * rate_to / rate_from)
    assert _error_db(found, sines(rate_to, len(found))) < -120.0


def test_noise_is_that_of_soxr():
    spectrum = np.fft.rfft(np.random.default_rng(4).standard_normal(48_000))
    spectrum[18_000:] = 0.0  # both filters pass 18 kHz whole
    audio = np.fft.irfft(spectrum)
    theirs = soxr.resample(audio, 48_000, 44_100, quality="VHQ")
    assert _error_db(resample(torch.tensor(audio), 48_000, 44_100).numpy(), theirs) < -80.0


def test_what_the_lower_rate_cannot_hold_is_gone():
    tone = torch.sin(2 * torch.pi * 30_000 * torch.arange(96_000, dtype=torch.float64) / 96_000)
    assert resample(tone, 96_000, 44_100)[4000:-4000].abs().max() < 1e-6


@pytest.mark.parametrize(("rate_from", "rate_to"), PAIRS)
@pytest.mark.parametrize("at", [0, -1])
def test_one_end_is_not_heard_at_the_other(rate_from, rate_to, at):
    click = torch.zeros(rate_from // 4)
    click[at] = 1.0
    heard = resample(click, rate_from, rate_to)
    far = heard[len(heard) // 2 :] if at == 0 else heard[: len(heard) // 2]
    assert far.abs().max() < 1e-6


@pytest.mark.parametrize(("samples", "wanted"), [(1, 1), (2, 2), (159, 146), (160, 147), (161, 148)])
def test_lengths_follow_the_rates(samples, wanted):
    assert resample(torch.ones(3, 2, samples), 48_000, 44_100).shape == (3, 2, wanted)


def test_equal_rates_change_nothing():
    audio = torch.randn(2, 100)
    assert resample(audio, 44_100, 44_100) is audio


def test_it_is_linear_and_its_gradient_exact():
    audio = torch.randn(1, 60, dtype=torch.float64, generator=torch.Generator().manual_seed(5), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: resample(x, 8, 7)[..., ::9], audio)


@pytest.mark.parametrize("rate", [0, -44_100, 44_100.5])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(AudioShapeError, match=r"rate_from=.* is not a positive whole number"):
        resample(torch.zeros(10), rate, 44_100)


def test_no_samples_are_refused():
    with pytest.raises(AudioShapeError, match="holds no samples"):
        resample(torch.zeros(2, 0), 48_000, 44_100)
