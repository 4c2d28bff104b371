import json

import numpy as np
import pytest
import torch

from benchmarks import encoder as benchmark
from benchmarks import run as registry
from benchmarks.encoder_baselines import LogMel, Mfcc, UntrainedNetwork, time_statistics
from benchmarks.encoder_material import render_all, synthetic_contents
from benchmarks.encoder_protocols import Embedded, embed_renders, retrieval, single_effects
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
    """Reads what `made` wrote: the side's level tells the style, the mid's mean the content."""

    name = "oracle"
    dimensions = 2

    def embed(self, audio, sample_rate):
        assert sample_rate == RATE
        mid, side = audio.mean(dim=1), (audio[:, 0] - audio[:, 1]) / 2
        return torch.stack((mid.square().mean(-1), side.square().mean(-1)), dim=-1)


def test_any_encoder_can_be_measured(contents, tmp_path):
    renders = render_all(contents, [Chain(("width",), {"stereo.width": width}) for width in (0.0, 0.5)], tmp_path)
    embedded = embed_renders(Oracle(), contents, renders)
    assert embedded.wet.shape == (3, 2, 2)
    assert (embedded.wet[:, 0, 1] < 1e-8).all()
    assert (embedded.wet[:, 1, 1] > 1e-5).all()


def _made(noise, seed=0, contents=12, styles=8, dimensions=24):
    generator = np.random.default_rng(seed)
    dry = generator.normal(size=(contents, dimensions))
    ways = generator.normal(size=(styles, dimensions))
    wet = dry[:, None] + ways[None] + noise * generator.normal(size=(contents, styles, dimensions))
    return Embedded(dry, wet, 0.0)


def test_retrieval_finds_additive_styles_and_chance_otherwise():
    good = retrieval(_made(0.01), draws=20)
    assert good["direction_auc"] > 0.999
    assert good["delta_recall_at_1"] == 1.0
    generator = np.random.default_rng(0)
    noise = Embedded(generator.normal(size=(40, 16)), generator.normal(size=(40, 40, 16)), 0.0)
    chance = retrieval(noise, draws=150)
    assert chance["recall_at_1"] == pytest.approx(0.2, abs=0.015)
    assert chance["delta_recall_at_1"] == pytest.approx(0.2, abs=0.015)
    assert chance["direction_auc"] == pytest.approx(0.5, abs=0.01)
    assert chance["map_at_10"] == pytest.approx(0.09, abs=0.01)


def test_single_effects_see_strength_and_type():
    generator = np.random.default_rng(0)
    ways = generator.normal(size=(6, 16))
    steps = np.array([0.5, 1.0])
    dry = generator.normal(size=(4, 16))
    wet = dry[:, None, None] + steps[None, None, :, None] * ways[None, :, None]
    good = single_effects(Embedded(dry, wet.reshape(4, 12, 16), 0.0), ["eq"] * 3 + ["width"] * 3, 2)
    assert good["auc"] == good["within_type_auc"] == good["spearman"] == good["monotone"] == 1.0
    assert good["by_type"] == {"eq": 1.0, "width": 1.0}
    flipped = (dry[:, None, None] + steps[::-1][None, None, :, None] * ways[None, :, None]).reshape(4, 12, 16)
    assert single_effects(Embedded(dry, flipped, 0.0), ["eq"] * 6, 2)["spearman"] == pytest.approx(0.5)


def test_the_benchmark_runs_on_synthetic_sound(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pedalboard")
    monkeypatch.setattr(benchmark, "baselines", lambda: [benchmark.RandomEmbedding(), LogMel()])
    monkeypatch.setattr(benchmark, "_PROTOCOL_EFFECTS", ("eq", "compressor", "width"))  # rooms take long
    result = benchmark.run(quick=True, encoders=[Oracle()], cache=tmp_path)
    json.dumps(result)
    assert {row["encoder"] for row in result["sets"]} == {"chance", "log-mel mean+std", "oracle"}
    assert {row["kind"] for row in result["sets"]} == {"console", "unseen"}
    assert len(result["single"]) == 3
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
