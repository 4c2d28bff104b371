"""Parts of one stereo mix, reached by the band they live in: a table, and curves from it."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import yaml

from ontology import BANDS_HZ

__all__ = ["Region", "region_of", "regions"]

_SLOPE_OCTAVES = 0.7


@dataclass(frozen=True)
class Region:
    """Where parts of a mix live: `bands_hz` (from, to) each; `inside` (40,) 0..1 on `BANDS_HZ`."""

    bands_hz: tuple[tuple[float, float], ...]
    inside: np.ndarray


@functools.cache
def regions() -> dict[str, tuple[float, float]]:
    """Return (from, to) in Hz by part."""
    text = resources.files("assistant").joinpath("regions.yaml").read_text(encoding="utf-8")
    return {name: (float(low), float(high)) for name, (low, high) in yaml.safe_load(text).items()}


def region_of(targets: Sequence[str]) -> Region | None:
    """Return the region of the parts among the targets, or None where none is in the table."""
    known = tuple(regions()[_plain(name)] for name in targets if _plain(name) in regions())
    if not known:
        return None
    hz = np.array(BANDS_HZ, dtype=np.float64)
    outside = [np.maximum(np.log2(low / hz), np.log2(hz / high)) for low, high in known]
    return Region(known, np.clip(1.0 - np.min(outside, axis=0) / _SLOPE_OCTAVES, 0.0, 1.0))


def _plain(name: str) -> str:
    plain = name.lower().replace(" ", "_")
    return plain[:-1] if plain not in regions() and plain.endswith("s") else plain
