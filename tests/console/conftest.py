"""Signals the console's tests share."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor


@pytest.fixture(scope="session")
def noise() -> Callable[..., Tensor]:
    """Return a maker of seeded white noise: noise(batch, channels, samples), peak about `level`."""

    def make(*shape: int, seed: int = 0, level: float = 0.5, dtype: torch.dtype = torch.float32) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return (level * (2 * torch.rand(shape, generator=generator, dtype=torch.float64) - 1)).to(dtype)

    return make
