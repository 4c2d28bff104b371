"""Damage in a recording, found sample by sample while it streams past: clipped tops, clicks, dropouts.

Each finder remembers only what it must to see over a seam, and at most `MOST_EVENTS` events.
"""

from dataclasses import dataclass, field

import numpy as np

from assistant.diagnose.clicks import CELL, ClickFinder
from assistant.diagnose.statistics import CHUNK, CONTEXT

__all__ = ["MOST_EVENTS", "Damage", "DamageFinder", "Event"]

MOST_EVENTS = 2000
_FLAT = 2e-5  # of the peak: how little two neighbours may differ on a clipped top
_NEAR_TOP = 0.97
_ENTRY = 16.0  # a clipped wave runs into its ceiling; a low sine glides
_QUIET = 10 ** (-76 / 20)
_SHORTEST_GAP_S = 0.002
_GAP_EDGE_S = 0.010
_SHORT_S = 0.3
# A short hole has the same sound on both sides, or less of it after; a choked cymbal before the next hit has not.
_SHORT_LEVEL, _LOUDER_AFTER, _LOUDER_BEFORE = 10 ** (-62 / 20), 4.0, 16.0
_LONG_LEVEL = 10 ** (-52 / 20)
_MOST_BITS = 12
_OFF_GRID = 1e-5  # of a step: floats hold these steps exactly
_MARGIN = 1024  # samples at each seam left to the chunk that sees both sides of them


@dataclass(frozen=True)
class Event:
    """Something at one place.

    Attributes:
        start_s, stop_s: where.
        size: clipped top: its level; click: its height over what surrounds it; dropout: level around it.
    """

    start_s: float
    stop_s: float
    size: float


@dataclass(frozen=True)
class Damage:
    """What was found in one recording.

    Attributes:
        clipped: where tops are flat at the ceiling, neighbours joined.
        tops: how many flat tops that are.
        bits: fewest bits that hold every sample as it is, or None where more than 12 are needed.
        clicks: jumps shorter than a millisecond.
        dropouts: gaps of silence whose both edges are torn, not faded.
        ceiling: level of the clipped tops, 1 is full scale.
        inner_silence: stretches of digital silence inside the sound, however they begin.
    """

    clipped: tuple[Event, ...] = ()
    clicks: tuple[Event, ...] = ()
    dropouts: tuple[Event, ...] = ()
    inner_silence: tuple[Event, ...] = ()
    ceiling: float = 0.0
    tops: int = 0
    bits: int | None = None


