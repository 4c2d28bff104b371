"""Which question was asked about the mix, read from cue words of a table."""

import functools
import re
from dataclasses import dataclass
from importlib import resources

import yaml

from assistant.request import Request

__all__ = ["Question", "read_question", "word_table"]

_ALL = 99


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        answer: "fix", "rest", "streaming", "compare", "masks", "first", "word" or "all".
        targets: tracks or groups named, "mix" for all.
        word: ontology id asked about, or None.
        numbers: for "fix": which findings, counted from 1; empty: all that were told.
    """

    answer: str
    targets: tuple[str, ...] = ()
    word: str | None = None
    numbers: tuple[int, ...] = ()


@functools.cache
def _table() -> tuple[tuple[tuple[str, re.Pattern[str]], ...], dict[str, int], dict[str, str]]:
    text = resources.files("assistant.diagnose").joinpath("questions.yaml").read_text(encoding="utf-8")
    rows, rest = text.split("\nordinals:", 1)
    rest_data = yaml.safe_load("ordinals:" + rest)
    cues = tuple(
        (row["answer"], re.compile(r"\b(?:" + "|".join(map(re.escape, row["words"])) + r")\b"))
        for row in yaml.safe_load(rows)
    )
    return cues, rest_data["ordinals"], rest_data["words"]


def word_table() -> dict[str, str]:
    """Return the ontology words that ask for a problem of another name, and that problem ("level" for how loud)."""
    return _table()[2]


def read_question(text: str, requests: tuple[Request, ...], told: int = 0) -> Question | None:
    """Return what is asked, or None where the sentence is no question about the mix.

    Args:
        text: as it was said.
        requests: what it was understood as.
        told: how many findings were told last; without any, "fix the first" is no order about findings.
    """
    plain = re.sub(r"[^a-z0-9' ]+", " ", text.lower())
    cue = next((answer for answer, pattern in _table()[0] if pattern.search(plain)), None)
    if cue == "fix":
        numbers = _numbers(plain, told)
        return Question("fix", numbers=numbers) if numbers is not None else None
    asking = [request for request in requests if request.intent in ("diagnose", "compare")]
    if not asking and cue not in ("first", "rest", "streaming"):
        return None
    if any(request.intent == "edit" for request in requests):
        return None
    about = asking[0] if asking else None
    targets = about.targets if about else ()
    word = about.descriptor if about else None
    if cue is not None and not (cue == "masks" and word is not None and not targets):
        return Question(cue, targets, word)
    if about is not None and about.intent == "compare":
        return Question("compare", targets, word)
    return Question("word" if word else "all", targets, word)


def _numbers(plain: str, told: int) -> tuple[int, ...] | None:
    """Return which findings an order names, () for all of them, None where it names something else."""
    if not told:
        return None
    ordinals = _table()[1]
    tail = plain.split("fix", 1)[-1] if "fix" in plain else plain.split(" ", 1)[-1]
    words = tail.split()
    ordered = set(words) & {"first", "second", "third", "fourth", "fifth"}
    words = [word for word in words if not (word == "one" and ordered)]  # "the second one" is one thing
    numbers = [int(word) if word.isdigit() else ordinals[word] for word in words if word.isdigit() or word in ordinals]
    if _ALL in numbers or set(words) & {"them", "it", "problems", "findings"}:
        return ()
    if not numbers:
        return None
    if numbers[0] == 1 and "first" in words and len(numbers) > 1 and words.index("first") < len(words) - 1:
        following = words[words.index("first") + 1]
        if following.isdigit() or following in ("two", "three", "four", "five"):
            return tuple(range(1, numbers[1] + 1))
    return tuple(dict.fromkeys(numbers))
