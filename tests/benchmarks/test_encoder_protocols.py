import numpy as np
import pytest
import torch

from benchmarks.encoder_heads import fit_ridge, head_chains, head_rows
from benchmarks.encoder_protocols import Embedded, retrieval, settings, strength
from benchmarks.encoder_styles import PROTOCOL_EFFECTS, QUICK, Size, single_settings, style_sets
from benchmarks.unseen import UNSEEN, UnseenChain
from models.training.chains import Chain


def _made(noise, seed=0, contents=12, styles=8, dimensions=24):
    generator = np.random.default_rng(seed)
    dry = generator.normal(size=(contents, dimensions))
    ways = generator.normal(size=(styles, dimensions))
    wet = dry[:, None] + ways[None] + noise * generator.normal(size=(contents, styles, dimensions))
    return Embedded(dry, wet)


def test_retrieval_finds_additive_styles_and_chance_otherwise():
    good = retrieval(_made(0.01), draws=20)
    assert good["direction_auc"] > 0.999
    assert good["delta_recall_at_1"] == 1.0
    generator = np.random.default_rng(0)
    noise = Embedded(generator.normal(size=(40, 16)), generator.normal(size=(40, 40, 16)))
    chance = retrieval(noise, draws=150)
    assert chance["recall_at_1"] == pytest.approx(0.2, abs=0.015)
    assert chance["delta_recall_at_1"] == pytest.approx(0.2, abs=0.015)
    assert chance["direction_auc"] == pytest.approx(0.5, abs=0.01)
    assert chance["map_at_10"] == pytest.approx(0.09, abs=0.01)
    assert 0.0 < chance["recall_at_1_error"] < 0.02


def test_a_draw_stays_in_its_pool():
    generator = np.random.default_rng(0)
    dry = np.zeros((10, 16))
    ways = generator.normal(size=(2, 16)).repeat(5, axis=0)  # styles of a pool are all alike
    wet = np.broadcast_to(ways, (10, 10, 16)) + 1e-3 * generator.normal(size=(10, 10, 16))
    embedded = Embedded(dry, wet)
    apart = retrieval(embedded, 20, pools=[range(5), range(5, 10)])
    assert apart["delta_recall_at_1"] < 0.35, "nothing but noise tells them apart"
    across = retrieval(embedded, 20, pools=[(0, 5, 1, 6, 2)])
    assert across["direction_auc"] > 0.6


def test_single_settings_are_judged_within_their_type():
    generator = np.random.default_rng(0)
    dry = generator.normal(size=(6, 16))
    ways = generator.normal(size=(6, 16))
    embedded = Embedded(dry, dry[:, None] + ways[None])
    types = ["eq"] * 3 + ["unseen eq"] * 3
    good = settings(embedded, types, {"console": ["eq"], "unseen": ["unseen eq"]})
    assert {name: row["auc"] for name, row in good["by_type"].items()} == {"eq": 1.0, "unseen eq": 1.0}
    assert good["groups"]["console"] == {"auc": 1.0, "within_type_auc": 1.0, "error": 0.0}
    noisy = Embedded(dry, dry[:, None] + ways[None] + generator.normal(size=(6, 6, 16)))
    assert 0.0 < settings(noisy, types, {"console": ["eq"]})["by_type"]["eq"]["error"] < 0.3


def test_the_error_is_that_of_other_drawings():
    figures, errors = [], []
    for seed in range(30):
        row = settings(_made(3.0, seed, contents=10, styles=10), ["eq"] * 10, {})["by_type"]["eq"]
        figures.append(row["auc"])
        errors.append(row["error"])
    assert 0.6 < np.mean(errors) / np.std(figures) < 1.8


