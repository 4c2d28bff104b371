"""Say what plays: statistics in, a share for every class out; unknown where the largest share is too small."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from console.errors import ModelError
from exchange.names import load_table
from models.instruments.classes import OTHER, load_classes
from models.instruments.listen import columns, listen
from models.weight_files import check_shapes, read_tensors

__all__ = ["SHIPPED_WEIGHTS", "Tag", "TagNetwork", "Tagger", "load_tagger", "tag"]

SHIPPED_WEIGHTS = Path(__file__).with_name("weights.safetensors")
_UNKNOWN = "unknown"
_FARTHEST = 4.0  # standard deviations: what lies beyond bends towards it
_HIDDEN = 192
_NO_SHARES: Mapping[str, float] = {}


@dataclass(frozen=True)
class Tag:
    """What was recognised.

    Attributes:
        instrument: an id of exchange/names.yaml; "unknown" below the confidence that CARD.md gives. A voice is
            "lead_vocal": lead and backing cannot be told apart.
        group: the group of that instrument.
        confidence: 0..1, how often such a tag is right by the recordings it was calibrated on; 0 where nothing was
            heard.
        shares: of every class of classes.yaml, adding up to 1; empty where nothing was heard.
        say: an article and words for a person; "" for unknown.
    """

    instrument: str
    group: str
    confidence: float
    shares: Mapping[str, float]
    say: str = ""


class TagNetwork(nn.Module):
    """One hidden layer on standardised numbers."""

    mean: Tensor
    scale: Tensor
    temperature: Tensor
    threshold: Tensor

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(len(columns())))
        self.register_buffer("scale", torch.ones(len(columns())))
        self.register_buffer("temperature", torch.ones(()))
        self.register_buffer("threshold", torch.ones(()))
        self.inner = nn.Linear(len(columns()), _HIDDEN)
        self.outer = nn.Linear(_HIDDEN, len(load_classes()))
        self.dropout = nn.Dropout(dropout)

    def forward(self, numbers: Tensor) -> Tensor:
        """Return (items, classes) logits of (items, columns)."""
        inputs = (numbers - self.mean) / self.scale
        inputs = self.dropout(_FARTHEST * torch.tanh(inputs / _FARTHEST))
        logits: Tensor = self.outer(self.dropout(torch.nn.functional.gelu(self.inner(inputs))))
        return logits

    def shares(self, numbers: Tensor) -> Tensor:
        """Return (items, classes) calibrated shares that add up to 1."""
        return torch.softmax(self(numbers) / self.temperature, dim=-1)


class Tagger:
    """A loaded tagger."""

    def __init__(self, network: TagNetwork) -> None:
        self._network = network.eval().requires_grad_(False)
        self.threshold = float(network.threshold)

    def tag(self, audio: np.ndarray, sample_rate: int) -> Tag:
        """Say what plays on a track.

        Args:
            audio: (1 or 2, samples) finite floats, any length and level.
            sample_rate: Hz.
        Returns:
            The tag; unknown for silence, DC, less than 50 ms and sample rates below 16 kHz.
        Raises:
            AudioShapeError: another shape, no valid rate, or values that are no numbers.
        """
        heard = listen(audio, sample_rate)
        if heard is None:
            return _unknown(0.0, _NO_SHARES)
        return self.judge(heard)

    def judge(self, numbers: Tensor) -> Tag:
        """Say what (columns,) numbers of `listen` stand for."""
        shares = dict(zip(load_classes(), self._network.shares(numbers[None])[0].tolist(), strict=True))
        best = max(shares, key=lambda name: shares[name])
        if best == OTHER or shares[best] < self.threshold:
            return _unknown(shares[best] if best != OTHER else 0.0, shares)
        entry = load_classes()[best]
        return Tag(
            entry.instrument, load_table().instruments[entry.instrument]["group"], shares[best], shares, entry.say
        )


def _unknown(confidence: float, shares: Mapping[str, float]) -> Tag:
    return Tag(_UNKNOWN, load_table().instruments[_UNKNOWN]["group"], confidence, shares)


def load_tagger(path: Path = SHIPPED_WEIGHTS) -> Tagger:
    """Load the tagger from a file that `scripts/train_instrument_tagger.py fit` wrote.

    Raises:
        ModelError: the file is absent, corrupt, or of other shapes; it is named.
    """
    tensors = {name: tensor.to(torch.float32) for name, tensor in read_tensors(path).items()}
    network = TagNetwork()
    check_shapes(path, tensors, network)
    network.load_state_dict(tensors)
    if (
        not 0.0 < float(network.threshold) <= 1.0
        or float(network.temperature) <= 0.0
        or bool((network.scale <= 0).any())
    ):
        raise ModelError(f"{path} is damaged: its scales are not positive. Train the tagger, or install again.")
    return Tagger(network)


@cache
def _shipped() -> Tagger:
    return load_tagger()


def tag(audio: np.ndarray, sample_rate: int) -> Tag:
    """Say what plays on (1 or 2, samples) with the shipped weights; see `Tagger.tag`."""
    return _shipped().tag(audio, sample_rate)
