"""Forget what a network computed and compute it again for the gradient: memory of one window instead of all.

As torch.utils.checkpoint, whose first call imports a compiler for 1.5 CPU-s.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["recomputed"]


def recomputed(compute: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
    """Return compute(inputs), differentiable in `inputs` alone; `compute` runs again on the way back."""
    output: Tensor = _Recomputed.apply(inputs, compute)  # type: ignore[no-untyped-call]
    return output


class _Recomputed(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, inputs: Tensor, compute: Callable[[Tensor], Tensor]) -> Tensor:
        context.save_for_backward(inputs)
        context.compute = compute
        return compute(inputs)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (inputs,) = context.saved_tensors
        with torch.enable_grad():
            inputs = inputs.detach().requires_grad_(True)
            output = context.compute(inputs)
        return torch.autograd.grad(output, inputs, gradient)[0], None
