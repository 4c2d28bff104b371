"""Read one clause: which targets, which words in which direction, how much, which numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.understand.clauses import Clause
from assistant.understand.marks import Mark, is_finite, mark
from assistant.understand.numbers import is_panned, read_numbers
from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName, by_number, tracks_of_part
from ontology import load_ontology
from ontology.language import load_language

__all__ = ["Asked", "Reading", "read"]

_NOUNS = ("track", "part", "mix", "region", "pron")
_QUIET = ("det", "filler")


@dataclass(frozen=True, slots=True)
class Asked:
    """One word with its direction; `settled` is False where the clause alone does not tell (praise or complaint?)."""

    word: str
    direction: str
    amount: float = 1.0
    settled: bool = True
    why: str = ""


@dataclass(slots=True)
class Reading:
    """What a clause says.

    Attributes:
        targets: track names, or "mix", or part ids where the song's tracks are not known; None where none is named.
        missing: parts that were named and that the song does not have.
        pronoun: "it", "that": the target was named before.
        rest: "the rest": everything that was not named before.
        words: what is asked, in order.
        numbers: by the names of `NUMBERS`, not yet checked.
        amount: said on its own ("a bit").
        section: "chorus", "verse 2", "0:45-1:00" or None.
        only: a processor that alone may move.
        level: 1 or -1 where a verb raises or lowers and nothing says what.
        vague: words that say too little ("better").
        unknown: words that nothing is known of.
        region: a stretch of the spectrum that was named, as the word for it.
        both_sides: left and right were both named.
        notes: why, in plain words.
    """

    targets: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    pronoun: bool = False
    rest: bool = False
    words: list[Asked] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    amount: float | None = None
    section: str | None = None
    only: str | None = None
    level: int = 0
    less: bool = False
    vague: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    region: str | None = None
    both_sides: bool = False
    notes: list[str] = field(default_factory=list)


def read(clause: Clause, tracks: Sequence[TrackName]) -> Reading:
    """Read one clause.

    Args:
        clause: as `clauses_of` gives it; its `rest` is read.
        tracks: the song's tracks; where there are none, targets are part ids.
    """
    tokens, section = _take_section(clause.rest)
    marks = mark(tokens, tracks)
    _choose(marks)
    reading = Reading(section=section)
    _read_targets(reading, marks, tracks, clause.mood == "statement")
    reading.both_sides = {m.value for m in marks if m.kind == "side"} == {-1, 1}
    sign = _read_words(reading, marks, clause)
    reading.numbers, share = read_numbers(marks, sign)
    amounts = [m.value for m in marks if m.kind == "amount"]
    reading.amount = share if share is not None else amounts[-1] if amounts else None
    if share is not None:
        reading.words = [replace(asked, amount=share) for asked in reading.words]
    platforms = [m.value for m in marks if m.kind == "platform"]
    if platforms and "loudness_lufs" not in reading.numbers:
        reading.numbers["loudness_lufs"] = float(platforms[0])
    return reading


def _take_section(tokens: Sequence[Token]) -> tuple[list[Token], str | None]:
    """Take "in the second chorus" or "from 0:45 to 1:10" out of a clause."""
    language = load_language()
    kept, section = list(tokens), None
    times = [i for i, token in enumerate(kept) if token.unit == "time"]
    if times:
        first, last = times[0], times[-1]
        section = f"{kept[first].text}-{kept[last].text}" if last > first else f"{kept[first].text}-"
        if first and kept[first - 1].text == "at":
            section = kept[first].text
        start = first - 1 if first and kept[first - 1].text in ("from", "at", "between", "after", "until") else first
        return kept[:start] + kept[last + 1 :], section
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
            named = start > 0 and kept[start].text in ("the", "each", "every", "all")
            opened = start > 0 and kept[start - 1].text in language.section_openers
            subject = start == 0 and end < len(kept)
            if not opened and not subject and not named and number is None:
                continue
            if opened:
                start -= 1
                if start and kept[start - 1].text in ("only", "just"):
                    start -= 1
            section = name if number is None else f"last {name}" if number == -1 else f"{name} {number}"
            return kept[:start] + kept[end:], section
    return kept, None


def _choose(marks: Sequence[Mark]) -> None:
    """Take one reading of every mark, from what stands around it."""
    seen: list[str] = []
    verbed = False
    panned = is_panned(marks)
    for at, m in enumerate(marks):
        kinds = m.kinds
        after = next((n for n in marks[at + 1 :] if "comma" not in n.kinds), None)
        later = after.kinds if after is not None else {}
        noun_next = any(kind in later for kind in (*_NOUNS, "word", "effect")) and "pron" not in later
        start = not [kind for kind in seen if kind not in _QUIET]
        content = next((kind for kind in reversed(seen) if kind not in ("amount",)), "")
        kind = ""
        if "number" in kinds:
            kind = "number"
        elif "processor" in kinds and not ("cue" in kinds and any("number" in n.kinds for n in marks)):
            kind = "processor"
        elif "cue" in kinds and ("word" not in kinds or any("number" in n.kinds for n in marks)):
            kind = "cue"
        elif "verb" in kinds and seen[-1:] != ["det"] and (start or (content == "copula" and not verbed)):
            kind = "verb" if (after is not None and not start) or "word" not in kinds or after is not None else "word"
        elif "exclude" in kinds and "mix" in seen:
            kind = "exclude"
        elif panned and {"side", "middle", "strength"} & kinds.keys():
            kind = next(k for k in ("side", "middle", "strength") if k in kinds)
        elif "det" in kinds and "pron" in kinds:
            kind = "det" if noun_next else "pron"
        elif "det" in kinds and "amount" not in kinds:
            kind = "det"
        elif "amount" in kinds:
            degree = any(
                k in later
                for k in ("word", "more", "less", "too", "vague", "region", "part", "effect", "particle", "det")
            )
            kind = "word" if "word" in kinds and (not degree or content in ("det", "copula")) else "amount"
        elif "particle" in kinds and (verbed or "word" not in kinds):
            kind = "particle"
        elif "rest" in kinds:
            kind = "rest"
        elif {"track", "part", "region", "mix"} & kinds.keys():
            bare = content in ("more", "less", "too", "lacks", "needs", "add", "copula", "enough")
            noun = next(k for k in ("track", "part", "mix", "region") if k in kinds)
            kind = (
                "word"
                if "word" in kinds and noun not in ("region", "mix") and bare and "det" not in seen[-1:]
                else noun
            )
        elif "word" in kinds and "filler" not in kinds:
            kind = "word"
        else:
            order = ("speed", "platform", "less", "more", "too", "enough", "not", "needs", "lacks", "copula", "similes",
                     "word", "pron", "vague", "effect", "verb", "only", "count", "side", "middle", "filler")  # fmt: skip
            kind = next((k for k in order if k in kinds), "other")
        m.kind = kind
        verbed = verbed or kind == "verb"
        seen.append("add" if kind == "verb" and m.value in ("add", "raise") else kind)


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
        reading.targets = tuple(dict.fromkeys(found))
    elif everything:
        reading.targets = ("mix",)
    reading.missing = tuple(missing)


def _read_words(reading: Reading, marks: Sequence[Mark], clause: Clause) -> int:
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
    elif not reading.words and ("more" in mods or "needs" in mods) and not statement and not reading.unknown:
        reading.level = 1
    elif not reading.words and "less" in mods:
        reading.level = -1
    elif not reading.words and "needs" in mods and clause.mood == "statement":
        reading.level = 1 if "more" in mods else 0
    return sign or 1


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
