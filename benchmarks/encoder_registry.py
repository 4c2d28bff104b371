"""Encoders by name, loaded only when asked for: what `--encoders` takes."""

import hashlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.encoder_baselines import LogMel, Mfcc, UntrainedNetwork
from console.errors import ModelError
from models import ProductionFeatures
from models.encoder import Encoder

__all__ = ["BASELINES", "REGISTRY", "RandomEmbedding", "load_encoders"]


class RandomEmbedding:
    """Numbers that have nothing to do with the sound: what chance gives."""

    name = "chance"
    dimensions = 32

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Return (batch, dimensions) of noise, the same for exactly the same samples."""
        del sample_rate
        return torch.stack([self._noise(item) for item in audio.detach()])

    def _noise(self, item: Tensor) -> Tensor:
        mark = hashlib.sha256(item.contiguous().numpy().tobytes()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(mark[:7], "big"))
        return torch.randn(self.dimensions, generator=generator)


def _fx(path: Path | None = None) -> Encoder:
    load = importlib.import_module("models.fx_encoder").load_fx_encoder
    encoder: Encoder = load() if path is None else load(path)
    return encoder


def _published(module: str, loader: str) -> Callable[[Path], Encoder]:
    def load(path: Path) -> Encoder:
        encoder: Encoder = getattr(importlib.import_module(module), loader)(path)
        return encoder

    return load


REGISTRY: Mapping[str, Callable[..., Encoder]] = {
    "chance": RandomEmbedding,
    "mfcc": Mfcc,
    "log-mel": LogMel,
    "untrained": UntrainedNetwork,
    "production-features": ProductionFeatures,
    "fx": _fx,
    "fxencoder": _published("models.published.fxencoder", "load_fxencoder"),
    "fxencoder++": _published("models.published.fxencoder_plusplus", "load_fxencoder_plusplus"),
}
"""Loaders by name. Those with weights can be named with a file, the published ones must: fx:runs/other.safetensors."""

_WITH_WEIGHTS = ("fx", "fxencoder", "fxencoder++")

BASELINES = ("chance", "mfcc", "log-mel", "untrained", "production-features")


def load_encoders(names: Sequence[str]) -> list[Encoder]:
    """Load encoders; two of the same kind get the name they were asked for by.

    Raises:
        ModelError: no encoder has that name, or the one named is not there.
    """
    encoders = []
    for asked in dict.fromkeys(names):
        name, _, path = asked.partition(":")
        if name not in REGISTRY:
            raise ModelError(f"No encoder is called {name!r}. There are: {', '.join(REGISTRY)}.")
        if bool(path) != (name in _WITH_WEIGHTS) and name != "fx":
            needs = "needs a weights file" if not path else "has no weights file"
            raise ModelError(f"The encoder {name!r} {needs}: {asked!r}. Name it as {name}{'' if path else ':FILE'}.")
        try:
            encoder = REGISTRY[name](Path(path)) if path else REGISTRY[name]()
        except (ImportError, AttributeError) as error:
            raise ModelError(f"The encoder {asked!r} is not here: {error}. Leave it out of --encoders.") from error
        if path:
            encoder.name = asked
        encoders.append(encoder)
    return encoders
