"""Levels as other programs store them: fader and send gains, and ramps in dB drawn with straight lines of gain."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from console.parameters import spec

__all__ = ["db_of", "gain_of", "ramp", "send_db_of", "send_gain_of"]

_SEND_OFF = 10 ** (float(spec("send.reverb_db").low) / 20)
_STEP_DB = 1.0


def gain_of(gain_db: float) -> float:
    """Return decibels as a factor."""
    return 10 ** (gain_db / 20)


def db_of(gain: float, low_db: float = -90.0) -> float:
    """Return a factor in decibels, to a millionth, not below `low_db`."""
    return round(20 * math.log10(gain), 6) if gain > gain_of(low_db) else low_db


def send_gain_of(send_db: float) -> float:
    """Return a send's factor: 0 at its lowest position, as the console has it."""
    return gain_of(send_db) - _SEND_OFF


def send_db_of(gain: float) -> float:
    """Return the position of a send that has this factor."""
    return db_of(gain + _SEND_OFF, float(spec("send.reverb_db").low))


def ramp(
    points: Sequence[tuple[float, float]], convert: Callable[[float], float], step: float = _STEP_DB
) -> list[tuple[float, float]]:
    """Convert breakpoints, with more of them on the way where a straight line before is none after.

    Args:
        points: (time_s, value) in order of time, joined by straight lines.
        convert: from the value to what is stored.
        step: greatest change of the value between two points of the result.
    """
    dense = [(points[0][0], convert(points[0][1]))]
    for (start_s, one), (end_s, other) in pairwise(points):
        pieces = max(1, math.ceil(abs(other - one) / step)) if end_s > start_s else 1
        for piece in range(1, pieces + 1):
            share = piece / pieces
            dense.append((start_s + share * (end_s - start_s), convert(one + share * (other - one))))
    return dense
