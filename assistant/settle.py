"""Hold levels: after the other knobs have turned, put loudness where it was, plus what was asked."""

from collections.abc import Mapping

import numpy as np

from assistant.measure import SongSound
from assistant.request import MIX
from assistant.track_level import track_loudness_lufs
from assistant.wish import Wish
from console.kept import KeptStrips
from console.parameters import spec
from console.settings import Settings
from exchange import Song

__all__ = ["hold_mix", "hold_tracks"]

_MIX_TOLERANCE_LU = 0.5
_LEVEL_TOLERANCE_LU = 0.3
_LEAST_DB = 0.1
_CEILING_DBTP = -0.1  # the mix is not made louder than this, or than it was if it was over
_RELIEF_SHARE = 0.5


def hold_tracks(
    song: Song, before: SongSound, after: Settings, wishes: Mapping[str, Wish], kept: KeptStrips | None = None
) -> Settings:
    """Return `after` with each track's integrated loudness as `before`, plus the level that was asked for.

    Args:
        song: the song.
        before: how it sounded; must have measured the tracks in `wishes`.
        after: settings with this turn's knobs turned.
        wishes: what was asked, by track name or "mix"; channels set only by numbers are not in here.
        kept: the song's strips from renders before.
    """
    for name, wished in wishes.items():
        if name == MIX:
            continue
        was, now = before.track_lufs[name], track_loudness_lufs(song, after, name, kept=kept)
        if not (np.isfinite(was) and np.isfinite(now)):
            continue
        lost_db = was - now
        if wished.relief:
            lost_db *= _RELIEF_SHARE
        after = _louder(before.settings, after, name, wished.level_db + lost_db)
    return after


def hold_mix(before: SongSound, now: SongSound, wishes: Mapping[str, Wish]) -> Settings:
    """Return `now`'s settings with two corrections that need the whole mix to be heard.

    A track whose level was asked for stands where it should against the rest (level and presence); and the mix is as
    loud as before plus what was asked: turns on tracks may shift it by up to 0.5 LU, beyond that the master fader
    takes it back. Its peaks come first: where they would clip, it stays that much quieter.
    """
    settings = now.settings
    if not wishes or not (np.isfinite(before.loudness_lufs) and np.isfinite(now.loudness_lufs)):
        return settings
    for name, wished in wishes.items():
        if name == MIX or not wished.level_asked:
            continue
        off = before.standing_db(name) + wished.level_db - now.standing_db(name)
        if np.isfinite(off) and abs(off) > _LEVEL_TOLERANCE_LU:
            settings = _louder(before.settings, settings, name, off)
    asked = wishes[MIX].level_db if MIX in wishes else 0.0
    off = before.loudness_lufs + asked - now.loudness_lufs
    if MIX not in wishes and abs(off) <= _MIX_TOLERANCE_LU:
        off = 0.0
    ceiling_dbtp = max(before.true_peak_dbtp, _CEILING_DBTP)
    return _louder(before.settings, settings, "master", min(off, ceiling_dbtp - now.true_peak_dbtp))


def _louder(before: Settings, after: Settings, address: str, gain_db: float) -> Settings:
    """Turn a channel up by a gain: with make-up if this turn used its compressor, else with the fader."""
    if abs(gain_db) < _LEAST_DB:
        return after
    compressed = any(
        before.get(address, f"compressor.{name}") != after.get(address, f"compressor.{name}")
        for name in ("ratio", "threshold_db")
    )
    whole = after.number(address, "compressor.mix") == 1.0 and after.number(address, "saturation.mix") == 0.0
    name = "compressor.makeup_db" if compressed and whole else "fader.gain_db"
    entry = spec(name)
    return after.turned({(address, name): entry.round(entry.clip(after.number(address, name) + gain_db))})