def test_strength_rises_or_falls():
    generator = np.random.default_rng(0)
    ways = generator.normal(size=(6, 16))
    steps = np.array([0.5, 1.0])
    dry = generator.normal(size=(4, 16))
    wet = dry[:, None, None] + steps[None, None, :, None] * ways[None, :, None]
    assert strength(Embedded(dry, wet.reshape(4, 12, 16)), 2) == {"spearman": 1.0, "monotone": 1.0}
    flipped = (dry[:, None, None] + steps[::-1][None, None, :, None] * ways[None, :, None]).reshape(4, 12, 16)
    found = strength(Embedded(dry, flipped), 2)
    assert found["spearman"] == pytest.approx(0.5)
    assert found["monotone"] == 0.0


def test_sets_hold_what_they_say():
    sets = {(one.kind, one.effects): one for one in style_sets("mix", Size(), seed=0)}
    assert {len(chain.effects) for chain in sets["console", "2"].chains} == {2}
    assert {len(chain.effects) for chain in sets["console", "1-4"].chains} == {1, 2, 3, 4}
    assert all(isinstance(chain, UnseenChain) for chain in sets["unseen", "2"].chains)
    (hard,) = style_sets("both", Size(), seed=0)
    for pool in hard.pools:
        families = {tuple(sorted(UNSEEN[name].family for name in hard.chains[place].effects)) for place in pool}
        assert len(families) == 1
    assert [one.kind for one in style_sets("voice", Size(), seed=0)] == ["console", "unseen"]


def test_single_settings_name_their_types():
    chains, types, stepped = single_settings(QUICK, seed=0)
    assert len(chains) == len(types)
    assert types.count("compressor") == 2 * types.count("eq")
    assert {name for name in types if not name.startswith("unseen")} == set(PROTOCOL_EFFECTS)
    for chain, name in zip(chains, types, strict=True):
        family = UNSEEN[chain.effects[0]].family if isinstance(chain, UnseenChain) else chain.effects[0]
        assert name.removeprefix("unseen ") == family
    assert len(stepped) == QUICK.strength_settings * len(PROTOCOL_EFFECTS)
    assert all(isinstance(chain, Chain) for chain in stepped)


def test_ridge_finds_a_linear_map_and_gives_up_on_noise():
    generator = np.random.default_rng(0)
    changes, weights = generator.normal(size=(200, 10)), generator.normal(size=(10, 2))
    folds = np.arange(200) % 5
    more = generator.normal(size=(50, 10))
    head = fit_ridge(changes, 5.0 + changes @ weights, folds)
    assert np.allclose(head(more), 5.0 + more @ weights, atol=0.05)
    noise = fit_ridge(changes, generator.normal(size=(200, 1)), folds)
    assert noise(more).std() < 0.3


class WithHeads:
    name = "with heads"
    dimensions = 3

    def embed(self, audio, sample_rate):
        raise AssertionError((audio, sample_rate))

    def read_changes(self, change):
        return {"drive_db": change[:, :1]}


def test_heads_read_numbers_off_changes():
    def drive(chain):
        return float(chain.values["saturation.drive_db"])

    def targets(chain):
        return {"drive_db": np.array([drive(chain)]), "eq_db": np.zeros(40)}

    generator = np.random.default_rng(0)
    train = head_chains(10, 8, 0, ["saturation", "eq"])
    train = [[chain for chain in row if "saturation" in chain.effects][:3] for row in train]
    train = [row for row in train if len(row) == 3]
    test = [row[0] for row in train]
    assert len(test) > 4

    def embedded(rows):
        changes = np.array([[[drive(chain), 1.0, 0.0] for chain in row] for row in rows])
        dry = generator.normal(size=(len(rows), 3))
        return Embedded(dry, dry[:, None] + changes)

    tested = embedded([test] * 4)
    rows = head_rows(WithHeads(), embedded(train), train, tested, test, ["saturation"] * len(test), targets)
    assert [row["head"] for row in rows] == ["ridge", "own"]
    assert all(row["r"]["drive_db"] == pytest.approx(1.0, abs=1e-3) for row in rows)
    assert torch.is_tensor(WithHeads().read_changes(torch.zeros(1, 3))["drive_db"])
