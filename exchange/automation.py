"""Sections as automation: what a DAW has to move, and when, to follow knobs that stand elsewhere for a while.

The console plays every state of itself and goes over between them; a DAW moves the knob. Ramps are as long as the
console's and lie outside the section too, in straight lines of the parameter's own unit.
"""

from collections.abc import Mapping
from itertools import pairwise

from console.parameters import spec
from console.sections import RAMP_S
from console.settings import Settings

__all__ = ["Automation", "automation_of", "still_choices"]

Automation = Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
"""(channel address, parameter) -> breakpoints (time_s, value), in order of time, joined by straight lines.

Before the first and after the last the value stays; where two share a time it jumps."""


def automation_of(settings: Settings) -> Automation:
    """Return the breakpoints of every number and switch that a section moves; choices are left out."""
    return {
        (address, name): _points(settings, address, name)
        for address, name in _held(settings)
        if spec(name).kind != "choice"
    }


def still_choices(settings: Settings) -> list[tuple[str, str]]:
    """Return the choices, such as a filter's slope, that a section changes and no automation can follow."""
    return [key for key in _held(settings) if spec(key[1]).kind == "choice"]


def _held(settings: Settings) -> list[tuple[str, str]]:
    held = [(address, name) for region in settings.regions
            for address, channel in region.channels.items() for name in channel]  # fmt: skip
    return list(dict.fromkeys(held))


def _points(settings: Settings, address: str, name: str) -> tuple[tuple[float, float], ...]:
    regions = [region for region in settings.regions if name in region.channels.get(address, {})]
    starts = {region.start_s for region in regions}
    edges = sorted(starts | {region.end_s for region in regions})
    inside = [settings.within(stretch).number(address, name) for stretch in pairwise(edges)]
    outside = settings.whole().number(address, name)
    points = [(0.0, outside)]
    for edge, before, after in zip(edges, [outside, *inside], [*inside, outside], strict=True):
        if before == after:
            continue
        ramp_s = 0.0 if spec(name).kind == "switch" else RAMP_S
        begin = edge - ramp_s if edge in starts else edge
        begin = max(begin, points[-1][0])
        points += [(begin, before), (max(edge if edge in starts else edge + ramp_s, begin), after)]
    first = max(index for index, (time_s, _) in enumerate(points) if time_s == 0.0)
    return tuple(points[first:])
