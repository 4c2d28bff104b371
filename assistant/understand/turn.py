"""One text to requests: clause by clause, with what was said before."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.request import NUMBERS, Request
from assistant.understand.answers import complete, picked
from assistant.understand.clarify import ask
from assistant.understand.clauses import Clause, clauses_of, sentences_of
from assistant.understand.constraints import take_keep, take_only, take_without
from assistant.understand.edits import take_order
from assistant.understand.finish import finish
from assistant.understand.questions import take_definition, take_question, take_statement
from assistant.understand.refer import Context
from assistant.understand.remarks import (
    take_command,
    take_correction,
    take_except,
    take_reaction,
    take_same,
    take_share,
)
from assistant.understand.state import EXAMPLES, Turn
from assistant.understand.tokens import tokenise
from assistant.understand.tracks import TrackName
from assistant.understand.vocabulary import speaking
from ontology import Ontology

__all__ = ["explain", "trace", "understand"]


LONGEST_TEXT = 2000


def understand(
    text: str, tracks: Sequence[TrackName], context: Context | None = None, ontology: Ontology | None = None
) -> tuple[Request, ...]:
    """Turn what somebody said into requests. Never raises on any text.

    Args:
        text: what was said, as typed or transcribed.
        tracks: the song's tracks; empty where they are not known, then targets are part names ("kick", "drums").
        context: the requests of the turn before and what can be undone, for "a bit more" and "undo".
        ontology: the words; None: the shipped ones with this person's in front.
    Returns:
        At least one request. Questions and reports never become edits; what cannot be carried out or is not
        understood becomes one "clarify" with a question and answers that can be said.
    """
    with speaking(ontology):
        return _understand(text, tracks, context or Context())[0]


def explain(
    text: str, tracks: Sequence[TrackName], context: Context | None = None, ontology: Ontology | None = None
) -> tuple[tuple[Request, ...], tuple[str, ...]]:
    """Understand as `understand` does, and say in plain words how each decision was made."""
    with speaking(ontology):
        requests, reasons = _understand(text, tracks, context or Context())
    return requests, tuple(dict.fromkeys(reasons))


def trace(text: str, tracks: Sequence[TrackName], context: Context | None = None) -> list[str]:
    """The reasons of `explain`, then each request in a line, for people."""
    requests, reasons = explain(text, tracks, context)
    lines = list(reasons)
    for request in requests:
        target = ", ".join(request.targets) or "no target"
        what = " ".join(filter(None, (request.descriptor, request.direction if request.descriptor else "")))
        numbers = ", ".join(f"{name} {value:g} {NUMBERS[name].unit}" for name, value in request.numbers.items())
        amount = f"x{request.amount:g}" if request.descriptor else ""
        extra = ", ".join(filter(None, (what, amount, numbers, *request.constraints, request.section)))
        lines.append(f"=> {request.intent} of {target}" + (f": {extra}" if extra else ""))
        lines += [f"   {request.question}"] if request.question else []
        lines += [f"   - {choice}" for choice in request.choices]
    return lines


def _understand(text: str, tracks: Sequence[TrackName], context: Context) -> tuple[tuple[Request, ...], list[str]]:
    turn = Turn(tracks, context)
    tokens = tokenise(text[: LONGEST_TEXT + 1])
    if len(text) > LONGEST_TEXT:
        turn.note(f"The text has {len(text)} characters; only up to {LONGEST_TEXT} are read.")
        return (ask("That is very long. What should change, in a sentence or two?", *EXAMPLES),), turn.notes
    if not any(token.value is not None or token.text[0].isalnum() for token in tokens):
        turn.note("There are no words.")
        return (ask("What should change about the mix?", *EXAMPLES),), turn.notes
    if (sentence := picked(tokens, context)) is not None:
        turn.note(f"the answer picks '{sentence}'")
        requests, notes = _understand(sentence, tracks, replace(context, asked=None, offered=()))
        return requests, turn.notes + notes
    if (request := complete(tokens, tracks, context)) is not None:
        turn.note("a short answer to what was asked or found before")
        return (request,), turn.notes
    for sentence, asked in sentences_of(tokens):
        _sentence(turn, clauses_of(sentence, asked, tracks))
    return tuple(finish(turn)), turn.notes


def _sentence(turn: Turn, clauses: list[Clause]) -> None:
    asking = next((c for c in clauses if c.mood in ("question", "report")), None)
    if asking is not None:
        background = [c for c in clauses if c.mood in ("question", "report", "statement", "bare")]
        take_question(turn, asking, background)
        clauses = [c for c in clauses if c not in background]
    if any(clause.mood == "share" for clause in clauses):  # "too much, half of that": the share says how much
        clauses = [c for c in clauses if c.mood != "reaction"]
    for draft in turn.drafts:
        draft.open = False
    for clause in clauses:
        words = " ".join(t.text for t in clause.tokens)
        turn.note(f"'{words}' reads as {clause.mood}" + (f" ('{clause.opener}')" if clause.opener else ""))
        _HANDLERS[clause.mood](turn, clause)


_HANDLERS = {
    "order": take_order,
    "statement": take_statement,
    "definition": take_definition,
    "bare": take_order,
    "command": take_command,
    "reaction": take_reaction,
    "same": take_same,
    "except": take_except,
    "share": take_share,
    "correction": take_correction,
    "without": take_without,
    "keep": take_keep,
    "only": take_only,
}
