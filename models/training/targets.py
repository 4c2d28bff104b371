"""What a chain of effects amounts to in numbers a head can learn to read back from an embedding's change."""

import functools
import math
from collections.abc import Mapping
from typing import cast

import numpy as np
import torch

from console.filters import eq_sections, response_db
from console.parameters import spec
from models.training.chains import REFERENCE_LUFS, Chain
from models.training.corpus import SAMPLE_RATE

__all__ = ["CURVE_HZ", "TARGETS", "chain_targets"]

CURVE_HZ = np.geomspace(25.0, 19000.0, 40)
"""Where EQ curves are read, Hz."""

TARGETS: Mapping[str, int] = {
    "eq_db": 40,  # the EQ's curve, less its mean
    "compression_db": 1,  # how much closer it brings what lies 18 dB over the reference loudness to what lies 15 under
    "attack": 1,  # log2 of 10 ms over it, only where there is compression
    "release": 1,  # log2 of it over 150 ms, only where there is compression
    "drive_db": 1,  # saturation drive times mix
    "width": 1,  # log2 of the width, and the decorrelated side added
    "reverb_db": 1,  # how far the send stands above -30 dB
    "decay": 1,  # log2 of the reverb time over 1.2 s, only where there is reverb
    "delay_db": 1,  # how far the send stands above -30 dB
}
"""Numbers by name, and how many each is. A neutral chain is 0 in all of them."""

_QUIET_SEND_DB = -30.0
_RANGE_DB = (18.0, -15.0)  # peaks and tails of single instruments, against their loudness


def chain_targets(chain: Chain) -> dict[str, np.ndarray]:
    """Return {name: (count,) float64} of TARGETS."""
    numbers = {name: _number(chain, f"compressor.{name}") for name in ("threshold_db", "ratio")}
    loud_db, quiet_db = (max(REFERENCE_LUFS + level - numbers["threshold_db"], 0.0) for level in _RANGE_DB)
    compression_db = (loud_db - quiet_db) * (1.0 - 1.0 / numbers["ratio"])  # what takes all down alike is not heard
    compressed = "compressor.ratio" in chain.values
    wet = chain.reverb_send_db is not None
    narrow = math.log2(max(_number(chain, "stereo.width"), 0.125))
    scalars = {
        "compression_db": compression_db,
        "attack": math.log2(10.0 / _number(chain, "compressor.attack_ms")) if compressed else 0.0,
        "release": math.log2(_number(chain, "compressor.release_ms") / 150.0) if compressed else 0.0,
        "drive_db": _number(chain, "saturation.drive_db") * _number(chain, "saturation.mix"),
        "width": narrow + 2.0 * chain.spread,
        "reverb_db": _above_quiet(chain.reverb_send_db),
        "decay": math.log2(chain.reverb.get("reverb.decay_s", 1.2) / 1.2) if wet else 0.0,
        "delay_db": _above_quiet(chain.delay_send_db),
    }
    return {"eq_db": _curve_db(chain), **{name: np.array([value]) for name, value in scalars.items()}}


def _number(chain: Chain, name: str) -> float:
    return float(chain.values.get(name, spec(name).default))


def _above_quiet(send_db: float | None) -> float:
    return 0.0 if send_db is None else max(send_db - _QUIET_SEND_DB, 0.0)


def _curve_db(chain: Chain) -> np.ndarray:
    knobs = tuple(sorted((name, value) for name, value in chain.values.items() if name.startswith("eq.")))
    if not knobs:
        return np.zeros(CURVE_HZ.size)
    return _eq_curve_db(cast(tuple[tuple[str, float], ...], knobs))


@functools.lru_cache(maxsize=4096)
def _eq_curve_db(knobs: tuple[tuple[str, float], ...]) -> np.ndarray:
    bands = {name.removeprefix("eq."): torch.tensor([value], dtype=torch.float64) for name, value in knobs}
    sections = eq_sections(torch.zeros((1, 2, 1), dtype=torch.float64), SAMPLE_RATE, **bands)
    curve: np.ndarray = response_db(sections, torch.tensor(CURVE_HZ), SAMPLE_RATE)[0].numpy()
    return curve - curve.mean()
