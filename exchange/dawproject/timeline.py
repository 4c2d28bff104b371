"""The arrangement of a DAWproject: which stretch of which file sounds when, and what moves in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from exchange.placing import Piece

__all__ = ["Tempo", "read_pieces", "read_points"]

_STRETCHED = 0.001


@dataclass(frozen=True)
class Tempo:
    """The song's tempo, which turns beats into seconds."""

    bpm: float

    @classmethod
    def of(cls, root: ElementTree.Element) -> "Tempo":
        """Read the tempo of a project; 120 where it has none."""
        element = root.find("Transport/Tempo")
        value = float((element.get("value") if element is not None else None) or 120.0)
        return cls(value if value > 0 else 120.0)

    def seconds(self, unit: str | None) -> float:
        """Return how long one of a time unit lasts, s; beats where none is named."""
        return 1.0 if unit == "seconds" else 60.0 / self.bpm


def read_pieces(root: ElementTree.Element, track_id: str, tempo: Tempo, notes: list[str]) -> list[Piece]:
    """Return the pieces of audio on a track, in the order of the file; what cannot be placed goes into notes."""
    pieces: list[Piece] = []
    for lane, unit in _lanes(root):
        if lane.get("track") == track_id:
            for clips in [lane] if lane.tag == "Clips" else lane.iterfind("Clips"):
                pieces += _of_clips(clips, clips.get("timeUnit") or unit, tempo, notes)
    return pieces


def read_points(root: ElementTree.Element, target: str, tempo: Tempo) -> list[tuple[float, float]]:
    """Return the automation of the parameter with this id as (time_s, file value), in order of time."""
    points: list[tuple[float, float]] = []
    for lane, unit in _lanes(root):
        for holder in lane.iterfind("Points"):
            found = holder.find("Target")
            if found is None or found.get("parameter") != target:
                continue
            scale = tempo.seconds(holder.get("timeUnit") or unit)
            for point in holder:
                if point.tag in ("RealPoint", "BoolPoint"):
                    points += _point(point, scale, points)
    return points


def _point(point: ElementTree.Element, scale: float, before: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a point, with the one before repeated at its time where that value is held."""
    at, text = float(point.get("time", 0)) * scale, point.get("value", "0")
    value = {"true": 1.0, "false": 0.0}.get(text)
    new = (at, float(text) if value is None else value)
    held = point.tag == "BoolPoint" or point.get("interpolation") == "hold"
    return [(at, before[-1][1]), new] if held and before and before[-1][1] != new[1] else [new]


def _lanes(root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, str | None]]:
    """Yield every lane of the arrangement with the time unit it inherits."""
    top = root.find("Arrangement/Lanes")
    waiting = [] if top is None else [(top, top.get("timeUnit"))]
    while waiting:
        lane, unit = waiting.pop(0)
        yield lane, unit
        waiting += [(child, child.get("timeUnit") or unit) for child in lane if child.tag in ("Lanes", "Clips")]


def _of_clips(clips: ElementTree.Element, unit: str | None, tempo: Tempo, notes: list[str]) -> Iterator[Piece]:
    for clip in clips.iterfind("Clip"):
        if clip.get("enable") == "false":
            continue
        scale = tempo.seconds(unit)
        start = float(clip.get("time", 0)) * scale
        length = float(clip.get("duration", "inf")) * scale
        inner = clip.get("contentTimeUnit") or unit
        play = float(clip.get("playStart", 0)) * tempo.seconds(inner)
        for content in clip:
            for piece in _content(content, inner, tempo, notes):
                cut = piece.cut(play, play + length)
                if cut is not None:
                    yield cut.moved(start - play)


def _content(content: ElementTree.Element, unit: str | None, tempo: Tempo, notes: list[str]) -> Iterator[Piece]:
    unit = content.get("timeUnit") or unit
    if content.tag == "Audio":
        file = content.find("File")
        if file is not None:
            external = file.get("external") == "true"
            rate = int(content.get("sampleRate", 0))
            yield Piece(0.0, 0.0, float(content.get("duration", "inf")), file.get("path", ""), external, rate)
    elif content.tag == "Clips":
        yield from _of_clips(content, unit, tempo, notes)
    elif content.tag == "Lanes":
        for inner in content:
            yield from _content(inner, unit, tempo, notes)
    elif content.tag == "Warps":
        scale, inner = tempo.seconds(unit), tempo.seconds(content.get("contentTimeUnit"))
        ways = [(float(w.get("time", 0)) * scale, float(w.get("contentTime", 0)) * inner)
                for w in content.iterfind("Warp")]  # fmt: skip
        straight = all(
            abs((b[1] - a[1]) - (b[0] - a[0])) <= _STRETCHED * max(b[0] - a[0], 1e-9) for a, b in pairwise(ways)
        )
        if not straight:
            notes.append("A stretched clip was left out: bounce it in place first.")
            return
        offset = ways[0][0] - ways[0][1] if ways else 0.0
        for audio in content:
            if audio.tag != "Warp":
                for piece in _content(audio, content.get("contentTimeUnit"), tempo, notes):
                    yield piece.moved(offset)
