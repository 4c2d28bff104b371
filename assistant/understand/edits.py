"""Orders and complaints become edits; questions and reports never do."""

from assistant.request import MIX, Request
from assistant.understand.clarify import ask_praise, ask_what, ask_which
from assistant.understand.clauses import Clause
from assistant.understand.heard import Asked, Reading
from assistant.understand.marks import mark
from assistant.understand.reading import read
from assistant.understand.refer import same_on
from assistant.understand.state import Draft, Turn, last_targets, targets_for
from ontology import load_ontology
from ontology.language import load_language

__all__ = ["take_edit", "take_order", "take_question", "take_statement"]


LEVEL_WORDS = ("loud", "quiet")


def take_question(turn: Turn, asking: Clause, background: list[Clause]) -> None:
    """A question or a report: whatever it names is looked into, never moved."""
    readings = [read(clause, turn.tracks) for clause in background]
    asked = next((word for reading in readings for word in reading.words), None)
    targets = next((r.targets for r in readings if r.targets is not None), turn.targets or last_targets(turn)) or (MIX,)
    section = next((r.section for r in readings if r.section is not None), None)
    intent = asking.what or "diagnose"
    turn.note(f"'{asking.opener}' makes this a {asking.mood}, so nothing is edited")
    turn.targets = targets
    turn.questions.append(
        Request(
            intent=intent,  # type: ignore[arg-type]
            targets=targets,
            descriptor=asked.word if asked else None,
            direction=asked.direction if asked else "=",  # type: ignore[arg-type]
            section=section,
        )
    )


def take_statement(turn: Turn, clause: Clause) -> None:
    """A remark on the sound: a complaint asks for its cure, other remarks are looked into."""
    language = load_language()
    reading = read(clause, turn.tracks)
    targets = targets_for(turn, reading) or (MIX,)
    if reading.missing and reading.targets is None:
        turn.others.append(
            ask_which(reading.words[0].word if reading.words else "clear", turn.tracks, reading.missing[0])
        )
        return
    texts = [token.text for token in clause.rest]
    whole = reading.targets == (MIX,) and not {"everything", "all"} & set(texts)
    simile = any("similes" in m.kinds for m in mark(clause.rest, turn.tracks)) or clause.what == "narrative"
    simile = simile and not any(load_ontology()[asked.word].problem and clause.what for asked in reading.words)
    plain = any(asked.why.endswith("a complaint") for asked in reading.words)
    printed = any(asked.word in language.printed for asked in reading.words)
    if (
        simile
        or (plain and (whole or printed or texts[-1] == "now"))
        or (not reading.words and not reading.level and not reading.numbers)
    ):
        asked = reading.words[0] if reading.words else None
        unclear = reading.targets is None and not reading.vague and not simile and "something" not in texts
        if asked is None and unclear:
            turn.others.append(ask_what((), turn.tracks))
            return
        turn.note("a remark on the whole or on what is in the recording is looked into first")
        turn.targets = targets
        turn.remark = len(turn.questions)
        turn.questions.append(
            Request(
                intent="diagnose",
                targets=targets,
                descriptor=asked.word if asked else None,
                direction=asked.direction if asked else "=",
                section=reading.section,
            )
        )
        return
    take_edit(turn, clause, reading)


def take_order(turn: Turn, clause: Clause) -> None:
    """Read an order."""
    take_edit(turn, clause, read(clause, turn.tracks))


