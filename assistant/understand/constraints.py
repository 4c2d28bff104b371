"""What must not change: "without losing punch", "keep the vocal clear", "only the EQ"."""

from assistant.request import MIX, Request
from assistant.understand.clauses import Clause
from assistant.understand.edits import take_edit
from assistant.understand.marks import effects_in, head, mark
from assistant.understand.reading import read
from assistant.understand.state import Turn, targets_for
from ontology.language import load_language

__all__ = ["take_keep", "take_only", "take_without"]


def take_without(turn: Turn, clause: Clause) -> None:
    """ "without losing punch", "don't touch the drums", "not too bright"."""
    language = load_language()
    rest = clause.rest
    touched = bool({*clause.opener.split()} & set(language.touch) - set(language.become))
    lost = bool({*clause.opener.split()} & {*language.lose, "keeping", "keep"})
    while rest and (length := max(head(rest, language.lose), head(rest, language.touch), head(rest, language.become))):
        touched = touched or head(rest, language.touch) == length
        lost = lost or head(rest, language.lose) == length
        rest = rest[length:]
    if clause.opener == "do not" and any(head(rest[at:], language.degree_ends) for at in range(len(rest))):
        take_edit(turn, clause, read(Clause("order", "dislike", clause.opener, clause.tokens, list(rest)), turn.tracks))
        return
    reading = read(Clause("without", "", "", clause.tokens, list(rest)), turn.tracks)
    effects = effects_in(rest, turn.tracks)
    if touched and effects and reading.targets is not None and not turn.drafts:
        turn.others.append(_part_lock(reading.targets, effects))
    elif touched and reading.targets is not None:
        turn.locks.append(reading.targets)
    elif touched and effects:
        turn.constraints += [f"except:{name}" for name in effects]
    elif (lost or (touched and reading.targets is None)) and (
        reading.targets is not None or reading.words or reading.region or reading.quality
    ):
        turn.keeps.append(reading)
    elif reading.words and reading.targets is not None and turn.drafts and reading.targets != turn.drafts[-1].targets:
        turn.constraints += [f"keep:{name}" for name in reading.targets]  # "but don't bury the keys"
    elif reading.words:
        turn.constraints += [f"without:{asked.word}" for asked in reading.words]
    elif reading.targets is not None:
        turn.locks.append(reading.targets)


def _part_lock(targets: tuple[str, ...], effects: list[str]) -> Request:
    """Lock parts of tracks: "don't touch the vocal's EQ"."""
    return Request(intent="lock", targets=targets, direction="=", constraints=tuple(f"only:{name}" for name in effects))


def take_keep(turn: Turn, clause: Clause) -> None:
    """ "Keep the vocal clear", "leave the drums alone"."""
    language = load_language()
    reading = read(clause, turn.tracks)
    still = any(head(clause.rest[at:], language.untouched) for at in range(len(clause.rest)))
    if reading.rest:
        reading.targets = targets_for(turn, reading)
    if reading.targets is None and reading.pronoun:
        reading.targets = turn.targets
        if reading.words:
            reading.targets = None
    if still and reading.targets is None and reading.limits:
        turn.constraints += [f"except:{name}" for name in reading.limits]
    elif still and reading.targets and not turn.drafts and (effects := effects_in(clause.tokens, turn.tracks)):
        turn.others.append(_part_lock(reading.targets, effects))
    elif still and (reading.targets or turn.targets) and not reading.words and not reading.quality:
        turn.locks.append(reading.targets or turn.targets or (MIX,))
    elif reading.words or reading.targets is not None or reading.quality:
        turn.keeps.append(reading)


def take_only(turn: Turn, clause: Clause) -> None:
    """ "Only the EQ", "only the vocal"."""
    marks = mark(clause.tokens, turn.tracks)
    effects = [m.kinds["effect"] for m in marks if "effect" in m.kinds]
    reading = read(clause, turn.tracks)
    if effects:
        turn.constraints += [f"only:{name}" for name in effects]
    elif reading.section is not None and reading.targets is None and not reading.words:
        turn.section = reading.section
        if not turn.drafts and turn.context.edits:
            turn.note("a correction: the last change is taken back and made there only")
            turn.others.append(Request(intent="undo", direction="=", numbers={"versions": 1.0}))
            turn.others += [r.model_copy(update={"section": reading.section}) for r in turn.context.edits]
    elif reading.targets is not None and turn.drafts and not reading.words:
        for draft in turn.drafts:
            draft.targets = reading.targets
    else:
        take_edit(turn, clause, reading)
