"""Fx-Encoder++ against a stand-in of its package with random weights; against the package itself where it imports."""

import sys
import types

import pytest
import torch
from torch import nn
from torch.nn import functional

from console.errors import ModelError
from models.published import load_fxencoder_plusplus
from models.published.frozen import frozen
from models.published.fxencoder_plusplus import FxEncoderPlusPlusNetwork, renamed

RATE = 44_100
SMALL = (4, 4, 6, 8, 8, 12)


class _Pair(nn.Module):
    def __init__(self, width, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(width, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)


class _StandIn(nn.Module):
    """What the package offers, with its names; its spectrum is a convolution with a sampled DFT, as in torchlibrosa."""

    def __init__(self, audio_clap_module=True, text_clap_module=False, extractor_module=True):
        super().__init__()
        assert not any((audio_clap_module, text_clap_module, extractor_module)), "these fetch from the network"
        self.fx_encoder = nn.Module()
        turns = torch.outer(torch.arange(1025.0), torch.arange(2048.0)).remainder(2048) / 2048 * 2 * torch.pi
        hann = 0.5 - 0.5 * torch.cos(2 * torch.pi * torch.arange(2048) / 2048)
        stft = nn.Module()
        stft.conv_real, stft.conv_imag = (nn.Conv1d(1, 1025, 2048, 512, bias=False) for _ in "ri")
        stft.conv_real.weight.data = (torch.cos(turns) * hann)[:, None]
        stft.conv_imag.weight.data = (-torch.sin(turns) * hann)[:, None]
        self.fx_encoder.spectrogram_extractor = nn.Module()
        self.fx_encoder.spectrogram_extractor.stft = stft
        self.fx_encoder.logmel_extractor = nn.Module()
        self.fx_encoder.logmel_extractor.melW = nn.Parameter(torch.rand(1025, 64) ** 8)
        self.fx_encoder.bn0 = nn.BatchNorm2d(64)
        for index, (width, channels) in enumerate(zip((2, *SMALL), SMALL, strict=False), start=1):
            setattr(self.fx_encoder, f"conv_block{index}", _Pair(width, channels))
        self.fx_encoder.fc_1 = nn.Linear(SMALL[-1], SMALL[-1])
        self.fx_encoder_transform = nn.Linear(128, 128)
        self.fx_encoder_projection = nn.Sequential(nn.Linear(SMALL[-1], 128), nn.ReLU(), nn.Linear(128, 128))
        self.logit_scale_m = nn.Parameter(torch.zeros(()))

    def get_fx_embedding(self, audio):
        net = self.fx_encoder
        x = functional.pad(audio.reshape(-1, 1, audio.shape[-1]), (1024, 1024), mode="reflect")
        stft = net.spectrogram_extractor.stft
        x = (stft.conv_real(x) ** 2 + stft.conv_imag(x) ** 2).transpose(1, 2) @ net.logmel_extractor.melW
        x = ((10 * torch.log10(x.clamp(min=1e-10))).clamp(-80, 40) + 80) / 60 - 1
        x = x.view(len(audio), 2, *x.shape[1:])
        for index in range(1, 7):
            pair = getattr(net, f"conv_block{index}")
            x = torch.relu(pair.bn2(pair.conv2(torch.relu(pair.bn1(pair.conv1(x))))))
            x = functional.avg_pool2d(x, 2 if index < 6 else 1)
        x = x.mean(dim=3)
        x = torch.relu(net.fc_1(x.max(dim=2).values + x.mean(dim=2)))
        return functional.normalize(self.fx_encoder_projection(x), dim=-1)


def random_weights(module):
    """Draw weights that let differences through: the common beginnings all but switch so narrow a network off."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight)
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0.0, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.3, 1.5)
    return module.eval()


@pytest.fixture(scope="module")
def original():
    torch.manual_seed(11)
    return random_weights(_StandIn(audio_clap_module=False, extractor_module=False))


@pytest.fixture(scope="module")
def checkpoint(original, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "fxenc_plusplus_default.pt"
    weights = {f"module.{name}": tensor for name, tensor in original.state_dict().items()}
    weights["module.audio_clap_model.encoder.model.logit_scale_a"] = torch.zeros(())
    weights["module.extractor.fusion.0.weight"] = torch.zeros(128, 640)
    torch.save({"epoch": 50, "name": "default", "state_dict": weights, "optimizer": {"state": {}}}, path)
    return path


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return load_fxencoder_plusplus(checkpoint, widths=SMALL)


@pytest.fixture
def package(monkeypatch):
    """Install the stand-in under the package's name."""
    module = types.ModuleType("fxencoder_plusplus")
    module.FxEncoderPlusPlus = _StandIn
    monkeypatch.setitem(sys.modules, "fxencoder_plusplus", module)


def noise(seconds, batch=1, seed=2):
    samples = int(seconds * RATE)
    return 0.1 * torch.randn(batch, 2, samples, generator=torch.Generator().manual_seed(seed))


def tones(rate):
    time_s = torch.arange(2 * rate, dtype=torch.float64) / rate
    tone = sum(torch.sin(2 * torch.pi * hz * time_s) for hz in (110.0, 440.0, 1320.0, 5000.0)) * 0.05
    return (torch.sin(torch.pi * time_s / 2) ** 2 * tone).expand(1, 2, -1).float()


def test_the_published_network_has_80_million_parameters():
    with torch.device("meta"):
        network = FxEncoderPlusPlusNetwork()
    assert sum(parameter.numel() for parameter in network.parameters()) == 79_953_024
    assert network.projection[2].out_features == 128


def test_the_network_hears_what_the_original_hears(checkpoint, original):
    encoder = load_fxencoder_plusplus(checkpoint, widths=SMALL, keep_level=True)
    audio = noise(1.5, batch=2) * torch.linspace(0, 1, int(1.5 * RATE))
    with torch.no_grad():
        wanted = original.get_fx_embedding(audio)
    found = encoder.embed(audio, RATE)
    assert found.shape == (2, 128)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert (wanted[0] - wanted[1]).norm() > 1e-4


def test_the_packages_network_can_run_instead(checkpoint, package, encoder):  # noqa: ARG001
    packaged = load_fxencoder_plusplus(checkpoint, package=True)
    audio = noise(1.2)
    assert torch.allclose(packaged.embed(audio, 48_000), encoder.embed(audio, 48_000), atol=1e-5)
    assert not any(parameter.requires_grad for parameter in packaged._network.parameters())


def test_an_absent_package_says_what_is_missing(checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "fxencoder_plusplus", None)
    with pytest.raises(ModelError, match=r"needs laion-clap, torchvision and torchlibrosa; .* with package=False"):
        load_fxencoder_plusplus(checkpoint, package=True)


def test_level_changes_nothing_unless_it_is_kept(encoder, checkpoint):
    kept = load_fxencoder_plusplus(checkpoint, widths=SMALL, keep_level=True)
    audio = noise(1.0)
    assert torch.allclose(encoder.embed(0.01 * audio, RATE), encoder.embed(audio, RATE), atol=1e-5)
    assert (kept.embed(0.01 * audio, RATE) - kept.embed(audio, RATE)).norm() > 1e-2


@pytest.mark.parametrize("rate", [32_000, 48_000, 96_000])
def test_the_sample_rate_changes_little(encoder, rate):
    """Not nothing: a rounding error of -125 dB is within what the picture shows of empty bands."""
    wanted = encoder.embed(tones(RATE), RATE)
    assert (encoder.embed(tones(rate), rate) - wanted).norm() < 0.02


def test_a_batch_equals_its_items(encoder):
    batch = noise(1.0, batch=2)
    assert torch.allclose(encoder.embed(batch, RATE)[1:], encoder.embed(batch[1:], RATE), atol=1e-6)


@pytest.mark.parametrize("samples", [1, 100, 20_000])
def test_short_and_silent_audio_give_unit_vectors_and_finite_gradients(encoder, samples):
    for audio in (torch.zeros(1, 2, samples), torch.full((1, 2, samples), 0.5)):
        audio.requires_grad_(True)
        embedding = encoder.embed(audio, 48_000)
        embedding[0, 0].backward()
        assert float(embedding.detach().norm()) == pytest.approx(1.0, abs=1e-5)
        assert audio.grad.isfinite().all()


def test_the_gradient_is_the_slope(encoder):
    audio = noise(1.0)
    direction = audio.flip(1) * torch.linspace(-1, 1, audio.shape[-1])
    weights = torch.linspace(-1, 1, 128)
    audio.requires_grad_(True)
    (encoder.embed(audio, RATE) @ weights).sum().backward()
    slope = float((audio.grad * direction).sum())
    with torch.no_grad():
        up, down = ((encoder.embed(audio + step * direction, RATE) @ weights).sum() for step in (3e-2, -3e-2))
    assert float(up - down) / 6e-2 == pytest.approx(slope, rel=0.05)


def test_the_full_size_is_expected_by_default(checkpoint):
    with pytest.raises(ModelError, match=r"fxenc_plusplus_default\.pt does not fit this model: blocks\.0\.conv1"):
        load_fxencoder_plusplus(checkpoint)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_the_same_weights_hear_the_same_in_the_real_package():
    try:
        from fxencoder_plusplus import FxEncoderPlusPlus
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        pytest.skip(f"fxencoder-plusplus cannot be imported ({error})")
    torch.manual_seed(3)
    theirs = random_weights(FxEncoderPlusPlus(audio_clap_module=False, text_clap_module=False, extractor_module=False))
    ours = frozen(FxEncoderPlusPlusNetwork, renamed(theirs.state_dict()), "random weights", "cpu")
    audio = noise(2.0, batch=2) * torch.linspace(0, 1, 2 * RATE)
    with torch.no_grad():
        assert torch.allclose(ours(audio), theirs.get_fx_embedding(audio), atol=1e-5)
