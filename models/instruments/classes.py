"""The table of what the tagger tells apart: classes.yaml, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["OTHER", "InstrumentClass", "class_of_instrument", "load_classes", "unseen_programs"]

OTHER = "other"
"""The class of sounds that are none of the rest; its tag is always unknown."""


@dataclass(frozen=True)
class InstrumentClass:
    """One class.

    Attributes:
        name: its id in classes.yaml.
        instrument: the id in exchange/names.yaml.
        say: an article and words, for a person.
        line: how training notes are drawn.
        low, high: MIDI pitches of melodic lines.
        programs: General MIDI programs, from 0.
        drum_notes: notes of the percussion channel.
    """

    name: str
    instrument: str
    say: str
    line: str
    low: int = 0
    high: int = 127
    programs: tuple[int, ...] = ()
    drum_notes: tuple[int, ...] = ()


@cache
def load_classes() -> dict[str, InstrumentClass]:
    """Return every class by name, in the order of the network's outputs."""
    return {name: _read(name, row) for name, row in _table()["classes"].items()}


@cache
def unseen_programs() -> InstrumentClass:
    """Return the programs that training leaves out, as a class that nothing is ever tagged with."""
    return _read("unseen", {"instrument": "unknown", "say": "something unheard", **_table()["unseen"]})


def class_of_instrument(instrument: str) -> str | None:
    """Return the class that an id of exchange/names.yaml falls in, or None where no class covers it."""
    wider = {"hihat": "cymbals", "tom": "percussion", "piano": "keys", "organ": "keys"}
    by_id = {entry.instrument: name for name, entry in load_classes().items() if name != OTHER}
    return by_id.get(wider.get(instrument, instrument)) or {"backing_vocal": "voice", "overhead": "drums"}.get(
        instrument
    )


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("classes.yaml").read_text(encoding="utf-8"))
    return table


def _read(name: str, row: dict[str, Any]) -> InstrumentClass:
    spread = {key: _numbers(row.get(key, ())) for key in ("programs", "drum_notes")}
    return InstrumentClass(name, **{**row, **spread})


def _numbers(entries: Sequence[int | list[int]]) -> tuple[int, ...]:
    """Open [first, last] pairs among single numbers."""
    numbers: list[int] = []
    for entry in entries:
        numbers += [entry] if isinstance(entry, int) else range(entry[0], entry[1] + 1)
    return tuple(numbers)
