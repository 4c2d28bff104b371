"""From everything a turn gathered to its requests: constraints put on, impossible things asked about."""

from assistant.request import MIX, Request
from assistant.understand.clarify import ask, ask_contradiction
from assistant.understand.state import EXAMPLES, Draft, Turn
from assistant.understand.vocabulary import words as spoken
from ontology.language import load_language

__all__ = ["finish"]


def finish(turn: Turn) -> list[Request]:
    """Put constraints on edits, check what cannot be, and ask where nothing is left."""
    language = load_language()
    constraints = list(turn.constraints)
    if not turn.drafts:
        for reading in turn.keeps:
            if reading.words:
                turn.drafts.append(
                    Draft(reading.targets or (MIX,), reading.words, {}, reading.amount or 1.0, reading.section, None)
                )
            elif reading.targets is not None:
                turn.locks.append(reading.targets)
    else:
        for reading in turn.keeps:
            words = tuple(language.quality_of_word.get(asked.word, asked.word) for asked in reading.words)
            names = reading.targets or words or filter(None, (reading.region or reading.quality,))
            constraints += [f"keep:{name}" for name in names]
    for locked in turn.locks:
        if turn.drafts:
            constraints += [f"lock:{name}" for name in locked]
    edits: list[Request] = []
    for draft in turn.drafts:
        edits += _edits(turn, draft, tuple(dict.fromkeys(constraints)))
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
        found.append(ask("What should change about the mix?", *EXAMPLES))
    return found


def _edits(turn: Turn, draft: Draft, constraints: tuple[str, ...]) -> list[Request]:
    ontology, language = spoken().ontology, load_language()
    plus = [asked.word for asked in draft.words if asked.direction == "+"]
    for one in plus:
        for two in plus:
            if two in ontology[one].opposites or (one, two) in language.contradictions:
                return [ask_contradiction(one, two, draft.targets, turn.tracks)]
    if draft.only:
        constraints = (*constraints, f"only:{draft.only}")
    asked_for = {asked.word for asked in draft.words}
    constraints = tuple(c for c in constraints if not (c.startswith("without:") and c[8:] in asked_for))
    common = {"targets": draft.targets, "constraints": constraints, "section": draft.section or turn.section}
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
