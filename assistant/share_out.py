"""What is said of the mix is done on the tracks that make it, where they are few or the master cannot do it.

"Less muddy" on a song of stems is an equaliser on two or three tracks, not on everything: those that hold most of the
power in the problem's band. Where all tracks make it alike, the master is the better place. Room and punch are the
tracks' own (`mix_parts`).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.mix_parts import parts_of_mix
from assistant.request import MIX, Request
from assistant.session import Session
from console.measures import power_spectrum
from console.settings import Settings
from ontology import Ontology

__all__ = ["share_out"]

_MOST = 0.75  # of the band's power, which the chosen tracks hold together
_FEW = 0.6  # of the tracks at most: else the master


def share_out(
    plan: Mapping[str, Sequence[Request]], work: Session, settings: Settings, ontology: Ontology
) -> dict[str, list[Request]]:
    """Return the plan with what is said of the mix moved to the tracks that make it.

    Args:
        plan: requests by track name or "mix".
        work: the song, or a stretch of it.
        settings: where the console stands.
        ontology: which words are problems, and where they lie.
    """
    moved: dict[str, list[Request]] = {name: [] for name in plan}
    for name, requests in plan.items():
        for request in requests:
            for place in _makers(request, work, settings, ontology) if name == MIX else [name]:
                moved.setdefault(place, []).append(request)
    return {name: requests for name, requests in moved.items() if requests}


def _makers(request: Request, work: Session, settings: Settings, ontology: Ontology) -> list[str]:
    """Return the tracks to work on, of a problem's the strongest first; "mix" where none stand out."""
    names = [track.name for track in work.song.tracks if not work.is_locked(track.name)]
    word = ontology[request.descriptor] if request.descriptor in set(ontology) else None
    if word is None or request.numbers:
        return [MIX]
    kept = {entry[5:] for entry in request.constraints if entry.startswith(("keep:", "lock:"))}
    parts = [name for name in parts_of_mix(word, request.direction, work.song.tracks) if name in names]
    if set(parts) - kept:
        return [name for name in parts if name not in kept]
    bands = word.bands.get("any", ())
    if not word.problem or request.direction != "-" or len(names) < 3 or not bands:
        return [MIX]
    low, high = min(band.low_hz for band in bands), max(band.high_hz for band in bands)
    power = {name: _power(work, settings, name, low, high) for name in names}
    total, chosen, held = sum(power.values()), [], 0.0
    for name in sorted(power, key=lambda name: -power[name]):
        if held >= _MOST * total:
            break
        held += power[name]
        if name not in kept:
            chosen.append(name)
    return chosen if chosen and len(chosen) <= _FEW * len(names) else [MIX]


def _power(work: Session, settings: Settings, name: str, low_hz: float, high_hz: float) -> float:
    audio = next(track.audio for track in work.song.tracks if track.name == name)
    gain_db = settings.number(name, "fader.gain_db") + settings.number(name, "trim.gain_db")
    if settings.number(name, "fader.mute"):
        return 0.0
    inside = power_spectrum(audio, work.song.sample_rate).band_power(np.array([low_hz]), np.array([high_hz]))
    return float(inside[0]) * 10 ** (gain_db / 10)