def take_edit(turn: Turn, clause: Clause, reading: Reading) -> None:
    """An order, or a complaint that asks for its cure."""
    language = load_language()
    turn.notes += reading.notes
    for asked in reading.words:
        turn.note(asked.why)
    targets = targets_for(turn, reading)
    if reading.missing and reading.targets is None:
        turn.others.append(
            ask_which(reading.words[0].word if reading.words else "clear", turn.tracks, reading.missing[0])
        )
        return
    words, numbers = list(reading.words), dict(reading.numbers)
    for asked in words:
        if not asked.settled:
            turn.questions.append(ask_praise(asked.word, targets or (MIX,), turn.tracks))
            return
    if "loudness_lufs" in numbers:
        words = [asked for asked in words if asked.word not in LEVEL_WORDS]
    if reading.both_sides and "pan" in numbers and targets is not None:
        side = abs(numbers.pop("pan"))
        if len(targets) == 2:
            turn.note("two tracks and two sides: one each")
            for name, pan in zip(targets, (-side, side), strict=True):
                turn.drafts.append(Draft((name,), [], {"pan": pan}, 1.0, reading.section, None))
            return
        words = [Asked("wide", "+", reading.amount or 1.0, True, "left and right at once is wide")]
    if "gain_db" in numbers and "freq_hz" not in numbers:
        level = next((asked for asked in words if asked.word in LEVEL_WORDS), None)
        if level is not None:
            down = (level.word == "quiet") == (level.direction == "+")
            numbers["gain_db"] = -abs(numbers["gain_db"]) if down else abs(numbers["gain_db"])
            words.remove(level)
        elif reading.region is not None or words:
            gain = numbers.pop("gain_db")
            share = min(max(abs(gain) / language.defaults["eq_db"], 0.1), 4.0)
            turn.note(f"{gain:g} dB of a word is taken as amount {share:g}")
            words = [Asked(a.word, a.direction, share, a.settled, a.why) for a in words]
    if "freq_hz" in numbers and "gain_db" not in numbers and (reading.level or not words):
        sign = reading.level or -1
        numbers["gain_db"] = sign * language.defaults["eq_db"] * (reading.amount or 1.0)
        turn.note(f"no gain was said, so {numbers['gain_db']:g} dB is used")
    if reading.level and not numbers and not words:
        words = [
            Asked("loud" if reading.level > 0 else "quiet", "+", reading.amount or 1.0, True, "a level was asked for")
        ]
    pronounced = not words and bool(numbers) and turn.drafts and turn.drafts[-1].complaint
    if pronounced and targets == turn.drafts[-1].targets:
        draft = turn.drafts[-1]
        draft.numbers, draft.complaint = numbers, False
        return
    level = (bool(words) and all(asked.word in LEVEL_WORDS for asked in words)) or (
        "gain_db" in numbers and "freq_hz" not in numbers
    )
    if (
        targets is None
        and (level or "pan" in numbers)
        and len(turn.tracks) > 1
        and not (clause.mood == "statement" and reading.pronoun)
    ):
        turn.others.append(ask_which("loud" if level else "wide", turn.tracks))
        return
    if not words and not numbers:
        joined = clause.tokens[0].text in ("and", "now", "also", "then") or clause.tokens[-1].text in language.too_end
        if reading.targets is not None and joined and turn.context.edits and not reading.unknown:
            turn.note("a part alone, joined to what was said before: the same on it")
            turn.others.extend(same_on(turn.context, reading.targets))
            return
        if reading.vague or reading.unknown:
            about = (reading.vague or reading.unknown)[-1]
            question = ask_what(targets or (MIX,), turn.tracks, about)
        else:
            question = ask_what(targets or (), turn.tracks)
        (turn.others if clause.mood == "order" else turn.questions).append(question)
        turn.targets = targets or turn.targets
        return
    if (
        clause.mood == "bare"
        and words
        and words[0].word in language.printed
        and words[0].direction == "-"
        and not numbers
    ):
        turn.questions.append(
            Request(intent="diagnose", targets=targets or (MIX,), descriptor=words[0].word, direction="-")
        )
        return
    if clause.mood == "bare" and len(reading.unknown) >= 4 and not numbers:
        turn.others.append(ask_praise(words[0].word, targets or (MIX,), turn.tracks))
        return
    targets = targets or (MIX,)
    turn.targets = targets
    complaint = clause.mood in ("statement", "bare") and all(a.direction == "-" for a in words) and bool(words)
    _answer_complaint(turn, targets, words)
    turn.drafts.append(Draft(targets, words, numbers, reading.amount or 1.0, reading.section, reading.only, complaint))


def _answer_complaint(turn: Turn, targets: tuple[str, ...], words: list[Asked]) -> None:
    """An order about what was just complained of takes the complaint's place: it says how to cure it."""
    ontology = load_ontology()
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
        if dropped.section is not None:
            turn.constraints.append(f"section:{dropped.section}")
