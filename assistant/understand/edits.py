"""Orders, and complaints that ask for their cure, become edits."""

from dataclasses import replace

from assistant.request import MIX, MOST_AMOUNT, Request
from assistant.understand.clarify import ask, ask_meant, ask_praise, ask_range, ask_what, ask_which, order
from assistant.understand.clauses import Clause
from assistant.understand.given_back import given_back
from assistant.understand.heard import Asked, Reading
from assistant.understand.numbers import out_of_range
from assistant.understand.reading import read
from assistant.understand.refer import amended, same_on
from assistant.understand.state import Draft, Turn, targets_for
from assistant.understand.vocabulary import words as spoken
from ontology import Found
from ontology.language import load_language

__all__ = ["take_edit", "take_order"]


LEVEL_WORDS = ("loud", "quiet")
_SURE = 0.65
_MANY_UNKNOWN = 4


def take_order(turn: Turn, clause: Clause) -> None:
    """Read an order."""
    take_edit(turn, clause, read(clause, turn.tracks))


def take_edit(turn: Turn, clause: Clause, reading: Reading) -> None:
    """An order, or a complaint that asks for its cure."""
    reading = given_back(clause, reading)
    turn.notes += reading.notes
    turn.notes += [asked.why for asked in reading.words]
    targets = targets_for(turn, reading)
    if reading.missing and reading.targets is None:
        turn.others.append(ask_which(turn.tracks, reading.words[:1], missing=reading.missing[0]))
        return
    for asked in reading.words:
        if not asked.settled:
            turn.questions.append(ask_praise(asked.word, targets or (MIX,), turn.tracks))
            return
        if asked.confidence < _SURE:
            turn.others.append(ask_meant(asked, targets or (MIX,), turn.tracks))
            return
    words, numbers = _words_and_numbers(turn, reading)
    if reading.both_sides and "pan" in numbers and targets is not None:
        words, numbers = _spread(turn, reading, targets, numbers)
        if not words:
            return
    if reading.only and not words and not numbers and reading.targets is None:
        turn.constraints.append(f"only:{reading.only}")
        return
    if refused := _impossible(turn, reading, words, numbers, targets or (MIX,)):
        turn.others.append(refused)
        return
    if _completes(turn, reading, targets, words, numbers):
        return
    if numbers.get("gain_db") == 0.0:
        numbers = {}
    if not words and not numbers:
        _nothing_said(turn, clause, reading, targets)
        return
    amends = not words and reading.targets is None and not turn.drafts and reading.verb in ("", "make")
    if amends and (requests := amended(turn.context, numbers)):
        turn.note("other numbers for the last change: it is taken back and made again")
        turn.others += requests
        return
    if targets is None and _needs_a_track(turn, clause, reading, words, numbers):
        turn.others.append(ask_which(turn.tracks, words[:1], numbers))
        return
    if "loudness_lufs" in numbers and reading.targets is None:
        targets = (MIX,)
    if clause.mood == "bare" and not numbers and _only_a_remark(turn, reading, words, targets or (MIX,)):
        return
    complains = clause.mood in ("statement", "bare") and not reading.less
    complaint = complains and bool(words) and all(a.direction == "-" for a in words)
    unnamed = reading.targets is None and not reading.pronoun and turn.targets in (None, (MIX,))
    turn.targets = targets = targets or (MIX,)
    _answer_complaint(turn, targets, words)
    draft = Draft(targets, words, numbers, reading.amount or 1.0, reading.section, reading.only, complaint)
    ordered = clause.mood == "bare" or (clause.mood == "order" and clause.what == "verb")
    draft.open = ordered and unnamed
    if reading.trailing and ordered:
        _share_target(turn, draft)
    turn.drafts.append(draft)
    turn.constraints += [f"except:{name}" for name in reading.excluded]


