"""A map of sounds: versions, options and references in two dimensions, with arrows for the words that lead there.

Principal components of the FX embeddings: distances on the paper are those in the embedding as far as two dimensions
hold them, and arrows are projections of the same directions words are tuned by, so that they may be compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.between import between_sounds
from assistant.explore.choose import cosine
from console.errors import RequestError
from console.settings import Settings
from models.text_to_effect import TextToEffect

__all__ = ["ARROW_WORDS", "Arrow", "Point", "SoundMap", "setting_between", "sound_map"]

ARROW_WORDS = ("warm", "bright", "dark", "full", "thin", "wide", "narrow", "close", "distant", "reverberant", "dry",
               "punchy", "compressed", "gritty", "airy", "muddy")  # fmt: skip
_LEAST_SHOWN = 0.35
_MOST_ARROWS = 6
_APART = 0.92


@dataclass(frozen=True, eq=False)
class Point:
    """One sound.

    Attributes:
        name: its label.
        kind: "version", "option" or "reference"; only references have no settings.
        place: (D,) FX embedding.
        settings: what plays it.
        x, y: on the map; 0 before it is drawn.
    """

    name: str
    kind: str
    place: np.ndarray
    settings: Settings | None = None
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Arrow:
    """A word's direction on the map.

    Attributes:
        word: its label.
        x, y: where it points from the middle, length 1 at most: how much of it the paper shows.
    """

    word: str
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class SoundMap:
    """A drawn map.

    Attributes:
        points: with x and y.
        arrows: the words that the paper shows best, each pointing elsewhere.
        axes: (2, D) unit directions of x and y.
        middle: (D,).
        shown: share of the variance that the paper shows, 0..1.
    """

    points: tuple[Point, ...]
    arrows: tuple[Arrow, ...]
    axes: np.ndarray
    middle: np.ndarray
    shown: float

    def xy(self, place: np.ndarray) -> tuple[float, float]:
        """Return where a sound lies on the map."""
        x, y = self.axes @ (place - self.middle)
        return float(x), float(y)


def sound_map(points: Sequence[Point], model: TextToEffect, words: Sequence[str] = ARROW_WORDS) -> SoundMap:
    """Draw a map.

    Args:
        points: at least two, in different places.
        model: the words' directions in the same embedding.
        words: to choose arrows from.
    Raises:
        RequestError: fewer than two points.
    """
    if len(points) < 2:
        raise RequestError("A map needs two sounds at least. Explore or edit first.")
    places = np.stack([point.place for point in points]).astype(np.float64)
    middle = places.mean(axis=0)
    _, sizes, rows = np.linalg.svd(places - middle, full_matrices=False)
    axes = np.zeros((2, places.shape[1]))
    axes[: min(2, len(rows))] = rows[:2]
    for axis in axes:  # the same points give the same map, whatever the sign the decomposition finds
        if axis.any() and axis[np.argmax(np.abs(axis))] < 0:
            axis *= -1.0
    shown = float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-12))
    drawn = tuple(
        Point(point.name, point.kind, point.place, point.settings, *map(float, axes @ (place - middle)))
        for point, place in zip(points, places, strict=True)
    )
    return SoundMap(drawn, _arrows(axes, model, words), axes, middle, shown)


def setting_between(
    one: Point, other: Point, share: float, place: Callable[[Settings], np.ndarray], sample_rate: int
) -> Settings:
    """Return the real settings of a point on the way between two points of one session.

    Args:
        one, other: versions or options.
        share: of the way in sound, 0..1.
        place: returns the embedding under some settings.
        sample_rate: Hz.
    Raises:
        RequestError: one of them is a reference, which has no settings.
    """
    for point in (one, other):
        if point.settings is None:
            raise RequestError(f"{point.name} is a recording without settings. Match it first, then go there.")
    assert one.settings is not None
    assert other.settings is not None
    return between_sounds(one.settings, other.settings, share, place, sample_rate)[0]


def _arrows(axes: np.ndarray, model: TextToEffect, words: Sequence[str]) -> tuple[Arrow, ...]:
    candidates = []
    for word in words:
        try:
            vector = model.direction(word, "mix").vector.numpy()
        except RequestError:
            continue
        seen = axes @ vector
        candidates.append((float(np.linalg.norm(seen)), word, seen))
    arrows: list[Arrow] = []
    for length, word, seen in sorted(candidates, key=lambda entry: -entry[0]):
        apart = all(cosine(seen, np.array([arrow.x, arrow.y])) < _APART for arrow in arrows)
        if len(arrows) < _MOST_ARROWS and apart and (length >= _LEAST_SHOWN or len(arrows) < 2):
            arrows.append(Arrow(word, float(seen[0]), float(seen[1])))
    return tuple(arrows)
