"""Follow the gradient through the chain, towards the goal in the production features and in the FX embedding."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from assistant.match.bus import Bench
from assistant.match.goal import Missing
from assistant.match.knobs import Changes
from console.parameters import spec
from models import PARTS, Encoder, ProductionFeatures
from models.production_features import SCALES

__all__ = ["tune_match"]

_STEPS = 10
_RATE = 0.015
_PRICE = 0.05  # for every knob across its whole range
_EMBEDDING_SHARE = 0.5
_ASKED_DB = 0.05
_FREE = ("eq.low_shelf_gain_db", "eq.bell_1_gain_db", "eq.bell_2_gain_db", "eq.bell_3_gain_db", "eq.bell_4_gain_db",
         "eq.high_shelf_gain_db", "compressor.threshold_db", "compressor.ratio", "compressor.attack_ms",
         "compressor.release_ms", "send.reverb_db")  # fmt: skip
"""Knobs that follow the gradient; width and balance are set by formula for the whole song."""


def tune_match(
    bench: Bench,
    start: Changes,
    missing: Missing,
    encoder: Encoder | None,
    progress: Callable[[float], None] | None = None,
) -> Changes:
    """Return knob changes that bring the excerpt closer to where the whole song should go.

    Args:
        bench: the chain on an excerpt, as it was before `start`.
        start: first knob changes; those of `_FREE` that do something are tuned, the others stay.
        missing: what the whole song lacked before `start`; the excerpt is to change by as much.
        encoder: of `missing.embedding`; not used where that is None.
        progress: told the share done.
    """
    features = ProductionFeatures()
    settings = bench.turned(start)
    free = [
        key
        for key, value in start.items()
        if key[1] in _FREE and key[0] in bench.chain and _works(key, value, settings)
    ]
    if not free:
        return dict(start)
    with torch.no_grad():
        before = bench.hear()
        goal = features.measure(before, bench.sample_rate)[0] + torch.as_tensor(missing.features)
        place = None
        if encoder is not None and missing.embedding is not None:
            change = torch.as_tensor(missing.embedding)
            place = encoder.embed(before, bench.sample_rate)[0] + change
            size = change.square().sum().clamp(min=0.05)
    weights = _weights(missing, before, bench.sample_rate)
    scale = (weights * (torch.as_tensor(missing.features) / SCALES).square()).sum().clamp(min=0.05)

    def distance(audio: Tensor) -> Tensor:
        apart = (features.measure(audio, bench.sample_rate)[0] - goal) / SCALES
        total = (weights * apart.square()).sum() / scale
        if place is not None:
            total = (
                total + _EMBEDDING_SHARE * (encoder.embed(audio, bench.sample_rate)[0] - place).square().sum() / size
            )
        return total

    first = torch.tensor([spec(name).normalise(float(start[address, name])) for address, name in free])
    position = first.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([position], lr=_RATE)
    best, best_distance = dict(start), float("inf")
    for step in range(_STEPS + 1):
        optimiser.zero_grad()
        overrides = {key: _value(key[1], position[i]) for i, key in enumerate(free)}
        total = distance(bench.hear(settings, overrides))
        if float(total.detach()) < best_distance - 1e-4:
            best_distance = float(total.detach())
            best = {**start, **_rounded(free, position)} if step else dict(start)
        if step == _STEPS:
            break
        (total + _PRICE * (position - first).abs().mean()).backward()
        optimiser.step()
        with torch.no_grad():
            position.clamp_(0.0, 1.0)
        if progress is not None:
            progress((step + 1) / _STEPS)
    return best


def _weights(missing: Missing, before: Tensor, sample_rate: int) -> Tensor:
    """Return (dimensions,): every part that should change counts one, its spectrum by how audible each band is."""
    weights = torch.zeros(len(SCALES))
    for part in PARTS.values():
        if float(np.abs(missing.features[part]).max()) > _ASKED_DB:
            weights[part] = 1.0 / (part.stop - part.start)
    with torch.no_grad():
        level_db = ProductionFeatures().measure(before, sample_rate)[0][PARTS["spectrum"]]
    weights[PARTS["spectrum"]] *= ((level_db - level_db.max() + 60.0) / 30.0).clamp(0.02, 1.0)
    return weights


def _works(key: tuple[str, str], value: float | str, settings) -> bool:
    """Say whether turning a knob does anything: a band at 0 dB or an idle compressor stays out."""
    name = key[1]
    if name.startswith("eq."):
        return float(value) != 0.0
    if name.startswith("compressor."):
        return settings.number(key[0], "compressor.ratio") > 1.0
    return not name.startswith("send.") or float(value) > spec(name).low


def _value(name: str, position: Tensor) -> Tensor:
    entry = spec(name)
    if entry.curve == "log":
        return entry.low * (entry.high / entry.low) ** position
    return entry.low + position * (entry.high - entry.low)


def _rounded(free: list[tuple[str, str]], position: Tensor) -> Changes:
    return {
        key: spec(key[1]).round(spec(key[1]).denormalise(float(value)))
        for key, value in zip(free, position.detach(), strict=True)
    }
