"""What is missing, turned into knobs where a formula knows how: equalisers, width, balance, sends."""

from collections.abc import Sequence

import numpy as np

from assistant.eq_fit import current_curve_db, fit_eq
from assistant.match.goal import Missing
from console.parameters import Value, spec
from console.settings import Settings
from exchange import Song
from models import BAND_CENTRES_HZ

__all__ = ["Changes", "compress", "equalise", "more_room", "place"]

Changes = dict[tuple[str, str], Value]
"""Knobs to turn, by (channel address, parameter)."""

_MID_SHARE = 0.6  # how much the mid's curve counts where one equaliser serves mid and side
_FULL_DB, _NONE_DB = -30.0, -60.0  # bands this far below the loudest count fully, not at all
_LEAST_CREST_DB = 0.5
_DRY_INSTRUMENTS = ("bass", "kick", "drums", "tom")
"""What is not sent to a reverb when a whole mix should get more room."""
_OFF_DB = -60.0
_FIRST_SEND_DB = -24.0


def equalise(
    missing: Missing, heard: np.ndarray, settings: Settings, chain: Sequence[str], sample_rate: int
) -> Changes:
    """Fit the chain's equalisers to the missing curve, the last strip first, the others to what it leaves.

    Args:
        missing: its `mid_db` must be there.
        heard: (48,) power of the sound's bands.
        settings: where the console stands; what its equalisers do already is part of the fit.
        chain: addresses in signal order.
        sample_rate: Hz.
    """
    freqs = np.array(BAND_CENTRES_HZ)
    level_db = 10 * np.log10(np.maximum(heard, 1e-12))
    weights = np.clip((level_db - level_db.max() - _NONE_DB) / (_FULL_DB - _NONE_DB), 0.02, 1.0)
    curve = missing.mid_db
    if missing.side_db is not None:
        side = missing.side_db - np.average(missing.side_db - missing.mid_db, weights=weights)  # width is set elsewhere
        curve = _MID_SHARE * curve + (1.0 - _MID_SHARE) * side
    left = curve + sum(current_curve_db(settings, address, freqs, sample_rate) for address in chain)
    left = left - np.average(left, weights=weights)
    changes: Changes = {}
    for address in reversed(chain):
        fitted = fit_eq(left, freqs, weights, sample_rate, settings.channel(address))
        changes |= {(address, name): value for name, value in fitted.items()}
        left = left - current_curve_db(Settings(tracks={"x": fitted}), "x", freqs, sample_rate)
    return changes


def place(missing: Missing, settings: Settings, chain: Sequence[str]) -> Changes:
    """Set width and balance; what one strip's width cannot give, the one before it does."""
    changes: Changes = {}
    last = chain[-1]
    if missing.width_db is not None:
        width = spec("stereo.width")
        factor = 10 ** (missing.width_db / 20)
        for address in reversed(chain):
            now = settings.number(address, "stereo.width")
            turned = width.round(width.clip(now * factor))
            if turned != now:
                changes[address, "stereo.width"] = turned
            if turned < width.high or now <= 0.0:
                break
            factor *= now / turned
    if missing.lean_db is not None:
        pan = spec("stereo.pan")
        angle = (settings.number(last, "stereo.pan") + 1.0) * np.pi / 4
        ratio = np.tan(np.clip(angle, 0.02, np.pi / 2 - 0.02)) * 10 ** (missing.lean_db / 20)
        changes[last, "stereo.pan"] = pan.round(pan.clip(float(np.arctan(ratio) / (np.pi / 4) - 1.0)))
    return changes


def compress(missing: Missing, settings: Settings, address: str, level_dbfs: float) -> Changes:
    """Return where a compressor starts: catching peaks if there are too many, letting them through if too few.

    Args:
        missing: its `crest_db` must be there.
        settings: where the console stands; a compressor in use keeps its place.
        address: whose compressor.
        level_dbfs: RMS of what reaches it.
    """
    if abs(missing.crest_db) < _LEAST_CREST_DB or settings.number(address, "compressor.ratio") > 1.0:
        return {}
    too_peaky = missing.crest_db < 0
    threshold = spec("compressor.threshold_db")
    return {
        (address, "compressor.ratio"): 2.0,
        (address, "compressor.threshold_db"): threshold.round(threshold.clip(level_dbfs + (6.0 if too_peaky else 0.0))),
        (address, "compressor.attack_ms"): 3.0 if too_peaky else 40.0,
        (address, "compressor.release_ms"): 120.0,
        (address, "compressor.knee_db"): 6.0,
    }


def more_room(fill_db: float, song: Song, settings: Settings, tracks: Sequence[str]) -> Changes:
    """Open or close the reverb sends of what may have room, all by as much.

    Args:
        fill_db: how much the level between the notes should rise; below 0 sends that are open come down.
        song: says what plays on each track.
        settings: where the console stands.
        tracks: those in question; of several, bass and drums stay dry.
    """
    instruments = {track.name: track.instrument for track in song.tracks}
    wet = [name for name in tracks if len(tracks) == 1 or instruments[name] not in _DRY_INSTRUMENTS] or list(tracks)
    entry = spec("send.reverb_db")
    changes: Changes = {}
    for name in wet:
        now = settings.number(name, "send.reverb_db")
        if now <= _OFF_DB:
            if fill_db > 0:
                changes[name, "send.reverb_db"] = _FIRST_SEND_DB
        else:
            changes[name, "send.reverb_db"] = entry.round(entry.clip(now + fill_db))
    return changes
