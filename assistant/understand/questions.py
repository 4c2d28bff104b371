"""Questions, reports and remarks: what they name is looked into; a plain complaint asks for its cure."""

from assistant.request import MIX, Request
from assistant.understand.clarify import ask, ask_what, ask_which
from assistant.understand.clauses import Clause
from assistant.understand.definitions import defined_in
from assistant.understand.edits import take_edit
from assistant.understand.heard import Asked, Reading
from assistant.understand.marks import head, mark
from assistant.understand.reading import read
from assistant.understand.state import EXAMPLES, Turn, last_targets, targets_for
from assistant.understand.vocabulary import words as spoken
from ontology.language import load_language

__all__ = ["look_into", "take_definition", "take_question", "take_statement"]


def take_question(turn: Turn, asking: Clause, background: list[Clause]) -> None:
    """A question or a report: whatever it names is looked into, never moved."""
    readings = [read(clause, turn.tracks) for clause in background]
    asked = next((word for reading in readings for word in reading.words), None)
    targets = next((r.targets for r in readings if r.targets is not None), turn.targets or last_targets(turn)) or (MIX,)
    section = next((r.section for r in readings if r.section is not None), None)
    turn.note(f"'{asking.opener}' makes this a {asking.mood}, so nothing is edited")
    look_into(turn, asking.what or "diagnose", targets, asked, section)


def take_definition(turn: Turn, clause: Clause) -> None:
    """ "By glassy I mean bright and thin": what a word means to this person."""
    found = defined_in(clause.tokens)
    if found is None:
        return
    word, meaning = found
    reading = read(Clause("order", "request", "", meaning, meaning), turn.tracks)
    means = tuple(f"{asked.word}{asked.direction}" for asked in reading.words if asked.word != word)
    known = spoken().ontology.find(word)
    turn.note(f"'{word}' is explained: {', '.join(means) or 'by nothing that is known'}")
    turn.questions.append(
        Request(
            intent="teach",
            targets=(),
            descriptor=known.word_id if known is not None and known.confidence == 1.0 else None,
            direction="=",
            word=word,
            means=means,
        )
    )


def look_into(turn: Turn, intent: str, targets: tuple[str, ...], asked: Asked | None, section: str | None) -> Request:
    """Ask for a look; two looks of one kind in a text are one look."""
    turn.targets = targets
    request = Request(
        intent=intent,  # type: ignore[arg-type]
        targets=targets,
        descriptor=asked.word if asked else None,
        direction=asked.direction if asked else "=",  # type: ignore[arg-type]
        section=section,
    )
    before = next((q for q in turn.questions if q.intent == intent), None)
    if before is not None and before.descriptor is None and before.targets in ((MIX,), targets):
        turn.questions.remove(before)
    elif before is not None and (request.descriptor is None or request.descriptor == before.descriptor):
        return before
    turn.questions.append(request)
    return request


def take_statement(turn: Turn, clause: Clause) -> None:
    """A remark on the sound: a complaint asks for its cure, other remarks are looked into."""
    language, reading = load_language(), read(clause, turn.tracks)
    targets = targets_for(turn, reading) or (MIX,)
    if reading.missing and reading.targets is None:
        turn.others.append(ask_which(turn.tracks, reading.words[:1], missing=reading.missing[0]))
        return
    texts = [token.text for token in clause.rest]
    still = any(head(clause.rest[at:], language.untouched) for at in range(len(texts)))
    if still and reading.targets is not None and {"stay", "remain", "stays", "remains"} & set(texts):
        turn.locks.append(reading.targets)
        return
    praised = reading.vague and set(reading.vague) <= set(language.praise) and "not" not in texts
    if praised and not reading.words:
        turn.questions.append(ask("Good. What shall I do next?", *EXAMPLES))
        return
    if not _looked_into(reading, clause, turn):
        take_edit(turn, clause, reading)
        return
    asked = reading.words[0] if reading.words else None
    if asked is None and turn.drafts:
        turn.note("a remark beside what is asked for")
        return
    wished = "needs" in {kind for m in mark(clause.rest, turn.tracks) for kind in m.kinds}
    simile = any("similes" in m.kinds for m in mark(clause.rest, turn.tracks)) or clause.what == "narrative"
    unclear = reading.targets is None and not reading.vague and not simile
    if asked is None and (wished or (unclear and "something" not in [token.text for token in clause.rest])):
        about = (reading.unknown or reading.vague or [""])[-1]
        turn.others.append(ask_what(targets if reading.targets else (), turn.tracks, about if wished else ""))
        return
    turn.note("a remark on the whole or on what is in the recording is looked into first")
    turn.remark = len(turn.questions)
    look_into(turn, "diagnose", targets, asked, reading.section)


def _looked_into(reading: Reading, clause: Clause, turn: Turn) -> bool:
    """Whether a remark names no cure: a picture, a remark on the whole mix, damage, or nothing that is known."""
    language, ontology = load_language(), spoken().ontology
    texts = [token.text for token in clause.rest]
    if not reading.words:
        return not reading.level and not reading.numbers
    simile = any("similes" in m.kinds for m in mark(clause.rest, turn.tracks)) or clause.what == "narrative"
    if simile and not any(ontology[asked.word].problem and clause.what for asked in reading.words):
        return True
    if not any(asked.why.endswith("a complaint") for asked in reading.words):
        return False
    end = next((at for at, text in enumerate(texts) if text in language.copulas), len(texts))
    subject = {kind for m in mark(clause.rest[:end], turn.tracks) for kind in m.kinds}
    whole = "mix" in subject and reading.targets == (MIX,) and not {"everything", "all"} & set(texts[:end])
    return whole or texts[-1] == "now" or any(asked.word in language.printed for asked in reading.words)
