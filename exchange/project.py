"""What leaves the house and comes back: a song, every knob, what moves in time, and the names of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from console.errors import ParameterError
from console.parameters import PROCESSORS, Value, check_value, spec
from console.settings import Settings, kind_of
from exchange.stems import Song

__all__ = ["Automation", "Project", "Section"]

Automation = Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
"""(channel address, parameter) -> breakpoints (time_s, value), in order of time.

Between breakpoints the value moves in a straight line in the parameter's own unit; before the first and after the last
it stays where that one is."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named stretch of the song, s."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """A mix that can be handed on.

    Attributes:
        title: of the song.
        song: the tracks.
        settings: every knob where nothing moves it.
        automation: knobs that move.
        sections: parts of the song with a name.

    Raises:
        ParameterError: automation of a channel or knob that is not there, out of order, or out of range.
    """

    title: str
    song: Song
    settings: Settings
    automation: Automation = field(default_factory=dict)
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        for (address, parameter), points in self.automation.items():
            self.settings.channel(address)
            entry = spec(parameter)
            if entry.processor not in PROCESSORS[kind_of(address)] or entry.kind == "choice":
                raise ParameterError(f"{parameter} of {address!r} cannot move in time. Automate another knob.")
            if not points or any(later[0] < earlier[0] for earlier, later in pairwise(points)):
                raise ParameterError(f"The automation of {parameter} on {address!r} is empty or out of order.")
            for _, value in points:
                check_value(parameter, value)

    def moves_in_time(self, address: str) -> set[str]:
        """Return the parameters of a channel that are automated."""
        return {parameter for where, parameter in self.automation if where == address}

    def values(self, address: str) -> dict[str, Value]:
        """Return what a channel has off its default, with the first value of what is automated."""
        first = {name: points[0][1] for (where, name), points in self.automation.items() if where == address}
        return {**self.settings.channel(address), **first}
