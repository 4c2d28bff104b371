"""Find songs by words, by a recording, or by both: "warm and wide", "like this but darker"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.library.index import FEATURE_SHARE, Library
from assistant.understand import understand
from console.errors import RequestError
from models import BAND_CENTRES_HZ, PARTS
from models.production_features import SCALES
from models.text_to_effect import BANDS_HZ, TextToEffect

__all__ = ["Found", "Word", "find_songs", "words_of"]

_LIKE = re.compile(r"\b(?:(?:sounds?|something|songs?)\s+)?like\s+(?:this|that|it)\b(?:\s+one)?", re.IGNORECASE)
_BUT = re.compile(r"^[\s,;]*(?:but|only|just|and)?\s*", re.IGNORECASE)
_STEP = 1.0
_LOOKED_AT = 200


@dataclass(frozen=True)
class Word:
    """One wish: which way the sound should lie, as a scaled point of the library's space.

    Attributes:
        name: as a person would say it.
        change: (dimensions,) what the word does to a sound at amount 1, scaled like the library's points.
    """

    name: str
    change: np.ndarray


@dataclass(frozen=True)
class Found:
    """One song.

    Attributes:
        path: under the music folder.
        score: higher is nearer to what was asked; only comparable within one search.
        words: how far it lies along each word asked for, in standard deviations of the library.
        distance: to the recording (and its change by the words), where one was given.
    """

    path: str
    score: float
    words: dict[str, float]
    distance: float | None


def find_songs(
    library: Library,
    text: str,
    model: TextToEffect,
    like: np.ndarray | None = None,
    count: int = 10,
    leave_out: Sequence[str] = (),
) -> tuple[Found, ...]:
    """Return the songs that fit best, the best first.

    Args:
        library: the index.
        text: words ("warm and wide"), a change of the recording ("like this but darker"), or both, with a comma.
        model: the words' directions, of the library's encoder.
        like: (D + features,) `sound_of` a recording, for "like this".
        count: how many.
        leave_out: paths not to return.
    Raises:
        RequestError: no word is known, "like this" without a recording, or an empty library.
    """
    if not library.entries:
        raise RequestError("The library is empty. Index a folder with music first.")
    absolute, relative = _split(text, like is not None)
    plain = [] if not absolute else words_of(absolute, model, library)
    turns = [] if not relative else words_of(relative, model, library)
    if like is None and relative is not None:
        raise RequestError('"Like this" needs a recording. Name it with --like FILE.')
    if like is None and not plain:
        raise RequestError('Say how it should sound, e.g. "warm and wide", or name a recording with --like FILE.')
    points = library.scaled(library.sounds)
    ways = {word.name: _way(library, points, word.change) for word in (*plain, *turns)}
    rest = {name: (points - library.mean) @ way for name, way in ways.items()}
    if like is not None:
        target = library.scaled(like[None])[0] + _STEP * sum((word.change for word in turns), np.zeros(points.shape[1]))
        rows = dict(library.near(target, max(_LOOKED_AT, count + len(leave_out))))
        typical = float(np.median(np.linalg.norm(points - library.mean, axis=1))) or 1.0
        scores = {row: -far / typical for row, far in rows.items()}
    else:
        total = sum((ways[word.name] for word in plain), np.zeros(points.shape[1]))
        rows = dict.fromkeys((row for row, _ in library.along(total, max(_LOOKED_AT, count + len(leave_out)))), None)
        scores = dict.fromkeys(rows, 0.0)
    for row in scores:  # a song must fit every word, not one of them twice
        if plain:
            scores[row] += min(rest[word.name][row] for word in plain)
    names = [row for row in sorted(scores, key=scores.__getitem__, reverse=True)
             if library.entries[row].path not in leave_out]  # fmt: skip
    return tuple(
        Found(
            library.entries[row].path,
            round(scores[row], 4),
            {name: round(float(values[row]), 2) for name, values in rest.items()},
            rows[row],
        )
        for row in names[:count]
    )


def words_of(text: str, model: TextToEffect, library: Library) -> list[Word]:
    """Read the words of a search.

    Raises:
        RequestError: none of them is known.
    """
    found = []
    for request in understand(f"make it {text.strip()}", ()):
        if request.descriptor is None:
            continue
        sign = -1.0 if request.direction == "-" else 1.0
        name = request.descriptor if sign > 0 else f"less {request.descriptor}"
        try:
            found.append(Word(name, sign * request.amount * _change(request.descriptor, model, library)))
        except RequestError:
            continue  # a word without a sound of its own, such as "louder"
    if found:
        return found
    return [Word(text.strip(), _change(text.strip(), model, library))]


def _change(text: str, model: TextToEffect, library: Library) -> np.ndarray:
    direction = model.direction(text, "mix")
    embedding = (direction.magnitude * direction.vector).numpy()
    features = np.zeros(library.sounds.shape[1] - library.dimensions)
    spectrum = PARTS["spectrum"]
    curve = np.interp(np.log(BAND_CENTRES_HZ), np.log(BANDS_HZ), direction.curve_db)
    features[spectrum] = (curve - curve.mean()) / SCALES[spectrum].numpy()
    change = np.concatenate((embedding, FEATURE_SHARE * features))
    if not np.any(np.abs(change) > 1e-9):
        raise RequestError(
            f"{text!r} has no sound that could be searched for. Use words such as warm, dark, wide, dry."
        )
    return change


def _way(library: Library, points: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the direction along which songs are ranked by a word; along it they have a standard deviation of 1.

    The embedding and the features are each counted in how much the library's songs differ there, and by what the word
    has to do with them: songs differ in their spectra far more than in their width, and a word for width says next to
    nothing of the spectrum.
    """
    away = points - library.mean
    parts = []
    for part in (slice(None, library.dimensions), slice(library.dimensions, None)):
        along = away[:, part] @ change[part]
        parts.append(np.linalg.norm(change[part]) ** 2 * change[part] / max(float(along.std()), 1e-9))
    way = np.concatenate(parts)
    return way / max(float((away @ way).std()), 1e-9)


def _split(text: str, has_recording: bool) -> tuple[str, str | None]:
    """Return what the sound should be, and how it should differ from the recording (None: it is not spoken of)."""
    match = _LIKE.search(text)
    if match is None:
        return ("", text) if has_recording and text.strip() else (text.strip(" ,;"), None)
    return text[: match.start()].strip(" ,;"), _BUT.sub("", text[match.end() :]).strip(" ,;.")
