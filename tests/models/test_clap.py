import time

import numpy as np
import pytest
import soxr
import torch
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

from console.errors import AudioShapeError, ModelError
from models.clap import Clap, resample, window_starts
from models.clap.mel import MelSettings, log_mel
from models.clap.model import read_tokenizer

RATE = 48_000


@pytest.fixture
def clap(tiny_clap):
    return Clap(tiny_clap(), MelSettings(), None, "tiny")


def music(seconds, rate=RATE, channels=2, seed=3):
    time_s = torch.arange(int(seconds * rate)) / rate
    beat = torch.exp(-(time_s % 0.5) * 8)
    tones = sum(torch.sin(2 * torch.pi * hz * time_s) / hz**0.5 for hz in (110.0, 440.0, 1320.0, 5000.0))
    noise = torch.randn(channels, time_s.numel(), generator=torch.Generator().manual_seed(seed))
    return (0.3 * beat * tones + 0.02 * noise)[None]


@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
@pytest.mark.parametrize("frequency_min", [0, 50])
def test_the_mel_picture_is_that_of_transformers(truncation, frequency_min):
    audio = music(10.0)[0, :1]
    theirs = ClapFeatureExtractor(frequency_min=frequency_min, truncation=truncation)(
        audio[0].numpy(), sampling_rate=RATE, return_tensors="pt"
    )["input_features"]
    ours = log_mel(audio, MelSettings(frequency_min=frequency_min, truncation=truncation))
    assert ours.shape == (1, 1001, 64)
    assert torch.allclose(ours, theirs[0, :1].to(ours.dtype), atol=1e-4, rtol=0)


def test_silence_is_the_floor_and_has_a_finite_gradient(clap):
    audio = torch.zeros(1, 2, RATE, requires_grad=True)
    embedding = clap.embed_audio(audio, RATE)
    embedding[0, 0].backward()
    assert torch.equal(log_mel(torch.zeros(1, 4800), MelSettings()), torch.full((1, 11, 64), -100.0))
    assert embedding.isfinite().all()
    assert audio.grad.isfinite().all()


def test_the_gradient_is_the_slope(clap):
    audio = music(2.0)
    direction = music(2.0, seed=9) * 0.1
    weights = torch.linspace(-1, 1, clap.dimensions)
    audio.requires_grad_(True)
    (clap.embed_audio(audio, RATE) @ weights).sum().backward()
    slope = float((audio.grad * direction).sum())
    with torch.no_grad():
        up, down = ((clap.embed_audio(audio + s * direction, RATE) @ weights).sum() for s in (1e-2, -1e-2))
    assert float(up - down) / 2e-2 == pytest.approx(slope, rel=0.05)


@pytest.mark.parametrize("fused", [False, True])
def test_embeddings_have_length_one_and_a_batch_equals_its_items(tiny_clap, fused):
    settings = MelSettings(truncation="fusion" if fused else "rand_trunc")
    clap = Clap(tiny_clap(fused), settings, None, "tiny")
    noise = torch.randn(1, 2, 12 * RATE, generator=torch.Generator().manual_seed(4))
    batch = torch.cat((music(12.0), noise))
    together = clap.embed_audio(batch, RATE)
    assert together.shape == (2, 16)
    assert torch.allclose(together.norm(dim=-1), torch.ones(2), atol=1e-5)
    assert torch.allclose(together[1:], clap.embed_audio(batch[1:], RATE), atol=1e-5)
    assert not torch.allclose(together[0], together[1], atol=1e-3)


