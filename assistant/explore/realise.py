"""From a reading to knobs: aimed and tuned as an edit is, levels held as an edit holds them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assistant.aim import Target, aim
from assistant.explore.readings import OneSense, Reading
from assistant.measure import SongSound, hear_song
from assistant.mix_parts import parts_of_mix
from assistant.request import MIX, Request
from assistant.settle import hold_mix, hold_tracks
from assistant.tones import tone_of
from assistant.track_level import track_loudness_lufs
from assistant.tune import tune
from assistant.wish import Wish
from console.kept import KeptStrips
from console.settings import Settings
from exchange import Song
from models import Encoder
from ontology import Ontology, Word

__all__ = ["Aimed", "settled", "turned"]

Hold = Callable[[Settings], Settings]
Aimed = dict[tuple, Target]
_FADER = "fader.gain_db"


def turned(
    reading: Reading,
    song: Song,
    settings: Settings,
    ontology: Ontology,
    ears: Encoder,
    follow_gradient: bool,
    aimed: Aimed | None = None,
) -> tuple[Settings, dict[str, Wish]]:
    """Turn the knobs a reading asks for.

    Args:
        reading: what is meant.
        song, settings: the audio, and where the console stands.
        ontology: what words mean.
        ears: what edits are tuned by.
        follow_gradient: False takes the first settings people's own settings suggest, for a quick look.
        aimed: targets of this song, ontology and ears that were aimed at before; what is new is added.
    Returns:
        The settings, and what was wished of each target.
    """
    aimed = {} if aimed is None else aimed
    tones = tone_of
    if reading.sense is not None:
        word_id, number = reading.sense
        curve = np.array(ontology[word_id].senses[number].eq_db)
        ontology = OneSense(ontology, word_id, number)

        def tones(word: Word) -> np.ndarray:
            return curve if word.id == word_id else tone_of(word)

    wishes: dict[str, Wish] = {}
    for target, wanted in _by_target(reading.requests, song, ontology).items():
        key = (target, reading.sense, tuple(request.model_dump_json() for request in wanted), _heard(settings, target))
        if key not in aimed:
            aimed[key] = aim(wanted, target, song, settings, ontology, ears, tones=tones)
        goal = aimed[key]
        changes = tune(goal, ears).changes if follow_gradient else goal.start
        settings = settings.turned(changes)
        wishes[target] = goal.wished
    return settings, wishes


def settled(
    song: Song, before: SongSound, settings: Settings, wishes: dict[str, Wish], hold: Hold, kept: KeptStrips
) -> tuple[Settings, float]:
    """Hold the levels as a turn does.

    Args:
        song: the audio.
        before: as it was; must have measured the tracks whose level was asked for.
        settings: with the knobs turned.
        wishes: what was wished of each target.
        hold: puts back what is locked.
        kept: the song's strips from renders before.
    Returns:
        The settings, and how loud the mix is with them, LUFS.
    """
    targets = [name for name in wishes if name != MIX]
    alone = {name: track_loudness_lufs(song, before.settings, name, kept=kept) for name in targets}
    before = replace(before, track_lufs={**alone, **before.track_lufs})
    settings = hold(hold_tracks(song, before, hold(settings), wishes, kept))
    sound = hear_song(song, settings, [name for name in targets if wishes[name].level_asked], kept=kept)
    held = hold(hold_mix(before, sound, wishes))
    gain_db = held.number("master", _FADER) - settings.number("master", _FADER)
    limits = held.regions or held.number("master", "limiter.on")
    if not limits and settings.turned({("master", _FADER): held.number("master", _FADER)}) == held:
        return held, sound.loudness_lufs + gain_db  # the last thing in the mix: it scales what was heard
    return held, hear_song(song, held, (), kept=kept).loudness_lufs


def _heard(settings: Settings, target: str) -> str:
    """Return what of the settings is heard in a target's scene: everything in a mix's, else its channel and effects."""
    if target == MIX:
        return settings.model_dump_json()
    settings = settings.whole()
    alone = Settings(tracks={target: dict(settings.channel(target))}, reverb=settings.reverb, delay=settings.delay)
    return alone.model_dump_json()


def _by_target(requests: Sequence[Request], song: Song, ontology: Ontology) -> dict[str, list[Request]]:
    """Sort requests by the channel they move."""
    names = {track.name for track in song.tracks}
    plan: dict[str, list[Request]] = {}
    for request in requests:
        targets: Sequence[str] = request.targets or (MIX,)
        if MIX in targets and request.descriptor is not None:
            targets = parts_of_mix(ontology[request.descriptor], request.direction, song.tracks) or targets
        for target in targets:
            if target == MIX or target in names:
                plan.setdefault(target, []).append(request)
    return plan
