import numpy as np
import pytest
import torch
from scipy.signal import correlate

from console.errors import ModelError
from models.published import load_fxencoder
from models.published.fxencoder import LAYERS, FXencoderNetwork, Layer

RATE = 44_100
SMALL = tuple(Layer(max(2, layer.channels // 64), layer.kernel, layer.stride) for layer in LAYERS)


def published(layers, seed=7):
    """Random weights in the layout of the authors' checkpoint, written out from their layer table."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    width = 2
    for index, layer in enumerate(layers):
        for part, channels in ((1, width), (2, layer.channels)):
            stem = f"module.encoder.{index}.conv{part}.conv1d"
            scale = (2.0 / (width * layer.kernel)) ** 0.5
            weights |= {
                f"{stem}.conv1d.weight": scale * torch.randn(channels, width, layer.kernel, generator=generator),
                f"{stem}.conv1d.bias": 0.05 * torch.randn(channels, generator=generator),
                f"{stem}.batch_norm.weight": 0.5 + torch.rand(channels, generator=generator),
                f"{stem}.batch_norm.bias": 0.2 * torch.randn(channels, generator=generator),
                f"{stem}.batch_norm.running_mean": 0.05 * torch.randn(channels, generator=generator),
                f"{stem}.batch_norm.running_var": 0.5 + torch.rand(channels, generator=generator),
                f"{stem}.batch_norm.num_batches_tracked": torch.tensor(9),
            }
        width = layer.channels
    return weights


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "FXencoder_ps.pt"
    torch.save({"model": published(SMALL), "optimizer": {"state": {}, "lr": 2e-4}, "epoch": 100}, path)
    return path


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return load_fxencoder(checkpoint, layers=SMALL)


def tones(seconds, rate=RATE):
    time_s = torch.arange(int(seconds * rate), dtype=torch.float64) / rate
    swell = torch.sin(torch.pi * time_s / seconds) ** 2
    left = sum(torch.sin(2 * torch.pi * hz * time_s) / hz**0.5 for hz in (110.0, 440.0, 1320.0, 5000.0, 12000.0))
    right = sum(torch.sin(2 * torch.pi * hz * time_s) / hz**0.5 for hz in (110.0, 550.0, 2000.0, 9000.0))
    return (3.0 * swell * torch.stack((left, right)))[None].float()


def by_hand(weights, layers, audio):
    """The same network in numpy, from the checkpoint's own names. audio: (2, samples)."""
    weights = {name.removeprefix("module.encoder."): tensor.double().numpy() for name, tensor in weights.items()}

    def convolved(x, stem, kernel, stride):
        before = (kernel - 1) // 2
        x = np.pad(x, ((0, 0), (before, kernel - 1 - before)), mode="reflect")
        filters = weights[f"{stem}.conv1d.weight"]
        x = np.stack([sum(correlate(row, f, "valid") for row, f in zip(x, bank, strict=True)) for bank in filters])
        x = x[:, ::stride] + weights[f"{stem}.conv1d.bias"][:, None]
        mean, variance = weights[f"{stem}.batch_norm.running_mean"], weights[f"{stem}.batch_norm.running_var"]
        slope, offset = weights[f"{stem}.batch_norm.weight"], weights[f"{stem}.batch_norm.bias"]
        x = (x - mean[:, None]) / np.sqrt(variance[:, None] + 1e-5) * slope[:, None] + offset[:, None]
        return np.maximum(x, 0.0)

    for index, layer in enumerate(layers):
        audio = convolved(audio, f"{index}.conv1.conv1d", layer.kernel, 1) + audio
        audio = convolved(audio, f"{index}.conv2.conv1d", layer.kernel, layer.stride)
    return audio.mean(axis=-1)


def test_the_published_network_has_81_4_million_parameters_and_2048_dimensions():
    with torch.device("meta"):
        network = FXencoderNetwork()
    assert network.blocks[-1].change.norm.num_features == 2048
    assert sum(parameter.numel() for parameter in network.parameters()) == 81_392_682


def test_the_network_is_that_of_the_paper(checkpoint):
    encoder = load_fxencoder(checkpoint, layers=SMALL, keep_level=True)
    audio = tones(1.0)
    wanted = by_hand(published(SMALL), SMALL, audio[0].double().numpy())
    found = encoder.embed(audio, RATE)[0]
    assert found.shape == (encoder.dimensions,) == (32,)
    assert np.abs(found.numpy() - wanted).max() < 1e-4 * np.abs(wanted).max()
    assert (wanted > 0).mean() > 0.2


def test_the_shortest_audio_that_the_network_takes_is_8193_samples():
    network = FXencoderNetwork(SMALL).eval()
    assert network(torch.zeros(1, 2, 8193)).isfinite().all()
    with pytest.raises(RuntimeError, match="adding size"):
        network(torch.zeros(1, 2, 8192))


@pytest.mark.parametrize("rate", [32_000, 48_000, 96_000])
def test_the_sample_rate_changes_nothing(encoder, rate):
    wanted = encoder.embed(tones(2.0), RATE)
    assert (encoder.embed(tones(2.0, rate), rate) - wanted).norm() < 2e-3 * wanted.norm()


def test_level_changes_nothing_unless_it_is_kept(encoder, checkpoint):
    audio = tones(1.0)
    kept = load_fxencoder(checkpoint, layers=SMALL, keep_level=True)
    assert torch.allclose(encoder.embed(0.01 * audio, RATE), encoder.embed(audio, RATE), atol=1e-4)
    assert (kept.embed(0.01 * audio, RATE) - kept.embed(audio, RATE)).norm() > 0.1 * kept.embed(audio, RATE).norm()


def test_a_batch_equals_its_items(encoder):
    batch = torch.cat((tones(1.0), tones(1.0).flip(1)))
    assert torch.allclose(encoder.embed(batch, RATE)[1:], encoder.embed(batch[1:], RATE), atol=1e-5)


@pytest.mark.parametrize("samples", [1, 100, 8193])
def test_short_and_silent_audio_give_finite_vectors_and_gradients(encoder, samples):
    for audio in (torch.zeros(1, 2, samples), torch.full((1, 2, samples), 0.5)):
        audio.requires_grad_(True)
        embedding = encoder.embed(audio, 48_000)
        embedding.sum().backward()
        assert embedding.isfinite().all()
        assert audio.grad.isfinite().all()


def test_the_gradient_is_the_slope(encoder):
    audio = tones(1.0)
    direction = audio.flip(1) * torch.linspace(-1, 1, audio.shape[-1])
    weights = torch.linspace(-1, 1, encoder.dimensions)
    audio.requires_grad_(True)
    (encoder.embed(audio, RATE) @ weights).sum().backward()
    slope = float((audio.grad * direction).sum())
    with torch.no_grad():
        up, down = ((encoder.embed(audio + step * direction, RATE) @ weights).sum() for step in (1e-2, -1e-2))
    assert float(up - down) / 2e-2 == pytest.approx(slope, rel=0.05)


def test_weights_are_frozen_and_named(encoder):
    assert encoder.name == "FXencoder"
    assert not any(parameter.requires_grad for parameter in encoder._network.parameters())


def test_the_full_size_is_expected_by_default(checkpoint):
    with pytest.raises(ModelError, match=r"FXencoder_ps\.pt does not fit this model: blocks\.0\.change\.conv\.weight"):
        load_fxencoder(checkpoint)


def test_another_model_of_the_authors_is_refused(tmp_path):
    path = tmp_path / "MixFXcloner_ps.pt"
    torch.save({"model": {"module.blocks.0.conv1.weight": torch.zeros(128, 2, 15)}}, path)
    with pytest.raises(ModelError, match=r"MixFXcloner_ps\.pt does not fit .* Use weights of the same architecture"):
        load_fxencoder(path)
