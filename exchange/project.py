"""What leaves the house and comes back: a song, every knob, and the names of its parts."""

from dataclasses import dataclass, field

from console.parameters import Value
from console.settings import Settings
from exchange.automation import Automation, automation_of
from exchange.stems import Song

__all__ = ["Project", "Section"]


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
        settings: every knob, with the sections in which some stand elsewhere.
        sections: parts of the song that have a name.
        automation: what moves in time, made from the settings' sections.
    """

    title: str
    song: Song
    settings: Settings
    sections: tuple[Section, ...] = ()
    automation: Automation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "automation", automation_of(self.settings))

    def moves_in_time(self, address: str) -> set[str]:
        """Return the parameters of a channel that are automated."""
        return {parameter for where, parameter in self.automation if where == address}

    def values(self, address: str) -> dict[str, Value]:
        """Return what a channel has off its default, and what moves there as it stands at the start of the song."""
        first = {name: points[0][1] for (where, name), points in self.automation.items() if where == address}
        return {**self.settings.channel(address), **first}
