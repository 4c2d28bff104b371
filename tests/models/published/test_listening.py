import pytest
import torch
from torch import nn

from console.errors import AudioShapeError
from models.published.listening import SAMPLE_RATE, WINDOW_SAMPLES, WindowedEncoder


class _Powers(nn.Module):
    """Stand for a network: mean square and mean absolute value of each channel; remembers what it was given."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False)
        self.given = []

    def forward(self, audio):
        self.given.append(tuple(audio.shape))
        return torch.cat((audio.square().mean(dim=-1), audio.abs().mean(dim=-1)), dim=-1) * self.scale


def encoder(**settings):
    return WindowedEncoder(_Powers(), "powers", 4, **settings)


def noise(seconds, batch=1, rate=SAMPLE_RATE, seed=1):
    return 0.1 * torch.randn(batch, 2, int(seconds * rate), generator=torch.Generator().manual_seed(seed))


def test_level_changes_nothing_unless_it_is_kept():
    audio = noise(1.0) * torch.tensor([1.0, 0.3])[:, None]
    level, kept = encoder(), encoder(keep_level=True)
    for gain in (1e-4, 0.1, 30.0, 1e6):
        assert torch.allclose(level.embed(gain * audio, SAMPLE_RATE), level.embed(audio, SAMPLE_RATE), rtol=1e-4)
    assert torch.allclose(kept.embed(2 * audio, SAMPLE_RATE)[:, :2], 4 * kept.embed(audio, SAMPLE_RATE)[:, :2])


def test_each_item_of_a_batch_is_brought_to_minus_20_dbfs():
    audio = noise(12.0, batch=2) * torch.tensor([0.01, 5.0])[:, None, None]
    powers = encoder(max_windows=9).embed(audio, SAMPLE_RATE)[:, :2]
    assert torch.allclose(powers.mean(dim=-1), torch.tensor(0.01), rtol=0.01)


def test_level_within_the_audio_stays():
    audio = torch.cat((noise(10.0), 0.1 * noise(10.0, seed=2)), dim=-1)
    network = _Powers()
    embedding = WindowedEncoder(network, "powers", 4).embed(audio, SAMPLE_RATE)
    assert embedding[0, 0] == pytest.approx(0.01, rel=0.01)
    assert network.given == [(1, 2, WINDOW_SAMPLES)] * 2


@pytest.mark.parametrize(("seconds", "windows"), [(9.999, 1), (10.0, 1), (10.001, 2), (25.0, 3), (45.0, 4)])
def test_long_audio_is_heard_in_windows(seconds, windows):
    network = _Powers()
    WindowedEncoder(network, "powers", 4, max_windows=4).embed(
        torch.ones(1, 2, int(seconds * SAMPLE_RATE)), SAMPLE_RATE
    )
    assert len(network.given) == windows
    assert all(given[-1] <= WINDOW_SAMPLES for given in network.given)


def test_the_network_never_hears_more_than_four_rows_at_once():
    network = _Powers()
    audio = noise(0.1, batch=9)
    together = WindowedEncoder(network, "powers", 4).embed(audio, SAMPLE_RATE)
    assert [given[0] for given in network.given] == [4, 4, 1]
    assert torch.allclose(together[8:], encoder().embed(audio[8:], SAMPLE_RATE))


def test_no_silence_is_added_at_the_end():
    assert encoder(keep_level=True).embed(noise(12.0), SAMPLE_RATE)[0, 0] == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize("samples", [1, 2, 1000, SAMPLE_RATE - 1])
def test_short_audio_is_repeated_to_a_second(samples):
    network = _Powers()
    audio = noise(1.0)[..., :samples]
    embedding = WindowedEncoder(network, "powers", 4, keep_level=True).embed(audio, SAMPLE_RATE)
    assert network.given == [(1, 2, SAMPLE_RATE)]
    assert torch.allclose(embedding[:, :2], audio.square().mean(dim=-1), rtol=0.05)


@pytest.mark.parametrize("rate", [8_000, 44_101, 96_000])
def test_the_network_always_hears_44100_hz(rate):
    network = _Powers()
    embed = WindowedEncoder(network, "powers", 4).embed
    embed(noise(10.0, rate=rate), rate)
    embed(noise(2.0, rate=rate), rate)
    assert network.given == [(1, 2, WINDOW_SAMPLES), (1, 2, 2 * SAMPLE_RATE)]


def test_hearing_windows_twice_gives_the_same_gradient():
    audio = noise(15.0).requires_grad_(True)
    weights = torch.linspace(-1, 1, 4)
    whole = WindowedEncoder(_Powers(), "powers", 4)
    (gradient,) = torch.autograd.grad((whole.embed(audio, SAMPLE_RATE) * weights).sum(), audio)
    power = audio.square().mean(dim=(1, 2), keepdim=True)
    heard = audio * (0.1 / (power + 1e-16).sqrt())
    starts = (0, 5 * SAMPLE_RATE)
    plain = sum(_Powers()(heard[..., start : start + WINDOW_SAMPLES]) for start in starts) / 2
    (wanted,) = torch.autograd.grad((plain * weights).sum(), audio)
    assert torch.allclose(gradient, wanted, atol=1e-3 * float(wanted.abs().max()))


def test_many_rows_have_the_gradient_of_each():
    audio = noise(0.1, batch=5).requires_grad_(True)
    weights = torch.linspace(-1, 1, 4)
    together, apart = (
        torch.autograd.grad((encoder().embed(rows, SAMPLE_RATE) * weights).sum(), audio)[0]
        for rows in (audio, audio[4:])
    )
    assert torch.allclose(together[4:], apart[4:], atol=1e-6 * float(apart.abs().max()))
    assert together[:4].abs().amax(dim=(1, 2)).min() > 0


def test_windows_are_forgotten_until_the_gradient_asks():
    network = _Powers()
    embedding = WindowedEncoder(network, "powers", 4).embed(noise(25.0).requires_grad_(True), SAMPLE_RATE)
    assert len(network.given) == 3
    embedding.sum().backward()
    assert len(network.given) == 6


def test_silence_gives_finite_numbers_and_gradients():
    audio = torch.zeros(1, 2, 500, requires_grad=True)
    embedding = encoder().embed(audio, 48_000)
    embedding.sum().backward()
    assert torch.equal(embedding, torch.zeros(1, 4))
    assert audio.grad.isfinite().all()


def test_the_mean_of_unit_vectors_has_length_one():
    embedding = encoder(unit_length=True).embed(noise(12.0, batch=2), SAMPLE_RATE)
    assert torch.allclose(embedding.norm(dim=-1), torch.ones(2))


@pytest.mark.parametrize("shape", [(1, 1, 100), (2, 100), (1, 2, 0), (1, 3, 100)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(AudioShapeError, match="Use stereo, one sample at least"):
        encoder().embed(torch.zeros(shape), SAMPLE_RATE)


@pytest.mark.parametrize("rate", [0, -1, 44_100.5])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(AudioShapeError, match=r"sample_rate=.* is not a positive whole number"):
        encoder().embed(torch.zeros(1, 2, 100), rate)
