"""What was asked, typed: the only thing that words can turn into.

A `Request` carries no code, no paths and no console values beyond clamped numbers. Its JSON is the command line's
`parse --json`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["MIX", "MOST_AMOUNT", "NUMBERS", "Direction", "Intent", "NumberSpec", "Request"]

MIX = "mix"
"""The target that means everything."""

MOST_AMOUNT = 4.0
"""The most that can be asked for, as a multiple of what a typical person means by the bare word."""

Intent = Literal[
    "edit", "diagnose", "explore", "compare", "match", "start", "explain", "undo", "redo", "lock", "export",
    "teach", "clarify",
]  # fmt: skip
Direction = Literal["+", "-", "="]


class NumberSpec(BaseModel):
    """A number a person can say: its unit and the range that can be carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    low: float
    high: float


NUMBERS: dict[str, NumberSpec] = {
    name: NumberSpec(unit=unit, low=low, high=high)
    for name, unit, low, high in (
        ("gain_db", "dB", -24.0, 18.0),
        ("freq_hz", "Hz", 20.0, 20000.0),
        ("q", "Q", 0.1, 18.0),
        ("shelf", "(-1 low, 1 high)", -1.0, 1.0),
        ("highpass_hz", "Hz", 16.0, 1000.0),
        ("lowpass_hz", "Hz", 500.0, 22000.0),
        ("ratio", ":1", 1.0, 20.0),
        ("threshold_db", "dB", -80.0, 0.0),
        ("attack_ms", "ms", 0.05, 250.0),
        ("release_ms", "ms", 5.0, 2500.0),
        ("makeup_db", "dB", -12.0, 30.0),
        ("drive_db", "dB", 0.0, 40.0),
        ("pan", "-1..1", -1.0, 1.0),
        ("width", "0..2", 0.0, 2.0),
        ("reverb_send_db", "dB", -60.0, 6.0),
        ("delay_send_db", "dB", -60.0, 6.0),
        ("decay_s", "s", 0.1, 8.0),
        ("delay_time_ms", "ms", 1.0, 1500.0),
        ("loudness_lufs", "LUFS", -40.0, -5.0),
        ("versions", "versions", 1.0, 100.0),
        ("version", "as a version", 0.0, 10000.0),
        ("amount", "of the change", 0.0, 1.5),
    )
}
"""Numbers a request can carry. `gain_db` with `freq_hz` is an equaliser band (a bell, or the low or high shelf where
`shelf` is there), alone it is the fader, both relative;
`versions` is how many steps to undo or redo, `version` the one to go back to (0: as loaded); `amount` rescales the
last edit to that share of itself; the others are absolute."""


class Request(BaseModel):
    """One thing that was asked.

    Attributes:
        intent: what kind of thing.
        targets: track names, group names or "mix"; empty where the target is missing.
        descriptor: ontology id of the word, or None.
        direction: "+" more of it, "-" less of it, "=" as it is (for numbers and questions).
        amount: 1.0 is what a typical person means by the bare word.
        constraints: what the request is bound to:
            "keep:TARGET": a track that must not lose clarity; "keep:QUALITY": punch, loudness, width, tone or the id
            of a word, which must not suffer; "without:WORD": the id of a word that it must not become;
            "lock:TARGET": must not be touched by this edit; "only:PROCESSOR", "except:PROCESSOR": which parts of the
            console may move, of eq, compression, saturation, reverb, delay, width, level, gate, de_ess, pan;
            "unlock": of a "lock", that it is taken off.
        numbers: explicit numbers by the names of `NUMBERS`.
        section: "chorus", "verse 2", "last chorus", "0:45-1:10", "0:45-" (from), "-0:30" (until); None: all of it.
        word: for "teach": the word whose meaning is told, as it was said.
        means: for "teach": what it is said to mean, ids of words with "+" or "-": ("bright+", "boomy-").
        question: for "clarify": the one short question to ask.
        choices: for "clarify": answers a person can tap, each a sentence that can be said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    targets: tuple[str, ...] = ()
    descriptor: str | None = None
    direction: Direction = "+"
    amount: Annotated[float, Field(gt=0, le=MOST_AMOUNT)] = 1.0
    constraints: tuple[str, ...] = ()
    numbers: dict[str, float] = {}
    section: str | None = None
    word: str | None = None
    means: tuple[str, ...] = ()
    question: str | None = None
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _numbers_in_range(self) -> "Request":
        for name, value in self.numbers.items():
            entry = NUMBERS.get(name)
            if entry is None:
                raise ValueError(f"{name} is not a number that can be carried out; use one of {', '.join(NUMBERS)}")
            if not entry.low <= value <= entry.high:
                raise ValueError(f"{name}={value:g} {entry.unit} is outside {entry.low:g} to {entry.high:g}")
        return self

    def to_json(self) -> dict:
        """Return the object that `parse --json` prints; question, choices, word and means only where there are some."""
        data = self.model_dump(mode="json")
        if self.question is None:
            del data["question"], data["choices"]
        if self.word is None:
            del data["word"], data["means"]
        return data
