"""What happens in a turn, in order: the core yields these, the page and the command line show them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from assistant.request import Request
from console.settings import Move

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from assistant.diagnose.finding import Finding

__all__ = [
    "Asked",
    "Diagnosed",
    "Event",
    "Failed",
    "Heard",
    "Measured",
    "Measurement",
    "Moved",
    "Progress",
    "Said",
    "Understood",
]


class Measurement(BaseModel):
    """One thing that was measured before and after, in units.

    Attributes:
        what: e.g. "band 200-500 Hz", "level against the rest", "loudness".
        track: whose, or "mix".
        before, after: the readings.
        unit: theirs.
        wanted: where it should have gone, or None where it was only watched.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    track: str
    before: float
    after: float
    unit: str
    wanted: float | None = None


@dataclass(frozen=True)
class Heard:
    """The words came in."""

    text: str


@dataclass(frozen=True)
class Understood:
    """The words became requests."""

    requests: tuple[Request, ...]


@dataclass(frozen=True)
class Progress:
    """Work goes on: "aim", "tune", "check" or "render", 0..1 of that step."""

    step: str
    share: float
    note: str = ""


@dataclass(frozen=True)
class Moved:
    """Knobs were turned; the session holds the new version."""

    moves: tuple[Move, ...]
    version: int


@dataclass(frozen=True)
class Measured:
    """What really changed."""

    measurements: tuple[Measurement, ...]
    confident: float


@dataclass(frozen=True)
class Diagnosed:
    """What was found wrong with the mix, worst first, and the plots (plotly figures) that show it."""

    findings: tuple["Finding", ...]
    figures: tuple["Figure", ...]


@dataclass(frozen=True)
class Asked:
    """The turn needs an answer before anything moves."""

    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """A step could not be carried out; nothing moved."""

    what: str


@dataclass(frozen=True)
class Said:
    """The reply, last event of a turn."""

    text: str


Event = Heard | Understood | Progress | Moved | Measured | Diagnosed | Asked | Failed | Said
