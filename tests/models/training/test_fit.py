import json

import numpy as np
import pytest
import torch

from models.fx_encoder.network import Shape, load_member, save_member
from models.fx_encoder.statistics import STATISTICS
from models.training import renders
from models.training.chains import Chain, draw_chain
from models.training.fit import Recipe, _moved, fit, target_matrix
from models.training.groups import CHAINS_IN_GROUP, chain_to_json
from models.training.renders import CONTENTS_IN_GROUP, Shard, read_shards


@pytest.fixture
def shard() -> Shard:
    """Groups in which every chain shifts a few statistics its own way, on contents that differ more."""
    generator = np.random.default_rng(0)
    groups = 24
    chains = [[draw_chain(generator, 1, ["eq"]) for _ in range(CHAINS_IN_GROUP)] for _ in range(groups)]
    basis = generator.normal(size=(40, STATISTICS))
    empty = Shard(np.zeros((groups, 1, 1, 1), np.float16), chains, [["stem"]] * groups)
    moves = target_matrix(empty)[..., :40] @ basis
    contents = 10.0 * generator.normal(size=(groups, CONTENTS_IN_GROUP, 1, STATISTICS))
    numbers = np.concatenate((np.zeros((groups, 1, 1, STATISTICS)), moves[:, None]), axis=2) + contents
    return Shard(numbers.astype(np.float16), chains, [["stem"] * CONTENTS_IN_GROUP] * groups)


def test_fitting_lowers_every_loss(shard: Shard) -> None:
    seen: list[dict[str, float]] = []
    recipe = Recipe(Shape(16, 32, 0.0), steps=60, groups_in_batch=6)
    network, heads, scales = fit(shard, recipe, lambda _step, _net, losses: seen.append(dict(losses)), every=20)
    assert len(seen) == 3
    assert all(seen[-1][name] < seen[0][name] for name in ("place", "change", "head"))
    assert network(torch.zeros(2, STATISTICS)).shape == (2, 16)
    assert heads.weight.shape == (scales.numel(), 16)


def test_same_seed_same_network(shard: Shard) -> None:
    recipe = Recipe(Shape(8, 16), steps=3, groups_in_batch=4, colour_db=2.0)
    (one, *_), (other, *_) = fit(shard, recipe), fit(shard, recipe)
    assert torch.equal(one.skip.weight, other.skip.weight)


def test_a_content_is_moved_with_all_that_was_made_of_it(shard: Shard) -> None:
    numbers = torch.from_numpy(shard.numbers[:6]).float()
    moved = _moved(numbers, 0.5, np.random.default_rng(3))
    change, changed = (each[:, :, 1:] - each[:, :, :1] for each in (numbers, moved))
    assert torch.allclose(change, changed, atol=1e-3)
    dry, there = numbers[:, :, 0].flatten(0, 1), moved[:, :, 0].flatten(0, 1)
    for start, end in zip(dry, there, strict=True):
        ways = dry - start
        shares = (ways @ (end - start)) / ways.square().sum(dim=1).clamp(min=1e-9)
        missed = (start + shares[:, None] * ways - end).norm(dim=1)
        assert missed.min() < 0.01 * ways.norm(dim=1).max(), "not on the way to any other content"
        assert 0.0 <= shares[missed.argmin()] <= 0.5


def test_noise_and_moved_contents_are_drawn_from_the_seed(shard: Shard) -> None:
    plain = Recipe(Shape(8, 16), steps=3, groups_in_batch=4)
    loud = Recipe(Shape(8, 16), steps=3, groups_in_batch=4, content_share=0.5, noise=0.2)
    one, other, without = (fit(shard, recipe)[0].skip.weight for recipe in (loud, loud, plain))
    assert torch.equal(one, other)
    assert not torch.equal(one, without)


def test_member_is_saved_and_loaded(shard: Shard, tmp_path) -> None:
    network, *_ = fit(shard, Recipe(Shape(8, 16), steps=2, groups_in_batch=4))
    save_member(tmp_path / "m.safetensors", network)
    again = load_member(tmp_path / "m.safetensors")
    numbers = torch.randn(3, STATISTICS)
    assert torch.equal(again(numbers), network(numbers))


def test_shards_are_read_in_order(tmp_path, shard: Shard) -> None:
    for number in (1, 0):
        part = shard.numbers[number : number + 1]
        np.save(tmp_path / f"{number:05d}.npy", part)
        group = {"kinds": ["stem"], "chains": [chain_to_json(chain) for chain in shard.chains[number]]}
        (tmp_path / f"{number:05d}.json").write_text(json.dumps([group]))
    read = read_shards(tmp_path)
    assert np.array_equal(read.numbers, shard.numbers[:2])
    assert read.chains == shard.chains[:2]
    with pytest.raises(FileNotFoundError, match="holds no shards"):
        read_shards(tmp_path / "elsewhere")


def test_measured_group_is_dry_first_and_neutral_chains_change_nothing() -> None:
    contents = 0.1 * torch.randn((2, 2, 220500), generator=torch.Generator().manual_seed(1))
    numbers = renders._measure(contents, [Chain(), draw_chain(np.random.default_rng(0), 1, ["eq"])])
    assert numbers.shape == (2, 3, STATISTICS)
    assert np.array_equal(numbers[:, 0], numbers[:, 1])
    assert not np.array_equal(numbers[:, 0], numbers[:, 2])


def test_fitting_goes_on_from_a_network_and_leaves_it_alone(shard: Shard) -> None:
    recipe = Recipe(Shape(16, 32, 0.0), steps=30, groups_in_batch=6)
    start, *_ = fit(shard, recipe)
    kept = {name: tensor.clone() for name, tensor in start.state_dict().items()}
    anew: list[float] = []
    on: list[float] = []
    short = Recipe(Shape(16, 32, 0.0), steps=4, groups_in_batch=6, seed=1)
    fit(shard, short, lambda _step, _net, losses: anew.append(losses["place"]), every=4)
    fit(shard, short, lambda _step, _net, losses: on.append(losses["place"]), every=4, start=start)
    assert on[0] < 0.8 * anew[0]
    assert all(torch.equal(kept[name], tensor) for name, tensor in start.state_dict().items())
