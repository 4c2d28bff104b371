"""How far a change of tone goes on this mix: what people set, measured against finished music.

People's curves say what a word means; they were set on sounds that were in order. Somebody who asks for it on a mix
usually has a fault in mind, and how much is missing (or too much) of a band shows against finished music
(`models.finished`). So people's curve gives the direction, leant towards the books' band as far as it stays people's
curve, and the frame gives the size. A sound that is already beyond finished music moves little.
"""

from dataclasses import replace

import numpy as np

from assistant.bands import main_band_hz
from assistant.listen import Scene, scene_for
from assistant.request import MIX
from assistant.wish import Tone, Wish
from console.errors import ModelError
from console.settings import Settings
from exchange import Song
from models.finished import CENTRES_HZ, FinishedMusic, band_levels, band_shape, load_finished_music
from ontology import BANDS_HZ

__all__ = ["LISTEN_S", "in_frame", "mix_levels"]

LISTEN_S = 12.0
_WHOLE = frozenset({"mix", "unknown"})
"""What a file that is alone must play for the frame to apply: it knows whole mixes, not single instruments."""

_STAYS, _STAYS_MISSING = 0.99, 0.95
"""Correlation with people's curve that leaning towards the books' band leaves; where something is missing."""
_SIZES = np.linspace(0.5, 2.5, 41)  # of people's curve
_MOST = 1.4  # of people's curve where nothing is missing
_USUAL, _MISSING = 0.6, 0.0  # deviations at which finished music stands, and at which something is surely missing
_PER_DEVIATION = 0.1  # of the move, for every deviation that the sound already is beyond finished music
_EXTREME, _PER_EXTREME = 2.0, 0.25  # deviations beyond, from where on a move shrinks faster, and by how much more
_LEAST = 0.35
_LIMIT_DB = 20.0


def mix_levels(scene: Scene, song: Song, settings: Settings, track: str) -> np.ndarray | None:
    """Return (60,) band levels of what is heard of a mix; None where the frame of finished music does not apply."""
    alone = len(song.tracks) == 1 and song.tracks[0].instrument in _WHOLE
    if not alone and not (track == MIX and len(song.tracks) > 1):
        return None
    if song.duration_s > scene.seconds + 0.5:  # what is usual in music shows in more than the tuning excerpt
        scene = scene_for(song, settings, track, LISTEN_S)
    return band_levels(scene.hear()[0].detach().numpy(), song.sample_rate)


def in_frame(wished: Wish, level_db: np.ndarray | None) -> Wish:
    """Return the wish with each of its tones at the size that this mix needs.

    Args:
        wished: what was asked.
        level_db: from `mix_levels`; None leaves the wish as it is.
    """
    if level_db is None or not wished.tones:
        return wished
    try:
        music = load_finished_music()
    except ModelError:
        return wished
    found = [_framed(tone, level_db, music) for tone in wished.tones]
    curve_db = np.clip(sum(curve for curve, _ in found), -_LIMIT_DB, _LIMIT_DB)
    return replace(wished, curve_db=curve_db, beyond_db=max(beyond for _, beyond in found))


def _framed(tone: Tone, level_db: np.ndarray, music: FinishedMusic) -> tuple[np.ndarray, float]:
    """Return (40,) the curve of one tone on this mix, and how far beyond it the mix is if that is extreme, dB."""
    people_db = tone.curve_db / tone.amount
    places = list(tone.bands_hz or (main_band_hz(people_db),))
    signs = [np.sign(_mean_inside(people_db, place)) for place in places]
    sign = float(np.sign(sum(signs)))
    places = [place for place, own in zip(places, signs, strict=True) if own == sign]
    if sign == 0.0 or not places:
        return tone.curve_db, 0.0
    found = music.correct(level_db, np.array([_shape(place, people_db) for place in places]), sign)
    extreme = max(0.0, found.deviations - _EXTREME)
    lean = max(0.0, found.deviations)
    scale = max(_LEAST, 1.0 - _PER_DEVIATION * lean - _PER_EXTREME * extreme)
    wanted_db = np.interp(np.log(BANDS_HZ), np.log(CENTRES_HZ), found.curve_db)
    if not tone.free:
        missing = float(np.clip((_USUAL - found.deviations) / (_USUAL - _MISSING), 0.0, 1.0))
        leant = _leant(people_db, wanted_db, _STAYS + missing * (_STAYS_MISSING - _STAYS))
        most = _MOST + missing * (_SIZES[-1] - _MOST)
        wanted_db = _sized(leant, found.curve_db, level_db, most)
    return tone.amount * scale * wanted_db, found.beyond_db if extreme else 0.0


def _shape(place: tuple[float, float], people_db: np.ndarray) -> np.ndarray:
    """Return the shape of a fault; a band below which people's curve goes on the same way is a shelf."""
    low_hz, high_hz = place
    inside = _mean_inside(people_db, place)
    below = people_db[np.array(BANDS_HZ) < low_hz]
    if high_hz < 1000.0 and len(below) and below.mean() * np.sign(inside) > 0.5 * abs(inside):
        low_hz = 0.0
    return band_shape(low_hz, high_hz)


def _mean_inside(curve_db: np.ndarray, place: tuple[float, float]) -> float:
    inside = (np.array(BANDS_HZ) >= place[0]) & (np.array(BANDS_HZ) <= place[1])
    return float(curve_db[inside].mean()) if inside.any() else 0.0


def _leant(people_db: np.ndarray, wanted_db: np.ndarray, stays: float) -> np.ndarray:
    """Return people's curve leant towards another as far as it still correlates with itself by `stays`."""
    other = wanted_db * _rms(people_db) / max(_rms(wanted_db), 1e-9)
    leant = people_db
    for share in np.linspace(0.05, 1.0, 20):
        trial = (1.0 - share) * people_db + share * other
        if np.corrcoef(trial, people_db)[0, 1] < stays:
            break
        leant = trial
    return leant


def _sized(curve_db: np.ndarray, correction_db: np.ndarray, level_db: np.ndarray, most: float) -> np.ndarray:
    """Return a curve at the size, up to `most`, at which the band the correction changes most holds as much of all."""
    inside = np.abs(correction_db) >= 0.5 * np.abs(correction_db).max()
    power = 10 ** (level_db / 10)
    wanted = _share(power * 10 ** (correction_db / 10), inside)
    on_sixty = np.interp(np.log(CENTRES_HZ), np.log(BANDS_HZ), curve_db)
    sizes = _SIZES[most + 1e-9 >= _SIZES]
    shares = _share(power * 10 ** (sizes[:, None] * on_sixty / 10), inside)
    return float(sizes[np.argmin(np.abs(np.log(shares / wanted)))]) * curve_db


def _share(power: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return power[..., inside].sum(axis=-1) / power.sum(axis=-1)


def _rms(curve_db: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(curve_db))))
