"""Aim: from what was asked to where the sound should be.

A target is a point in the embedding of processing (where the sound is now plus what the words ask, on this sound), a
level against the rest of the mix, and the first console settings that people's own settings suggest. How far a mix
goes depends on where it stands against finished music (`assistant.standing`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from assistant.eq_fit import current_curve_db, fit_eq, response_of
from assistant.limits import limited
from assistant.listen import Scene, scene_for
from assistant.priors import knob_changes
from assistant.request import MIX, Request
from assistant.standing import in_frame, mix_levels
from assistant.tones import Tones, tone_of
from assistant.wish import Wish, wish
from console.parameters import Value
from console.settings import Settings
from exchange import Song
from models import BAND_CENTRES_HZ, PARTS, Encoder
from models.production_features import SCALES
from ontology import BANDS_HZ, Ontology

__all__ = ["ONTOLOGY_NAMES", "Target", "aim", "instrument_of"]

ONTOLOGY_NAMES = {
    "lead_vocal": "vocal", "backing_vocal": "vocal", "hihat": "hats", "overhead": "cymbals", "room": "drums",
    "tom": "toms", "winds": "woodwind",
}  # fmt: skip
"""Instruments of `exchange` that the ontology calls something else."""


_ALIKE_DB = 0.7
_PRICE_PER_SQUARED_DB, _PRICE_PER_BAND = 0.0003, 0.01
"""In shares of the curve's square left unreached: what a turn of 1 dB, and a band more, must bring. Large turns cost
more than they are large."""


@dataclass(frozen=True)
class Target:
    """Where one channel's sound should go.

    Attributes:
        track: the track's name, or "mix".
        wished: what the words add up to.
        scene: what is heard while tuning.
        embedding_now, embedding: (dimensions,) where the sound is and where it should be.
        start: the first settings tried, by (channel address, parameter).
    """

    track: str
    wished: Wish
    scene: Scene
    embedding_now: Tensor
    embedding: Tensor
    start: dict[tuple[str, str], Value]


def aim(
    requests: Sequence[Request],
    track: str,
    song: Song,
    settings: Settings,
    ontology: Ontology,
    encoder: Encoder,
    framed: bool = True,
    tones: Tones = tone_of,
    room_db: np.ndarray | None = None,
) -> Target:
    """Return the target of all words that were said about one track (or "mix").

    Args:
        requests: with words.
        track: its name, or "mix".
        song, settings: what there is and where the console stands.
        ontology: what words mean.
        encoder: the embedding of processing.
        framed: whether finished music says how far a mix goes; off, people's settings alone do.
        tones: says the curve of a word.
        room_db: (40,) what the track gives up for others besides, dB.
    """
    instrument = instrument_of(song, track)
    one_mix = track == MIX and len(song.tracks) == 1
    wished = wish(requests, ontology, instrument, one_mix, tones)
    scene = scene_for(song, settings, track)
    if framed and wished.tones:
        wished = in_frame(wished, mix_levels(scene, song, settings, track))
        wished = replace(wished, curve_db=limited(wished.curve_db, requests, ontology, instrument))
    if room_db is not None:
        wished = replace(wished, curve_db=wished.curve_db + room_db, words=(*wished.words, "out of the way"))
    with torch.no_grad():
        now_audio = scene.hear()
        now = encoder.embed(now_audio, song.sample_rate)[0]
    start = _equaliser(wished, scene, settings, now)
    peak_dbfs = _peak_dbfs(scene)
    effects = knob_changes(wished, settings, scene.address, peak_dbfs)
    goal = now.clone()
    if effects:  # what people's settings do to this sound, apart from its tone
        with torch.no_grad():
            treated = encoder.embed(scene.hear(scene.turned(effects)), song.sample_rate)[0]
        goal = goal + (treated - now)
    if wished.curve_db.any():
        spectrum = PARTS["spectrum"]
        goal[spectrum] = goal[spectrum] + _spectrum_change(now, wished.curve_db)
    return Target(track, wished, scene, now, goal, {**start, **effects})


def band_weights(embedding: Tensor) -> np.ndarray:
    """Return (48,) how audible each band is, 0..1: full down to 25 dB under the loudest, none 50 dB under it."""
    spectrum = PARTS["spectrum"]
    level_db = (embedding[spectrum] * SCALES[spectrum]).numpy()
    return np.clip((level_db - level_db.max() + 50.0) / 25.0, 0.25, 1.0)


def _equaliser(wished: Wish, scene: Scene, settings: Settings, now: Tensor) -> dict[tuple[str, str], Value]:
    """Return the equaliser that reaches the curve with the fewest and smallest turns.

    The level is held elsewhere, so only the curve's shape is heard: it can be made by boosts, by cuts, or by both
    about its middle. All three are fitted.
    """
    if not wished.curve_db.any():
        return {}
    freqs_hz = np.array(BANDS_HZ, dtype=np.float64)
    weights = np.interp(np.log(freqs_hz), np.log(BAND_CENTRES_HZ), band_weights(now))
    wanted = wished.curve_db + current_curve_db(settings, scene.address, freqs_hz, scene.sample_rate)
    start = settings.channel(scene.address)
    least, best = float("inf"), {}
    for level_db in _levels_db(wanted, weights):
        fitted = fit_eq(wanted - level_db, freqs_hz, weights, scene.sample_rate, start)
        reached = response_of(fitted, freqs_hz, scene.sample_rate)
        price = _misfit(wanted, reached, weights) + _effort(fitted, start)
        if price < least:
            least, best = price, fitted
    return {(scene.address, name): value for name, value in best.items()}


def _levels_db(curve_db: np.ndarray, weights: np.ndarray) -> list[float]:
    """Return what may be taken off a curve before it is fitted: its middle (at most 2 dB), its bottom, its top."""
    order = np.argsort(curve_db)
    shares = np.cumsum(weights[order]) / weights.sum()
    low, middle, high = (float(curve_db[order[np.searchsorted(shares, share)]]) for share in (0.15, 0.5, 0.85))
    middle = float(np.clip(middle, -2.0, 2.0))
    return [middle, *(level for level in (low, high) if abs(level - middle) > _ALIKE_DB)]


def _misfit(wanted_db: np.ndarray, reached_db: np.ndarray, weights: np.ndarray) -> float:
    """Return the squared error in shape that is left, as a share of the shape's square."""
    missing, asked = (curve - np.average(curve, weights=weights) for curve in (wanted_db - reached_db, wanted_db))
    return float((weights @ missing**2) / max(weights @ asked**2, 1e-9))


