"""Where tracks stand between the speakers: what carries the song in the centre, the others apart and in balance."""

import re
from collections.abc import Mapping

from assistant.start.roles import role_of
from exchange import Song, Track

__all__ = ["places"]

_SIDES = (
    (re.compile(r"(?<![a-z])(l|left)(?![a-z])", re.I), -1.0),
    (re.compile(r"(?<![a-z])(r|right)(?![a-z])", re.I), 1.0),
)

_ALONE = 0.6
"""How far off the centre a mono track stands that has no partner on the other side, of a pair's distance."""


def places(song: Song, levels_lu: Mapping[str, float]) -> dict[str, float]:
    """Return the pan of every track that sounds, -1 left to 1 right.

    Stereo tracks keep the picture they were recorded with. Mono tracks of one instrument stand on both sides of the
    centre, evenly; a single one goes to the side on which less is heard so far; a name that says left or right is
    believed.

    Args:
        song: the tracks.
        levels_lu: how loud each will be, against each other.
    """
    found: dict[str, float] = {}
    weight = 0.0  # power on the right less that on the left
    by_instrument: dict[str, list[Track]] = {}
    for track in song.tracks:
        if not track.silent:
            by_instrument.setdefault(track.instrument, []).append(track)
    for tracks in by_instrument.values():
        side = role_of(tracks[0]).side
        mono = [track for track in tracks if track.audio.shape[0] == 1]
        found |= {track.name: 0.0 for track in tracks if track.audio.shape[0] == 2}
        told = {track.name: sign for track in mono for pattern, sign in _SIDES if pattern.search(track.name)}
        free = [track.name for track in mono if track.name not in told]
        found |= {name: round(sign * side, 2) for name, sign in told.items()}
        if len(free) == 1 and side:
            found[free[0]] = round((-1 if weight > 0 else 1) * _ALONE * side, 2)
        else:
            found |= dict(zip(free, _spread(len(free), side), strict=True))
        weight += sum(found[track.name] * 10 ** (levels_lu[track.name] / 10) for track in tracks)
    return {track.name: found[track.name] for track in song.tracks if track.name in found}


def _spread(count: int, side: float) -> list[float]:
    """Return so many places, evenly from left to right; one in the centre."""
    if count < 2:
        return [0.0] * count
    return [round(side * (2 * number / (count - 1) - 1), 2) for number in range(count)]
