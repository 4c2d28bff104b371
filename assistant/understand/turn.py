"""One text to requests: clause by clause, with what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.request import MIX, NUMBERS, Request
from assistant.understand.clarify import ask, ask_contradiction, ask_praise, ask_range, ask_what, ask_which
from assistant.understand.clauses import Clause, clauses_of, sentences_of
from assistant.understand.marks import head, mark
from assistant.understand.numbers import out_of_range
from assistant.understand.reading import Asked, Reading, read
from assistant.understand.refer import Context, again, less_again, same_on, undo_steps
from assistant.understand.tokens import tokenise
from assistant.understand.tracks import TrackName
from ontology import load_ontology
from ontology.language import load_language

__all__ = ["trace", "understand"]

LONGEST_TEXT = 2000
_LEVEL_WORDS = ("loud", "quiet")


@dataclass(slots=True)
class _Draft:
    """An edit in the making: constraints and later clauses may still change it."""

    targets: tuple[str, ...]
    words: list[Asked]
    numbers: dict[str, float]
    amount: float
    section: str | None
    only: str | None
    complaint: bool = False
    explicit: bool = True


@dataclass(slots=True)
class _Turn:
    tracks: Sequence[TrackName]
    context: Context
    drafts: list[_Draft] = field(default_factory=list)
    others: list[Request] = field(default_factory=list)
    questions: list[Request] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    keeps: list[Reading] = field(default_factory=list)
    locks: list[tuple[str, ...]] = field(default_factory=list)
    targets: tuple[str, ...] | None = None
    remark: int | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)


def understand(text: str, tracks: Sequence[TrackName], context: Context | None = None) -> tuple[Request, ...]:
    """Turn what somebody said into requests. Never raises on any text.

    Args:
        text: what was said, as typed or transcribed.
        tracks: the song's tracks; empty where they are not known, then targets are part names ("kick", "drums").
        context: the requests of the turn before and what can be undone, for "a bit more" and "undo".
    Returns:
        At least one request. Questions and reports never become edits; what cannot be carried out or is not
        understood becomes one "clarify" with a question and answers that can be said.
    """
    return _understand(text, tracks, context or Context())[0]


def trace(text: str, tracks: Sequence[TrackName], context: Context | None = None) -> list[str]:
    """Say in plain words how each decision of `understand` was made."""
    requests, notes = _understand(text, tracks, context or Context())
    for request in requests:
        target = ", ".join(request.targets) or "no target"
        what = " ".join(filter(None, (request.descriptor, request.direction if request.descriptor else "")))
        numbers = ", ".join(f"{name} {value:g} {NUMBERS[name].unit}" for name, value in request.numbers.items())
        extra = ", ".join(filter(None, (what, f"x{request.amount:g}" if request.descriptor else "", numbers)))
        notes.append(f"=> {request.intent} of {target}" + (f": {extra}" if extra else ""))
    return notes


def _understand(text: str, tracks: Sequence[TrackName], context: Context) -> tuple[tuple[Request, ...], list[str]]:
    turn = _Turn(tracks, context)
    tokens = tokenise(text[: LONGEST_TEXT + 1])
    if len(text) > LONGEST_TEXT:
        turn.note(f"The text has {len(text)} characters; only up to {LONGEST_TEXT} are read.")
        return (ask("That is very long. What should change, in a sentence or two?", *_EXAMPLES),), turn.notes
    if not any(token.text[0].isalnum() for token in tokens):
        turn.note("There are no words.")
        return (ask("What should change about the mix?", *_EXAMPLES),), turn.notes
    for sentence, asked in sentences_of(tokens):
        _sentence(turn, clauses_of(sentence, asked, tracks))
    return tuple(_finish(turn)), turn.notes


_EXAMPLES = ("make the mix warmer", "what is wrong with the mix?", "make the vocal louder")


def _sentence(turn: _Turn, clauses: list[Clause]) -> None:
    asking = next((c for c in clauses if c.mood in ("question", "report")), None)
    if asking is not None:
        background = [c for c in clauses if c.mood in ("question", "report", "statement", "bare")]
        _question(turn, asking, background)
        clauses = [c for c in clauses if c not in background]
    for clause in clauses:
        words = " ".join(t.text for t in clause.tokens)
        turn.note(f"'{words}' reads as {clause.mood}" + (f" ('{clause.opener}')" if clause.opener else ""))
        _HANDLERS[clause.mood](turn, clause)


def _question(turn: _Turn, asking: Clause, background: list[Clause]) -> None:
    """A question or a report: whatever it names is looked into, never moved."""
    readings = [read(clause, turn.tracks) for clause in background]
    asked = next((word for reading in readings for word in reading.words), None)
    targets = next((r.targets for r in readings if r.targets is not None), turn.targets or _last(turn)) or (MIX,)
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


def _last(turn: _Turn) -> tuple[str, ...] | None:
    for request in reversed(turn.context.requests):
        if request.targets:
            return request.targets
    return None


def _targets(turn: _Turn, reading: Reading) -> tuple[str, ...] | None:
    """Named here, else named before in this text, else in the turn before (for pronouns)."""
    if reading.targets is not None:
        return reading.targets
    if reading.rest:
        named = {name for locked in turn.locks for name in locked} | set(turn.targets or _last(turn) or ())
        return tuple(track.name for track in turn.tracks if track.name not in named) or (MIX,)
    if turn.targets is not None:
        turn.note(f"no target is named, so it stays {', '.join(turn.targets)}")
        return turn.targets
    if reading.pronoun and (last := _last(turn)):
        turn.note(f"'it' is what was changed last: {', '.join(last)}")
        return last
    return None


def _statement(turn: _Turn, clause: Clause) -> None:
    language = load_language()
    reading = read(clause, turn.tracks)
    targets = _targets(turn, reading) or (MIX,)
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
    if simile or (plain and (whole or printed)) or (not reading.words and not reading.level and not reading.numbers):
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
    _edit(turn, clause, reading)


def _order(turn: _Turn, clause: Clause) -> None:
    _edit(turn, clause, read(clause, turn.tracks))


def _edit(turn: _Turn, clause: Clause, reading: Reading) -> None:
    """An order, or a complaint that asks for its cure."""
    language = load_language()
    turn.notes += reading.notes
    for asked in reading.words:
        turn.note(asked.why)
    targets = _targets(turn, reading)
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
        words = [asked for asked in words if asked.word not in _LEVEL_WORDS]
    if reading.both_sides and "pan" in numbers and targets is not None:
        side = abs(numbers.pop("pan"))
        if len(targets) == 2:
            turn.note("two tracks and two sides: one each")
            for name, pan in zip(targets, (-side, side), strict=True):
                turn.drafts.append(_Draft((name,), [], {"pan": pan}, 1.0, reading.section, None))
            return
        words = [Asked("wide", "+", reading.amount or 1.0, True, "left and right at once is wide")]
    if "gain_db" in numbers and "freq_hz" not in numbers:
        level = next((asked for asked in words if asked.word in _LEVEL_WORDS), None)
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
    level = (
        (bool(words)
        and all(asked.word in _LEVEL_WORDS for asked in words))
        or ("gain_db" in numbers and "freq_hz" not in numbers)
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
    turn.drafts.append(_Draft(targets, words, numbers, reading.amount or 1.0, reading.section, reading.only, complaint))


def _answer_complaint(turn: _Turn, targets: tuple[str, ...], words: list[Asked]) -> None:
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


def _command(turn: _Turn, clause: Clause) -> None:
    intent = clause.what
    if intent == "solo":
        turn.others.append(ask("Playing and soloing is done with the players. Should I change something?", *_EXAMPLES))
        return
    if intent == "undo":
        turn.others.append(undo_steps(clause.rest, turn.context))
        return
    reading = read(clause, turn.tracks)
    if intent == "match" and "loudness_lufs" in reading.numbers:
        _edit(turn, clause, reading)
        return
    turn.notes += reading.notes
    if intent == "redo":
        turn.others.append(Request(intent="redo", direction="=", numbers={"versions": 1.0}))
        return
    targets = _targets(turn, reading)
    if intent == "lock":
        turn.locks.append(targets or (MIX,))
        return
    asked = reading.words[0] if reading.words else None
    only = [
        f"only:{name}"
        for m in mark(clause.tokens, turn.tracks)
        if (name := m.kinds.get("effect")) and "only" in clause.opener
    ]
    if intent in ("compare", "match", "export", "start", "explain"):
        asked = None
    turn.questions.append(
        Request(
            intent=intent,  # type: ignore[arg-type]
            targets=targets or (MIX,),
            descriptor=asked.word if asked else None,
            direction=asked.direction if asked else "=",  # type: ignore[arg-type]
            constraints=tuple(dict.fromkeys(only)),
            section=reading.section,
        )
    )


def _reaction(turn: _Turn, clause: Clause) -> None:
    context = turn.context
    amounts = [m.kinds["amount"] for m in mark(clause.tokens, turn.tracks) if "amount" in m.kinds]
    amount = amounts[0] if amounts else None
    if clause.what == "reject":
        if context.requests or context.undoable:
            turn.others.append(Request(intent="undo", direction="=", numbers={"versions": 1.0}))
        else:
            turn.others.append(ask("Nothing has been changed yet. What do you not like?", *_EXAMPLES))
    elif clause.what == "good":
        turn.questions.append(ask("Good. What shall I do next?", *_EXAMPLES))
    else:
        found = again(context, amount) if clause.what == "more" else less_again(context, amount)
        if found:
            turn.others.extend(found)
        else:
            word = "More" if clause.what == "more" else "Less"
            turn.others.append(
                ask(f"{word} of what?", *(f"{word.lower()} {what}" for what in ("warmth", "reverb", "punch")))
            )


def _same(turn: _Turn, clause: Clause) -> None:
    reading = read(clause, turn.tracks)
    if reading.targets is None:
        _edit(turn, clause, reading)
        return
    if turn.drafts:
        last = turn.drafts[-1]
        turn.drafts.append(_Draft(reading.targets, last.words, last.numbers, last.amount, last.section, last.only))
        return
    found = same_on(turn.context, reading.targets)
    turn.others.extend(found or [ask_what(reading.targets, turn.tracks)])


def _correction(turn: _Turn, clause: Clause) -> None:
    reading = read(clause, turn.tracks)
    targets = reading.targets
    texts = {token.text for token in clause.tokens}
    before = _last(turn)
    if targets is not None and "other" in texts and before:
        targets = tuple(t for t in targets if t not in before) or targets
    found = same_on(turn.context, targets) if targets else []
    if found:
        turn.note("a correction: the last change is taken back and made on the other target")
        turn.others.append(Request(intent="undo", direction="=", numbers={"versions": 1.0}))
        turn.others.extend(found)
    else:
        turn.others.append(ask_what(targets or (), turn.tracks))


def _without(turn: _Turn, clause: Clause) -> None:
    """ "without losing punch", "don't touch the drums", "not too bright"."""
    language, ontology = load_language(), load_ontology()
    rest = clause.rest
    touched = bool({*clause.opener.split()} & set(language.touch) - set(language.become))
    lost = bool({*clause.opener.split()} & {*language.lose, "keeping", "keep"})
    while rest and (length := max(head(rest, language.lose), head(rest, language.touch), head(rest, language.become))):
        touched = touched or head(rest, language.touch) == length
        lost = lost or head(rest, language.lose) == length
        rest = rest[length:]
    reading = read(Clause("without", "", "", clause.tokens, list(rest)), turn.tracks)
    if touched and reading.targets is not None:
        turn.locks.append(reading.targets)
    elif lost and (reading.targets is not None or reading.words):
        turn.keeps.append(reading)
    elif reading.words:
        for asked in reading.words:
            other = ontology[asked.word].opposite
            if lost:
                turn.constraints.append(f"keep:{asked.word}")
            elif other is not None:
                turn.constraints.append(f"keep:{other}")
            else:
                turn.note(f"'{asked.word}' has no opposite to keep; it is not guarded")
    elif reading.targets is not None:
        turn.locks.append(reading.targets)


def _keep(turn: _Turn, clause: Clause) -> None:
    language = load_language()
    reading = read(clause, turn.tracks)
    still = any(head(clause.rest[at:], language.untouched) for at in range(len(clause.rest)))
    if reading.targets is None and reading.pronoun:
        reading.targets = turn.targets
        if reading.words:
            reading.targets = None
    if still and (reading.targets or turn.targets) and not reading.words:
        turn.locks.append(reading.targets or turn.targets or (MIX,))
    elif reading.words or reading.targets is not None:
        turn.keeps.append(reading)


def _only(turn: _Turn, clause: Clause) -> None:
    marks = mark(clause.tokens, turn.tracks)
    effects = [m.kinds["effect"] for m in marks if "effect" in m.kinds]
    reading = read(clause, turn.tracks)
    if effects:
        turn.constraints += [f"only:{name}" for name in effects]
    elif reading.targets is not None and turn.drafts and not reading.words:
        for draft in turn.drafts:
            draft.targets = reading.targets
    else:
        _edit(turn, clause, reading)


_HANDLERS = {
    "order": _order, "statement": _statement, "bare": _order, "command": _command, "reaction": _reaction,
    "same": _same, "correction": _correction, "without": _without, "keep": _keep, "only": _only,
}  # fmt: skip


def _finish(turn: _Turn) -> list[Request]:
    """Put constraints on edits, check what cannot be, and ask where nothing is left."""
    constraints = [c for c in turn.constraints if not c.startswith("section:")]
    section = next((c.removeprefix("section:") for c in turn.constraints if c.startswith("section:")), None)
    if not turn.drafts:
        for reading in turn.keeps:
            if reading.words:
                turn.drafts.append(
                    _Draft(reading.targets or (MIX,), reading.words, {}, reading.amount or 1.0, reading.section, None)
                )
            elif reading.targets is not None:
                turn.locks.append(reading.targets)
    else:
        for reading in turn.keeps:
            names = reading.targets if reading.targets is not None else tuple(asked.word for asked in reading.words)
            constraints += [f"keep:{name}" for name in names]
    for locked in turn.locks:
        if turn.drafts:
            constraints += [f"lock:{name}" for name in locked]
    edits: list[Request] = []
    for draft in turn.drafts:
        edits += _edits(turn, draft, tuple(dict.fromkeys(constraints)), section)
    if not turn.drafts:
        edits += [Request(intent="lock", targets=locked, direction="=") for locked in turn.locks]
    found = [r for r in turn.others if r.intent in ("undo", "redo")] + edits
    found += [r for r in turn.others if r.intent not in ("undo", "redo", "clarify")] + [
        r for r in turn.questions if r.intent != "clarify"
    ]
    # What an order leaves open is asked beside the rest; what a remark leaves open only where nothing else was said.
    open_orders = [r for r in turn.others if r.intent == "clarify"]
    open_remarks = [r for r in turn.questions if r.intent == "clarify"]
    if not any(r.intent == "clarify" for r in found):
        found += open_orders[:1] or ([] if found else open_remarks[:1])
    if not found:
        found.append(ask("What should change about the mix?", *_EXAMPLES))
    return found


def _edits(turn: _Turn, draft: _Draft, constraints: tuple[str, ...], section: str | None) -> list[Request]:
    ontology, language = load_ontology(), load_language()
    wrong = out_of_range(draft.numbers)
    if wrong:
        return [ask_range(wrong, draft.numbers, draft.targets, turn.tracks)]
    plus = [asked.word for asked in draft.words if asked.direction == "+"]
    for one in plus:
        for two in plus:
            if two in ontology[one].opposites or (one, two) in language.contradictions:
                return [ask_contradiction(one, two, draft.targets, turn.tracks)]
    if draft.only:
        constraints = (*constraints, f"only:{draft.only}")
    common = {"targets": draft.targets, "constraints": constraints, "section": draft.section or section}
    if not draft.words:
        gain = draft.numbers.get("gain_db")
        direction = "=" if gain is None else "+" if gain >= 0 else "-"
        word = "loud" if "loudness_lufs" in draft.numbers else None
        return [Request(intent="edit", descriptor=word, direction=direction, numbers=draft.numbers, **common)]
    return [
        Request(
            intent="edit",
            descriptor=asked.word,
            direction=asked.direction,
            amount=min(asked.amount, 4.0),
            numbers=draft.numbers if index == 0 else {},
            **common,
        )
        for index, asked in enumerate(draft.words)
    ]
