"""From what somebody typed to plain words and numbers."""

import math
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from ontology.language import load_language

__all__ = ["Token", "tokenise"]

_TOKEN = re.compile(
    r"(?P<time>\d{1,2}:\d\d(?!\d))"
    r"|(?P<range>\d+(?:\.\d+)?\s?(?:k|khz|hz)?\s?(?:-|–|to|and)\s?\d+(?:\.\d+)?\s?(?:khz|hz|k)\b)"
    r"|(?P<ratio>\d+(?:\.\d+)?\s?(?::|to)\s?1\b(?!\d))"
    r"|(?P<name>\b(?:(?:19|20)?\d0|[89]0[89])'?s\b)"
    r"|(?P<number>(?:(?<![\w\d])[-−–+]\s?)?\d+(?:[.,]\d+)?)"
    r"|(?P<word>%|&|w/|[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<stop>[.!?;\n]+)"
    r"|(?P<comma>[,:()]|\s[-–—]+\s|—)"
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "−": "-"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or stop.

    Attributes:
        text: lower case, without accents; "," or a run of ".!?;" for stops.
        value: what a number is worth, in its unit's base (Hz for kHz), or None.
        unit: hz, db, ms, s, percent, lufs, ratio, time or none; empty for words.
        signed: the number was written with + or -.
    """

    text: str
    value: float | None = None
    unit: str = ""
    signed: bool = False

    @property
    def stop(self) -> bool:
        return self.text[0] in ".!?;\n"


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold())
    return "".join(c for c in text if not unicodedata.combining(c))


def tokenise(text: str) -> list[Token]:
    """Cut a text into tokens: contractions written out, hyphens inside words opened, numbers joined to their units."""
    language = load_language()
    tokens: list[Token] = []
    text = text.replace("@", " at ")
    plain = re.sub(r"(?<=[^\W\d])[-‐‑/](?=[^\W\d])", " ", _plain(text))
    for match in _TOKEN.finditer(plain):
        kind, written = match.lastgroup, match.group()
        if kind == "word":
            if written.endswith("'s") and written not in language.contractions:
                written = f"{written[:-2]} is"
            tokens += [Token(word) for word in language.contractions.get(written, written).split()]
        elif kind == "time":
            minutes, seconds = written.split(":")
            tokens.append(Token(written, 60.0 * int(minutes) + int(seconds), "time"))
        elif kind == "name":  # "the 80s", "1980s", "808s"
            tokens.append(Token(re.sub(r"^(?:19|20)(?=\d0)|'", "", written)))
        elif kind == "range":
            tokens.append(Token(written, _middle(written), "hz"))
        elif kind == "ratio":
            tokens.append(Token(written, float(re.split(r"\s?(?::|to)", written)[0]), "ratio"))
        elif kind == "number":
            digits = written.replace(" ", "").replace("–", "-").replace(",", ".")
            tokens.append(Token(digits, float(digits), "none", digits[0] in "+-"))
        elif kind == "stop":
            tokens.append(Token(written.strip() or "\n"[:1]))
        else:
            tokens.append(Token(","))
    return _with_units(tokens)


def _middle(written: str) -> float:
    """ "2-4 kHz": the middle of a range, in octaves."""
    low, high = re.findall(r"(\d+(?:\.\d+)?)\s?(k?)", written)
    thousand = 1000.0 if high[1] else 1.0
    lowest = float(low[0]) * (1000.0 if low[1] else thousand)
    highest = float(high[0]) * thousand
    if lowest > highest:  # "500 to 2k"
        lowest = float(low[0])
    return round(math.sqrt(lowest * highest), 1)


def _counted(tokens: list[Token]) -> list[Token]:
    """Numbers in words before a unit: "half a dB", "a couple of dB"."""
    language = load_language()
    counted: list[Token] = []
    at = 0
    while at < len(tokens):
        for length in (4, 3, 2, 1):
            phrase = " ".join(token.text for token in tokens[at : at + length])
            after = tokens[at + length] if at + length < len(tokens) else Token(".")
            if phrase in language.words and len(after.text) > 1 and after.text in language.units:
                counted.append(Token(phrase, float(language.words[phrase]), "none"))
                at += length
                break
        else:
            counted.append(tokens[at])
            at += 1
    return counted


def _with_units(tokens: list[Token]) -> list[Token]:
    """Join "3" "db" and "minus" "3"; what a kilohertz is in hertz."""
    units = load_language().units
    tokens = _counted(tokens)
    joined: list[Token] = []
    skip = False
    for token, after in pairwise([*tokens, Token(".")]):
        if skip:
            skip = False
            continue
        if token.value is not None and token.unit == "none":
            sign, value = token.signed, token.value
            if joined and joined[-1].text in ("minus", "negative"):
                joined.pop()
                sign, value = True, -value
            unit = units.get(after.text, "none")
            skip = unit != "none"
            text = f"{token.text} {after.text}" if skip else token.text
            token = Token(text, value * 1000 if unit == "khz" else value, "hz" if unit == "khz" else unit, sign)
        joined.append(token)
    return joined
