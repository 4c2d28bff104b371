"""Sections: when knobs stand elsewhere for a stretch of the song, which state of the console is heard when.

Every state plays the whole song beside the others with its own memory, so that none has to start cold; what is heard
goes over from one to the next in a short ramp. Outside its section and ramps an edit is therefore not there at all:
the samples are those of the state without it. Ramps lie outside the section. They are raised cosines of 30 ms; where a
section turned a send or an effect bus, its end lasts as long as the room, so that the tail is not cut.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from console.desk import Mix
from console.parameters import spec
from console.settings import Region, Settings

__all__ = ["RAMP_S", "Layer", "laid_over", "layers"]

RAMP_S = 0.03
_LONGEST_TAIL_S = 2.0


@dataclass(frozen=True)
class Layer:
    """One state of the console and when it is heard.

    Attributes:
        settings: without regions.
        start, stop: samples in which nothing else is heard.
        rise, fall: length of the ramps before and after, samples.
    """

    settings: Settings
    start: int
    stop: int
    rise: int
    fall: int

    @property
    def end(self) -> int:
        return self.stop + self.fall


def layers(settings: Settings, sample_rate: int, length: int) -> list[Layer]:
    """Return the states that lie over `settings.whole()`, from the bottom up.

    Where sections overlap, what holds more of them lies above, so that a section within another is whole.

    Args:
        settings: every knob.
        sample_rate: Hz.
        length: samples of the song; what lies behind it is left out.
    """
    edges = sorted({round(t * sample_rate) for region in settings.regions for t in region.time_s})
    found: list[tuple[int, Layer]] = []
    for start, stop in itertools.pairwise([min(edge, length) for edge in edges]):
        there = [region for region in settings.regions if _covers(region, start, stop, sample_rate, length)]
        if there and stop > start:
            ending = [region for region in there if round(region.end_s * sample_rate) <= stop]
            fall = min(round(_tail_s(settings, ending) * sample_rate), length - stop)
            rise = min(round(RAMP_S * sample_rate), start)
            found.append((len(there), Layer(settings.laid(there), start, stop, rise, fall)))
    return [layer for _, layer in sorted(found, key=lambda entry: (entry[0], entry[1].start))]


def laid_over(below: Mix, above: Mix, layer: Layer, first: int) -> Mix:
    """Return a stretch of `below` with `above` over it as far as the layer is heard there.

    Args:
        below, above: the same samples of the song, (2, samples) a part.
        layer: when `above` is heard.
        first: where in the song the stretch begins, samples.
    """
    samples = below.master.shape[-1]
    weight = _weight(layer, first, samples, below.master)
    if weight is None:
        weight = below.master.new_zeros(1)

    def over(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
        silence = torch.zeros_like(below.master)
        return {name: _cross(one.get(name, silence), other.get(name, silence), weight) for name in {**one, **other}}

    return Mix(
        _cross(below.master, above.master, weight),
        over(below.tracks, above.tracks),
        over(below.groups, above.groups),
        over(below.buses, above.buses),
    )


def _covers(region: Region, start: int, stop: int, sample_rate: int, length: int) -> bool:
    return round(region.start_s * sample_rate) <= start and stop <= min(round(region.end_s * sample_rate), length)


def _tail_s(settings: Settings, ending: list[Region]) -> float:
    """Return how long the end of a section lasts: the ramp, or half the room's decay where a send was turned."""
    wet = {spec(name).processor for region in ending for channel in region.channels.values() for name in channel}
    if not wet & {"send", "reverb", "delay"}:
        return RAMP_S
    decay_s = max(float(settings.laid(ending).get("reverb", "reverb.decay_s")), RAMP_S)
    return min(decay_s / 2, _LONGEST_TAIL_S)


def _weight(layer: Layer, first: int, samples: int, like: Tensor) -> Tensor | None:
    """Return (samples,) how much of the layer is heard, 0..1; None where nothing of it is."""
    if first >= layer.end or first + samples <= layer.start - layer.rise:
        return None
    at = torch.arange(first, first + samples, dtype=torch.float64)
    up = ((at - (layer.start - layer.rise)) / max(layer.rise, 1)).clamp(0.0, 1.0) if layer.rise else at >= layer.start
    down = ((layer.end - at) / max(layer.fall, 1)).clamp(0.0, 1.0) if layer.fall else at < layer.stop
    height = torch.minimum(up.to(torch.float64), down.to(torch.float64))
    return ((1.0 - torch.cos(torch.pi * height)) / 2).to(like.dtype)


def _cross(below: Tensor, above: Tensor, weight: Tensor) -> Tensor:
    """Go over from one to the other; exact where the weight is 0 or 1."""
    if below is above or not bool(weight.any()):
        return below
    mixed = torch.lerp(below, above, weight.expand_as(below))
    return torch.where(weight == 0.0, below, torch.where(weight == 1.0, above, mixed))
