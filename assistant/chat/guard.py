"""What a reply may say: only numbers and deeds that this turn's results show.

A language model writes sentences; each is compared with what the tools measured. A number with a unit must stand in a
result (rounded as the sentence rounds it) or in what the person said. A sentence that claims a change needs a knob that
turned. What does not hold is left out, and the tools' own words take its place.
"""

import math
import re
from collections.abc import Iterable, Sequence

from assistant.chat.studio import Outcome

__all__ = ["Checked", "check_reply", "sentences_of"]

_NUMBER = re.compile(
    r"(?<![\w.])([+\-−]?\d+(?:[.,]\d+)?)\s*(k?Hz|dBTP|dBFS|dB|LUFS|LU|ms|s|seconds|%|percent|:1|Q)?(?![\w])", re.I
)
_CLAIM = re.compile(
    r"\b(done|applied|adjusted|changed|boosted|cut|raised|lowered|reduced|increased|added|removed|turned|moved|set|fixed|"
    r"warmed|brightened|widened|undid|undone|restored|tightened|made)\b",
    re.I,
)
_DENIAL = re.compile(
    r"\b(not|nothing|no|couldn't|could not|can't|cannot|didn't|did not|would|could|can|should|if)\b", re.I
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_HALF = 0.5000001


class Checked:
    """A reply after checking.

    Attributes:
        text: what may be said.
        dropped: sentences that claimed what was not measured.
    """

    def __init__(self, text: str, dropped: Sequence[str]) -> None:
        self.text, self.dropped = text, tuple(dropped)


def check_reply(text: str, outcomes: Sequence[Outcome], said: str) -> Checked:
    """Keep the sentences of a reply that the results bear out.

    Args:
        text: what a model wants to say.
        outcomes: of this turn's tools.
        said: what the person said.
    Returns:
        The kept sentences; where one was dropped, the tools' own replies stand first.
    """
    shown = _shown(outcomes, said)
    moved = any(outcome.moves for outcome in outcomes)
    kept, dropped = [], []
    for sentence in sentences_of(text):
        (kept if _holds(sentence, shown, moved) else dropped).append(sentence)
    own = [outcome.reply for outcome in outcomes if outcome.reply]
    if dropped or not kept:
        kept = [*own, *(sentence for sentence in kept if sentence not in own)]
    return Checked("\n".join(kept) or "Nothing was changed.", dropped)


def sentences_of(text: str) -> list[str]:
    """Split a reply into sentences."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def _holds(sentence: str, shown: frozenset[float], moved: bool) -> bool:
    if _CLAIM.search(sentence) and not _DENIAL.search(sentence) and not moved:
        return False
    return all(_is_shown(number, decimals, shown) for number, decimals in _numbers(sentence))


def _numbers(text: str) -> Iterable[tuple[float, int]]:
    """Yield every number that stands with a unit or has decimals, and how many decimals it was given with."""
    for match in _NUMBER.finditer(text):
        digits, unit = match.group(1).replace(",", ".").replace("−", "-"), (match.group(2) or "").lower()
        decimals = len(digits.partition(".")[2])
        if not unit and not decimals:
            continue
        value = float(digits)
        if unit == "khz":
            value, decimals = value * 1000, max(0, decimals - 3) - 3 if decimals < 3 else 0
        yield value, decimals


def _is_shown(number: float, decimals: int, shown: frozenset[float]) -> bool:
    within = _HALF * 10.0**-decimals
    return any(abs(abs(number) - abs(value)) <= within for value in shown)


def _shown(outcomes: Sequence[Outcome], said: str) -> frozenset[float]:
    """Return every number that was shown: readings, their differences, knobs, and those in tool replies and in the
    person's own words."""
    found: set[float] = set()
    for outcome in outcomes:
        for entry in outcome.measured:
            readings = [entry.before, entry.after] + ([] if entry.wanted is None else [entry.wanted])
            found.update(readings)
            found.update(one - other for one in readings for other in readings)
        for move in outcome.moves:
            values = [value for value in (move.before, move.after) if isinstance(value, int | float)]
            found.update(float(value) for value in values)
            if len(values) == 2:
                found.add(float(values[1]) - float(values[0]))
        found.update(number for number, _ in _numbers(outcome.reply))
    found.update(number for number, _ in _numbers(said))
    return frozenset(value for value in found if math.isfinite(value))
