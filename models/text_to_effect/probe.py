"""A sound whose embedding tells two encoders of one name apart."""

import numpy as np
import torch
from torch import Tensor

from models.encoder import Encoder

__all__ = ["probe_of", "probe_sound"]

_SECONDS, _RATE = 2, 44100


def probe_sound() -> Tensor:
    """Return (1, 2, samples) at 44100 Hz: two decaying notes and noise, the same every time."""
    generator = torch.Generator().manual_seed(7)
    time = torch.arange(_SECONDS * _RATE) / _RATE
    notes = torch.stack([torch.sin(2 * torch.pi * hz * time) * torch.exp(-3 * (time % 0.5)) for hz in (110.0, 660.0)])
    noise = 0.05 * torch.randn(notes.shape, generator=generator)
    return (0.2 * notes + noise * torch.exp(-8 * (time % 0.25)))[None].to(torch.float32)


@torch.no_grad()
def probe_of(encoder: Encoder) -> np.ndarray:
    """Return (D,) the embedding of that sound."""
    return encoder.embed(probe_sound(), _RATE)[0].numpy()
