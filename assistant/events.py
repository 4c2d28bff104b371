"""What happens in a turn, in order: the core yields these, the page and the command line show them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from assistant.request import Request
from console.settings import Move

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from assistant.diagnose.finding import Finding
    from assistant.explore.options import Options

__all__ = [
    "Asked",
    "Chip",
    "Compared",
    "Diagnosed",
    "Drafted",
    "Event",
    "Failed",
    "Heard",
    "Measured",
    "Measurement",
    "Moved",
    "Offered",
    "Progress",
    "Said",
    "Saying",
    "Understood",
    "Written",
    "reading",
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

    @classmethod
    def of(
        cls, what: str, track: str, before: float, after: float, unit: str, wanted: float | None = None
    ) -> "Measurement":
        """Return it with readings as `reading` gives them."""
        aim = None if wanted is None else reading(wanted)
        return cls(what=what, track=track, before=reading(before), after=reading(after), unit=unit, wanted=aim)


def reading(value: float) -> float:
    """Return a number to three decimals. Silence measures minus infinity, and JSON has no such number: -150 stands."""
    return round(float(np.nan_to_num(value, neginf=-150.0, posinf=150.0)), 3)


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


@dataclass(frozen=True, eq=False)
class Drafted:
    """A stretch of the mix as it will sound, to be heard while the whole song is rendered.

    Attributes:
        audio: (2, samples).
        sample_rate: Hz.
    """

    audio: np.ndarray
    sample_rate: int


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
class Offered:
    """Mixes to choose from; nothing moved."""

    options: "Options"


@dataclass(frozen=True)
class Compared:
    """Two versions of the mix were measured against each other, by their numbers."""

    one: int
    other: int


@dataclass(frozen=True)
class Written:
    """Files were written for the person."""

    files: tuple[Path, ...]


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
class Saying:
    """A sentence of the reply that is borne out already, while the rest is still being made."""

    text: str


@dataclass(frozen=True)
class Chip:
    """An answer to tap.

    Attributes:
        label: what stands on it.
        say: the sentence that it says.
        kind: "more", "less", "undo", "redo", "a/b", "why", "other reading", "option", "answer" or "next".
    """

    label: str
    say: str
    kind: str


@dataclass(frozen=True)
class Said:
    """The reply, last event of a turn, and what could be said next."""

    text: str
    chips: tuple[Chip, ...] = ()


Event = (
    Heard | Understood | Progress | Drafted | Moved | Measured | Diagnosed | Offered | Compared | Written | Asked
    | Failed | Saying | Said
)  # fmt: skip
