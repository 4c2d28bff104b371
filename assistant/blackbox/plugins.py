"""Plug-ins as chains, hosted by pedalboard, an extra (`pip install "studiospeak[plugins]"`; pedalboard is GPL).

A plug-in is a VST3 or Audio Unit file, one of pedalboard's own processors by name, or several of those in a row
("LowShelfFilter+PeakFilter+Compressor"). A file's knobs are those it reports as numbers; on and off stay as they are.
"""

import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from assistant.blackbox.chain import Parameter
from console.errors import PluginError

__all__ = ["BuiltInChain", "HostedChain", "load_chain"]

_MOST_KNOBS = 24
_LEAST_STEPS = 12
_FILTERS = ("cutoff_frequency_hz", "centre_frequency_hz")
_NYQUIST_SHARE = 0.45


def load_chain(plugin: str, only: Sequence[str] = ()) -> "BuiltInChain | HostedChain":
    """Load a plug-in as a chain.

    Args:
        plugin: a file, or names of built-in processors joined with "+".
        only: the knobs to tune, by name; empty means all.
    Raises:
        PluginError: pedalboard is not installed, no such plug-in or knob, or the file cannot be loaded.
    """
    try:
        import pedalboard
    except ImportError as error:
        raise PluginError(
            'Plug-ins need pedalboard, which is not installed here. Run: python -m pip install "studiospeak[plugins]"'
        ) from error
    path = Path(plugin).expanduser()
    if not path.exists():
        return BuiltInChain(pedalboard, plugin.split("+"), only)
    try:
        hosted = pedalboard.load_plugin(str(path))
    except (ImportError, ValueError, RuntimeError, OSError) as error:
        raise PluginError(f"{path.name} cannot be loaded as a plug-in ({error}). Use a VST3 or Audio Unit.") from error
    return HostedChain(hosted, path.stem, only)


class BuiltInChain:
    """Processors of pedalboard in a row; their knobs are in `plugins.yaml`."""

    def __init__(self, pedalboard: Any, processors: Sequence[str], only: Sequence[str] = ()):
        table = _table()
        unknown = [name for name in processors if name not in table]
        if unknown:
            raise PluginError(
                f"{unknown[0]!r} is no plug-in file here and no built-in processor. Built in: {', '.join(table)}."
            )
        self.name = "+".join(processors)
        self._host, self._processors = pedalboard, list(processors)
        parameters = []
        for name, processor in zip(_distinct(processors), processors, strict=True):
            for knob, (unit, low, high, start, curve) in table[processor].items():
                parameters.append(Parameter(f"{name}.{knob}", unit, float(low), float(high), float(start), curve))
        self.parameters = _chosen(parameters, only, self.name)
        self._starts = {entry.name: entry.default for entry in parameters}

    def process(self, audio: np.ndarray, sample_rate: int, values: Mapping[str, float]) -> np.ndarray:
        """Run (2, samples) through the processors; see `Chain`."""
        values = {**self._starts, **values}
        row = []
        for name, processor in zip(_distinct(self._processors), self._processors, strict=True):
            knobs = {knob: values[f"{name}.{knob}"] for knob in _table()[processor]}
            for knob in knobs.keys() & set(_FILTERS):  # above Nyquist these filters blow up
                knobs[knob] = min(knobs[knob], _NYQUIST_SHARE * sample_rate)
            row.append(getattr(self._host, processor)(**knobs))
        return self._host.Pedalboard(row).process(np.ascontiguousarray(audio, np.float32), sample_rate, reset=True)


class HostedChain:
    """One plug-in that reports its knobs: `parameters` by name, each with `raw_value` 0..1, and `process`."""

    def __init__(self, plugin: Any, name: str, only: Sequence[str] = ()):
        self.name, self._plugin = name, plugin
        self._raw_start = {key: float(entry.raw_value) for key, entry in plugin.parameters.items()}
        knobs = [
            Parameter(key, "0..1", 0.0, 1.0, self._raw_start[key])
            for key, entry in plugin.parameters.items()
            if key in only or (_is_number(entry) and not only)
        ]
        self.parameters = _chosen(knobs, only, name)

    def process(self, audio: np.ndarray, sample_rate: int, values: Mapping[str, float]) -> np.ndarray:
        """Run (2, samples) through the plug-in; see `Chain`."""
        for key, value in {**self._raw_start, **values}.items():
            self._plugin.parameters[key].raw_value = min(max(value, 0.0), 1.0)
        return self._plugin.process(np.ascontiguousarray(audio, np.float32), sample_rate, reset=True)

    def shown(self, values: Mapping[str, float]) -> dict[str, str]:
        """Return knob values as the plug-in writes them."""
        texts = {}
        for key, value in values.items():
            self._plugin.parameters[key].raw_value = value
            texts[key] = str(getattr(self._plugin.parameters[key], "string_value", value))
        return texts


@functools.cache
def _table() -> dict[str, dict[str, list]]:
    text = resources.files("assistant.blackbox").joinpath("plugins.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names that differ: the second PeakFilter is PeakFilter2."""
    return [
        name if names.index(name) == at else f"{name}{names[: at + 1].count(name)}" for at, name in enumerate(names)
    ]


def _chosen(parameters: Sequence[Parameter], only: Sequence[str], name: str) -> tuple[Parameter, ...]:
    known = [entry.name for entry in parameters]
    missing = [knob for knob in only if knob not in known]
    if missing or not known:
        raise PluginError(
            f"{name} has no knob {', '.join(missing) or 'that can be tuned'}. It has: {', '.join(known)}."
        )
    chosen = [entry for entry in parameters if not only or entry.name in only]
    if len(chosen) > _MOST_KNOBS:
        raise PluginError(
            f"{name} has {len(chosen)} knobs; up to {_MOST_KNOBS} can be tuned at once. "
            f"Name some with --knobs: {', '.join(known)}."
        )
    return tuple(chosen)


def _is_number(entry: Any) -> bool:
    """Say whether a plug-in's knob is a number that moves finely: no switch, no list, no bypass."""
    words = str(getattr(entry, "name", "")).lower()
    steps = getattr(entry, "num_steps", None)
    boolean = getattr(entry, "is_boolean", False) or getattr(entry, "type", float) is bool
    return not boolean and "bypass" not in words and (steps is None or steps >= _LEAST_STEPS)
