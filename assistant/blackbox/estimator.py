"""What every estimator takes and gives, and the search they share."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from assistant.blackbox.problem import Problem

__all__ = ["Estimator", "Found", "Search"]


@dataclass(frozen=True)
class Found:
    """What an estimator found.

    Attributes:
        position: (knobs,) the best position, 0..1.
        left: share of the way that is left there.
        renders: how often the chain ran.
        path: after so many renders, the least that was left.
    """

    position: np.ndarray
    left: float
    renders: int
    path: tuple[tuple[int, float], ...]


Estimator = Callable[[Problem, int, int], Found]
"""estimator(problem, renders, seed): at most so many renders, the same for the same seed."""


@dataclass
class Search:
    """Keeps the best position of a search as it goes."""

    problem: Problem
    limit: int
    best: np.ndarray = field(init=False)
    best_cost: float = field(init=False)
    best_left: float = field(init=False)

    def __post_init__(self) -> None:
        self.problem.renders = 0
        self._path: list[tuple[int, float]] = []
        self.best_cost = np.inf
        self.best, self.best_left = self.problem.start, 1.0
        self.cost(self.problem.start)

    def cost(self, position: np.ndarray) -> float:
        """Render a position, remember it if it is the best, and return its cost."""
        inside = np.clip(position, 0.0, 1.0)
        left = float(self.problem.left(self.problem.embedding(inside)))
        return self.note(inside, left)

    def note(self, position: np.ndarray, left: float) -> float:
        """Remember a position that was rendered if it is the best, and return its cost."""
        cost = left + self.problem.price(position)
        if cost < self.best_cost:
            self.best, self.best_cost, self.best_left = position.copy(), cost, left
        self._path.append((self.problem.renders, self.best_left))
        return cost

    @property
    def spent(self) -> bool:
        """Whether no render is left."""
        return self.problem.renders >= self.limit

    def found(self) -> Found:
        """Return the best of the search."""
        return Found(self.best, self.best_left, self.problem.renders, tuple(self._path))
