from dataclasses import replace

import numpy as np
import pytest
import torch

from models.training.chains import EFFECTS, Chain, draw_chain
from models.training.corpus import SAMPLE_RATE
from models.training.groups import CHAINS_IN_GROUP, chain_from_json, chain_to_json, draw_group
from models.training.losses import contrast
from models.training.normalise import _curve_db, to_average
from models.training.targets import CURVE_HZ, TARGETS, chain_targets


@pytest.mark.parametrize("seed", range(20))
def test_groups_hold_chains_that_differ_and_survive_json(seed: int) -> None:
    chains = draw_group(np.random.default_rng(seed), None)
    assert len(chains) == CHAINS_IN_GROUP
    plain = [chain_to_json(chain) for chain in chains]
    assert all(plain[i] != plain[j] for i in range(len(plain)) for j in range(i))
    back = [chain_from_json(values) for values in plain]
    assert [chain_to_json(chain) for chain in back] == plain
    assert all(isinstance(chain, Chain) for chain in back)


def test_every_kind_of_group_and_effect_comes_up() -> None:
    generator = np.random.default_rng(0)
    groups = [draw_group(generator, None) for _ in range(150)]
    sizes = {frozenset(name for chain in group for name in chain.effects) for group in groups}
    alone = {next(iter(effects)) for effects in sizes if len(effects) == 1}
    assert alone == set(EFFECTS)
    assert any(len(effects) == 2 for effects in sizes)
    assert any(len(effects) > 3 for effects in sizes)


def test_neutral_chain_is_zero_in_every_target() -> None:
    targets = chain_targets(Chain())
    assert {name: value.size for name, value in targets.items()} == dict(TARGETS)
    assert all(not value.any() for value in targets.values())


def test_targets_of_known_chains() -> None:
    bell = Chain(("eq",), {"eq.bell_2_gain_db": 6.0, "eq.bell_2_freq_hz": 1000.0, "eq.bell_2_q": 2.0})
    curve = chain_targets(bell)["eq_db"]
    assert CURVE_HZ[int(curve.argmax())] == pytest.approx(1000.0, rel=0.1)
    assert curve.max() - curve.min() == pytest.approx(6.0, abs=0.3)
    assert curve.mean() == pytest.approx(0.0, abs=1e-9)
    squeezed = Chain(
        ("compressor",),
        {
            "compressor.threshold_db": -30.0,
            "compressor.ratio": 4.0,
            "compressor.attack_ms": 10.0,
            "compressor.release_ms": 300.0,
        },
    )
    targets = chain_targets(squeezed)
    assert targets["compression_db"][0] == pytest.approx(21.0)
    deeper = replace(squeezed, values={**squeezed.values, "compressor.threshold_db": -70.0})
    assert chain_targets(deeper)["compression_db"][0] == pytest.approx(33.0 * 0.75)  # all of the range, and no more
    assert targets["attack"][0] == pytest.approx(0.0)
    assert targets["release"][0] == pytest.approx(1.0)
    room = Chain(("reverb",), reverb={"reverb.decay_s": 2.4}, reverb_send_db=-10.0)
    assert chain_targets(room)["reverb_db"][0] == pytest.approx(20.0)
    assert chain_targets(room)["decay"][0] == pytest.approx(1.0)


def test_weaker_chains_have_smaller_targets() -> None:
    generator = np.random.default_rng(1)
    for effect, name in (("eq", "eq_db"), ("compressor", "compression_db"), ("saturation", "drive_db")):
        chain = draw_chain(generator, 1, [effect])
        whole, half = (np.abs(chain_targets(c)[name]).max() for c in (chain, chain.scaled(0.5)))
        assert half < whole


def test_contrast_is_the_formula_and_falls_when_partners_agree() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn((6, 4), generator=generator, dtype=torch.float64)
    labels = torch.tensor([0, 0, 1, 1, 2, 3])
    unit = (vectors / vectors.norm(dim=1, keepdim=True)).numpy()
    terms = []
    for i, j in ((0, 1), (1, 0), (2, 3), (3, 2)):
        share = np.exp(unit[i] @ unit[j] / 0.2) / sum(np.exp(unit[i] @ unit[k] / 0.2) for k in range(6) if k != i)
        terms.append(-np.log(share))
    assert float(contrast(vectors, labels, 0.2)) == pytest.approx(np.mean(terms))
    agreeing = vectors.clone()
    agreeing[1], agreeing[3] = agreeing[0], agreeing[2]
    assert contrast(agreeing, labels, 0.2) < contrast(vectors, labels, 0.2)


def test_normalised_contents_have_the_average_curve() -> None:
    generator = torch.Generator().manual_seed(0)
    audio = torch.randn((2, 2, SAMPLE_RATE), generator=generator)
    audio[0, :, 1:] += 0.6 * audio[0, :, :-1].clone()
    average = _curve_db(audio[1])
    out = to_average(average)(audio)
    assert np.abs(_curve_db(out[0]) - average).max() < 2.0
    assert np.abs(_curve_db(audio[0]) - average).max() > 4.0
