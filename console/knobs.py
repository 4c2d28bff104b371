"""Knob values as tensors: from the parameter table, checked, on the range a filter can take."""

from collections.abc import Mapping

import torch
from torch import Tensor

from console.errors import ParameterError
from console.parameters import spec

__all__ = ["Knob", "db_to_gain", "knob", "knobs", "one_pole", "tuned_hz"]

Knob = Tensor | float
"""A value for every item of the batch: (batch,) or one number for all."""

_NYQUIST_SHARE = 0.475


def knob(name: str, value: Knob | None, batch: int, like: Tensor) -> Tensor:
    """Return a parameter as (batch,) float64 beside `like`; None gives the table's default.

    Raises:
        ParameterError: not one number per item, not finite, or outside the table's range.
    """
    entry = spec(name)
    if value is None:
        value = float(entry.default)
    tensor = torch.as_tensor(value, dtype=torch.float64, device=like.device)
    if tensor.ndim > 1 or (tensor.ndim == 1 and tensor.shape[0] not in (1, batch)):
        raise ParameterError(f"{name} has shape {tuple(tensor.shape)}. Use one number, or one for each of {batch}.")
    low, high = entry.low - 1e-9 * (1 + abs(entry.low)), entry.high + 1e-9 * (1 + abs(entry.high))
    values = tensor.detach()
    if not bool(((values >= low) & (values <= high)).all()):
        worst = values.reshape(-1)[~((values >= low) & (values <= high)).reshape(-1)][0]
        raise ParameterError(
            f"{name}={float(worst):g} {entry.unit} is outside {entry.low:g} to {entry.high:g} {entry.unit}. "
            "Use a value inside."
        )
    return tensor.expand(batch)


def knobs(processor: str, values: Mapping[str, Knob], batch: int, like: Tensor) -> dict[str, Tensor]:
    """Return every named value of a processor as `knob` does; keys without the processor's prefix."""
    return {name: knob(f"{processor}.{name}", value, batch, like) for name, value in values.items()}


def tuned_hz(freq_hz: Tensor, sample_rate: int) -> Tensor:
    """Hold a filter's frequency below 0.475 of the sample rate, where a digital filter can still be tuned."""
    return freq_hz.clamp(max=_NYQUIST_SHARE * sample_rate)


def db_to_gain(gain_db: Tensor) -> Tensor:
    """Return decibels as a factor."""
    return 10.0 ** (gain_db / 20.0)


def one_pole(time_ms: Tensor, sample_rate: int) -> Tensor:
    """Return the coefficient whose step response reaches 1 - 1/e after `time_ms`."""
    return torch.exp(-1000.0 / (time_ms * sample_rate))