def test_a_fused_model_never_mixes_in_its_long_view(tiny_clap):
    """As LAION's own evaluation does for windows no longer than it hears; transformers would flag one at random."""
    model = tiny_clap(fused=True)
    clap = Clap(model, MelSettings(truncation="fusion"), None, "tiny")
    audio = music(10.0, channels=1)
    features = ClapFeatureExtractor(frequency_min=50)(audio[0, 0].numpy(), sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        theirs = model.get_audio_features(features["input_features"].float(), torch.tensor([[False]])).pooler_output
    assert torch.allclose(clap.embed_audio(audio, RATE), theirs, atol=1e-5)


def test_long_audio_is_the_mean_of_windows_that_never_move(clap):
    audio = music(25.0)
    windows = clap.embed_windows(audio, RATE)
    assert windows.shape == (1, 3, 16)
    mean = torch.nn.functional.normalize(windows.mean(dim=1), dim=-1)
    torch.manual_seed(1)
    np.random.seed(1)
    assert torch.equal(clap.embed_audio(audio, RATE), clap.embed_audio(audio, RATE))
    assert torch.allclose(clap.embed_audio(audio, RATE), mean)
    assert torch.allclose(
        windows[:, 1], clap.embed_audio(audio[..., int(7.5 * RATE) : int(17.5 * RATE)], RATE), atol=1e-5
    )


@pytest.mark.parametrize(
    ("samples", "most", "starts"),
    [(1, 9, [0]), (100, 9, [0]), (101, 9, [0, 1]), (250, 9, [0, 75, 150]), (1000, 3, [0, 450, 900]), (1000, 1, [450])],
)
def test_windows_are_spread_from_start_to_end(samples, most, starts):
    assert window_starts(samples, 100, most) == starts


def test_short_audio_is_repeated_and_padded_as_transformers_does(clap, tiny_clap):
    audio = music(3.3, channels=1)
    features = ClapFeatureExtractor(frequency_min=50, truncation="rand_trunc")(
        audio[0, 0].numpy(), sampling_rate=RATE, return_tensors="pt"
    )["input_features"]
    with torch.no_grad():
        theirs = tiny_clap().get_audio_features(features.float()).pooler_output
    assert torch.allclose(clap.embed_audio(audio, RATE), theirs, atol=1e-5)


def test_stereo_is_heard_as_its_mean(clap):
    stereo = music(2.0)
    assert torch.allclose(
        clap.embed_audio(stereo, RATE), clap.embed_audio(stereo.mean(dim=1, keepdim=True), RATE), atol=1e-6
    )


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 44101, 96000, 192000])
@pytest.mark.parametrize("samples", [1, 2, 999, 30_001])
def test_any_rate_and_length_gives_a_finite_embedding_and_gradient(clap, rate, samples):
    audio = (0.5 * torch.ones(1, 1, samples)).requires_grad_(True)
    embedding = clap.embed_audio(audio, rate)
    embedding.sum().backward()
    assert embedding.isfinite().all()
    assert audio.grad.isfinite().all()


@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_resampling_agrees_with_soxr_away_from_the_ends(rate):
    time_s = torch.arange(rate, dtype=torch.float64) / rate
    audio = sum(torch.sin(2 * torch.pi * hz * time_s + hz) for hz in (100.0, 1000.0, 8000.0)).float()
    ours = resample(audio, rate)
    theirs = torch.from_numpy(soxr.resample(audio.numpy(), rate, RATE, quality="VHQ"))
    assert ours.shape == (RATE,)
    inner = slice(4800, -4800)
    assert float((ours - theirs)[inner].abs().max()) < 5e-4


def test_a_rate_that_shares_no_factor_keeps_a_tone_in_place():
    rate = 44_101
    turn = 2 * torch.pi * 1000.0
    ours = resample(torch.sin(turn * torch.arange(rate, dtype=torch.float64) / rate), rate)
    truth = torch.sin(turn * torch.arange(RATE, dtype=torch.float64) / RATE)
    assert float((ours - truth)[4800:-4800].abs().max()) < 1e-4


@pytest.mark.parametrize("shape", [(2, 100), (1, 3, 100), (1, 2, 0)])
def test_other_shapes_are_refused(clap, shape):
    with pytest.raises(AudioShapeError, match="Use mono or stereo"):
        clap.embed_audio(torch.zeros(shape), RATE)


@pytest.mark.parametrize(("rate", "most"), [(0, 4), (44100, 0)])
def test_rates_and_counts_must_be_positive(clap, rate, most):
    with pytest.raises(AudioShapeError, match="must be positive"):
        clap.embed_audio(torch.zeros(1, 1, 100), rate, max_windows=most)


def test_words_are_embedded_alike_alone_and_together(tiny_clap, tiny_tokenizer, tmp_path):
    tiny_tokenizer(tmp_path / "tokenizer.json")
    clap = Clap(tiny_clap(), MelSettings(), read_tokenizer(tmp_path / "tokenizer.json"), "tiny")
    together = clap.embed_text(["warm", "a bright sound of drums", "sound " * 200])
    assert clap.reads_words
    assert together.shape == (3, 16)
    assert torch.allclose(together.norm(dim=-1), torch.ones(3), atol=1e-5)
    assert torch.allclose(together[:1], clap.embed_text(["warm"]), atol=1e-5)
    assert clap.embed_text([]).shape == (0, 16)


def test_without_a_tokenizer_words_are_refused(clap):
    assert not clap.reads_words
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        clap.embed_text(["warm"])


@pytest.mark.parametrize("content", ["", "{}", '{"model": 3}'])
def test_a_damaged_tokenizer_is_refused_by_name(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ModelError, match=r"tokenizer\.json is not a tokenizer"):
        read_tokenizer(tmp_path / "tokenizer.json")


@pytest.mark.slow
def test_a_full_size_model_hears_ten_seconds_within_its_cost():
    """Random weights of the size of clap-htsat-unfused; CPU seconds of one thread: 0.65 were measured."""
    clap = Clap(ClapModel(ClapConfig()), MelSettings(), None, "full size")
    audio = music(10.0, rate=44100).requires_grad_(True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        clap.embed_audio(audio, 44100)
        start = time.process_time()
        clap.embed_audio(audio, 44100).sum().backward()
        spent = time.process_time() - start
    finally:
        torch.set_num_threads(threads)
    assert audio.grad.isfinite().all()
    assert spent < 2.0, f"{spent:.2f} CPU-s"