def _words_and_numbers(turn: Turn, reading: Reading) -> tuple[list[Asked], dict[str, float]]:
    """Bring words and numbers of one clause together: each says what the other leaves open."""
    words, numbers, language = list(reading.words), dict(reading.numbers), load_language()
    if "loudness_lufs" in numbers:
        words = [asked for asked in words if asked.word not in LEVEL_WORDS]
    if "gain_db" in numbers and "freq_hz" not in numbers:
        level = next((asked for asked in words if asked.word in LEVEL_WORDS), None)
        if level is not None:
            down = (level.word == "quiet") == (level.direction == "+")
            numbers["gain_db"] = -abs(numbers["gain_db"]) if down else abs(numbers["gain_db"])
            words.remove(level)
        elif words:
            gain = numbers.pop("gain_db")
            share = min(max(abs(gain) / language.defaults["eq_db"], 0.1), 4.0)
            turn.note(f"{gain:g} dB of a word is taken as amount {share:g}")
            words = [replace(asked, amount=share) for asked in words]
    before = turn.drafts[-1].numbers if turn.drafts else {}
    if "freq_hz" in numbers and "gain_db" not in numbers and not words and not reading.verb and "gain_db" in before:
        numbers["gain_db"] = before["gain_db"]  # "3 dB at 5k on the snare and at 3k on the guitar"
    if "freq_hz" in numbers and "gain_db" not in numbers:
        asked = words[0].direction if words else "-"
        sign = reading.level or (1 if asked == "+" else -1)
        numbers["gain_db"] = round(sign * language.defaults["eq_db"] * (reading.amount or 1.0), 2)
        turn.note(f"no gain was said, so {numbers['gain_db']:g} dB is used")
    last = turn.drafts[-1].words if turn.drafts else []
    if last and reading.level and not (reading.verb or words or numbers) and reading.targets is not None:
        turn.note(f"more or less of what was said before: {last[-1].word}")
        words = [replace(last[-1], direction="+" if reading.level > 0 else "-", amount=reading.amount or 1.0)]
    if reading.level and not numbers and not words:
        word = "loud" if reading.level > 0 else "quiet"
        words = [Asked(word, "+", reading.amount or 1.0, True, "a level was asked for")]
    return words, numbers


def _impossible(
    turn: Turn, reading: Reading, words: list[Asked], numbers: dict[str, float], targets: tuple[str, ...]
) -> Request | None:
    """Refuse numbers that cannot be carried out."""
    if wrong := out_of_range(numbers):
        return ask_range(wrong, numbers, targets, turn.tracks)
    most = max([reading.amount or 0.0, *(asked.amount for asked in words)])
    if most <= MOST_AMOUNT:
        return None
    choices = [order(asked.word, asked.direction, targets, turn.tracks) for asked in words]
    question = f"An amount goes up to {MOST_AMOUNT * 100:g} %, {most * 100:g} % is outside. As much as usual?"
    return ask(question, *choices, targets=targets)


def _spread(
    turn: Turn, reading: Reading, targets: tuple[str, ...], numbers: dict[str, float]
) -> tuple[list[Asked], dict[str, float]]:
    """ "Hard left and right": two tracks take a side each, anything else becomes wide."""
    side = abs(numbers.pop("pan"))
    if len(targets) != 2:
        return [Asked("wide", "+", reading.amount or 1.0, True, "left and right at once is wide")], numbers
    turn.note("two tracks and two sides: one each")
    for name, pan in zip(targets, (-side, side), strict=True):
        turn.drafts.append(Draft((name,), [], {"pan": pan}, 1.0, reading.section, None))
    return [], {}


def _completes(
    turn: Turn,
    reading: Reading,
    targets: tuple[str, ...] | None,
    words: list[Asked],
    numbers: dict[str, float],
) -> bool:
    """Whether this only says more about what was just asked for: a gain for a band, "fix it" after a complaint."""
    last = turn.drafts[-1] if turn.drafts else None
    if last is not None and not words and numbers and reading.targets is None:
        if last.complaint:
            last.numbers, last.complaint = numbers, False
            return True
        if "freq_hz" in last.numbers and "freq_hz" not in numbers and "gain_db" in numbers:
            last.numbers |= numbers
            return True
    if words or numbers or reading.verb not in ("fix", "make", "lower") or reading.unknown or reading.vague:
        return False
    if last is not None and last.complaint and targets == last.targets:
        turn.note("what to cure was just said")
        return True
    remark = turn.questions[turn.remark] if turn.remark is not None else None
    if remark is not None and remark.descriptor is not None and targets == remark.targets:
        turn.note("the order is to cure what was just remarked")
        turn.drafts.append(
            Draft(
                remark.targets,
                [Asked(remark.descriptor, remark.direction, 1.0, True, "remarked before")],
                {},
                1.0,
                remark.section,
                reading.only,
            )
        )
        turn.questions.remove(remark)
        turn.remark = None
        return True
    return False


