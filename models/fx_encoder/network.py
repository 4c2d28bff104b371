"""From statistics to an embedding: a linear skip and a perceptron beside it, several side by side."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.fx_encoder.statistics import STATISTICS

__all__ = ["FxNetwork", "Shape", "load_member", "save_member"]

_FARTHEST = 8.0  # standard deviations: what lies beyond bends towards it


@dataclass(frozen=True)
class Shape:
    """How large the network is.

    Attributes:
        dimensions: of one member's embedding.
        hidden: width of its two hidden layers.
        dropout: share of hidden values left out in training.
    """

    dimensions: int = 128
    hidden: int = 768
    dropout: float = 0.15


class FxNetwork(nn.Module):
    """Statistics in, embedding out; not normalised in length, so that half an effect lies half way."""

    mean: Tensor
    scale: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(STATISTICS))
        self.register_buffer("scale", torch.ones(STATISTICS))
        self.skip = nn.Linear(STATISTICS, shape.dimensions, bias=False)
        self.inner = nn.Sequential(
            nn.Linear(STATISTICS, shape.hidden),
            nn.GELU(),
            nn.Dropout(shape.dropout),
            nn.Linear(shape.hidden, shape.hidden),
            nn.GELU(),
            nn.Dropout(shape.dropout),
            nn.Linear(shape.hidden, shape.dimensions),
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """Return (items, dimensions) of (items, STATISTICS)."""
        inputs = (numbers - self.mean) / self.scale
        inputs = _FARTHEST * torch.tanh(inputs / _FARTHEST)
        embedded: Tensor = self.skip(inputs) + self.inner(inputs)
        return embedded


def save_member(path: Path, network: FxNetwork) -> None:
    """Write one network in full precision, between training and assembling."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, path, metadata={"shape": json.dumps(vars(network.shape))})


def load_member(path: Path) -> FxNetwork:
    """Read what `save_member` wrote."""
    with safe_open(path, framework="pt") as file:
        network = FxNetwork(Shape(**json.loads(file.metadata()["shape"])))
    network.load_state_dict(load_file(path))
    return network.eval()
