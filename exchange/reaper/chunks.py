"""REAPER's text: nested chunks, one line an entry, names in whichever quotes they do not hold.

Source: the state chunk definitions at https://github.com/ReaTeam/Doc and the project files of REAPER itself.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from exchange.levels import ramp

__all__ = ["Chunk", "colour_number", "envelope", "guid"]

_SPACE = uuid.UUID("6f1c3a52-3c0e-5d0c-9a5e-3d1c6f0e7a11")
_SQUARE, _LINEAR = 1, 0

Entry = float | int | str


@dataclass
class Chunk:
    """`<HEAD ...` to `>`: lines and chunks inside."""

    head: Sequence[Entry]
    body: list["Chunk | Sequence[Entry]"] = field(default_factory=list)

    def add(self, *line: Entry) -> None:
        """Add a line; its first word is never quoted."""
        self.body.append(line)

    def lines(self, depth: int = 0) -> list[str]:
        """Return the text, a line each."""
        space = "  " * depth
        found = [f"{space}<{_line(self.head)}"]
        for part in self.body:
            found += part.lines(depth + 1) if isinstance(part, Chunk) else [f"{space}  {_line(part)}"]
        return [*found, f"{space}>"]


def guid(*names: str) -> str:
    """Return REAPER's form of an id that is always the same for the same names."""
    return "{" + str(uuid.uuid5(_SPACE, "\n".join(names))).upper() + "}"


def colour_number(colour: str) -> int:
    """Return `#RRGGBB` as REAPER stores a custom colour: 0x01BBGGRR."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0x01000000 | blue << 16 | green << 8 | red


def envelope(
    head: Sequence[Entry],
    points: Sequence[tuple[float, float]],
    convert: Callable[[float], float],
    key: str,
    step: float = float("inf"),
    jumps: bool = False,
) -> Chunk:
    """Return an envelope.

    Args:
        head: its kind and what belongs to it.
        points: (time_s, value) in order of time.
        convert: from the value to what REAPER stores.
        key: what its id is made from.
        step: greatest change of the value between two points, where `convert` bends straight lines.
        jumps: whether the value is held until the next point.
    """
    chunk = Chunk(head)
    chunk.add("EGUID", guid("envelope", key))
    chunk.add("ACT", 1, -1)
    chunk.add("VIS", 1, 1, 1)
    chunk.add("LANEHEIGHT", 0, 0)
    chunk.add("ARM", 0)
    chunk.add("DEFSHAPE", _SQUARE if jumps else _LINEAR, -1, -1)
    for time_s, value in ramp(points, convert, step):
        chunk.add("PT", time_s, value, _SQUARE if jumps else _LINEAR)
    return chunk


def _line(entries: Sequence[Entry]) -> str:
    first, *rest = entries
    return " ".join([str(first), *(_text(entry) for entry in rest)])


def _text(entry: Entry) -> str:
    if isinstance(entry, str):
        return entry if _is_plain(entry) else _quoted(entry)
    if isinstance(entry, int):
        return str(entry)
    return np.format_float_positional(entry, precision=14, unique=True, trim="-")


def _is_plain(text: str) -> bool:
    """Whether a word needs no quotes: an id, a flag, a dash."""
    return bool(text) and all(c.isalnum() or c in "{}-:_." for c in text)


def _quoted(text: str) -> str:
    text = " ".join(text.split("\n")).replace("\r", " ")
    quote = next((mark for mark in "\"'`" if mark not in text), None)
    if quote is None:
        quote, text = "`", text.replace("`", "'")
    return f"{quote}{text}{quote}"
