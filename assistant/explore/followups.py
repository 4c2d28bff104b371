"""What is said after options were heard: more like one, between two, none of them, or this one."""

import functools
import re
from dataclasses import dataclass
from importlib import resources

import yaml

__all__ = ["FollowUp", "follow_up_of"]

_SPOKEN = ("one first 1st", "two second 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th", "six sixth 6th")
_NUMBERS = {word: number for number, words in enumerate(_SPOKEN, 1) for word in words.split()}
_BEFORE = (
    r"(?:(?:please|can you|could you|now|ok|okay|yes|no|and|so|maybe|how about|what about|try|let's|i(?:'d| would)? "
    r"(?:like|want|prefer)|i want|show me|give me|make me|make it|play me)[, ]+)*"
)
_AFTER = "(?:[ ,]+(?:please|then|now|instead))?"
"""What may stand around: a sentence that says more than that is no remark on options."""
_NUMBER = "(?:" + "|".join((*_NUMBERS, r"[1-9]\d?")) + ")"


@dataclass(frozen=True)
class FollowUp:
    """What continues.

    Attributes:
        kind: "like", "between", "none" or "pick".
        numbers: the options it speaks of.
        rest: what should be different, of "like".
    """

    kind: str
    numbers: tuple[int, ...] = ()
    rest: str = ""


def follow_up_of(text: str) -> FollowUp | None:
    """Return what a text continues from the options heard, or None where it is a prompt of its own."""
    said = " ".join(text.lower().split()).strip(" .!")
    for kind, patterns in _patterns():
        for pattern in patterns:
            match = pattern.fullmatch(said)
            if match is None:
                continue
            groups = match.groupdict()
            numbers = tuple(_number(groups[name]) for name in ("n", "a", "b") if groups.get(name))
            return FollowUp(kind, numbers, (groups.get("rest") or "").strip())
    return None


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


@functools.cache
def _patterns() -> list[tuple[str, list[re.Pattern[str]]]]:
    table = yaml.safe_load(resources.files("assistant.explore").joinpath("followups.yaml").read_text(encoding="utf-8"))
    filled = []
    for kind, patterns in table.items():
        compiled = []
        for pattern in patterns:
            for name in ("n", "a", "b"):
                pattern = pattern.replace(f"{{{name}}}", f"(?P<{name}>{_NUMBER})")
            compiled.append(
                re.compile(pattern if kind == "pick" else f"{_BEFORE}(?:{pattern.rstrip('$')}){_AFTER}[.!]*")
            )
        filled.append((kind, compiled))
    return filled
