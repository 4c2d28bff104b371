"""What was found: one problem, its evidence and the sentence that mends it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Evidence", "Finding"]


class Evidence(BaseModel):
    """The measurement behind a finding.

    Attributes:
        measure: what was measured.
        value: the reading.
        expected: the usual range, and where it comes from.
        unit: of value and range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    value: float
    expected: str
    unit: str


class Finding(BaseModel):
    """One thing a listener would notice, or a technical fault.

    Attributes:
        problem: ontology id.
        tracks: those involved, the one to mend first; "mix" for all of it.
        band_hz: where in the spectrum, or None.
        time_s: where in the song, or None for all of it.
        severity: 0..1: how much a listener would notice; 0.5 is plain.
        evidence: what was measured.
        say: a sentence that `edit` accepts.
        fact: a technical fault, not a matter of taste.
        mendable: whether `say` takes the fault away; else it is what can be done short of a new recording.
        sounds_like: what it sounds like.
        causes: likely ones, in order.
        against: what it was compared with: other "music", the rest of the same "song", or the "reference".
        advice: what to do outside the console, where the console cannot mend it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    problem: str
    tracks: tuple[str, ...]
    band_hz: tuple[float, float] | None = None
    time_s: tuple[tuple[float, float], ...] | None = None
    severity: Annotated[float, Field(ge=0, le=1)]
    evidence: Evidence
    say: str
    fact: bool
    mendable: bool = True
    sounds_like: str
    causes: tuple[str, ...]
    advice: str = ""
    against: Literal["music", "song", "reference"] = "music"

    def to_json(self) -> dict:
        """Return the object that `diagnose --json` prints."""
        data = self.model_dump(
            mode="json", include={"problem", "tracks", "band_hz", "time_s", "severity", "evidence", "say"}
        )
        data["severity"] = round(self.severity, 3)
        return data
