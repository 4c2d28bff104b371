"""Read one clause: which targets, which words in which direction, how much, which numbers."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.request import MIX
from assistant.understand.choose import choose
from assistant.understand.clauses import Clause
from assistant.understand.heard import Reading
from assistant.understand.marks import Mark, is_finite, mark
from assistant.understand.numbers import read_numbers
from assistant.understand.sections import drop_asides, take_section
from assistant.understand.tracks import TrackName, by_number, tracks_of_part
from assistant.understand.words import read_level, read_region, read_words
from ontology.language import load_language

__all__ = ["read"]


def read(clause: Clause, tracks: Sequence[TrackName]) -> Reading:
    """Read one clause.

    Args:
        clause: as `clauses_of` gives it; its `rest` is read.
        tracks: the song's tracks; where there are none, targets are part ids.
    """
    tokens, section = take_section(clause.rest)
    marks = mark(drop_asides(tokens), tracks)
    choose(marks)
    limited = any(m.kind == "only" for m in marks)
    if limited and not any(m.kind == "word" for m in marks):
        for m in marks:  # "just compression on the bass": nothing else says what it is for
            m.kind = "word" if m.kind == "effect" and "word" in m.kinds else m.kind
    reading = Reading(section=section)
    reading.limits = tuple(dict.fromkeys(m.value for m in marks if m.kind == "effect"))
    _read_targets(reading, marks, tracks, clause.mood == "statement")
    if reading.targets is None and any(m.kind == "word" and "part" in m.kinds for m in marks):
        reading.targets = (MIX,)  # "more bass": of the mix, whatever was spoken of last
    reading.both_sides = {m.value for m in marks if m.kind == "side"} == {-1, 1}
    asked = next((at for at, m in enumerate(marks) if m.kind in ("word", "region", "number")), None)
    named = next((at for at, m in enumerate(marks) if m.kind in ("track", "part")), None)
    reading.trailing = asked is not None and named is not None and asked < named
    scope = read_words(reading, marks, clause)
    limits = [name for name in reading.limits if name not in reading.excluded]
    if limited and len(limits) == 1:
        reading.only = limits[0]
    numbers, share = read_numbers(marks, scope.sign)
    reading.numbers |= numbers
    read_region(reading, scope, clause)
    read_level(reading, scope, clause)
    amounts = [m.value for m in marks if m.kind == "amount"]
    reading.amount = share if share is not None else amounts[-1] if amounts else None
    if share is not None:
        reading.words = [replace(asked, amount=share) for asked in reading.words]
    reading.quality = next((m.kinds["quality"] for m in marks if "quality" in m.kinds), None)
    platforms = [m.value for m in marks if m.kind == "platform"]
    if platforms and clause.mood != "statement" and "loudness_lufs" not in reading.numbers:
        reading.numbers["loudness_lufs"] = float(platforms[0])
    return reading


def _read_targets(reading: Reading, marks: Sequence[Mark], tracks: Sequence[TrackName], statement: bool) -> None:
    language = load_language()
    found: list[str] = []
    left_out: list[str] = []
    missing: list[str] = []
    everything = False
    excluding = False
    against = False
    for at, m in enumerate(marks):
        if m.kind == "exclude":
            excluding = True
        elif m.text in language.against:
            against = bool(found or everything or reading.pronoun)
        elif m.kind in ("track", "part"):
            if m.kind == "track":
                names: tuple[str, ...] = m.value
                if "part" in m.kinds and (part := m.kinds["part"]):
                    names = tracks_of_part(part[0], part[1], tracks) or names
            else:
                names = tracks_of_part(*m.value, tracks) if tracks else (m.value[0],)
            if against:
                continue
            if names:
                reading.notes.append(f"'{m.text}' means {', '.join(names)}")
            elif excluding:
                continue
            else:
                missing.append(m.text)
            (left_out if excluding else found).extend(names)
        elif m.text in language.numbered and at + 1 < len(marks) and marks[at + 1].kind == "number":
            number = int(marks[at + 1].value.value)
            marks[at + 1].kind = "index"
            names = by_number(number, tracks) if tracks else (f"track {number}",)
            if names:
                found.extend(names)
            else:
                missing.append(f"{m.text} {number}")
        elif m.kind == "mix" and not against:
            everything = True
        elif m.kind == "rest":
            reading.rest = True
        elif m.kind == "pron" and not found:
            reading.pronoun = True
        elif m.kind in ("word", "number", "verb"):
            finite = m.kind == "word" and is_finite(m.text)
            against = bool(found) and (
                finite or (statement and m.kind == "word") or m.text.split()[-1] in language.against
            )
        elif m.kind == "other" and tracks and not found and marks[at - 1 : at] and marks[at - 1].kind == "det":
            after = marks[at + 1].kind if at + 1 < len(marks) else ""
            if m.text not in language.plain_nouns and after in (
                "word",
                "particle",
                "amount",
                "more",
                "less",
                "copula",
                "needs",
            ):
                missing.append(m.text)
    if everything and left_out:
        rest = [track.name for track in tracks if track.name not in left_out]
        reading.targets = tuple(rest) or None
    elif found:
        reading.targets = tuple(name for name in dict.fromkeys(found) if name not in left_out) or None
    elif everything:
        reading.targets = ("mix",)
    reading.missing = tuple(missing)
