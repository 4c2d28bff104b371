"""What a reply may say: only numbers and deeds that this turn's results show.

A language model writes sentences; each is compared with what the tools measured. A number with a unit must stand in a
result (rounded as the sentence rounds it) or in what the person said, and its direction must be that of the result. A
sentence that claims a change needs one: on the tracks it names, by the processors it names. A claim that something was
exported, offered, compared or learnt needs the deed. What does not hold is left out, and the tools' own words take its
place.
"""

import math
import re
from collections.abc import Iterable, Sequence

from assistant.parts import part_of
from assistant.request import MIX
from assistant.studio import Outcome

__all__ = ["Checked", "Evidence", "check_reply", "ending", "sentences_of"]

_NUMBER = re.compile(
    r"(?<![\w.])([+\-−]?\d+(?:[.,]\d+)?)\s*(k?Hz|dBTP|dBFS|dB|LUFS|LU|ms|s|seconds|%|percent|:1|Q)?(?![\w])", re.I
)
_CHANGED = re.compile(
    r"\b(done|applied|adjusted|changed|boosted|cut|raised|lowered|reduced|increased|decreased|added|removed|turned|moved|"
    r"set|fixed|warmed|brightened|darkened|widened|narrowed|compressed|panned|undid|undone|redone|restored|tightened|"
    r"made|tamed|cleaned|softened|balanced|matched|now (?:is|are|sounds?|feels?|has|have|sits?|stands?)|"
    r"(?:is|are|sounds?|feels?|sits?|stands?) now|(?:is|are|sounds?|feels?|sits?|stands?) (?:[\w.+-]+ ){0,4}?"
    r"(?:\w+er|(?:more|less) \w+)(?! than))\b",
    re.I,
)
"""Verbs and comparatives that claim a change."""
_WRITTEN = re.compile(r"\b(exported|saved|written|bounced|rendered)\b", re.I)
_LEARNT = re.compile(r"\b(learnt|learned|remembered|noted)\b", re.I)
_DENIED = re.compile(
    r"\b(not|nothing|no|none|never|\w+n't|cannot|would|could|can|should|shall|may|might|to|if|how|let me|i'll|will)"
    r"(?:[ ,]+[\w']+){0,3}[ ,]*$",
    re.I,
)
"""What before a verb makes it no claim: "was not changed", "could be raised", "nothing was moved"."""
_UP = re.compile(r"\b(boosted|raised|increased|up|louder|higher|added|more)\b", re.I)
_DOWN = re.compile(r"\b(cut|lowered|reduced|decreased|down|quieter|lower|removed|less)\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_HALF = 0.5000001
_PARTS = {
    "eq": r"eq|equali[sz]\w*|shelf|shelves|bell|high-?pass\w*|low-?pass\w*",
    "compression": r"compress\w*",
    "reverb": r"reverb\w*",
    "delay": r"delays?|echo\w*",
    "width": r"width|wider|widened|narrower|narrowed",
    "pan": r"pan|panned|panning",
    "saturation": r"saturat\w*|drive|distort\w*",
    "gate": r"gate|gated",
    "de_ess": r"de-?ess\w*",
    "level": r"fader|volume|louder|quieter",
}
"""Part of a change -> the words that claim it."""


class Checked:
    """A reply after checking.

    Attributes:
        text: what may be said.
        dropped: sentences that claimed what was not measured.
    """

    def __init__(self, text: str, dropped: Sequence[str]) -> None:
        self.text, self.dropped = text, tuple(dropped)


class Evidence:
    """What a turn's results show."""

    def __init__(self, outcomes: Sequence[Outcome], said: str, tracks: Sequence[str]) -> None:
        """Gather it.

        Args:
            outcomes: of this turn's tools.
            said: what the person said.
            tracks: names of the song's tracks.
        """
        moves = [move for outcome in outcomes for move in outcome.moves]
        self.tracks = tuple(tracks)
        self.moved = {MIX if move.track == "master" else move.track for move in moves}
        self.parts = {part_of(move.parameter) for move in moves}
        self.written = any(outcome.files for outcome in outcomes)
        self.learnt = any(_LEARNT.search(o.reply) or "means" in o.reply for o in outcomes if o.failed is None)
        self.shown, self.steps = _shown(outcomes, said)

    def bears_out(self, sentence: str) -> bool:
        """Say whether everything that a sentence claims was shown."""
        if _claims(_CHANGED, sentence) and not self._changed(sentence):
            return False
        if _claims(_WRITTEN, sentence) and not self.written:
            return False
        if _claims(_LEARNT, sentence) and not self.learnt:
            return False
        return all(self._is_shown(sentence, number, decimals) for number, decimals in _numbers(sentence))

    def _changed(self, sentence: str) -> bool:
        """Say whether something moved on every track, and by every processor, that a sentence names."""
        if not self.moved:
            return self.written and _WRITTEN.search(sentence) is not None
        plain = sentence.lower()
        named = {name for name in self.tracks if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", plain)}
        if named and not named & self.moved:
            return False
        said = {part for part, words in _PARTS.items() if re.search(rf"\b(?:{words})\b", plain)}
        return not said or bool(said & self.parts)

    def _is_shown(self, sentence: str, number: float, decimals: int) -> bool:
        """Say whether a number was measured or set; a change of that size must have gone the way the sentence says."""
        within = _HALF * 10.0**-decimals
        steps = [step for step in self.steps if abs(abs(step) - abs(number)) <= within]
        up, down = _UP.search(sentence) is not None, _DOWN.search(sentence) is not None
        if steps and up != down:
            return any((step > 0) == up for step in steps)
        return bool(steps) or any(abs(abs(number) - abs(value)) <= within for value in self.shown)


def _claims(verbs: re.Pattern[str], sentence: str) -> bool:
    """Say whether a sentence states one of these verbs, rather than asking, denying or offering it."""
    return not sentence.endswith("?") and any(
        not _DENIED.search(sentence[: match.start()]) for match in verbs.finditer(sentence)
    )


def check_reply(text: str, outcomes: Sequence[Outcome], said: str, tracks: Sequence[str] = ()) -> Checked:
    """Keep the sentences of a reply that the results bear out.

    Args:
        text: what a model wants to say.
        outcomes: of this turn's tools.
        said: what the person said.
        tracks: names of the song's tracks.
    Returns:
        The kept sentences; where one was dropped, the tools' own replies stand first.
    """
    evidence = Evidence(outcomes, said, tracks)
    kept, dropped = [], []
    for sentence in sentences_of(text):
        (kept if evidence.bears_out(sentence) else dropped).append(sentence)
    own = [outcome.text for outcome in outcomes if outcome.text]
    if dropped or not kept:
        kept = [*own, *(sentence for sentence in kept if sentence not in own)]
    return Checked("\n".join(kept) or "Nothing was changed.", dropped)


def sentences_of(text: str) -> list[str]:
    """Split a reply into sentences."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def ending(text: str) -> int:
    """Return where the last whole sentence of a text that is still growing ends."""
    return max((match.end() for match in _SENTENCE.finditer(text)), default=0)


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


def _shown(outcomes: Sequence[Outcome], said: str) -> tuple[frozenset[float], frozenset[float]]:
    """Return every value that was shown (readings, knobs, tool replies, the person's words), and every change."""
    values: set[float] = set()
    steps: set[float] = set()
    for outcome in outcomes:
        for entry in outcome.measured:
            readings = [entry.before, entry.after] + ([] if entry.wanted is None else [entry.wanted])
            values.update(readings)
            steps.add(entry.after - entry.before)
        for move in outcome.moves:
            stands = [float(value) for value in (move.before, move.after) if isinstance(value, int | float)]
            values.update(stands)
            if len(stands) == 2:
                steps.add(stands[1] - stands[0])
        values.update(number for number, _ in _numbers(outcome.text))
    values.update(number for number, _ in _numbers(said))
    finite = [frozenset(value for value in found if math.isfinite(value)) for found in (values, steps)]
    return finite[0], finite[1]
