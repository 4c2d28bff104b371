"""The gradient itself: Adam through the console's kernels, for chains that are open."""

import numpy as np
import torch
from torch import Tensor

from assistant.blackbox.chain import Parameter
from assistant.blackbox.estimator import Found, Search
from assistant.blackbox.problem import PRICE, Problem
from console.errors import RequestError

__all__ = ["gradient"]

_RATE = 0.03


def gradient(problem: Problem, renders: int, seed: int = 0) -> Found:
    """Search by automatic differentiation; an `Estimator`. Deterministic: the seed is the same for everyone.

    Raises:
        RequestError: the chain has no gradient.
    """
    del seed
    through = getattr(problem.chain, "process_tensor", None)
    if through is None:
        raise RequestError(f"{problem.chain.name} has no gradient. Use cma-es, spsa or proxy.")
    search = Search(problem, renders)
    audio = torch.from_numpy(problem.audio)[None]
    start = torch.tensor(_off_edges(problem.start), dtype=torch.float64)
    position = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([position], lr=_RATE)
    while not search.spent:
        optimiser.zero_grad()
        values = {entry.name: _value(entry, position[i : i + 1]) for i, entry in enumerate(problem.chain.parameters)}
        problem.renders += 1
        embedding = problem.encoder.embed(through(audio, problem.sample_rate, values), problem.sample_rate)[0]
        left = problem.left(embedding)
        search.note(position.detach().numpy().copy(), float(left.detach()))
        (left + PRICE * (position - start).abs().mean()).backward()
        optimiser.step()
        with torch.no_grad():
            position.clamp_(0.0, 1.0)
    return search.found()


def _value(entry: Parameter, position: Tensor) -> Tensor:
    if entry.curve == "log":
        return entry.low * (entry.high / entry.low) ** position
    return entry.low + position * (entry.high - entry.low)


def _off_edges(start: np.ndarray) -> np.ndarray:
    """Move knobs that start where their processor does nothing a hair inside: there no other knob has a gradient."""
    return np.clip(start, 0.02, 0.98)
