"""A series over time that never outgrows its room: when full, neighbours are joined and every cell lasts longer."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Reservoir", "Stretch", "Stretches", "Timeline"]


class Timeline:
    """Means of rows over equal stretches of time, at most `cells` of them.

    Attributes:
        rows_per_cell: rows averaged in one cell; doubles whenever the room is full.
    """

    def __init__(self, width: int, rows_per_cell: int, cells: int = 1024):
        """Start empty.

        Args:
            width: values a row.
            rows_per_cell: rows averaged in a cell at first.
            cells: how many cells are kept at most; even.
        """
        self.rows_per_cell = rows_per_cell
        self._sums = np.zeros((cells, width))
        self._rows = 0

    def add(self, rows: np.ndarray) -> None:
        """Add (rows, width) in order."""
        while self._rows + len(rows) > len(self._sums) * self.rows_per_cell:
            half = self._sums.reshape(-1, 2, self._sums.shape[1]).sum(axis=1)
            self._sums[: len(half)] = half
            self._sums[len(half) :] = 0.0
            self.rows_per_cell *= 2
        cell = (self._rows + np.arange(len(rows))) // self.rows_per_cell
        starts = np.flatnonzero(np.diff(cell, prepend=-1))
        self._sums[cell[starts]] += np.add.reduceat(rows.astype(np.float64), starts, axis=0)
        self._rows += len(rows)

    @property
    def values(self) -> np.ndarray:
        """(cells, width) means so far; the last cell is the mean of the rows it has."""
        count = -(-self._rows // self.rows_per_cell)
        sizes = np.full(count, float(self.rows_per_cell))
        if count:
            sizes[-1] = self._rows - (count - 1) * self.rows_per_cell
        return self._sums[:count] / sizes[:, None]


class Reservoir:
    """Every k-th row, at most `rows` of them; k doubles whenever the room is full."""

    def __init__(self, width: int, rows: int = 128):
        self._kept = np.zeros((rows, width), np.float32)
        self._count = 0
        self._seen = 0
        self.every = 1

    def wants(self) -> bool:
        """Say whether the next row would be kept; count it as seen either way by `add` or `skip`."""
        return self._seen % self.every == 0

    def skip(self) -> None:
        """Pass over a row that is not wanted."""
        self._seen += 1

    def add(self, row: np.ndarray) -> None:
        """Keep (width,) if its turn has come."""
        if self.wants():
            if self._count == len(self._kept):
                half = self._kept[::2].copy()
                self._kept[: len(half)] = half
                self._count = len(half)
                self.every *= 2
            if self.wants():
                self._kept[self._count] = row
                self._count += 1
        self._seen += 1

    @property
    def values(self) -> np.ndarray:
        """(rows, width) kept so far, in order of time."""
        return self._kept[: self._count]


@dataclass(frozen=True)
class Stretch:
    """Some seconds of a signal at full resolution.

    Attributes:
        steps: (steps, n) rows that come often.
        frames: (frames, m) rows that come seldom.
    """

    steps: np.ndarray
    frames: np.ndarray


class Stretches:
    """Every k-th stretch of a signal, each of some chunks, at most `most`; k doubles whenever the room is full.

    What is measured of a stretch means the same in a short song and in a long one.
    """

    def __init__(self, chunks: int = 4, most: int = 6):
        self._chunks, self._most = chunks, most
        self._kept: list[Stretch] = []
        self._open: list[Stretch] = []
        self._seen = 0
        self._every = 1

    def add(self, steps: np.ndarray, frames: np.ndarray) -> None:
        """Add the rows of one chunk."""
        if self._wanted:
            self._open.append(Stretch(steps.astype(np.float32), frames.astype(np.float32)))
        self._seen += 1
        if self._seen % self._chunks == 0 and self._open:
            self._kept.append(_joined(self._open))
            self._open = []
            if len(self._kept) > self._most:
                self._kept = self._kept[::2]
                self._every *= 2

    @property
    def _wanted(self) -> bool:
        return (self._seen // self._chunks) % self._every == 0

    @property
    def values(self) -> tuple[Stretch, ...]:
        """Those kept so far, in order of time; the last may be shorter."""
        return (*self._kept, *([_joined(self._open)] if self._open else []))


def _joined(parts: list[Stretch]) -> Stretch:
    return Stretch(np.concatenate([one.steps for one in parts]), np.concatenate([one.frames for one in parts]))
