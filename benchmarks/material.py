"""Sound to measure with: seeded, loud and quiet, so that gates close and compressors work."""

import math

import torch
from torch import Tensor

__all__ = ["SAMPLE_RATE", "bursts"]

SAMPLE_RATE = 44100


def bursts(tracks: int, seconds: float, seed: int = 0) -> Tensor:
    """Return (tracks, 2, samples) float32: noise and a chord under decaying strokes, peak about 0.5."""
    generator = torch.Generator().manual_seed(seed)
    samples = round(seconds * SAMPLE_RATE)
    t = torch.arange(samples, dtype=torch.float64) / SAMPLE_RATE
    parts = []
    for track in range(tracks):
        stroke = torch.exp(-6.0 * torch.remainder(t * (1.0 + 0.3 * track), 1.0))
        chord = sum(torch.sin(2 * math.pi * 55.0 * (track + 1) * k * t) / k for k in (1.0, 1.5, 2.0))
        noise = torch.randn((2, samples), generator=generator)
        parts.append((0.02 + stroke) * (0.12 * chord + 0.1 * noise))
    return torch.stack(parts).to(torch.float32)
