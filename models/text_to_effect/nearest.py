"""The index that names a change: every word and its mirror image, searched by cosine with FAISS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["NearWord", "WordIndex"]


@dataclass(frozen=True)
class NearWord:
    """A word near a change: `direction` "-" means less of it; `similarity` is a cosine."""

    word: str
    direction: Literal["+", "-"]
    similarity: float


class WordIndex:
    """Words as points of length 1, and the points opposite."""

    def __init__(self, words: Sequence[str], points: np.ndarray) -> None:
        import faiss  # half a second, and only the naming of changes needs it

        self._words = tuple(words)
        both = np.ascontiguousarray(np.concatenate((points, -points)), dtype=np.float32)
        self._index = faiss.IndexFlatIP(both.shape[1])
        self._index.add(both)

    def nearest(self, point: np.ndarray, count: int) -> list[NearWord]:
        """Return the `count` nearest words to a (dimensions,) point of length 1."""
        similarity, place = self._index.search(np.asarray(point, dtype=np.float32)[None], min(count, len(self._words)))
        return [
            NearWord(self._words[at % len(self._words)], "+" if at < len(self._words) else "-", float(cosine))
            for cosine, at in zip(similarity[0], place[0], strict=True)
        ]
