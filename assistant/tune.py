"""Tune: turn the knobs by gradient through the console until the sound is where it was aimed.

Starts from what people's settings suggest, follows the gradient of the distance in the embedding on a short excerpt,
prices every turn of a knob, drops what brings nothing, and rounds to what a person would type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from assistant.aim import Target, band_weights
from console.parameters import Value, spec
from models import PARTS, Encoder

__all__ = ["Tuned", "tune"]

_STEPS = 12
_RATE = 0.012
_PRICE = 0.15  # of a unit of distance, for a knob across its whole range
_ENOUGH = 0.08  # of the way left: stop
_WORTH = 0.01  # of the way: a knob that brings less goes back

TUNED = (
    "eq.low_shelf_gain_db", "eq.bell_1_gain_db", "eq.bell_2_gain_db", "eq.bell_3_gain_db", "eq.bell_4_gain_db",
    "eq.high_shelf_gain_db", "compressor.threshold_db", "deesser.threshold_db", "saturation.drive_db",
    "send.reverb_db", "send.delay_db", "stereo.width",
)  # fmt: skip
"""Knobs that follow the gradient; the others keep what people set."""


@dataclass(frozen=True)
class Tuned:
    """What tuning found.

    Attributes:
        changes: knobs to turn, by (channel address, parameter).
        left: share of the way that is left on the excerpt, 0 is there, 1 is where it began.
    """

    changes: dict[tuple[str, str], Value]
    left: float


def tune(target: Target, encoder: Encoder, progress: Callable[[float], None] | None = None) -> Tuned:
    """Return knob changes that bring the scene's sound to the target."""
    way = _distance(target.embedding_now, target)
    if not target.start or way < 1e-6:
        return Tuned(dict(target.start), 0.0)
    start = dict(target.start)
    free = [key for key, value in start.items() if key[1] in TUNED and _in_use(key, start, target)]
    best, best_left = start, _measure(start, target, encoder) / way
    if free and best_left > _ENOUGH:
        first = torch.tensor([spec(name).normalise(float(start[address, name])) for address, name in free])
        position = first.clone().requires_grad_(True)
        optimiser = torch.optim.Adam([position], lr=_RATE)
        for step in range(_STEPS):
            optimiser.zero_grad()
            overrides = {key: _value(key[1], position[i]) for i, key in enumerate(free)}
            audio = target.scene.hear(target.scene.turned(start), overrides)
            distance = _distance(encoder.embed(audio, target.scene.sample_rate)[0], target)
            left = float(distance.detach()) / way
            if left < best_left - 1e-3:
                best, best_left = {**start, **_rounded(free, position)}, left
            if progress is not None:
                progress((step + 1) / _STEPS)
            if left < _ENOUGH:
                break
            (distance / way + _PRICE * (position - first).abs().mean()).backward()
            optimiser.step()
            with torch.no_grad():
                position.clamp_(0.0, 1.0)
    best, best_left = _without_idle_turns(best, best_left, way, target, encoder)
    if progress is not None:
        progress(1.0)
    return Tuned(best, best_left)


def _without_idle_turns(
    changes: dict[tuple[str, str], Value], left: float, way: float, target: Target, encoder: Encoder
) -> tuple[dict[tuple[str, str], Value], float]:
    """Put back each equaliser gain whose turn brings less than it is worth, smallest first."""
    settings = target.scene.settings
    gains = [key for key in changes if key[1].startswith("eq.") and key[1].endswith("gain_db")]
    turned = [key for key in gains if float(changes[key]) != settings.number(*key)]
    for key in sorted(turned, key=lambda key: abs(float(changes[key]) - settings.number(*key))):
        if abs(float(changes[key]) - settings.number(*key)) > 1.5 or len(turned) < 2:
            continue
        trial = {**changes, key: settings.number(*key)}
        trial_left = _measure(trial, target, encoder) / way
        if trial_left <= left + _WORTH:
            changes, left = trial, trial_left
    # Frequencies and widths of bands at 0 dB are not moves.
    silent = {key[1][: -len("gain_db")] for key in gains if float(changes[key]) == 0.0}
    kept = {key: value for key, value in changes.items() if key[1].endswith("gain_db") or _stem(key[1]) not in silent}
    return kept, left


def _stem(name: str) -> str:
    return name[: -len("freq_hz")] if name.endswith("freq_hz") else name[:-1] if name.endswith("_q") else name


def _measure(changes: Mapping[tuple[str, str], Value], target: Target, encoder: Encoder) -> float:
    with torch.no_grad():
        audio = target.scene.hear(target.scene.turned(dict(changes)))
        return float(_distance(encoder.embed(audio, target.scene.sample_rate)[0], target))


def _distance(embedding: Tensor, target: Target) -> Tensor:
    """Return the mean squared distance over the parts that the target moves; the spectrum by how audible it is."""
    wanted = target.embedding - target.embedding_now
    weights = torch.zeros_like(wanted)
    for name, part in PARTS.items():
        if float(wanted[part].abs().max()) > 0.02:
            weights[part] = 1.0 / (part.stop - part.start)
            if name == "spectrum":
                weights[part] *= torch.as_tensor(band_weights(target.embedding_now), dtype=weights.dtype)
    return (weights * (embedding - target.embedding).square()).sum()


def _in_use(key: tuple[str, str], start: Mapping[tuple[str, str], Value], target: Target) -> bool:
    """Say whether a knob takes part: a band or send that stands at neutral stays there."""
    name = key[1]
    if name.endswith("_gain_db") and name.startswith("eq."):
        return float(start[key]) != 0.0
    if name.startswith("send."):
        return float(start[key]) > spec(name).low
    if name == "compressor.threshold_db":
        return (
            float(start.get((key[0], "compressor.ratio"), target.scene.settings.number(key[0], "compressor.ratio")))
            > 1.0
        )
    return True


def _value(name: str, position: Tensor) -> Tensor:
    entry = spec(name)
    if entry.curve == "log":
        return entry.low * (entry.high / entry.low) ** position
    return entry.low + position * (entry.high - entry.low)


def _rounded(free: list[tuple[str, str]], position: Tensor) -> dict[tuple[str, str], Value]:
    return {
        key: spec(key[1]).round(spec(key[1]).denormalise(float(value)))
        for key, value in zip(free, position.detach(), strict=True)
    }
