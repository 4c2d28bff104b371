"""A chain: knobs with ranges, audio in, audio out. Whatever has these can be tuned."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

__all__ = ["Chain", "Parameter", "start_of", "values_at"]


@dataclass(frozen=True)
class Parameter:
    """One knob: its range, where it starts and how it travels ("linear" in its unit or "log" in ratios of it)."""

    name: str
    unit: str
    low: float
    high: float
    default: float
    curve: str = "linear"

    def normalise(self, value: float) -> float:
        """Map a value to 0..1 along the curve."""
        if self.curve == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def denormalise(self, position: float) -> float:
        """Map 0..1 along the curve back to a value."""
        if self.curve == "log":
            return self.low * (self.high / self.low) ** position
        return self.low + position * (self.high - self.low)


class Chain(Protocol):
    """Processors in a row, as a black box."""

    name: str
    parameters: tuple[Parameter, ...]

    def process(self, audio: np.ndarray, sample_rate: int, values: Mapping[str, float]) -> np.ndarray:
        """Run audio through the chain from silence.

        Args:
            audio: (2, samples) float32.
            sample_rate: Hz.
            values: where the knobs stand, by name, in their units; those left out stand at their default.
        Returns:
            (2, samples) float32.
        """
        ...


def start_of(chain: Chain) -> np.ndarray:
    """Return (knobs,) where the knobs start, 0..1."""
    return np.array([entry.normalise(entry.default) for entry in chain.parameters])


def values_at(chain: Chain, position: np.ndarray) -> dict[str, float]:
    """Return the knobs' values at a position (knobs,) in 0..1."""
    inside = np.clip(position, 0.0, 1.0)
    return {entry.name: float(entry.denormalise(at)) for entry, at in zip(chain.parameters, inside, strict=True)}
