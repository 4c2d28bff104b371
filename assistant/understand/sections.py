"""Where in the song: "in the second chorus", "from 0:45 to 1:10", "until 0:30"."""

from collections.abc import Sequence

from assistant.understand.marks import head
from assistant.understand.tokens import Token
from ontology.language import load_language

__all__ = ["drop_asides", "take_section"]

_AROUND_S = 2.0


def take_section(tokens: Sequence[Token]) -> tuple[list[Token], str | None]:
    """Take what says where out of a clause.

    Returns:
        The other tokens, and "chorus", "verse 2", "last chorus", "0:45-1:10", "0:45-" (from), "-0:30" (until) or None.
    """
    times = [i for i, token in enumerate(tokens) if token.unit == "time"]
    return _take_times(list(tokens), times) if times else _take_named(list(tokens))


def drop_asides(tokens: Sequence[Token]) -> list[Token]:
    """Take out what asks for nothing: "on my phone" says where it was heard, "that you hear ..." which one is meant."""
    language = load_language()
    devices, kept, at = language.devices, list(tokens), 0
    while at < len(kept):
        if at > 2 and head(kept[at:], language.asides):
            del kept[at:]
        elif length := head(kept[at:], devices):
            del kept[at : at + length]
        else:
            at += 1
    return kept


def _take_times(tokens: list[Token], times: list[int]) -> tuple[list[Token], str]:
    language = load_language()
    first, last = times[0], times[-1]
    before = tokens[first - 1].text if first else ""
    if last > first:
        section = f"{tokens[first].text}-{tokens[last].text}"
    elif before in language.until:
        section = f"-{tokens[first].text}"
    elif before in language.around:
        seconds = tokens[first].value or 0.0
        section = f"{_clock(max(seconds - _AROUND_S, 0.0))}-{_clock(seconds + _AROUND_S)}"
    else:
        section = f"{tokens[first].text}-"
    start, end = first, last + 1
    while start and tokens[start - 1].text in (*language.until, *language.around, *language.since):
        start -= 1
    while end < len(tokens) and tokens[end].text in language.onwards:
        end += 1
    return tokens[:start] + tokens[end:], section


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _take_named(kept: list[Token]) -> tuple[list[Token], str | None]:
    language = load_language()
    for at in range(len(kept)):
        for length in (2, 1):
            phrase = " ".join(t.text for t in kept[at : at + length])
            name = phrase if phrase in language.sections else phrase.removesuffix("s")
            if name not in language.sections or at + length > len(kept):
                continue
            start, end, number = at, at + length, None
            if start and kept[start - 1].text in language.ordinals:
                start -= 1
                number = language.ordinals[kept[start].text]
            elif end < len(kept) and (kept[end].unit == "none" or kept[end].text in language.words):
                value = kept[end].value
                number = int(value if value is not None else language.words[kept[end].text])
                end += 1
            if start and kept[start - 1].text in ("the", "a", "each", "every", "all"):
                start -= 1
            named = kept[start].text in ("the", "each", "every", "all")
            opened = start > 0 and kept[start - 1].text in language.section_openers
            subject = start == 0 and end < len(kept)
            compared = end == len(kept) and start > 0 and kept[start - 1].text.endswith("er")  # "louder chorus"
            if not (opened or subject or named or compared) and number is None:
                continue
            if opened:
                start -= 1
                if start and kept[start - 1].text in ("only", "just"):
                    start -= 1
            section = name if number is None else f"last {name}" if number == -1 else f"{name} {number}"
            return kept[:start] + kept[end:], section
    return kept, None
