"""What is said about changes: commands, "a bit more", "same on the snare", "no, the other one"."""

from assistant.request import MIX, Request
from assistant.understand.clarify import ask, ask_what
from assistant.understand.clauses import Clause
from assistant.understand.edits import take_edit
from assistant.understand.marks import effects_in, mark
from assistant.understand.questions import look_into
from assistant.understand.reading import read
from assistant.understand.refer import again, less_again, same_on, undo_steps
from assistant.understand.shares import rescaled, shares_in
from assistant.understand.state import EXAMPLES, Draft, Turn, last_targets, targets_for

__all__ = ["take_command", "take_correction", "take_except", "take_reaction", "take_same", "take_share"]


def take_command(turn: Turn, clause: Clause) -> None:
    """A command that is no edit: undo, compare, export, lock and so on."""
    intent = clause.what
    if intent == "solo":
        turn.others.append(ask("Playing and soloing is done with the players. Should I change something?", *EXAMPLES))
        return
    if intent == "undo":
        turn.others.append(undo_steps(clause.tokens, turn.context, turn.tracks))
        return
    reading = read(clause, turn.tracks)
    if intent == "match" and "loudness_lufs" in reading.numbers:
        take_edit(turn, clause, reading)
        return
    turn.notes += reading.notes
    if intent == "redo":
        turn.others.append(Request(intent="redo", direction="=", numbers={"versions": 1.0}))
        return
    targets = targets_for(turn, reading)
    parts = tuple(f"only:{name}" for name in effects_in(clause.tokens, turn.tracks))
    if intent == "lock" and not parts:
        turn.locks.append(targets or (MIX,))
        return
    if intent in ("lock", "unlock"):
        constraints = parts if intent == "lock" else ("unlock", *parts)
        turn.others.append(Request(intent="lock", targets=targets or (MIX,), direction="=", constraints=constraints))
        return
    asked = reading.words[0] if reading.words else None
    only = parts if "only" in clause.opener else ()
    if intent in ("compare", "match", "export", "start", "explain"):
        asked = None
    request = look_into(turn, intent, targets or (MIX,), asked, reading.section)
    if only:
        turn.questions[turn.questions.index(request)] = request.model_copy(update={"constraints": only})


def take_reaction(turn: Turn, clause: Clause) -> None:
    """A remark on the last change: too much, more, not that, good."""
    context = turn.context
    amounts = [m.kinds["amount"] for m in mark(clause.tokens, turn.tracks) if "amount" in m.kinds]
    amount = amounts[0] if amounts else None
    if clause.what == "reject":
        if context.requests or context.undoable:
            turn.others.append(Request(intent="undo", direction="=", numbers={"versions": 1.0}))
        else:
            turn.others.append(ask("Nothing has been changed yet. What do you not like?", *EXAMPLES))
    elif clause.what == "unsure":
        turn.questions.append(
            ask("Keep it, take it back, or hear something else?", "keep it", "undo", "show me options")
        )
    elif clause.what == "good":
        turn.questions.append(ask("Good. What shall I do next?", *EXAMPLES))
    else:
        found = again(context, amount) if clause.what == "more" else less_again(context, amount)
        if found:
            turn.others.extend(found)
        else:
            word = "More" if clause.what == "more" else "Less"
            turn.others.append(
                ask(f"{word} of what?", *(f"{word.lower()} {what}" for what in ("warmth", "reverb", "punch")))
            )


def take_share(turn: Turn, clause: Clause) -> None:
    """ "Half of that", "only the EQ part": how much of the last change to keep."""
    shares = shares_in(clause.tokens, turn.tracks)
    bare = all(share.kind == "only" for share in shares)
    if bare and (turn.drafts or not turn.context.edits):
        turn.constraints += [f"only:{part}" for share in shares for part in share.parts]
        return
    turn.note("a share of the last change")
    turn.others.extend(rescaled(shares, turn.context) or [ask("Of which change? Nothing was changed yet.", *EXAMPLES)])


def take_same(turn: Turn, clause: Clause) -> None:
    """ "Same on the snare": the last edit on another target."""
    reading = read(clause, turn.tracks)
    if reading.targets is None:
        take_edit(turn, clause, reading)
        return
    if turn.drafts:
        last = turn.drafts[-1]
        turn.drafts.append(Draft(reading.targets, last.words, last.numbers, last.amount, last.section, last.only))
        return
    found = same_on(turn.context, reading.targets)
    turn.others.extend(found or [ask_what(reading.targets, turn.tracks)])


def take_except(turn: Turn, clause: Clause) -> None:
    """ "Except the snare": what was just asked for is left out there."""
    targets = read(clause, turn.tracks).targets
    if targets is None:
        return
    if turn.drafts:
        for draft in turn.drafts:
            draft.targets = tuple(name for name in draft.targets if name not in targets) or draft.targets
    elif turn.context.edits:
        turn.others.append(Request(intent="undo", targets=targets, direction="=", numbers={"versions": 1.0}))
    else:
        turn.others.append(ask_what(targets, turn.tracks))


def take_correction(turn: Turn, clause: Clause) -> None:
    """ "No, the other guitar": the last edit taken back and made elsewhere."""
    reading = read(clause, turn.tracks)
    targets = reading.targets
    texts = {token.text for token in clause.tokens}
    before = last_targets(turn)
    if targets is not None and "other" in texts and before:
        targets = tuple(t for t in targets if t not in before) or targets
    found = same_on(turn.context, targets) if targets else []
    if found:
        turn.note("a correction: the last change is taken back and made on the other target")
        turn.others.append(Request(intent="undo", direction="=", numbers={"versions": 1.0}))
        turn.others.extend(found)
    else:
        turn.others.append(ask_what(targets or (), turn.tracks))
