import json

import numpy as np
import pytest
import torch

from benchmarks import encoder as benchmark
from benchmarks import run as registry
from benchmarks.encoder_baselines import LogMel, Mfcc, UntrainedNetwork, time_statistics
from benchmarks.encoder_cache import fingerprint
from benchmarks.encoder_material import render_all, render_each, synthetic_contents
from benchmarks.encoder_protocols import embed_all
from benchmarks.encoder_registry import load_encoders
from benchmarks.unseen import UNSEEN, UnseenChain, draw_unseen_chain, render_unseen
from console.errors import ModelError, StudiospeakError
from console.loudness import integrated_lufs
from models.training.chains import Chain, draw_chain

RATE = 44100


@pytest.fixture(scope="module")
def contents():
    return synthetic_contents(3, 0.5)


@pytest.mark.parametrize("encoder", [LogMel(), Mfcc(), UntrainedNetwork()], ids=lambda encoder: encoder.name)
class TestBaselines:
    def test_shape_and_type(self, encoder, contents):
        embedding = encoder.embed(torch.from_numpy(contents), RATE)
        assert embedding.shape == (3, encoder.dimensions)
        assert embedding.dtype == torch.float32

    def test_level_changes_nothing(self, encoder, contents):
        audio = torch.from_numpy(contents)
        assert torch.allclose(encoder.embed(0.05 * audio, RATE), encoder.embed(audio, RATE), atol=1e-3)

    def test_silence_and_one_sample_are_finite(self, encoder):
        for audio in (torch.zeros(1, 2, RATE), torch.ones(1, 2, 1)):
            assert torch.isfinite(encoder.embed(audio, RATE)).all()

    def test_a_batch_equals_its_items(self, encoder, contents):
        audio = torch.from_numpy(contents)
        assert torch.allclose(encoder.embed(audio, RATE)[1:2], encoder.embed(audio[1:2], RATE), atol=1e-4)


def test_time_statistics_by_hand():
    ramp = torch.arange(101.0)[None, None]
    found = time_statistics(ramp)[0, 0]
    assert found.shape == (19,)
    assert found[0] == 50.0
    assert torch.allclose(found[2:7], torch.tensor([5.0, 25.0, 50.0, 75.0, 95.0]))
    assert found[7] == 100.0
    assert torch.allclose(found[9:16], torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]))
    assert torch.allclose(found[16:], torch.tensor([1.0, 4.0, 16.0])), "only rises"
    assert torch.allclose(time_statistics(ramp.flip(-1))[0, 0, 16:], -found[16:])


@pytest.mark.parametrize("name", UNSEEN)
def test_unseen_effects_change_the_sound_and_keep_its_shape(name, contents):
    pytest.importorskip("pedalboard")
    chain = UnseenChain((name,), {name: UNSEEN[name].draw(np.random.default_rng(0))})
    out = render_unseen(contents[0], RATE, chain)
    assert out.shape == contents[0].shape
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.abs(out - contents[0]).max() > 1e-3
    assert np.array_equal(out, render_unseen(contents[0], RATE, chain))


def test_there_are_a_dozen_unseen_effects_of_six_families():
    assert len(UNSEEN) >= 12
    assert {effect.family for effect in UNSEEN.values()} == {
        "eq",
        "dynamics",
        "saturation",
        "space",
        "modulation",
        "width",
    }
    chain = draw_unseen_chain(np.random.default_rng(0), 4)
    assert len({UNSEEN[name].family for name in chain.effects}) == 4
    for seed in range(5):
        same = draw_unseen_chain(np.random.default_rng(seed), 2, ("eq", "space"))
        assert {UNSEEN[name].family for name in same.effects} == {"eq", "space"}


