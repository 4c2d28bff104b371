"""Give other people's weights to a network and freeze it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from models.weight_files import check_shapes

__all__ = ["frozen"]


def frozen(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], path: str | Path, device: str) -> nn.Module:
    """Build a network without drawing random weights, and give it these.

    Args:
        make: builds it.
        tensors: its weights by the network's own names.
        path: the file they came from, for messages.
        device: where it should run.
    Returns:
        The network in float32 and evaluation mode; gradients go through it, not into it.
    Raises:
        ModelError: a weight is missing, too many, or of another shape.
    """
    with torch.device("meta"):
        network = make()
    check_shapes(path, tensors, network)
    weights = {
        name: tensor.to(device, torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)
        for name, tensor in tensors.items()
    }
    network.load_state_dict(weights, assign=True)
    return network.eval().requires_grad_(False)
