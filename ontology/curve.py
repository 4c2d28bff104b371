"""EQ moves of the books, drawn as a curve on the 40 bands.

The literature says "+4 dB around 300 Hz"; people's settings are curves. This turns the first into the second
with the analogue prototypes of the usual filters, so no sample rate enters.
"""

from collections.abc import Sequence

import numpy as np

from console.errors import OntologyError
from ontology.model import BANDS_HZ, CURVE_LIMIT_DB

__all__ = ["curve_db"]

_DEFAULT_Q = 0.707


def _response(kind: str, ratio: np.ndarray, gain_db: float, q: float) -> np.ndarray:
    """Magnitude in dB at `ratio` = frequency / centre. Source: Bristow-Johnson's cookbook, analogue H(s)."""
    s = 1j * ratio
    a = 10.0 ** (gain_db / 40.0)
    if kind == "bell":
        h = (s**2 + s * a / q + 1) / (s**2 + s / (a * q) + 1)
    elif kind == "low_shelf":
        h = a * (s**2 + np.sqrt(a) / q * s + a) / (a * s**2 + np.sqrt(a) / q * s + 1)
    elif kind == "high_shelf":
        h = a * (a * s**2 + np.sqrt(a) / q * s + 1) / (s**2 + np.sqrt(a) / q * s + a)
    elif kind == "high_pass":
        h = s**2 / (s**2 + s / q + 1)
    elif kind == "low_pass":
        h = 1 / (s**2 + s / q + 1)
    else:
        raise OntologyError(f"EQ move '{kind}' is unknown. Use bell, low_shelf, high_shelf, high_pass or low_pass.")
    return 20.0 * np.log10(np.abs(h))


def curve_db(moves: Sequence[dict]) -> tuple[float, ...]:
    """Add up EQ moves into one curve.

    Args:
        moves: mappings with one filter name (bell, low_shelf, high_shelf, high_pass, low_pass) that gives the
            frequency in Hz, and `db` (gain, not for the two filters) and `q` (default 0.707).
    Returns:
        One value in dB for each of `BANDS_HZ`, held within `CURVE_LIMIT_DB`.
    Raises:
        OntologyError: a move is incomplete or of an unknown kind.
    """
    bands = np.asarray(BANDS_HZ, dtype=float)
    total = np.zeros(len(BANDS_HZ))
    for move in moves:
        settings = dict(move)
        gain_db = float(settings.pop("db", 0.0))
        q = float(settings.pop("q", _DEFAULT_Q))
        if len(settings) != 1:
            raise OntologyError(f"EQ move {move} needs exactly one filter, such as 'bell: 300'.")
        (kind, freq_hz), *_ = settings.items()
        if not (q > 0 and float(freq_hz) > 0):
            raise OntologyError(f"EQ move {move} needs a frequency and a q above 0.")
        total += _response(kind, bands / float(freq_hz), gain_db, q)
    return tuple(round(float(db), 2) for db in np.clip(total, -CURVE_LIMIT_DB, CURVE_LIMIT_DB))
