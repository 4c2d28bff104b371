"""Knob values as tensors: from the parameter table, checked, on the range a filter can take."""

import functools
from collections.abc import Callable, Mapping
from typing import ParamSpec

import torch
from torch import Tensor

from console.errors import ParameterError
from console.parameters import spec

__all__ = ["Knob", "db_to_gain", "knob", "knobs", "one_pole", "remembered", "tuned_hz"]

Knob = Tensor | float
"""A value for every item of the batch: (batch,) or one number for all."""

_NYQUIST_SHARE = 0.475
_KEPT = 4096
_Arguments = ParamSpec("_Arguments")


def remembered(design: Callable[_Arguments, Tensor]) -> Callable[_Arguments, Tensor]:
    """Keep what a pure design function returned for the same values, as long as no gradient passes.

    A render asks for the same few filters block after block; designing them anew cost as much as running them. The
    arguments are tensors of a few numbers, and numbers or words. Do not change what it returns in place.
    """

    @functools.lru_cache(maxsize=_KEPT)
    def keep(*key: object) -> Tensor:
        arguments = [torch.tensor(k[0], dtype=k[1]) if isinstance(k, tuple) else k for k in key]
        with torch.inference_mode(False), torch.no_grad():
            return design(*arguments)  # type: ignore[arg-type, call-arg]

    @functools.wraps(design)
    def look_up(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Tensor:
        tensors = [a for a in args if isinstance(a, Tensor)]
        if kwargs or any(t.requires_grad or t.device.type != "cpu" or t.ndim != 1 for t in tensors):
            return design(*args, **kwargs)
        return keep(*((tuple(a.tolist()), a.dtype) if isinstance(a, Tensor) else a for a in args))

    return look_up


def knob(name: str, value: Knob | None, batch: int, like: Tensor) -> Tensor:
    """Return a parameter as (batch,) float64 beside `like`; None gives the table's default.

    Raises:
        ParameterError: not one number per item, not finite, or outside the table's range.
    """
    if value is None or not isinstance(value, Tensor):
        return _number(name, None if value is None else float(value), batch, like.device)
    if value.requires_grad or value.device.type != "cpu" or value.ndim != 1:
        _check(name, value.detach(), batch)
    else:
        _check_once(name, tuple(value.tolist()), batch)
    return value.to(dtype=torch.float64, device=like.device).expand(batch)


@functools.lru_cache(maxsize=_KEPT)
def _number(name: str, value: float | None, batch: int, device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        tensor = torch.tensor(float(spec(name).default) if value is None else value, dtype=torch.float64, device=device)
    _check(name, tensor, batch)
    return tensor.expand(batch)


@functools.lru_cache(maxsize=_KEPT)
def _check_once(name: str, values: tuple[float, ...], batch: int) -> None:
    _check(name, torch.tensor(values, dtype=torch.float64), batch)


def _check(name: str, values: Tensor, batch: int) -> None:
    entry = spec(name)
    if values.ndim > 1 or (values.ndim == 1 and values.shape[0] not in (1, batch)):
        raise ParameterError(f"{name} has shape {tuple(values.shape)}. Use one number, or one for each of {batch}.")
    low, high = entry.low - 1e-9 * (1 + abs(entry.low)), entry.high + 1e-9 * (1 + abs(entry.high))
    if not bool(((values >= low) & (values <= high)).all()):
        worst = values.reshape(-1)[~((values >= low) & (values <= high)).reshape(-1)][0]
        raise ParameterError(
            f"{name}={float(worst):g} {entry.unit} is outside {entry.low:g} to {entry.high:g} {entry.unit}. "
            "Use a value inside."
        )


def knobs(processor: str, values: Mapping[str, Knob], batch: int, like: Tensor) -> dict[str, Tensor]:
    """Return every named value of a processor as `knob` does; keys without the processor's prefix."""
    return {name: knob(f"{processor}.{name}", value, batch, like) for name, value in values.items()}


def tuned_hz(freq_hz: Tensor, sample_rate: int) -> Tensor:
    """Hold a filter's frequency below 0.475 of the sample rate, where a digital filter can still be tuned."""
    return freq_hz.clamp(max=_NYQUIST_SHARE * sample_rate)


@remembered
def db_to_gain(gain_db: Tensor) -> Tensor:
    """Return decibels as a factor."""
    return 10.0 ** (gain_db / 20.0)


def one_pole(time_ms: Tensor, sample_rate: int) -> Tensor:
    """Return the coefficient whose step response reaches 1 - 1/e after `time_ms`."""
    return torch.exp(-1000.0 / (time_ms * sample_rate))
