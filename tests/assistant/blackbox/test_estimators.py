"""Estimators: they minimise what has a known minimum, need no gradient, and give the same for the same seed."""

import numpy as np
import pytest
import torch

from assistant.blackbox.chain import Parameter, start_of, values_at
from assistant.blackbox.cma_es import evolve
from assistant.blackbox.console_chain import ConsoleChain
from assistant.blackbox.gradient import gradient
from assistant.blackbox.problem import Problem
from assistant.blackbox.proxy import Proxy
from assistant.blackbox.spsa import descend
from assistant.blackbox.table import ESTIMATORS
from console.errors import RequestError
from models import ProductionFeatures

RATE = 22050
KNOBS = ("eq.low_shelf_gain_db", "eq.high_shelf_gain_db", "stereo.width")
WANTED = {"eq.low_shelf_gain_db": 5.0, "eq.high_shelf_gain_db": -6.0, "stereo.width": 1.4}
BEST = np.array([0.8, 0.3, 0.55, 0.2])


def bowl(position):
    """A narrow tilted bowl with its bottom at BEST."""
    off = position - BEST
    return float(off @ np.diag([1.0, 30.0, 5.0, 1.0]) @ off + 8 * (off[0] + off[2]) ** 2)


def test_cma_es_finds_the_bottom_of_a_tilted_bowl():
    found = evolve(bowl, np.full(4, 0.5), 1200, seed=3)
    assert found == pytest.approx(BEST, abs=0.01)


def test_cma_es_adapts_its_shape_where_a_round_cloud_is_slow():
    """On an ill-conditioned valley it gets orders of magnitude lower than random search of the same cost."""
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))

    def valley(position):
        off = turn @ (position - BEST)
        return float((np.array([1.0, 10.0, 100.0, 1000.0]) * off**2).sum())

    random = min(valley(p) for p in np.random.default_rng(1).random((900, 4)))
    assert valley(evolve(valley, np.full(4, 0.5), 900, seed=1)) < random / 1000


def test_spsa_comes_near_the_bottom():
    found = descend(bowl, np.full(4, 0.5), 600, seed=2)
    assert bowl(found) < 0.02 * bowl(np.full(4, 0.5))


@pytest.mark.parametrize("search", [evolve, descend])
def test_searches_stay_in_the_box_and_within_their_budget(search):
    seen = []

    def corner(position):
        seen.append(position)
        return float(((position - np.array([1.3, -0.4])) ** 2).sum())

    found = search(corner, np.full(2, 0.5), 200, seed=0)
    assert len(seen) <= 200
    assert all((position >= 0).all() and (position <= 1).all() for position in seen)
    assert found == pytest.approx([1.0, 0.0], abs=0.05)


class BlackBox:
    """The console's strip with everything but `process` hidden."""

    name = "black box"

    def __init__(self):
        self._inside = ConsoleChain(KNOBS)
        self.parameters = self._inside.parameters

    def process(self, audio, sample_rate, values):
        return self._inside.process(audio, sample_rate, values)


@pytest.fixture(scope="module")
def sound():
    generator = np.random.default_rng(4)
    noise = generator.standard_normal((2, 2 * RATE)).cumsum(axis=1)
    noise -= np.linspace(noise[:, 0], noise[:, -1], noise.shape[1], axis=1)
    bright = generator.standard_normal((2, 2 * RATE))
    return (0.02 * noise / noise.std() + 0.03 * bright).astype(np.float32)


def problem(sound, chain=None):
    encoder = ProductionFeatures()
    made = torch.from_numpy(ConsoleChain(KNOBS).process(sound, RATE, WANTED))[None]
    goal, now = (encoder.embed(audio, RATE)[0] for audio in (made, torch.from_numpy(sound)[None]))
    return Problem(chain or BlackBox(), sound, RATE, encoder, goal, now)


@pytest.mark.parametrize("name", ["cma-es", "spsa", "proxy"])
def test_a_black_box_is_tuned_to_a_sound_it_can_make(sound, name):
    posed = problem(sound)
    found = ESTIMATORS[name](posed, 40, 1)
    again = ESTIMATORS[name](problem(sound), 40, 1)
    assert found.left < 0.25
    assert found.renders <= 40
    assert np.array_equal(found.position, again.position)
    values = values_at(posed.chain, found.position)
    assert values["eq.low_shelf_gain_db"] > 2.0
    assert values["eq.high_shelf_gain_db"] < -2.0
    assert posed.left(posed.embedding(found.position)) == pytest.approx(found.left, abs=1e-5)
    assert [count for count, _ in found.path] == sorted(count for count, _ in found.path)


def test_the_gradient_gets_there_with_the_fewest_renders(sound):
    found = gradient(problem(sound, ConsoleChain(KNOBS)), 40, 0)
    assert found.left < 0.05
    assert found.renders == 40
    with pytest.raises(RequestError, match="black box has no gradient"):
        gradient(problem(sound), 40, 0)


def test_a_proxy_carries_what_it_learnt_to_the_next_sound(sound):
    carried = Proxy(carry=True)
    carried(problem(sound), 24, 0)
    other = problem((sound + 0.01 * np.random.default_rng(9).standard_normal(sound.shape)).astype(np.float32))
    assert carried(other, 14, 0).left < 0.4
    assert len(carried._rows) == 24 + 14 - 2


def test_words_that_ask_for_nothing_are_refused(sound):
    encoder = ProductionFeatures()
    now = encoder.embed(torch.from_numpy(sound)[None], RATE)[0]
    with pytest.raises(RequestError, match="ask for nothing"):
        Problem(BlackBox(), sound, RATE, encoder, now.clone(), now)


def test_knobs_travel_their_curves():
    knob = Parameter("f", "Hz", 100.0, 10000.0, 1000.0, "log")
    assert knob.normalise(1000.0) == pytest.approx(0.5)
    assert knob.denormalise(0.5) == pytest.approx(1000.0)
    chain = ConsoleChain(KNOBS)
    assert values_at(chain, start_of(chain)) == pytest.approx(
        {"eq.low_shelf_gain_db": 0.0, "eq.high_shelf_gain_db": 0.0, "stereo.width": 1.0}
    )
