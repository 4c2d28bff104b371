"""The table of problems, read once: what each is called, measured by, said about and mended with."""

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from assistant.diagnose.finding import Evidence, Finding

__all__ = ["Problem", "problem", "problems", "row_of"]

Span = tuple[float, float]


@dataclass(frozen=True)
class Problem:
    """A row of problems.yaml; see there. `word` is the ontology's id of it, most often the row's own."""

    id: str
    word: str
    fact: bool
    measure: str
    unit: str
    sounds_like: str
    causes: tuple[str, ...]
    say: str
    mendable: bool = True
    advice: str = ""
    start: float = 0.0
    full: float = 1.0
    shape: dict[str, float] = field(default_factory=dict)
    band_hz: Span | None = None
    skip: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def severity(self, reading: float) -> float:
        """Return 0.5 where the fault starts to matter, 1 where it is gross, less than 0.5 before it starts."""
        share = (reading - self.start) / (self.full - self.start)
        return float(min(1.0, max(0.0, 0.5 + 0.5 * share)))

    def concerns(self, instrument: str) -> bool:
        """Say whether an instrument (or "mix") can have it: a kick is not boomy for having lows."""
        return instrument not in self.skip and (not self.only or instrument in self.only)

    def finding(
        self,
        tracks: tuple[str, ...],
        value: float,
        expected: str,
        severity: float,
        band_hz: Span | None = None,
        time_s: tuple[Span, ...] | None = None,
        mendable: bool | None = None,
        **words: Any,
    ) -> Finding:
        """Fill the row's sentences and return the finding.

        Args:
            tracks: those involved; the first one is called {track} in the sentences, the second {other}.
            value: the reading.
            expected: the usual range and where it comes from.
            severity: 0..1.
            band_hz: instead of the row's.
            time_s: where in the song.
            mendable: instead of the row's.
            words: what else stands in braces.
        """
        words = {"track": tracks[0], "other": tracks[1] if len(tracks) > 1 else "the rest", **words}
        return Finding(
            problem=self.word,
            tracks=tracks,
            band_hz=band_hz or self.band_hz,
            time_s=time_s,
            severity=min(1.0, max(0.0, severity)),
            evidence=Evidence(
                measure=self.measure.format(**words), value=round(float(value), 3), expected=expected, unit=self.unit
            ),
            say=self.say.format(**words),
            fact=self.fact,
            mendable=self.mendable if mendable is None else mendable,
            sounds_like=self.sounds_like.format(**words),
            causes=self.causes,
            advice=self.advice.format(**words),
        )


@cache
def problems() -> dict[str, Problem]:
    """Return every problem by its ontology id."""
    text = resources.files("assistant.diagnose").joinpath("problems.yaml").read_text(encoding="utf-8")
    return {name: _row(name, entry) for name, entry in yaml.safe_load(text).items()}


def problem(name: str) -> Problem:
    """Return one row, by its own id."""
    return problems()[name]


@cache
def row_of(word: str) -> Problem:
    """Return the row of a finding's problem: the one of that id, else the first that is called so."""
    return problems().get(word) or next(row for row in problems().values() if row.word == word)


def _row(name: str, entry: dict[str, Any]) -> Problem:
    lists = {key: tuple(entry[key]) for key in ("causes", "skip", "only") if key in entry}
    band = entry.get("band_hz")
    return Problem(
        id=name,
        **{"word": name, **entry, **lists, "band_hz": None if band is None else (float(band[0]), float(band[1]))},
    )