def _effort(fitted: Mapping[str, Value], start: Mapping[str, Value]) -> float:
    turned = [abs(float(value) - float(start.get(name, 0.0))) for name, value in fitted.items() if "gain" in name]
    bands = sum(gain_db > 0.0 for gain_db in turned)
    return _PRICE_PER_SQUARED_DB * float(np.square(turned).sum()) + _PRICE_PER_BAND * bands


def _spectrum_change(now: Tensor, curve_db: np.ndarray) -> Tensor:
    """Return (48,) how a curve moves the level-independent spectrum of this sound, in the embedding's units."""
    spectrum = PARTS["spectrum"]
    scale = SCALES[spectrum]
    shape_db = now[spectrum] * scale
    change = torch.tensor(np.interp(np.log(BAND_CENTRES_HZ), np.log(BANDS_HZ), curve_db), dtype=now.dtype)
    power = 10 ** (shape_db / 10)
    total_db = 10 * torch.log10((power * 10 ** (change / 10)).sum() / power.sum())
    return (change - total_db) / scale


def _peak_dbfs(scene: Scene) -> float:
    peak = max(float(audio.abs().max()) for audio in scene.audio.values())
    return 20 * float(np.log10(max(peak, 1e-4)))


def instrument_of(song: Song, track: str) -> str:
    """Return the ontology's name of what plays on a track, or "mix"."""
    if track == MIX:
        return "mix"
    found = next(entry.instrument for entry in song.tracks if entry.name == track)
    return ONTOLOGY_NAMES.get(found, found)
