"""A first mix from raw tracks: every level set by what plays, tracks placed, rumble out, peaks evened, room to spare.

    stage -> place -> high-pass -> compress -> send -> hear -> faders -> hear -> master

Levels are loudness (BS.1770, gated, so that pauses do not count), not peaks. The faders are set twice: once from the
raw tracks, once from what the strips made of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from assistant.check import overall
from assistant.events import Measurement
from assistant.measure import SongSound, hear_song
from assistant.start.places import places
from assistant.start.roles import levels_lu, role_of
from assistant.start.treatment import compressor, highpass
from console.errors import RequestError
from console.loudness import integrated_lufs
from console.measures import sample_peak_dbfs
from console.parameters import Value, spec
from console.settings import Settings
from exchange import Song
from ontology import load_practice

__all__ = ["LEAD_LUFS", "Started", "start_mix"]

LEAD_LUFS = -23.0
"""Loudness of the lead in a first mix: with everything else beside it, the mix comes to about -18 LUFS."""
_STAGED_PEAK_DBFS = -3.0
_FADER, _TRIM, _MASTER = "fader.gain_db", "trim.gain_db", "master"


@dataclass(frozen=True)
class Started:
    """A first mix.

    Attributes:
        settings: where the knobs stand.
        why: by channel address, in signal order: a reason for everything that was turned.
        measured: of every track the loudness at its fader (with what was wanted) and the level against the rest, of the
            mix loudness and true peak.
        sound: the mix as it sounds.
    """

    settings: Settings
    why: dict[str, tuple[str, ...]]
    measured: tuple[Measurement, ...]
    sound: SongSound


def start_mix(
    song: Song,
    settings: Settings,
    balance: bool = True,
    panning: bool = True,
    tone: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> Started:
    """Set up a first mix.

    Args:
        song: several tracks.
        settings: where the console stands; what is not set here stays.
        balance: set levels.
        panning: place mono tracks.
        tone: high-pass, compress, send to the reverb.
        progress: told the step ("listen", "tune", "check") and its share done.
    Raises:
        RequestError: one finished mix, or nothing that sounds, or nothing to set.
    """
    if len(song.tracks) < 2:
        raise RequestError("A first mix needs several tracks; this is one. Say how it should sound instead.")
    if not (balance or panning or tone):
        raise RequestError("Levels, panning and tone are all to stay: there is nothing to set.")
    wanted_lu = levels_lu(song)
    if not wanted_lu:
        raise RequestError("Every track is silent. Check the files.")
    tell = progress or (lambda *_: None)
    names = list(wanted_lu)
    before = hear_song(song, settings, names, lambda share: tell("listen", share))
    why: dict[str, list[str]] = {name: [] for name in names}
    if balance:
        settings = _staged(song, settings, wanted_lu, why)
    if panning:
        settings = _placed(song, settings, wanted_lu, why)
    if tone:
        settings = _treated(song, settings, why, tell)
    if balance:
        settings, loud = _balanced(song, settings, wanted_lu)
        settings = _with_headroom(settings, loud)
        for name in names:
            why[name].append(f"fader {settings.number(name, _FADER):+.1f} dB")
    after = hear_song(song, settings, names, lambda share: tell("check", share))
    if balance:
        settings, after = _kept_under(song, settings, after, names)
        stands, reason = settings.number(_MASTER, _FADER), load_practice().conventions["headroom"].why
        why[_MASTER] = [f"{stands:+.1f} dB, so that it peaks at {after.true_peak_dbtp:.1f} dBTP ({reason})"]
    reasons = {name: tuple(lines) for name, lines in why.items() if lines}
    return Started(settings, reasons, _measured(before, after, wanted_lu if balance else None), after)


def _staged(song: Song, settings: Settings, wanted_lu: Mapping[str, float], why: dict[str, list[str]]) -> Settings:
    """Trim every track to one working loudness, short of where it would clip; its fader says its place in the mix."""
    changes: dict[tuple[str, str], Value] = {(_MASTER, _FADER): 0.0}
    entry = spec(_TRIM)
    for track in song.tracks:
        if track.name not in wanted_lu:
            continue
        loudness = integrated_lufs(track.audio, song.sample_rate)
        room_db = _STAGED_PEAK_DBFS - sample_peak_dbfs(track.audio)
        gain_db = min(LEAD_LUFS - loudness, room_db) if np.isfinite(loudness) else 0.0
        gain_db = entry.round(entry.clip(gain_db))
        changes[track.name, _TRIM] = gain_db
        changes[track.name, _FADER] = _fader(LEAD_LUFS + wanted_lu[track.name] - loudness - gain_db)
        why[track.name].append(
            f"trim {gain_db:+.1f} dB to work at {loudness + gain_db:.1f} LUFS (it was {loudness:.1f})"
        )
    return settings.turned(changes)


def _placed(song: Song, settings: Settings, wanted_lu: Mapping[str, float], why: dict[str, list[str]]) -> Settings:
    found = places(song, wanted_lu)
    for name, pan in found.items():
        if pan:
            why[name].append(f"{abs(pan):.0%} to the {'left' if pan < 0 else 'right'}")
        elif settings.number(name, "stereo.pan"):
            why[name].append("back to the centre")
    return settings.turned({(name, "stereo.pan"): pan for name, pan in found.items()})


def _treated(song: Song, settings: Settings, why: dict[str, list[str]], tell: Callable[[str, float], None]) -> Settings:
    for number, track in enumerate(song.tracks):
        tell("tune", number / len(song.tracks))
        if track.silent:
            continue
        for treat in (highpass, compressor):
            treated = treat(track, settings, song.sample_rate)
            if treated is not None:
                settings = settings.turned({(track.name, knob): value for knob, value in treated.knobs.items()})
                why[track.name].append(treated.why)
        send_db = role_of(track).reverb_db
        if send_db is not None:
            settings = settings.turned({(track.name, "send.reverb_db"): send_db})
            why[track.name].append(f"reverb send {send_db:g} dB")
    tell("tune", 1.0)
    return settings


def _balanced(song: Song, settings: Settings, wanted_lu: Mapping[str, float]) -> tuple[Settings, SongSound]:
    """Set the faders from what comes out of the strips."""
    sound = hear_song(song, settings, list(wanted_lu))
    changes: dict[tuple[str, str], Value] = {}
    for name, level_lu in wanted_lu.items():
        off = LEAD_LUFS + level_lu - sound.track_lufs[name]
        if np.isfinite(off):
            changes[name, _FADER] = _fader(settings.number(name, _FADER) + off)
    return settings.turned(changes), sound


def _with_headroom(settings: Settings, sound: SongSound) -> Settings:
    """Turn the master down by what the last render was over."""
    low, high = load_practice().conventions["headroom"].value
    gain_db = (low + high) / 2 - sound.true_peak_dbtp
    return settings.turned({(_MASTER, _FADER): _fader(gain_db)}) if np.isfinite(gain_db) else settings


def _kept_under(song: Song, settings: Settings, sound: SongSound, names: list[str]) -> tuple[Settings, SongSound]:
    """Correct the master where the faders' last step brought the peak out of what is usual."""
    low, high = load_practice().conventions["headroom"].value
    if low <= sound.true_peak_dbtp <= high or not np.isfinite(sound.true_peak_dbtp):
        return settings, sound
    gain_db = settings.number(_MASTER, _FADER) + (low + high) / 2 - sound.true_peak_dbtp
    settings = settings.turned({(_MASTER, _FADER): _fader(gain_db)})
    return settings, hear_song(song, settings, names)


def _fader(gain_db: float) -> float:
    entry = spec(_FADER)
    return entry.round(entry.clip(gain_db))


def _measured(before: SongSound, after: SongSound, wanted_lu: Mapping[str, float] | None) -> tuple[Measurement, ...]:
    rows = []
    for name in after.track_lufs:
        wanted = None if wanted_lu is None else LEAD_LUFS + wanted_lu[name]
        rows += [
            Measurement.of("loudness", name, before.track_lufs[name], after.track_lufs[name], "LUFS", wanted),
            Measurement.of("level against the rest", name, before.level_lu(name), after.level_lu(name), "LU"),
        ]
    return (*rows, *overall(before, after))
