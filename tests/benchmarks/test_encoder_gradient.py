import json

import numpy as np
import pytest
import torch

from benchmarks import encoder_map
from benchmarks.encoder_baselines import LogMel
from benchmarks.encoder_cases import draw_cases, recovery
from benchmarks.encoder_gradient import rises, seen_by
from benchmarks.encoder_material import synthetic_contents
from benchmarks.encoder_protocols import Embedded
from benchmarks.encoder_recovery import EFFECTS, Found, agreement, apply, ascend, start_of, values_of
from benchmarks.encoder_registry import REGISTRY, RandomEmbedding, load_encoders
from benchmarks.encoder_speed import speed_rows
from benchmarks.encoder_tsne import tsne
from console.errors import ModelError
from models import ProductionFeatures
from models.training.chains import draw_chain, render_chains

RATE = 44100


@pytest.fixture(scope="module")
def audio():
    return torch.from_numpy(synthetic_contents(4, 0.5))


@pytest.mark.parametrize("effect", EFFECTS)
def test_the_ascent_starts_inside_the_knobs_and_reaches_all_of_them(effect, audio):
    logits = start_of(effect, 2).requires_grad_()
    values = values_of(effect, logits)
    for tuned in EFFECTS[effect]:
        assert values[tuned.name].detach().numpy() == pytest.approx(tuned.start, rel=1e-3, abs=1e-3)
    apply(effect, audio[:2], values).square().sum().backward()
    moved = logits.grad.abs().sum(dim=0) > 0
    gains = torch.tensor([tuned.name.endswith("gain_db") or effect != "eq" for tuned in EFFECTS[effect]])
    assert moved[gains].all(), "a flat band's frequency does nothing"


def test_a_flat_equaliser_is_where_it_starts(audio):
    out = apply("eq", audio, values_of("eq", start_of("eq", 4)))
    assert torch.allclose(out, audio, atol=1e-4)


def test_the_true_setting_agrees_with_itself():
    generator = np.random.default_rng(0)
    for effect in EFFECTS:
        chains = [draw_chain(generator, 1, [effect]) for _ in range(5)]
        rows = []
        for chain in chains:
            known = {**chain.values, **chain.reverb, "send.reverb_db": chain.reverb_send_db}
            rows.append({tuned.name: known.get(tuned.name, tuned.start) for tuned in EFFECTS[effect]})
        found = Found({name: np.array([row[name] for row in rows]) for name in rows[0]}, np.zeros((1, 5)))
        assert all(r == pytest.approx(1.0) for r in agreement(effect, found, chains).values())


def test_the_equaliser_is_found_on_the_same_sound(audio):
    encoder = LogMel()
    generator = np.random.default_rng(1)
    chains = [draw_chain(generator, 1, ["eq"]) for _ in range(2)]
    with torch.no_grad():
        dry = encoder.embed(audio[:2], RATE)
        direction = encoder.embed(render_chains(audio[:2], RATE, chains), RATE) - dry
    found = ascend(encoder, "eq", audio[:2], dry, direction, steps=15)
    assert found.losses.shape == (15, 2)
    assert (found.losses[-1] < 0.5 * found.losses[0]).all()
    assert agreement("eq", found, chains)["curve"] > 0.6


def test_recovery_is_kept_and_seen_by_all(audio, tmp_path):
    encoders = [ProductionFeatures(), LogMel()]
    cases = draw_cases(audio.numpy(), 2, 0, ("eq", "compressor"))
    assert cases[0].target.shape == (2, 2, audio.shape[-1])
    first = recovery(encoders, cases, 2, tmp_path, workers=2)
    json.dumps(first)
    assert len(first["recovery"]) == 4
    assert len(first["seen_by"]) == 8
    assert {row["encoder"] for row in first["smoothness"]} == {encoder.name for encoder in encoders}
    assert first["smoothness"][0]["difference_correlation"] > 0.95
    assert len(list(tmp_path.iterdir())) == 4
    assert recovery(encoders, cases, 2, tmp_path) == first


def test_a_move_that_goes_nowhere_is_not_seen():
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(8, 32))
    row = seen_by(generator.normal(size=(8, 32)), directions, directions)
    assert row["cosine_true"] == pytest.approx(1.0)
    assert row["auc_true"] == 1.0
    assert abs(row["cosine_found"]) < 0.2
    assert 0.2 < row["auc_found"] < 0.8


def test_rises_are_counted_by_step_and_case():
    assert rises(np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 1.0]])) == 0.25


def test_speed_passes_over_what_has_no_gradient():
    rows = speed_rows([RandomEmbedding(), LogMel()], quick=True)
    assert [row["encoder"] for row in rows] == ["log-mel mean+std"]
    assert all(value > 0 for name, value in rows[0].items() if name != "encoder")


def test_chance_says_the_same_of_the_same_sound(audio):
    assert torch.equal(RandomEmbedding().embed(audio, RATE), RandomEmbedding().embed(audio.clone(), RATE))


def test_unknown_and_absent_encoders_are_refused(monkeypatch, tmp_path):
    with pytest.raises(ModelError, match="No encoder is called 'fxx'"):
        load_encoders(["fxx"])
    with pytest.raises(ModelError, match="needs a weights file"):
        load_encoders(["fxencoder"])
    with pytest.raises(ModelError, match="has no weights file"):
        load_encoders(["log-mel:here.safetensors"])

    class Loaded(LogMel):
        def __init__(self, path):
            super().__init__()
            self.path = path

    monkeypatch.setattr("benchmarks.encoder_registry.REGISTRY", {**REGISTRY, "fx": Loaded})
    named = f"fx:{tmp_path / 'other.safetensors'}"
    (encoder,) = load_encoders([named])
    assert encoder.name == named
    assert encoder.path == tmp_path / "other.safetensors"


def test_the_map_keeps_neighbours():
    generator = np.random.default_rng(0)
    centres = 10 * generator.normal(size=(4, 12))
    points = (centres[:, None] + generator.normal(size=(4, 15, 12))).reshape(60, 12)
    place = tsne(points, perplexity=8)
    assert place.shape == (60, 2)
    assert np.array_equal(place, tsne(points, perplexity=8))
    labels = np.repeat(np.arange(4), 15)
    distances = np.linalg.norm(place[:, None] - place[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).all()


def test_the_picture_has_two_rows_and_every_colour():
    generator = np.random.default_rng(0)
    one = Embedded(generator.normal(size=(4, 8)), generator.normal(size=(4, 3, 8)))
    image = encoder_map.draw_map([one, one], ["first", "second"], ["a", "b", "c"])
    pixels = np.asarray(image)
    assert pixels.ndim == 3
    assert image.height > image.width
    for colour in ("#1f77b4", "#ff7f0e", "#2ca02c"):
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        assert (np.abs(pixels.astype(int) - wanted).max(axis=2) < 3).sum() > 500


def test_the_map_says_what_is_missing(tmp_path, capsys):
    asked = ["--corpus", str(tmp_path), "--out", str(tmp_path / "map.png"), "--encoders", "log-mel", "mfcc"]
    assert encoder_map.main(asked) == 1
    assert "holds no corpus" in capsys.readouterr().err
