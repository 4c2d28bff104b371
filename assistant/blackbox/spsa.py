"""SPSA: the gradient from two renders, however many knobs there are."""

import numpy as np

from assistant.blackbox.estimator import Found, Search
from assistant.blackbox.problem import Problem

__all__ = ["descend", "spsa"]

_FIRST_STEP = 0.08
_REACH = 0.04
_TRIALS = 2


def spsa(problem: Problem, renders: int, seed: int = 0) -> Found:
    """Search with SPSA; an `Estimator`."""
    search = Search(problem, renders)
    descend(search.cost, problem.start, renders - problem.renders, seed)
    return search.found()


def descend(cost, start: np.ndarray, evaluations: int, seed: int = 0, first_step: float = _FIRST_STEP) -> np.ndarray:
    """Minimise a cost over a box 0..1 and return the last position.

    Args:
        cost: cost(position) -> number; called with positions inside the box.
        start: (knobs,) where to begin.
        evaluations: how often the cost may be called; a step takes two.
        seed: of the directions.
        first_step: greatest turn of a knob in the first step.
    Source:
        J. C. Spall, "Multivariate stochastic approximation using a simultaneous perturbation gradient approximation",
        IEEE TAC 37(3), 1992; gains a_k = a / (A + k)^0.602, c_k = c / k^0.101 and the choice of a from the first
        gradients: Spall, "Implementation of the simultaneous perturbation algorithm", IEEE TAES 34(3), 1998.
    """
    generator = np.random.default_rng(seed)
    position = start.astype(float)
    steps = evaluations // 2
    stability = 0.1 * steps

    def slope(reach: float) -> np.ndarray:
        signs = generator.choice((-1.0, 1.0), size=position.size)
        above, below = (np.clip(position + side * reach * signs, 0.0, 1.0) for side in (1.0, -1.0))
        apart = np.where(above == below, np.inf, above - below)  # a knob held by both ends of the box
        return (cost(above) - cost(below)) / apart

    if steps <= _TRIALS:
        return position
    greatest = np.mean([np.abs(slope(_REACH)).mean() for _ in range(_TRIALS)])
    gain = first_step * (stability + 1) ** 0.602 / max(float(greatest), 1e-9)
    for step in range(1, steps - _TRIALS + 1):
        turn = gain / (stability + step) ** 0.602 * slope(_REACH / step**0.101)
        position = np.clip(position - np.clip(turn, -2 * first_step, 2 * first_step), 0.0, 1.0)
    return position
