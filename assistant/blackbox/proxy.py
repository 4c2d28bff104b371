"""A neural proxy: a small network learns what the knobs do to the embedding, and is descended instead of the chain.

It is trained on the fly from renders of the chain: (knobs, statistics of the sound) -> change of the embedding. What
it thinks best is rendered, learnt from, and thought about again, until the renders are spent. The statistics let what
was learnt on one sound be carried to the next (`Proxy.carry`).
"""

import numpy as np
import torch
from scipy.stats import qmc
from torch import Tensor, nn

from assistant.blackbox.estimator import Found, Search
from assistant.blackbox.problem import PRICE, Problem

__all__ = ["Proxy", "proxy"]

_FIRST_SHARE = 0.5
_A_TIME = 6
_WIDTH = 48
_EPOCHS = 250
_STARTS = 24
_STEPS = 80
_REACH = 0.35


def proxy(problem: Problem, renders: int, seed: int = 0) -> Found:
    """Search with a proxy trained from nothing; an `Estimator`."""
    return Proxy()(problem, renders, seed)


class Proxy:
    """An `Estimator` that may carry over what it learnt from sound to sound, for one chain."""

    def __init__(self, carry: bool = False):
        self.carry = carry
        self._rows: list[tuple[np.ndarray, Tensor, Tensor]] = []

    def __call__(self, problem: Problem, renders: int, seed: int = 0) -> Found:
        """Search; see `Estimator`."""
        if not self.carry:
            self._rows = []
        search = Search(problem, renders)
        first = max(4, int(_FIRST_SHARE * (renders - problem.renders)))
        draws = qmc.Sobol(problem.start.size, seed=seed).random(1 << (first - 1).bit_length())[:first]
        for draw in draws:
            self._render(search, np.clip(problem.start + _REACH * (2 * draw - 1), 0.0, 1.0))
        while not search.spent:
            network = self._learn(problem, seed)
            for position in self._think(problem, network, search.best, seed + problem.renders):
                if not search.spent:
                    self._render(search, position)
        return search.found()

    def _render(self, search: Search, position: np.ndarray) -> None:
        problem = search.problem
        embedding = problem.embedding(position)
        search.note(position, float(problem.left(embedding)))
        self._rows.append((position, problem.now, embedding - problem.now))

    def _learn(self, problem: Problem, seed: int) -> nn.Module:
        """Return a network fitted to every render so far: (rows, knobs + dimensions) -> (rows, dimensions)."""
        inputs = torch.stack([_input(torch.as_tensor(row[0]), row[1]) for row in self._rows])
        outputs = torch.stack([row[2] for row in self._rows])
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = nn.Sequential(
                nn.Linear(inputs.shape[1], _WIDTH), nn.Tanh(), nn.Linear(_WIDTH, _WIDTH), nn.Tanh(),
                nn.Linear(_WIDTH, outputs.shape[1]),
            )  # fmt: skip
        weights = problem.weights + 0.02 * problem.weights.max()
        optimiser = torch.optim.Adam(network.parameters(), lr=5e-3, weight_decay=1e-5)
        for _ in range(_EPOCHS):
            optimiser.zero_grad()
            (weights * (network(inputs) - outputs).square()).sum(dim=1).mean().backward()
            optimiser.step()
        return network.requires_grad_(False)

    def _think(self, problem: Problem, network: nn.Module, best: np.ndarray, seed: int) -> list[np.ndarray]:
        """Return the positions that the network thinks best, each from another start."""
        generator = np.random.default_rng(seed)
        starts = np.clip(best + 0.15 * generator.standard_normal((_STARTS, best.size)), 0.0, 1.0)
        starts[0] = best
        position = torch.tensor(starts, dtype=torch.float32).requires_grad_(True)
        home = torch.tensor(problem.start, dtype=torch.float32)
        sound = problem.now.expand(_STARTS, -1)
        optimiser = torch.optim.Adam([position], lr=0.03)
        costs = torch.zeros(_STARTS)
        for _ in range(_STEPS):
            optimiser.zero_grad()
            left = problem.left(problem.now + network(_input(position, sound)))
            costs = left + PRICE * (position - home).abs().mean(dim=1)
            costs.sum().backward()
            optimiser.step()
            with torch.no_grad():
                position.clamp_(0.0, 1.0)
        order = costs.detach().argsort()[:_A_TIME]
        return [position.detach()[index].numpy().astype(float) for index in order]


def _input(position: Tensor, sound: Tensor) -> Tensor:
    return torch.cat((2 * position.to(torch.float32) - 1, sound / 10), dim=-1)
