"""Descriptors in a clause: which, in which direction, how much."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.understand.clauses import Clause
from assistant.understand.heard import Asked, Reading
from assistant.understand.marks import Mark
from ontology import load_ontology
from ontology.language import load_language

__all__ = ["read_words"]


def _direction(
    word_id: str, m: Mark, mods: set[str], verb: str, clause: Clause, statement: bool
) -> tuple[str, bool, str]:
    """Which way a word is meant, whether that is settled, and why."""
    language, problem = load_language(), load_ontology()[word_id].problem
    complaint = problem or word_id in language.complaints or m.value[1] == "-"
    comparative = m.text.endswith(("er", "ier")) and m.text != word_id and " " not in m.text
    if "enough" in mods and "not" in mods:
        return "+", True, "not enough of it"
    if "too" in mods:
        return "-", True, "too much of it" if "not" not in mods else "not too much of it"
    if "lacks" in mods:
        return "+", True, "it lacks it"
    if "less" in mods:
        return (
            ("+", True, "there is less of it than wanted")
            if statement and "needs" not in mods
            else ("-", True, "less of it")
        )
    if "not" in mods and verb not in ("fix", "lower"):
        if statement and "needs" not in mods:
            return ("+", not problem, "it is not so") if not problem else ("-", False, "it is said not to be")
        return "-", True, "not so"
    if verb in ("fix", "lower"):
        return "-", True, "the verb takes it away"
    if "needs" in mods:
        return "+", True, "it needs it"
    if "more" in mods and not statement:
        return "+", True, "more of it"
    if statement:
        if complaint:
            return "-", True, "a complaint"
        return "-", False, "said of the sound: praise or complaint"
    if clause.mood in ("question", "report") and not comparative:
        return (
            ("-", True, "what may be wrong") if complaint and clause.what != "explore" else ("+", True, "asked about")
        )
    if verb or clause.what == "request" or clause.mood in ("order", "keep"):
        return "+", True, "asked for"
    if comparative:
        return "+", True, "the comparative asks for more"
    if problem and m.value[1] == "+":
        return "-", True, "a problem named alone is to go away"
    return "+", True, "named alone"


def _read_region(
    reading: Reading, region: str | None, verb: str, fallback: str | None, mods: set[str], sign: int,
    amount: float | None, clause: Clause,
) -> None:  # fmt: skip
    """A stretch of the spectrum is a word only where no other word says what to do there."""
    if region is None:
        return
    reading.region = region
    if reading.words or "freq_hz" in reading.numbers:
        return
    if verb == "fix" and fallback in ("clean", "clear"):
        reading.words.append(Asked("muddy", "-", amount or 1.0, True, "cleaning a region takes mud away"))
        return
    if "enough" in mods and "not" in mods:
        direction = "+"
    elif verb in ("fix", "lower") or "less" in mods or "too" in mods:
        direction = "-"
    elif verb in ("raise", "add") or mods & {"more", "needs", "lacks"} or clause.what == "request":
        direction = "+"
    elif sign:
        direction = "+" if sign > 0 else "-"
    else:
        return
    reading.words.append(Asked(region, direction, amount or 1.0, True, f"the region is {region}"))


def read_words(reading: Reading, marks: Sequence[Mark], clause: Clause) -> int:
    """Read words with their directions; returns which way the verbs move a gain."""
    language, ontology = load_language(), load_ontology()
    verb, fallback, verb_text = "", None, ""
    mods: set[str] = set()
    amount: float | None = None
    sign = 0
    only_region: str | None = None
    words = [m for m in marks if m.kind == "word"]
    statement = clause.mood == "statement"
    for at, m in enumerate(marks):
        kind = m.kind
        if kind == "verb":
            verb, verb_text = m.value, m.text
            if verb == "fix":
                fallback = language.verbs["fix"][m.text]  # type: ignore[call-overload]
            sign = {"raise": 1, "add": 1, "lower": -1, "fix": -1}.get(verb, sign)
        elif kind == "particle":
            if m.text == "out" and (verb_text.split() or [""])[0] not in language.takes_out:
                continue
            sign = 1 if m.value == "raise" else -1
            verb = (
                "lower"
                if sign < 0 and m.text not in ("up", "down") and verb != "lower"
                else verb or ("raise" if sign > 0 else "lower")
            )
            if verb == "make":
                verb = "raise" if sign > 0 else "lower"
        elif kind in ("more", "less", "too", "not", "needs", "lacks", "enough"):
            if kind in ("more", "less", "too") and mods & {"word"}:
                mods = set()
            if kind == "not" and mods & {"word"}:
                mods = set()
            mods.discard("word")
            mods.add(kind)
            reading.less = reading.less or kind == "less"
            if kind == "enough" and reading.words and "too" not in mods:
                last = reading.words[-1]
                reading.words[-1] = replace(last, direction="+", settled=True, why=f"not enough of it: {last.why}")
        elif kind == "amount":
            amount = m.value
        elif kind == "processor":
            entry = m.value
            if entry.descriptor:
                reading.words.append(Asked(entry.descriptor, "+", 1.0, True, f"'{m.text}' makes it {entry.descriptor}"))
                reading.only = entry.only
            elif entry.number:
                reading.numbers[entry.number] = language.defaults[entry.number]
        elif kind == "region":
            only_region = m.value
            mods.add("region")
        elif kind in ("word",):
            word_id, base, why, _confidence = m.value
            following = next((n for n in marks[at + 1 :] if n.kind not in ("word", "comma") and n.text != "and"), None)
            attributive = (
                verb in ("make", "raise", "lower") and following is not None and following.kind in ("track", "part")
                and ontology[word_id].problem and any(marks.index(w) > marks.index(following) for w in words)
            )  # fmt: skip
            if attributive:
                reading.notes.append(f"'{m.text}' only says which track")
                continue
            direction, settled, reason = _direction(word_id, m, mods, verb, clause, statement)
            if base == "-" and direction:
                direction = "+" if direction == "-" else "-"
            if any(asked.word == word_id for asked in reading.words):
                continue
            reading.words.append(
                Asked(word_id, direction, amount or 1.0, settled, f"'{m.text}' is {word_id} ({why}); {reason}")
            )
            mods.add("word")
            amount = None
        elif kind == "vague":
            reading.vague.append(m.text)
        elif kind == "other" and m.text not in language.small and m.text.isalpha():
            reading.unknown.append(m.text)
    _read_region(reading, only_region, verb, fallback, mods, sign, amount, clause)
    if not reading.words and fallback is not None and only_region is None:
        reading.words.append(Asked(fallback, "+", amount or 1.0, True, f"'{verb_text}' asks for {fallback}"))
    if clause.what == "narrative":
        return 1
    if not reading.words and verb_text in language.forward and reading.targets:
        reading.words.append(Asked("forward", "+", amount or 1.0, True, f"'{verb_text}' asks for it to stand out"))
    if not reading.words and verb in ("raise", "lower", "add"):
        reading.level = sign
    elif (
        not reading.words
        and ("more" in mods or "needs" in mods)
        and not (statement or reading.unknown or reading.vague)
    ):
        reading.level = 1
    elif not reading.words and "less" in mods:
        reading.level = -1
    elif not reading.words and "needs" in mods and clause.mood == "statement":
        reading.level = 1 if "more" in mods else 0
    return sign or 1
