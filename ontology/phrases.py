"""Short patterns for many phrases: "(can|could) you (please)?" is four of them.

`(a|b)` is either, `(...)?` may be missing, `{name}` stands for a group of the table. Nothing else is special, so that
a table of patterns reads like the phrases it stands for.
"""

import re
from collections.abc import Mapping
from itertools import product

from console.errors import OntologyError

__all__ = ["expand"]

_GROUP = re.compile(r"\{(\w+)\}")
_PART = re.compile(r"\(((?:[^()]|\([^()]*\)\??)*)\)(\?)?|([^()]+)")
_MOST = 4000


def expand(pattern: str, groups: Mapping[str, str]) -> tuple[str, ...]:
    """Write a pattern out.

    Args:
        pattern: as described above; alternatives may hold one more level of brackets.
        groups: name -> alternatives, "a|b".
    Raises:
        OntologyError: a bracket is left open, a group is unknown, or the pattern stands for too many phrases.
    """
    if "(" not in pattern and "{" not in pattern:
        return (pattern,)
    try:
        written = _GROUP.sub(lambda found: f"({groups[found.group(1)]})", pattern)
    except KeyError as error:
        raise OntologyError(f"The pattern '{pattern}' names the group {error}, which is not in `groups`.") from error
    phrases = tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in _written(written, pattern)))
    if len(phrases) > _MOST:
        raise OntologyError(f"The pattern '{pattern}' stands for {len(phrases)} phrases. Split it.")
    return tuple(phrase for phrase in phrases if phrase)


def _written(text: str, pattern: str) -> list[str]:
    parts: list[list[str]] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise OntologyError(f"The pattern '{pattern}' has a bracket without its other half.")
        inner, optional, plain = found.groups()
        if plain is not None:
            parts.append([plain])
        else:
            choices = [phrase for one in _alternatives(inner) for phrase in _written(one, pattern)]
            parts.append([*choices, ""] if optional else choices)
        at = found.end()
    return [" ".join(words) for words in product(*parts)]


def _alternatives(text: str) -> list[str]:
    """Split at the bars that stand in no bracket."""
    found, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]
