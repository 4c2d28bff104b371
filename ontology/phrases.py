"""Short patterns for many phrases: "(can|could) you (please)?" is four of them.

`(a|b)` is either, `(...)?` may be missing, `{name}` stands for a group of the table; brackets may stand in brackets.
Nothing else is special, so that a table of patterns reads like the phrases it stands for.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from console.errors import OntologyError

__all__ = ["Openers", "with_groups"]

_GROUP = re.compile(r"\{(\w+)\}")
_PARTS = re.compile(r"[()|?]|[^()|?\s]+")


def with_groups(pattern: str, groups: Mapping[str, str]) -> str:
    """Put groups in the place of their names.

    Args:
        pattern: as described above.
        groups: name -> alternatives, "a|b"; they may name groups themselves.
    Raises:
        OntologyError: a group is unknown.
    """
    while "{" in pattern:
        try:
            pattern = _GROUP.sub(lambda found: f"({groups[found.group(1)]})", pattern)
        except KeyError as error:
            raise OntologyError(
                f"The pattern '{pattern}' names the group {error}, which is not in `groups`."
            ) from error
    return pattern


class _Choice:
    """Alternatives, each a sequence of words and choices, found by the word they begin with."""

    __slots__ = ("by_first", "optional", "sequences")

    def __init__(self, sequences: "tuple[_Sequence, ...]", optional: bool = False) -> None:
        self.sequences = sequences
        self.optional = optional
        self.by_first: dict[str, list[_Sequence]] = {}
        for sequence in sequences:
            for word in _first(sequence):
                self.by_first.setdefault(word, []).append(sequence)


_Sequence = tuple[str | _Choice, ...]


class Openers:
    """A list of patterns, looked for at the front of a sentence; small words may stand anywhere inside them."""

    def __init__(self, patterns: Iterable[str], inside: Iterable[str] = ()) -> None:
        self._inside = frozenset(inside)
        self._starts: dict[str, list[_Sequence]] = {}
        for pattern in patterns:
            for word, sequences in _parsed(pattern).by_first.items():
                self._starts.setdefault(word, []).extend(sequences)

    def may_start(self, word: str) -> bool:
        """Say whether any pattern begins with a word."""
        return word in self._starts

    def length(self, words: Sequence[str]) -> int:
        """Return how many words at the front are the longest that fits; 0 where nothing does."""
        return max(self._ends(words), default=0)

    def all_of(self, words: Sequence[str]) -> bool:
        """Say whether one pattern is all of the words, small words aside."""
        last = len(words)
        while last > 1 and words[last - 1] in self._inside and last not in self._ends(words):
            last -= 1
        return last in self._ends(words)

    def _ends(self, words: Sequence[str]) -> set[int]:
        found: set[int] = set()
        for sequence in self._starts.get(words[0], ()) if words else ():
            found |= self._after(sequence, words, {0})
        return found

    def _after(self, sequence: _Sequence, words: Sequence[str], places: set[int]) -> set[int]:
        """Every place where a sequence may end that begins at one of the places."""
        for item in sequence:
            reached: set[int] = set()
            for place in places:
                if isinstance(item, str):
                    at = self._skip(words, place, (item,))
                    if at < len(words) and words[at] == item:
                        reached.add(at + 1)
                    continue
                if item.optional:
                    reached.add(place)
                at = self._skip(words, place, item.by_first)
                for alternative in item.by_first.get(words[at], ()) if at < len(words) else ():
                    reached |= self._after(alternative, words, {at})
            places = reached
            if not places:
                break
        return places

    def _skip(self, words: Sequence[str], place: int, wanted: Container[str]) -> int:
        """The place of the next word that is wanted or not small; nothing is skipped at the front."""
        at = place
        while 0 < at < len(words) and words[at] in self._inside and words[at] not in wanted:
            at += 1
        return at


def _parsed(pattern: str) -> _Choice:
    parts = _PARTS.findall(pattern.replace("-", " "))
    choice, rest = _choice(parts)
    if rest:
        raise OntologyError(f"The pattern '{pattern}' has a bracket without its other half.")
    return choice


def _choice(parts: list[str]) -> tuple[_Choice, list[str]]:
    """Alternatives up to a closing bracket or the end, and what follows."""
    sequences: list[list[str | _Choice]] = [[]]
    while parts and parts[0] != ")":
        part, parts = parts[0], parts[1:]
        if part == "|":
            sequences.append([])
        elif part == "(":
            inner, parts = _choice(parts)
            if not parts:
                return inner, [part]
            optional = parts[1:2] == ["?"]
            sequences[-1].append(_Choice(inner.sequences, optional))
            parts = parts[2:] if optional else parts[1:]
        else:
            sequences[-1].append(part)
    return _Choice(tuple(tuple(sequence) for sequence in sequences)), parts


def _first(sequence: _Sequence) -> set[str]:
    """Every word that a sequence may begin with."""
    found: set[str] = set()
    for item in sequence:
        if not isinstance(item, _Choice):
            return found | {item}
        found |= item.by_first.keys()
        if not item.optional:
            return found
    return found
