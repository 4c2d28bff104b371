"""The last two things of a match: peaks no higher over the level than wanted, and the loudness where it belongs."""

import numpy as np

from assistant.measure import SongSound, hear_song
from assistant.request import MIX
from console.measures import crest_factor_db, rms_dbfs
from console.parameters import Value, spec
from console.settings import Settings
from exchange import Song

__all__ = ["held_loudness", "limited"]

_LEAST_LU = 0.05
_MOST_LIMITING_DB = 8.0
_STEPS = 4
_NEAR_DB = 0.15


def held_loudness(settings: Settings, address: str, sound: SongSound, target: str, wanted_lufs: float) -> Settings:
    """Return settings whose target is as loud as wanted: the limiter's gain and ceiling if it is on, else the fader."""
    now = sound.loudness_lufs if target == MIX else sound.track_lufs[target]
    gain_db = wanted_lufs - now
    if not np.isfinite(gain_db) or abs(gain_db) < _LEAST_LU:
        return settings
    names = ["fader.gain_db"]
    if address == "master" and settings.number("master", "limiter.on"):
        names = ["limiter.gain_db", "limiter.ceiling_dbtp"]
    turned = {
        (address, name): spec(name).round(spec(name).clip(settings.number(address, name) + gain_db)) for name in names
    }
    return settings.turned(turned)


def limited(
    song: Song, settings: Settings, sound: SongSound, crest_db: float, loudness_lufs: float
) -> tuple[Settings, SongSound]:
    """Return settings whose limiter brings the mix's crest factor down to one that is wanted, at the same loudness.

    Args:
        song: the audio.
        settings, sound: where the console stands and how it sounds, louder in its peaks than wanted.
        crest_db: peak over RMS to reach, at most 8 dB below what it is.
        loudness_lufs: to hold.
    """
    gain, ceiling = spec("limiter.gain_db"), spec("limiter.ceiling_dbtp")
    crest_db = max(crest_db, crest_factor_db(sound.master) - _MOST_LIMITING_DB)
    gain_db = settings.number("master", "limiter.gain_db")
    ceiling_db = rms_dbfs(sound.master) + crest_db
    for _ in range(_STEPS):
        turned: dict[tuple[str, str], Value] = {
            ("master", "limiter.on"): 1.0,
            ("master", "limiter.gain_db"): gain.round(gain.clip(gain_db)),
            ("master", "limiter.ceiling_dbtp"): ceiling.round(ceiling.clip(ceiling_db)),
        }
        settings = settings.turned(turned)
        sound = hear_song(song, settings, [MIX])
        quiet_db = loudness_lufs - sound.loudness_lufs
        off_db = crest_db - crest_factor_db(sound.master)
        if abs(quiet_db) < _NEAR_DB and abs(off_db) < _NEAR_DB:
            break
        gain_db += quiet_db
        ceiling_db += quiet_db + off_db
    held = held_loudness(settings, "master", sound, MIX, loudness_lufs)  # gain and ceiling together: the shape stays
    return (settings, sound) if held == settings else (held, hear_song(song, held, [MIX]))
