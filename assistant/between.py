"""A real setting between two settings: every point on the way can be played, and half way can mean half of the sound.

Knobs travel as `console.blend` lets them. Equalisers whose bands stand at different places are fitted to the curve in
between.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from assistant.eq_fit import current_curve_db, fit_eq
from console.blend import blend, differing
from console.errors import SettingsError
from console.filters import BANDS
from console.settings import BUSES, Settings

__all__ = ["between", "between_sounds"]

_POINTS_HZ = np.geomspace(25.0, 18000.0, 64)
_TRIALS = 8


def between(start: Settings, end: Settings, share: float, sample_rate: int = 44100) -> Settings:
    """Return the settings a share of the way from one to the other.

    Args:
        start, end: of one song.
        share: 0 is `start` exactly, 1 is `end` exactly.
        sample_rate: Hz, for the response of equalisers.
    Raises:
        SettingsError: other tracks or routing, or a share outside 0..1.
    """
    if start.addresses() != end.addresses() or start.routing != end.routing:
        raise SettingsError("These settings are of different songs. Go between versions of one session.")
    if not 0.0 <= share <= 1.0:
        raise SettingsError(f"share={share:g} is outside 0 to 1. 0 is the first, 1 the second.")
    if share in (0.0, 1.0):
        return end if share else start
    settings = blend(start, end, dict.fromkeys(differing(start, end), share))
    for address in start.addresses():
        if address in BUSES[1:] or not _moved_about(start, end, address):
            continue
        curves = [current_curve_db(part, address, _POINTS_HZ, sample_rate) for part in (start, end)]
        wanted = (1.0 - share) * curves[0] + share * curves[1]
        nearer = (end if share >= 0.5 else start).channel(address)
        fitted = fit_eq(wanted, _POINTS_HZ, np.ones(len(_POINTS_HZ)), sample_rate, nearer)
        settings = settings.turned({(address, name): value for name, value in fitted.items()})
    return settings


def between_sounds(
    start: Settings, end: Settings, share: float, place: Callable[[Settings], np.ndarray], sample_rate: int = 44100
) -> tuple[Settings, float]:
    """Return the settings whose *sound* is a share of the way, and how far the knobs are.

    Knobs and sound do not travel alike: half of a threshold is not half of the compression. The sound's place on the
    line between both ends' embeddings is what `share` is held against.

    Args:
        start, end, share, sample_rate: as for `between`.
        place: returns the (D,) embedding of the song under some settings.
    """
    if share in (0.0, 1.0):
        return between(start, end, share, sample_rate), share
    first, last = place(start), place(end)
    way = last - first
    length = float(way @ way)
    if length < 1e-9:
        return between(start, end, share, sample_rate), share
    heard: dict[float, float] = {0.0: -share, 1.0: 1.0 - share}

    def off(knobs: float) -> float:
        if knobs not in heard:
            heard[knobs] = float((place(between(start, end, knobs, sample_rate)) - first) @ way) / length - share
        return heard[knobs]

    knobs = float(brentq(off, 0.0, 1.0, xtol=0.02, maxiter=_TRIALS, disp=False))
    return between(start, end, knobs, sample_rate), knobs


def _moved_about(start: Settings, end: Settings, address: str) -> bool:
    """Say whether a band that both use stands elsewhere in frequency or width."""
    one, other = start.channel(address), end.channel(address)
    return any(
        all(float(channel.get(f"eq.{band}_gain_db", 0.0)) for channel in (one, other))
        and any(one.get(f"eq.{band}_{part}") != other.get(f"eq.{band}_{part}") for part in ("freq_hz", "q"))
        for band in BANDS
    )
