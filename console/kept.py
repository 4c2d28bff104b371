"""Strips kept from one render to the next, so that turning a knob renders again only what it changes.

A strip depends on its own knobs alone, not on what is sent from it to effects. What came out of it is kept block by
block as the stream gave it, so that a render with kept strips is bit-identical to one without.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from torch import Tensor

__all__ = ["KeptStrips"]

_MOST_BYTES = 1 << 30


class KeptStrips:
    """What the strips of one song gave out, the ones used last, up to so many bytes.

    Belongs to one song's audio: use another for another song. What was measured on a strip can be kept with it.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES):
        self.most_bytes = most_bytes
        self._blocks: OrderedDict[Hashable, list[Tensor]] = OrderedDict()
        self._figures: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes that are kept now."""
        return sum(block.numel() * block.element_size() for blocks in self._blocks.values() for block in blocks)

    def find(self, key: Hashable) -> list[Tensor] | None:
        """Return every block of a strip, (1, 2, samples) each, or None."""
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
            return self._blocks.get(key)

    def keep(self, key: Hashable, blocks: list[Tensor]) -> None:
        """Keep a strip's blocks; do not write into them. Those used longest ago make room."""
        with self._lock:
            self._blocks[key] = blocks
            self._blocks.move_to_end(key)
            while self._blocks and self.used_bytes > self.most_bytes:
                self._blocks.popitem(last=False)

    def figure(self, key: Hashable, measure: Callable[[], float]) -> float:
        """Return what `measure` gave for a key, measured the first time only."""
        if key not in self._figures:
            self._figures[key] = measure()
        return self._figures[key]