def _nothing_said(turn: Turn, clause: Clause, reading: Reading, targets: tuple[str, ...] | None) -> None:
    """A part alone, or words that say too little: the same as before on it, or one question."""
    language = load_language()
    if reading.section is not None and reading.targets is None and not (reading.vague or reading.unknown):
        turn.section = reading.section
        if clause.tokens[0].text in ("and", "also", "now") and not turn.drafts:
            turn.others += [r.model_copy(update={"section": reading.section}) for r in turn.context.edits]
        return
    sized = next(
        (language.effect_adjectives[text] for text in reading.unknown if text in language.effect_adjectives), ""
    )
    last = turn.context.edits[-1] if turn.context.edits else None
    if sized and last is not None and last.descriptor in language.effect_words.values():
        turn.note(f"said of the {last.descriptor} before")
        turn.others.append(last.model_copy(update={"direction": sized, "amount": 1.0}))
        return
    joined = clause.tokens[0].text in ("and", "now", "also", "then") or clause.tokens[-1].text in language.too_end
    if reading.targets is not None and joined and turn.context.edits and not reading.unknown:
        turn.note("a part alone, joined to what was said before: the same on it")
        turn.others.extend(same_on(turn.context, reading.targets))
        return
    about = (reading.unknown or reading.vague or [""])[-1]
    found = spoken().meaning(about) if reading.unknown else None
    if found is not None and found.matches:
        turn.note(f"'{about}': {found.why}, confidence {found.confidence:.2f}")
    named = targets or ((MIX,) if about else ())
    near = _readings(found) if found is not None else []
    question = ask_what(named, turn.tracks, about, near)
    (turn.others if clause.mood == "order" else turn.questions).append(question)
    turn.targets = targets or turn.targets


def _readings(found: Found) -> list[tuple[str, str]]:
    """The words that an unknown one may mean, and where there is only one, those that look or sound alike."""
    near = [(match.word_id, str(match.direction)) for match in found.matches]
    if len(near) == 1:
        alike = [spoken().ontology.find(text) for text in found.suggestions]
        near += [(match.word_id, str(match.direction)) for match in alike if match is not None]
    if len(near) == 1:
        near.append((near[0][0], {"+": "-", "-": "+"}[near[0][1]]))
    return near


def _needs_a_track(turn: Turn, clause: Clause, reading: Reading, words: list[Asked], numbers: dict[str, float]) -> bool:
    """A level or a place between the speakers is of a track, or of a section: nothing is guessed."""
    if reading.section is not None and "pan" not in numbers:
        return False
    level = (bool(words) and all(asked.word in LEVEL_WORDS for asked in words)) or (
        "gain_db" in numbers and "freq_hz" not in numbers
    )
    return (level or "pan" in numbers) and len(turn.tracks) > 1 and not (
        clause.mood == "statement" and reading.pronoun
    )  # fmt: skip


def _only_a_remark(turn: Turn, reading: Reading, words: list[Asked], targets: tuple[str, ...]) -> bool:
    """A bare word for damage is looked into; a known word among many that are not known is asked about."""
    if words and words[0].word in load_language().printed and words[0].direction == "-":
        turn.questions.append(Request(intent="diagnose", targets=targets, descriptor=words[0].word, direction="-"))
        return True
    if words and len(reading.unknown) >= _MANY_UNKNOWN:
        turn.others.append(ask_praise(words[0].word, targets, turn.tracks))
        return True
    return False


def _answer_complaint(turn: Turn, targets: tuple[str, ...], words: list[Asked]) -> None:
    """An order about what was just complained of takes the complaint's place: it says how to cure it."""
    ontology = spoken().ontology
    if turn.remark is not None and turn.questions[turn.remark].targets == targets:
        turn.note("the order says how to cure what was remarked before it")
        turn.questions.pop(turn.remark)
        turn.remark = None
    if not turn.drafts or not turn.drafts[-1].complaint or turn.drafts[-1].targets != targets:
        return
    kinds = {ontology[asked.word].kind == "balance" for asked in (*turn.drafts[-1].words, *words)}
    if len(kinds) == 1 and any(asked.direction == "+" for asked in words):
        turn.note("the order says how to cure the complaint before it")
        dropped = turn.drafts.pop()
        turn.section = dropped.section or turn.section


def _share_target(turn: Turn, last: Draft) -> None:
    """ "More warmth and less mud in the keys": the target that is named last is the target of both."""
    for draft in reversed(turn.drafts):
        if not draft.open:
            break
        turn.note(f"what was said before it is meant for {', '.join(last.targets)} as well")
        draft.targets, draft.open = last.targets, False
