"""Meaning: opposites oppose, paraphrases agree, undo is exact, amounts grow, constraints hold, talk moves nothing."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from assistant.session import Session
from assistant.turn import Assistant
from benchmarks.edits_material import say_to, song_of
from benchmarks.edits_people import change_curve
from console.render import render
from exchange import Song
from models.training.corpus import SAMPLE_RATE

__all__ = ["meaning"]

ANTONYMS = (
    ("warmer", "colder"), ("brighter", "darker"), ("fuller", "thinner"), ("heavier", "lighter"), ("softer", "harder"),
    ("more open", "boxier"), ("crisper", "duller"), ("airier", "more muffled"), ("clearer", "muddier"),
    ("more bass", "less bass"), ("more treble", "less treble"), ("boomier", "tighter"), ("sharper", "mellower"),
    ("more presence", "less presence"), ("warmer", "less warm"), ("brighter", "less bright"),
    ("more body", "less body"), ("fatter", "thinner"), ("smoother", "harsher"), ("brighter", "duller"),
)  # fmt: skip
PARAPHRASES = {
    "bright": (
        "make it brighter",
        "brighten it up",
        "I want it brighter",
        "can you make this brighter?",
        "more bright",
    ),
    "warm": ("make it warmer", "add warmth", "warm it up", "I would like it warmer", "it needs more warmth"),
    "mud": ("make it less muddy", "remove the mud", "it is too muddy", "less mud please", "get rid of the mud"),
    "boom": ("make it less boomy", "it is too boomy", "reduce the boominess", "less boom", "take the boom out"),
    "air": ("make it airier", "add some air", "more air", "it needs air", "give it more air"),
}
NO_REQUEST = (
    "hello", "what does warm mean?", "I like it", "is the vocal too loud?", "thanks, that sounds great",
    "why did you do that?", "we recorded this in a warm room last summer", "what is wrong with the mix?",
)  # fmt: skip
_AMOUNTS = (0.25, 0.5, 1.0, 1.5)
_KEPT_DB = 1.0


def meaning(
    clips: Sequence[tuple[str, np.ndarray]],
    songs: Sequence[Song],
    quick: bool,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Check every line; each figure is a share of trials unless its name has a unit.

    Args:
        clips: finished music, (2, samples) at 44.1 kHz.
        songs: multitracks with a vocal.
        quick: a few trials.
        progress: told what is done.
    """
    assistant = Assistant()
    mixes = [song_of({"Mix": audio}) for _, audio in clips]
    tell = progress or str
    antonyms, paraphrases = ANTONYMS[: 2 if quick else None], list(PARAPHRASES.items())[: 1 if quick else None]
    found: dict[str, Any] = {}
    cosines = [
        _cosine(_change(mix, f"make it {one}", assistant), _change(mix, f"make it {other}", assistant))
        for mix in mixes[:1]
        for one, other in antonyms
    ]
    found["antonyms"] = {"pairs": len(cosines), "oppose": float(np.mean(np.array(cosines) < 0)), "cosines": cosines}
    tell("meaning: antonyms")
    agree = []
    for _, texts in paraphrases:
        changes = [_change(mixes[0], text, assistant) for text in texts]
        agree += [_cosine(changes[0], other) for other in changes[1:]]
    found["paraphrases"] = {"least_cosine": float(min(agree)), "agree": float(np.mean(np.array(agree) > 0.9))}
    tell("meaning: paraphrases")
    found["undo_exact"] = float(np.mean([_undo_is_exact(mix, assistant) for mix in mixes]))
    found["and_back_db"] = float(max(_and_back(mix, assistant) for mix in mixes))
    words = ("warmer", "brighter", "less muddy")[: 1 if quick else None]
    found["amounts_monotone"] = float(np.mean([_monotone(mix, word, assistant) for mix in mixes for word in words]))
    tell("meaning: undo and amounts")
    found["others_identical"] = float(np.mean([_others_identical(song, assistant) for song in songs]))
    kept = [_kept(song, assistant) for song in songs]
    found["kept"] = {"hold": float(np.mean([change >= -_KEPT_DB for change in kept])), "least_db": float(min(kept))}
    found["locked_identical"] = float(np.mean([_locked(song, assistant) for song in songs]))
    found["talk_moves_nothing"] = float(
        np.mean([not say_to(mixes[0], text, assistant).moved for text in NO_REQUEST[: 2 if quick else None]])
    )
    tell("meaning: done")
    return found


def _change(song: Song, text: str, assistant: Assistant) -> np.ndarray:
    done = say_to(song, text, assistant)
    curve = np.nan_to_num(change_curve(done.before, done.after, SAMPLE_RATE))
    return curve - curve.mean()


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / size if size > 0 else 0.0


def _undo_is_exact(song: Song, assistant: Assistant) -> bool:
    session = Session(song)
    before = say_to(session, "make it warmer", assistant).before
    return bool(np.array_equal(before, say_to(session, "undo", assistant).after))


def _and_back(song: Song, assistant: Assistant) -> float:
    """Return the largest change of a band, dB, that "warmer" and then "less warm" leave."""
    session = Session(song)
    before = say_to(session, "make it warmer", assistant).before
    after = say_to(session, "make it less warm", assistant).after
    return float(np.nanmax(np.abs(change_curve(before, after, SAMPLE_RATE))))


def _monotone(song: Song, word: str, assistant: Assistant) -> bool:
    """Say whether every step of the amount changes the spectrum further."""
    sizes = []
    for amount in _AMOUNTS:
        done = say_to(song, f"make it {word}", assistant, amount)
        curve = np.nan_to_num(change_curve(done.before, done.after, SAMPLE_RATE))
        sizes.append(float(np.std(curve)))
    return all(one < other for one, other in pairwise(sizes))


def _stems(session: Session) -> dict[str, np.ndarray]:
    """Return every track after its fader, by name."""
    tracks = {track.name: torch.from_numpy(track.audio) for track in session.song.tracks}
    mixed = render(tracks, session.settings, session.song.sample_rate)
    return {name: audio.numpy() for name, audio in mixed.tracks.items()}


def _others_identical(song: Song, assistant: Assistant) -> bool:
    session = Session(song)
    before = _stems(session)
    moved = say_to(session, "make the bass warmer", assistant).moved
    after = _stems(session)
    return moved and all(np.array_equal(before[name], after[name]) for name in before if name != "Bass")


def _kept(song: Song, assistant: Assistant) -> float:
    """Return by how much the vocal's 1-4 kHz against the rest changed in an edit that was to keep it clear, dB."""
    done = say_to(song, "make the guitar brighter but keep the vocal clear", assistant)
    entries = [entry for entry in (done.measured.measurements if done.measured else ()) if entry.track == "Lead Vocal"]
    return min((entry.after - entry.before for entry in entries if entry.unit == "dB"), default=0.0)


def _locked(song: Song, assistant: Assistant) -> bool:
    session = Session(song)
    before = _stems(session)
    say_to(session, "make everything darker but don't touch the vocal", assistant)
    return bool(np.array_equal(before["Lead Vocal"], _stems(session)["Lead Vocal"]))
