"""What a change must not tip into: "warmer, without getting muddy" stays small where muddy lives."""

from collections.abc import Sequence

import numpy as np

from assistant.request import Request
from ontology import BANDS_HZ, Ontology, Word

__all__ = ["limited", "neighbours_of"]

_ALLOWED_DB = 1.0  # a band may lean this far towards the word that is not wanted


def limited(curve_db: np.ndarray, requests: Sequence[Request], ontology: Ontology, instrument: str) -> np.ndarray:
    """Return (40,) a curve that leans no further than 1 dB towards the words of "without:WORD".

    Args:
        curve_db: (40,) on `BANDS_HZ`.
        requests: whose constraints count.
        ontology: where words lie.
        instrument: the ontology's name of what plays.
    """
    for word in _unwanted(requests, ontology):
        towards = np.array(max(word.senses, key=lambda sense: sense.share).eq_db)
        for low_hz, high_hz in places(word, instrument):
            inside = (np.array(BANDS_HZ) >= low_hz) & (np.array(BANDS_HZ) <= high_hz)
            if not inside.any():
                continue
            sign = np.sign(towards[inside].mean())
            octaves = np.maximum(np.log2(low_hz / np.array(BANDS_HZ)), np.log2(np.array(BANDS_HZ) / high_hz))
            most_db = _ALLOWED_DB + 12.0 * np.maximum(octaves, 0.0)  # looser with every octave outside
            curve_db = sign * np.minimum(sign * curve_db, most_db)
    return curve_db


def places(word: Word, instrument: str) -> tuple[tuple[float, float], ...]:
    """Return the bands (from, to) in Hz in which a word lives on an instrument."""
    return tuple((band.low_hz, band.high_hz) for band in word.bands.get(instrument) or word.bands.get("any", ()))


def neighbours_of(request: Request, ontology: Ontology) -> list[Word]:
    """Return the problems that a word is confused with, and what the request names as not wanted."""
    if request.descriptor is None or request.descriptor not in set(ontology):
        return []
    word = ontology[request.descriptor]
    near = [ontology[entry.id] for entry in word.confused_with] if request.direction != "-" else []
    found = [*_unwanted([request], ontology), *(other for other in near if other.problem)]
    return list({other.id: other for other in found}.values())


def _unwanted(requests: Sequence[Request], ontology: Ontology) -> list[Word]:
    names = [entry[8:] for request in requests for entry in request.constraints if entry.startswith("without:")]
    known = set(ontology)
    return [ontology[name] for name in dict.fromkeys(names) if name in known]
