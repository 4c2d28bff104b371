"""What the console's tests share."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Run torch on one thread: on arrays of a few thousand samples more of them cost three times the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def noise() -> Callable[..., Tensor]:
    """Return a maker of seeded white noise: noise(batch, channels, samples), peak about `level`."""

    def make(*shape: int, seed: int = 0, level: float = 0.5, dtype: torch.dtype = torch.float32) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return (level * (2 * torch.rand(shape, generator=generator, dtype=torch.float64) - 1)).to(dtype)

    return make