def test_renders_are_level_matched_and_read_back(contents, tmp_path):
    chains = [draw_chain(np.random.default_rng(0), 2), Chain()]
    first = render_all(contents, chains, tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = render_all(contents, chains, tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
    assert isinstance(again.samples, np.memmap)
    assert np.array_equal(first.samples, again.samples)
    assert first.samples.shape == (3, 2, *contents.shape[1:])
    audio = first.audio(1, slice(0, 2))
    assert torch.allclose(audio[1], torch.from_numpy(contents[1]), atol=1e-4), "a neutral chain"
    for item in audio:
        assert integrated_lufs(item.numpy(), RATE) == pytest.approx(-20.0, abs=0.05)
    render_all(contents, chains[:1], tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


class Oracle:
    """Reads the power of mid and side."""

    name = "oracle"
    dimensions = 2

    def embed(self, audio, sample_rate):
        assert sample_rate == RATE
        mid, side = audio.mean(dim=1), (audio[:, 0] - audio[:, 1]) / 2
        return torch.stack((mid.square().mean(-1), side.square().mean(-1)), dim=-1)


def test_any_encoder_can_be_measured(contents, tmp_path):
    renders = render_all(contents, [Chain(("width",), {"stereo.width": width}) for width in (0.0, 0.5)], tmp_path)
    embedded = embed_all([Oracle()], contents, renders)[0]
    assert embedded.wet.shape == (3, 2, 2)
    assert (embedded.wet[:, 0, 1] < 1e-8).all()
    assert (embedded.wet[:, 1, 1] > 1e-5).all()


def test_embeddings_are_kept_for_the_same_encoder_and_renders(contents, tmp_path):
    renders = render_all(contents, [Chain(("width",), {"stereo.width": 0.0})], tmp_path)
    calls = []

    class Counted(Oracle):
        name = "counted"

        def embed(self, audio, sample_rate):
            calls.append(len(audio))
            return super().embed(audio, sample_rate)

    first = embed_all([Counted()], contents, renders, tmp_path / "embeddings", workers=2)[0]
    seen = len(calls)
    again = embed_all([Counted()], contents, renders, tmp_path / "embeddings")[0]
    assert len(calls) == seen + 1, "only the probe that names the encoder"
    assert np.array_equal(first.wet, again.wet)
    assert np.array_equal(first.dry, again.dry)
    assert fingerprint(UntrainedNetwork(seed=0)) == fingerprint(UntrainedNetwork(seed=0))
    assert fingerprint(UntrainedNetwork(seed=0)) != fingerprint(UntrainedNetwork(seed=1))


def test_each_content_can_have_chains_of_its_own(contents, tmp_path):
    chains = [[Chain(("width",), {"stereo.width": width})] for width in (0.0, 0.5, 1.0)]
    each = render_each(contents, chains, tmp_path, workers=2)
    for index in range(3):
        alone = render_all(contents[index : index + 1], chains[index], tmp_path)
        assert np.array_equal(each.samples[index], alone.samples[0])


def test_old_renders_make_room(contents, tmp_path, monkeypatch):
    chains = [[Chain(("width",), {"stereo.width": width})] for width in (0.0, 0.5)]
    old = render_all(contents, chains[0], tmp_path)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setattr("benchmarks.encoder_material.CACHE_BYTES", size)
    new = render_all(contents, chains[1], tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert f"{new.key}.npy" in left
    assert f"{old.key}.npy" not in left


def test_gradients_pass_after_a_measurement_without(contents):
    encoder = LogMel(bands=48)  # a matrix nobody has asked for yet
    with torch.inference_mode():
        encoder.embed(torch.from_numpy(contents), RATE)
    audio = torch.from_numpy(contents).requires_grad_()
    encoder.embed(audio, RATE).square().sum().backward()
    assert audio.grad is not None
    assert audio.grad.abs().sum() > 0


def test_baselines_share_one_transform_of_the_same_sound(contents, tmp_path, monkeypatch):
    renders = render_all(contents[:1], [Chain()], tmp_path)
    calls, transform = [], torch.stft
    monkeypatch.setattr(torch, "stft", lambda *args, **kwargs: calls.append(1) or transform(*args, **kwargs))
    embed_all([LogMel(), Mfcc(), UntrainedNetwork()], contents[:1], renders)
    assert len(calls) == 2, "one of the content, one of its render"


def test_baselines_do_not_take_one_sound_for_another(contents):
    audio = torch.from_numpy(contents.copy())
    first = LogMel().embed(audio, RATE)
    audio *= torch.linspace(0, 1, audio.shape[-1])
    assert not torch.equal(LogMel().embed(audio, RATE), first)


def test_the_benchmark_runs_on_synthetic_sound(tmp_path, capsys):
    pytest.importorskip("pedalboard")
    baselines = load_encoders(["chance", "log-mel"])
    result = benchmark.run(
        quick=True, encoders=[Oracle()], cache=tmp_path, baselines=baselines, parts=("sets", "heads")
    )
    json.dumps(result)
    assert {row["encoder"] for row in result["sets"]} == {"chance", "log-mel mean+std", "oracle"}
    assert {row["kind"] for row in result["sets"]} == {"console", "unseen", "unseen, same families"}
    assert {row["effects"] for row in result["sets"]} == {"2", "1-4"}
    assert result["unseen_share"] > 0.2
    assert {row["head"] for row in result["heads"]} == {"ridge"}
    benchmark.show(result)
    assert "oracle" in capsys.readouterr().out


def test_without_a_corpus_it_says_how_to_build_one(monkeypatch, tmp_path, capsys):
    pytest.importorskip("pedalboard")
    monkeypatch.delenv(benchmark.CORPUS_VARIABLE, raising=False)
    assert "encoder" in registry.names()
    assert registry.run("encoder", json=True) == 1
    shown = capsys.readouterr()
    assert "scripts/build_corpus.py --out DIR" in json.loads(shown.out)["error"]
    monkeypatch.setenv(benchmark.CORPUS_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError, match="holds no corpus"):
        benchmark.run(cache=tmp_path)
    assert benchmark.main(["--corpus", str(tmp_path)]) == 1


def test_a_full_disk_is_said_before_rendering(contents, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.encoder_material.shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(StudiospeakError, match="Make room"):
        render_all(contents, [Chain()], tmp_path)
