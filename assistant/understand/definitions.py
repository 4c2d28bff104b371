"""Words that somebody explains: "by glassy I mean bright and thin"."""

from collections.abc import Sequence

from assistant.understand.marks import head
from assistant.understand.tokens import Token
from ontology.language import load_language

__all__ = ["defined_in"]

_LONGEST_WORD = 4


def defined_in(tokens: Sequence[Token]) -> tuple[str, list[Token]] | None:
    """Return the word that a clause explains and what it says of it; None where it explains none."""
    language = load_language()
    rest = list(tokens)
    while rest and (rest[0].text == "," or head(rest, language.fillers)):
        rest = rest[max(1, head(rest, language.fillers)) :]
    opened = head(rest, language.defines)
    rest = rest[opened:]
    for at in range(1, min(_LONGEST_WORD + (1 if opened else 0), len(rest) - 1)):
        joined = head(rest[at:], language.meaning)
        word = [token.text for token in rest[:at] if token.text != ","]
        if joined and word and rest[at + joined :] and (opened or rest[at].text not in language.copulas):
            return " ".join(word), rest[at + joined :]
    return None
