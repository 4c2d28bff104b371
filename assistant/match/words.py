"""What a match came to, in sentences; nothing is said that was not measured."""

from collections.abc import Sequence

from assistant.match.matching import Matched
from assistant.tell import describe_moves, name_channel
from console.settings import Move

__all__ = ["sentence"]


def sentence(matched: Matched, turned: Sequence[Move], names: Sequence[str]) -> str:
    """Return a paragraph: what was turned, how far each aspect came, what could not be done.

    Args:
        matched: the match.
        turned: its moves.
        names: of the references.
    """
    like = " and ".join(names)
    who = name_channel(matched.target)
    if not turned:
        return f"Nothing was changed: {who} already sounds like {like} in what was asked."
    parts = [f"{who[0].upper()}{who[1:]}, towards {like}:"]
    for channel in dict.fromkeys(move.track for move in turned):
        line = describe_moves([move for move in turned if move.track == channel])
        parts.append(f"{name_channel(channel)}: {line}.")
    for entry in matched.measured:
        what = entry.what[0].upper() + entry.what[1:]
        if entry.wanted is None:
            parts.append(f"{what} {entry.before:.1f} to {entry.after:.1f} {entry.unit}.")
        else:
            parts.append(
                f"{what} went from {entry.before:.1f} to {entry.after:.1f} {entry.unit} ({entry.wanted:.1f} wanted)."
            )
    return "\n".join([*parts, *matched.notes])
