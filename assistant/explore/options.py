"""What exploring gives: options, each a real setting with a name, a reason and its place among the others."""

from dataclasses import dataclass

import numpy as np

from assistant.explore.readings import Reading
from console.settings import Move, Settings

__all__ = ["Option", "Options"]


@dataclass(frozen=True, eq=False)
class Option:
    """One mix to choose from.

    Attributes:
        number: 1 is the first.
        reading: its name, reason, kind and the sentence that asks for it.
        settings: where the knobs stand.
        moves: what was turned.
        place: (D,) in the FX embedding, on the excerpt.
        cosine: of its change with the direction of what it stands for, -1..1; 0 where that has none.
        gain_db: what makes it as loud as the mix before.
    """

    number: int
    reading: Reading
    settings: Settings
    moves: tuple[Move, ...]
    place: np.ndarray
    cosine: float
    gain_db: float


@dataclass(frozen=True, eq=False)
class Options:
    """The answer to a prompt.

    Attributes:
        prompt: what was said.
        target: the track or "mix" on which they were compared.
        before: settings they start from.
        here: (D,) where the sound was.
        audible: the distance that counts as audible on this excerpt.
        options: at least two audibly different ones, unless notes say why not.
        notes: sentences.
        stood: settings of the mix when exploring began, where these options go on from another option; None: `before`.
    """

    prompt: str
    target: str
    before: Settings
    here: np.ndarray
    audible: float
    options: tuple[Option, ...]
    notes: tuple[str, ...] = ()
    stood: Settings | None = None

    @property
    def began(self) -> Settings:
        """Return the settings of the mix when exploring began."""
        return self.before if self.stood is None else self.stood

    @property
    def nearest(self) -> float:
        """Return the smallest distance between two options; infinite with fewer than two."""
        places = [option.place for option in self.options]
        gaps = [float(np.linalg.norm(one - other)) for i, one in enumerate(places) for other in places[:i]]
        return min(gaps, default=float("inf"))