@dataclass
class DamageFinder:
    """Find damage chunk by chunk.

    Attributes:
        rate: Hz.
        whole: a mix: no note's end and the next one's start leave digital silence there, as a choked part may.
    """

    rate: int
    whole: bool = False
    _position: int = 0
    _peak: float = 0.0
    _tops: list[Event] = field(default_factory=list)
    _gaps: list[tuple[Event, bool]] = field(default_factory=list)
    _cells: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    _gap_start: int | None = None
    _gap_torn: float = 0.0
    _gap_level: float = 0.0
    _heard: bool = False
    _bits: int = 2

    def __post_init__(self) -> None:
        self._click_finder = ClickFinder(self.rate, MOST_EVENTS)

    def add(self, audio: np.ndarray, valid: int) -> None:
        """Add one chunk: (2, CONTEXT + CHUNK), the first CONTEXT samples known from the last one."""
        sides = audio[:1] if np.array_equal(audio[0], audio[1]) else audio
        known = sides[:, : CONTEXT + valid]
        self._peak = max(self._peak, float(known.max(initial=0.0)), -float(known.min(initial=0.0)))
        while self._bits <= _MOST_BITS and not _on_grid(sides[:, CONTEXT : CONTEXT + valid], self._bits):
            self._bits += 1
        if self._peak > 1e-4:
            for side in known:
                self._find_tops(side)
            mine = self._first, self._last(known.shape[1])
            self._click_finder.add(known, self._position - CONTEXT, mine)
            self._find_gaps(sides[:, CONTEXT : CONTEXT + valid])
        else:
            self._cells = np.zeros(0, np.float32)
        self._position += valid

    def result(self) -> Damage:
        """Return what was found so far."""
        ceiling = self._peak
        tops = [event for event in self._tops if event.size >= 0.985 * ceiling]
        edges = [(gap.start_s, gap.stop_s) for gap, torn in self._gaps if torn]
        torn_edges = [Event(at, at, 0.0) for pair in edges for at in pair]
        found = self._click_finder.result(self._position / self.rate)
        clicks = [Event(one.at_s, one.at_s + 0.001, one.ratio) for one in found]
        return Damage(
            clipped=tuple(_joined(tops, 0.02)),
            clicks=tuple(_joined(_apart(clicks, [*tops, *torn_edges]), 0.005)),
            dropouts=tuple(event for event, torn in self._gaps if torn),
            inner_silence=tuple(event for event, _ in self._gaps if event.stop_s - event.start_s >= 0.3),
            ceiling=ceiling,
            tops=len(tops),
            bits=self._bits if self._bits <= _MOST_BITS and self._peak > 1e-4 else None,
        )

    def _seconds(self, index: float) -> float:
        """Turn an index into the chunk with its context into a time in the song."""
        return max(0.0, (self._position - CONTEXT + index) / self.rate)

    @property
    def _first(self) -> int:
        return 0 if self._position == 0 else CONTEXT - _MARGIN

    def _last(self, length: int) -> int:
        return length if length < CONTEXT + CHUNK else length - _MARGIN

    def _mine(self, index: np.ndarray, length: int) -> np.ndarray:
        return (index >= self._first) & (index < self._last(length))

    def _find_tops(self, side: np.ndarray) -> None:
        if len(self._tops) >= MOST_EVENTS:
            return
        high = np.flatnonzero(np.abs(side) >= _NEAR_TOP * self._peak)
        high = high[high >= 2]
        flat = high[np.abs(side[high] - side[high - 1]) <= _FLAT * self._peak]
        if flat.size < 2:
            return
        starts = np.flatnonzero(np.diff(flat, prepend=-2) != 1)
        stops = np.append(starts[1:], flat.size)
        first, length = flat[starts], stops - starts
        entry = np.abs(side[first - 1] - side[first - 2])
        keep = (length >= 2) & (entry > _ENTRY * _FLAT * self._peak) & self._mine(first, side.size)
        for at, count in zip(first[keep], length[keep], strict=True):
            event = Event(self._seconds(at - 1), self._seconds(at + count), float(abs(side[at])))
            self._tops.append(event)

    def _find_gaps(self, fresh: np.ndarray) -> None:
        """Follow runs of silent cells; `_cells` holds the peaks of the last cells before this chunk."""
        pad = -fresh.shape[1] % CELL
        cells = np.abs(np.pad(fresh, ((0, 0), (0, pad)))).max(axis=0).reshape(-1, CELL).max(axis=1)
        edge = int(_GAP_EDGE_S * self.rate / CELL)
        history = self._cells[-2 * edge :]
        line = np.concatenate([history, cells])
        offset = history.size
        quiet = line < _QUIET
        change = np.flatnonzero(np.diff(quiet[max(offset - 1, 0) :].astype(np.int8))) + max(offset - 1, 0) + 1
        for index in change:
            if quiet[index]:
                self._open_gap(index, line, offset, edge)
            else:
                self._close_gap(index, line, offset, edge)
        self._heard |= bool((~quiet[offset:]).any())
        self._cells = line[-2 * edge :]

    def _open_gap(self, index: int, line: np.ndarray, offset: int, edge: int) -> None:
        before = line[max(index - edge, 0) : index]
        self._gap_start = self._position // CELL + index - offset
        self._gap_level = float(before.max(initial=0.0))
        self._gap_torn = _torn(before[::-1])

    def _close_gap(self, index: int, line: np.ndarray, offset: int, edge: int) -> None:
        start, self._gap_start = self._gap_start, None
        if start is None or not (self._heard or index > offset) or len(self._gaps) >= MOST_EVENTS:
            return
        stop = self._position // CELL + index - offset
        seconds = (stop - start) * CELL / self.rate
        if seconds < _SHORTEST_GAP_S:
            return
        before, after = self._gap_torn, _torn(line[index : index + edge])
        short = seconds < _SHORT_S
        torn = min(before, after) > (_SHORT_LEVEL if short else _LONG_LEVEL)
        if short and not self.whole:
            torn = torn and after < _LOUDER_AFTER * before and before < _LOUDER_BEFORE * after
        event = Event(start * CELL / self.rate, stop * CELL / self.rate, self._gap_level)
        self._gaps.append((event, torn))


def _on_grid(audio: np.ndarray, bits: int) -> bool:
    """Say whether every sample is a whole number of steps of that many bits."""
    for start in range(0, audio.shape[1], 4096):  # most sounds leave the grid at once
        steps = audio[:, start : start + 4096] * np.float32(1 << (bits - 1))
        if np.abs(steps - np.round(steps)).max(initial=0.0) > _OFF_GRID:
            return False
    return True


def _torn(cells: np.ndarray) -> float:
    """Return the level of a sound that stops at its full level, 0 where it fades.

    Cells lead away from the gap; the first may be half silent.
    """
    if cells.size < 4:
        return 0.0
    level = float(np.median(cells[1:]))
    return level if float(cells[:2].max()) > 0.35 * level else 0.0


def _apart(events: list[Event], others: list[Event], by_s: float = 0.003) -> list[Event]:
    """Return events that lie beside none of the others: a clipped top's corner or a torn edge is no click."""
    places = np.array(sorted(other.start_s for other in others))
    if not places.size:
        return events
    near = [np.abs(places - event.start_s).min() for event in events]
    return [event for event, distance in zip(events, near, strict=True) if distance > by_s]


def _joined(events: list[Event], within_s: float) -> list[Event]:
    """Join events that lie closer together than `within_s`."""
    joined: list[Event] = []
    for event in sorted(events, key=lambda one: one.start_s):
        if joined and event.start_s - joined[-1].stop_s <= within_s:
            last = joined.pop()
            event = Event(last.start_s, max(last.stop_s, event.stop_s), max(last.size, event.size))
        joined.append(event)
    return joined
