"""Which tracks a word about the whole mix turns, where the master cannot do what it asks.

The room of a mix is that of its tracks, but for drums and bass: the master has no sends. The punch of a mix is that of
its drums: a compressor on everything takes their attacks down with the rest.
"""

from collections.abc import Sequence

from exchange import Track
from ontology import Word

__all__ = ["parts_of_mix"]

_DRY_GROUPS = ("drums", "bass")
_STRUCK_GROUP = "drums"
_LEAST_PUNCH = 0.5


def parts_of_mix(word: Word, direction: str, tracks: Sequence[Track]) -> list[str]:
    """Return the names of the tracks a word about the mix turns; none where the master is the place.

    Args:
        word: that is said of the mix.
        direction: of the request, "+" or "-".
        tracks: of the song.
    """
    if word.kind == "space":
        return [track.name for track in tracks if track.group not in _DRY_GROUPS] or [track.name for track in tracks]
    if direction == "+" and not word.problem and _is_punch(word):
        return [track.name for track in tracks if track.group == _STRUCK_GROUP]
    return []


def _is_punch(word: Word) -> bool:
    """Say whether attacks that stand out are the first thing a word asks for."""
    first = next(iter(word.senses[0].effects), None)
    return first is not None and first.name == "transients" and float(first.values.get("punch", 0.0)) >= _LEAST_PUNCH
