"""Tensors made once and kept, usable with and without gradients whoever asked first."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import torch
from torch import Tensor

__all__ = ["kept"]

P = ParamSpec("P")


def kept(make: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """Remember what `make` returns for each of its arguments.

    What is made under torch.inference_mode could never be part of a gradient later, so that mode is left meanwhile.
    """

    @functools.lru_cache(maxsize=8)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> Tensor:
        with torch.inference_mode(False):
            return make(*args, **kwargs)

    return functools.wraps(make)(remembered)  # type: ignore[arg-type]
