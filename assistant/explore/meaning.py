"""Which way a reading should move the sound: its words' directions in the FX embedding, summed."""

import numpy as np

from assistant.aim import instrument_of
from assistant.explore.readings import Reading
from assistant.request import MIX
from console.errors import RequestError
from exchange import Song
from models.text_to_effect import Direction, TextToEffect
from ontology import Ontology

__all__ = ["direction_of"]

_SAME_SENSE = 0.5


def direction_of(reading: Reading, song: Song, target: str, ontology: Ontology, model: TextToEffect) -> np.ndarray:
    """Return (D,) the change of the embedding that a reading stands for on a target; zeros where its words have none.

    Args:
        reading: of its words, the one whose sense is chosen points where that sense points.
        song: says what plays.
        target: where it is heard: a track, or "mix", which hears all.
        ontology: what words mean.
        model: the directions.
    """
    total = np.zeros(model.dimensions)
    for request in reading.requests:
        if target != MIX and target not in request.targets and MIX not in request.targets:
            continue
        instrument = instrument_of(song, target)
        direction = _read(str(request.descriptor), instrument, model)
        if direction is None:
            continue
        vector = (direction.magnitude * direction.vector).numpy()
        if reading.sense is not None and reading.sense[0] == request.descriptor:
            vector = _of_sense(direction, ontology[reading.sense[0]].senses[reading.sense[1]].eq_db, vector)
        total += (-1.0 if request.direction == "-" else 1.0) * request.amount * vector
    return total


def _read(word: str, instrument: str, model: TextToEffect) -> Direction | None:
    for where in (instrument, None):
        try:
            return model.direction(word, where)
        except RequestError:
            continue
    return None


def _of_sense(direction: Direction, curve_db: tuple[float, ...], whole: np.ndarray) -> np.ndarray:
    """Return the change of the model's sense whose curve is this one's; where there is none, that of the whole word."""
    curve = np.array(curve_db)
    if not curve.any():
        return whole
    fits = [
        float(np.corrcoef(curve, sense.curve_db)[0, 1]) if np.any(sense.curve_db) else 0.0 for sense in direction.senses
    ]
    best = int(np.argmax(fits))
    if fits[best] < _SAME_SENSE:
        return whole
    return (direction.senses[best].magnitude * direction.senses[best].vector).numpy()
