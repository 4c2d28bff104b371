"""CMA-ES: a cloud of positions that learns from its better half how it should be shaped."""

import math

import numpy as np

from assistant.blackbox.estimator import Found, Search
from assistant.blackbox.problem import Problem

__all__ = ["cma_es", "evolve"]

_SIGMA = 0.15


def cma_es(problem: Problem, renders: int, seed: int = 0) -> Found:
    """Search with CMA-ES; an `Estimator`."""
    search = Search(problem, renders)
    evolve(search.cost, problem.start, renders - problem.renders, seed)
    return search.found()


def evolve(cost, start: np.ndarray, evaluations: int, seed: int = 0, sigma: float = _SIGMA) -> np.ndarray:
    """Minimise a cost over a box 0..1 and return the last mean.

    Args:
        cost: cost(position) -> number; called with positions inside the box.
        start: (knobs,) first mean.
        evaluations: how often the cost may be called.
        seed: of the cloud.
        sigma: first width of the cloud.
    Source:
        N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, appendix C; positions outside the box
        are judged at its edge, with the squared distance on top.
    """
    size = start.size
    count = 4 + int(3 * math.log(size))
    parents = count // 2
    weights = math.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
    weights /= weights.sum()
    effective = 1.0 / float((weights**2).sum())
    c_path = (4 + effective / size) / (size + 4 + 2 * effective / size)
    c_step = (effective + 2) / (size + effective + 5)
    c_one = 2 / ((size + 1.3) ** 2 + effective)
    c_mu = min(1 - c_one, 2 * (effective - 2 + 1 / effective) / ((size + 2) ** 2 + effective))
    damping = 1 + 2 * max(0.0, math.sqrt((effective - 1) / (size + 1)) - 1) + c_step
    usual = math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))
    generator = np.random.default_rng(seed)
    mean, shape = start.astype(float), np.eye(size)
    path, step_path = np.zeros(size), np.zeros(size)
    generation = 0
    while evaluations >= count:
        generation += 1
        values, axes = np.linalg.eigh(shape)
        roots = np.sqrt(np.maximum(values, 1e-14))
        drawn = generator.standard_normal((count, size))
        steps = (drawn * roots) @ axes.T
        positions = mean + sigma * steps
        inside = np.clip(positions, 0.0, 1.0)
        costs = np.array([cost(position) for position in inside]) + ((positions - inside) ** 2).sum(axis=1)
        evaluations -= count
        chosen = steps[np.argsort(costs)[:parents]]
        moved = weights @ chosen
        mean = mean + sigma * moved
        whitened = axes @ ((axes.T @ moved) / roots)
        step_path = (1 - c_step) * step_path + math.sqrt(c_step * (2 - c_step) * effective) * whitened
        length = float(np.linalg.norm(step_path))
        on = length / math.sqrt(1 - (1 - c_step) ** (2 * generation)) < (1.4 + 2 / (size + 1)) * usual
        path = (1 - c_path) * path + on * math.sqrt(c_path * (2 - c_path) * effective) * moved
        rank_one = np.outer(path, path) + (1 - on) * c_path * (2 - c_path) * shape
        rank_mu = (chosen * weights[:, None]).T @ chosen
        shape = (1 - c_one - c_mu) * shape + c_one * rank_one + c_mu * rank_mu
        sigma *= math.exp(min(1.0, (c_step / damping) * (length / usual - 1)))
    return np.clip(mean, 0.0, 1.0)
