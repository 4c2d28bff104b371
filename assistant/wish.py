"""What was asked of one channel, added up: the change of tone, of other processors and of level that the words mean.

Values scale with the amount; a direction of "-" turns the other way. No audio.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.limits import limited
from assistant.regions import region_of
from assistant.request import Request
from assistant.tones import Tones, tone_of
from ontology import BANDS_HZ, Ontology, Sense, Word

__all__ = ["USES", "Tone", "Wish", "wish"]

USES: dict[str, tuple[str, ...]] = {
    "tone": ("eq",),
    "dynamics": ("eq", "compression", "gate", "transients"),
    "space": ("eq", "reverb", "delay", "level"),
    "width": ("width",),
    "balance": ("eq", "level"),
    "character": ("eq", "saturation"),
    "mood": ("eq", "reverb", "width", "saturation"),
    "fault": ("eq",),
}
"""The processors a kind of word may turn: only what it needs."""

_ALWAYS = ("de_ess",)
_REGION_DB_PER_DB = 2.0
"""Within one mix a part's band moves so much for every dB that its own fader would move."""


@dataclass(frozen=True)
class Tone:
    """The change of tone that one request asks for.

    Attributes:
        curve_db: (40,) on `BANDS_HZ`, dB, at the amount and in the direction asked.
        bands_hz: where the books place it on this instrument, (from, to) each; empty where they do not.
        amount: of the request.
        free: whether nobody's curve is known for it, so that only size and place count: a problem to take away, or a
            part of one mix.
    """

    curve_db: np.ndarray
    bands_hz: tuple[tuple[float, float], ...]
    amount: float
    free: bool


@dataclass(frozen=True)
class Wish:
    """What the requests for one target add up to.

    Attributes:
        curve_db: (40,) change of spectrum on `BANDS_HZ`, dB.
        effects: processor -> term -> value at the amount asked, in the ontology's terms.
        level_db: change of level against the rest, LU; 0 holds it.
        level_asked: whether level was asked for.
        relief: whether all that was asked is to take problems away: what was too much is then missed, and only half
            of the lost loudness is made up.
        words: the words, as "warmer", with their direction.
        confident: 0..1: how far people agree on the main sense.
        tones: what `curve_db` is the sum of.
        beyond_db: how far beyond finished music the sound already is in the direction asked, where that is extreme, dB;
            else 0.
    """

    curve_db: np.ndarray
    effects: dict[str, dict[str, float | str]]
    level_db: float
    level_asked: bool
    relief: bool
    words: tuple[str, ...]
    confident: float
    tones: tuple[Tone, ...] = ()
    beyond_db: float = 0.0


def wish(
    requests: Sequence[Request], ontology: Ontology, instrument: str, one_mix: bool = False, tones: Tones = tone_of
) -> Wish:
    """Add up what several words ask of one target.

    Args:
        requests: about one channel; those without a word count for nothing here.
        ontology: what words mean.
        instrument: the ontology's name of what plays.
        one_mix: the song is one stereo mix, so that its parts can be reached by their bands alone.
        tones: says the curve of a word.
    """
    parts: list[Tone] = []
    effects: dict[str, dict[str, float | str]] = {}
    level_db, level_asked = 0.0, False
    confidence = []
    asked = [request for request in requests if request.descriptor is not None]
    for request in asked:
        word = ontology[str(request.descriptor)]
        sense = max(word.senses, key=lambda sense: sense.share)
        sign = -request.amount if request.direction == "-" else request.amount
        allowed = _allowed(word, request)
        region = region_of(request.targets) if one_mix else None
        if "eq" in allowed and region is None:
            bands = word.bands.get(instrument) or word.bands.get("any", ())
            curve = _curve(word, tones(word), sign, instrument)
            free = word.problem and sign < 0
            parts.append(Tone(curve, tuple((b.low_hz, b.high_hz) for b in bands), request.amount, free))
        for effect in sense.effects:
            if effect.name == "level" and "level" in allowed:
                if region is None:
                    level_db += sign * effect.values["gain_db"]
                    level_asked = True
                else:
                    curve = _REGION_DB_PER_DB * sign * effect.values["gain_db"] * region.inside
                    parts.append(Tone(curve, region.bands_hz, request.amount, True))
            elif effect.name in allowed and region is None:
                effects[effect.name] = _scaled(effect.values, effect.type, sign)
        confidence.append(_confidence(sense))
    words = tuple(_said(request, ontology) for request in asked)
    confident = float(np.mean(confidence)) if confidence else 1.0
    relief = bool(asked) and all(r.direction == "-" and ontology[str(r.descriptor)].problem for r in asked)
    parts = [part for part in parts if np.any(part.curve_db)]
    curve_db = np.clip(sum((part.curve_db for part in parts), np.zeros(len(BANDS_HZ))), -15.0, 15.0)
    curve_db = limited(curve_db, asked, ontology, instrument)
    return Wish(curve_db, effects, level_db, level_asked, relief, words, confident, tuple(parts))


def _said(request: Request, ontology: Ontology) -> str:
    """Return what a person would call the change: "warmer", "less boomy"."""
    word = ontology[str(request.descriptor)]
    if request.direction == "-":
        return f"less {word.id}"
    steps = (label for label in word.labels if label.endswith("er") and " " not in label)
    return next((label for label in steps if label.startswith(word.id[:2])), word.id)


def _allowed(word: Word, request: Request) -> tuple[str, ...]:
    only = [constraint[5:] for constraint in request.constraints if constraint.startswith("only:")]
    allowed = USES[word.kind] + _ALWAYS
    return tuple(name for name in allowed if name in only) if only else allowed


def _curve(word: Word, curve: np.ndarray, sign: float, instrument: str) -> np.ndarray:
    """Return the curve at the amount asked.

    Taking a problem away takes only what there is too much of (or, of a lack, gives back what is missing), and where
    the books place it on this instrument, only there (an octave of slope on each side).
    """
    if not (word.problem and sign < 0):
        return sign * curve
    inside = np.ones(len(BANDS_HZ))
    bands = word.bands.get(instrument) or word.bands.get("any")
    if bands:
        low, high = min(band.low_hz for band in bands), max(band.high_hz for band in bands)
        octaves = np.maximum(np.log2(low / np.array(BANDS_HZ)), np.log2(np.array(BANDS_HZ) / high))
        inside = np.clip(1.0 - octaves, 0.0, 1.0)
    surplus, lack = np.maximum(curve, 0.0) * inside, np.minimum(curve, 0.0) * inside
    return sign * (surplus if surplus.sum() >= -lack.sum() else lack)


def _scaled(values: dict[str, float], kind: str | None, sign: float) -> dict[str, float | str]:
    """Return an effect at the amount asked: what is a change scales, what is a setting stays, `sign` tells the way."""
    changes = {"wet", "change", "drive_db", "punch", "amount_db", "range_db"}
    scaled: dict[str, float | str] = {
        term: value * sign if term in changes else value for term, value in values.items()
    }
    scaled["sign"] = sign
    if kind is not None:
        scaled["type"] = kind
    return scaled


def _confidence(sense: Sense) -> float:
    """Say how sure the main sense is: people's agreement and how many share it; books alone count as 0.5."""
    agreement = 0.5 if sense.agreement is None else max(sense.agreement, 0.0)
    return min(1.0, sense.share * (0.35 + 0.65 * agreement) + 0.1 * min(sense.people / 10.0, 1.0))
