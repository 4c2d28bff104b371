""" "Bring the air back": what is missing is to return; nothing is to be moved away."""

from assistant.understand.clauses import Clause
from assistant.understand.heard import Asked, Reading

__all__ = ["given_back"]

_VERBS = frozenset({"bring", "give", "get", "want", "need", "put"})
_BACK = "back"
_AWAY = "distant"


def given_back(clause: Clause, reading: Reading) -> Reading:
    """Read "bring ... back", "give me ... back" as more of what stands between, in place.

    What stands there is another word ("air"), a stretch of the spectrum ("low end"), or a part, which then gets louder.
    """
    said = [token.text for token in clause.tokens]
    if not said or said[-1] != _BACK or not _VERBS & set(said[:-1]) or {"further", "farther", "sit"} & set(said):
        return reading
    away = next((asked for asked in reading.words if asked.word == _AWAY and asked.direction == "+"), None)
    if away is None:
        return reading
    reading.words.remove(away)
    if not reading.words:
        word = reading.region or "loud"
        reading.words.append(Asked(word, "+", away.amount, why="what is missing is to come back"))
    return reading
