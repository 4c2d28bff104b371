"""What one deed did, as it was measured: all that a reply may speak of."""

from dataclasses import dataclass
from pathlib import Path

from assistant.events import Measurement
from assistant.explore.options import Options
from console.settings import Move

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """The result of one deed.

    Attributes:
        reply: sentences made from measurements.
        moves: knobs that were turned.
        measured: readings before and after.
        failed: why nothing could be done, or None.
        choices: answers to a question in the reply.
        version: number of the version that is heard now, where the deed made or changed that; else None.
        options: mixes that were offered.
        files: what was written for the person.
        findings: how many faults were told.
        compared: the numbers of two versions that were measured against each other.
        notes: what had to be clamped or could not be done.
    """

    reply: str
    moves: tuple[Move, ...] = ()
    measured: tuple[Measurement, ...] = ()
    failed: str | None = None
    choices: tuple[str, ...] = ()
    version: int | None = None
    options: Options | None = None
    files: tuple[Path, ...] = ()
    findings: int = 0
    compared: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return everything there is to say: the reply, why it failed, and the notes."""
        return "\n".join(part for part in (self.reply, self.failed if not self.reply else None, *self.notes) if part)

    def to_json(self) -> dict:
        """Return what a model is told."""
        data: dict = {
            "reply": self.reply,
            "moved": [move.model_dump(mode="json") for move in self.moves],
            "measured": [entry.model_dump(mode="json") for entry in self.measured],
        }
        if self.failed:
            data["failed"] = self.failed
        if self.choices:
            data["ask"] = list(self.choices)
        if self.version is not None:
            data["version"] = self.version
        if self.files:
            data["files"] = [str(file) for file in self.files]
        if self.notes:
            data["notes"] = list(self.notes)
        return data
