"""Parts of an edit: what "the EQ part" or "the level" means on the console."""

from collections.abc import Iterable

from console.errors import RequestError
from console.parameters import spec

__all__ = ["PARTS", "all_but", "part_named", "part_of"]

PARTS: dict[str, tuple[str, ...]] = {
    "eq": ("eq", "highpass", "lowpass"),
    "gate": ("gate",),
    "de_ess": ("deesser",),
    "compression": ("compressor",),
    "saturation": ("saturation",),
    "width": ("stereo.width", "stereo.mono_below_hz"),
    "pan": ("stereo.pan",),
    "level": ("trim", "fader", "limiter"),
    "reverb": ("send.reverb_db", "reverb"),
    "delay": ("send.delay_db", "delay"),
}
"""Part of an edit -> the processors and parameters that belong to it; every parameter belongs to exactly one."""

_ALSO = {"compressor": "compression", "de_esser": "de_ess", "deesser": "de_ess", "fader": "level"}


def part_of(parameter: str) -> str:
    """Return the part that a parameter belongs to.

    Raises:
        ParameterError: no such parameter.
    """
    names = {parameter, spec(parameter).processor}
    return next(part for part, members in PARTS.items() if names & set(members))


def part_named(name: str) -> str:
    """Return a part by any of its names.

    Raises:
        RequestError: there is no such part.
    """
    part = _ALSO.get(name, name)
    if part not in PARTS:
        raise RequestError(f"No part of an edit is called {name!r}. There are: {', '.join(PARTS)}.")
    return part


def all_but(parts: Iterable[str]) -> tuple[str, ...]:
    """Return every part that is not named."""
    left_out = {part_named(name) for name in parts}
    return tuple(part for part in PARTS if part not in left_out)
