"""Short answers to what was asked or offered: "the bass", "the second one", "yes, fix it"."""

from collections.abc import Sequence

from assistant.request import Request
from assistant.understand.clauses import names_only_targets, skip_fillers
from assistant.understand.marks import is_all, mark
from assistant.understand.refer import Context, targets_in
from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName
from ontology.language import load_language

__all__ = ["complete", "picked"]


def picked(tokens: Sequence[Token], context: Context) -> str | None:
    """The sentence that "the second one" picks from those that were offered; None where it picks none."""
    language = load_language()
    asked = context.asked
    offered = asked.choices if asked is not None and asked.choices else context.offered
    words = [token for token in skip_fillers(tokens) if token.text != ","]
    if not offered or not words:
        return None
    if len(words) == 1 and words[0].value is not None and words[0].unit == "none":
        place = int(words[0].value)
    elif is_all(words, language.picks):
        place = next(n for token in words for n in (_place(token),) if n)
    else:
        return None
    at = len(offered) - 1 if place < 0 else place - 1
    return offered[at] if 0 <= at < len(offered) else None


def _place(token: Token) -> int:
    language = load_language()
    if token.value is not None:
        return int(token.value)
    return int(
        language.ordinals.get(token.text, 0) or (language.words.get(token.text, 0) if token.text != "one" else 0)
    )


def complete(tokens: Sequence[Token], tracks: Sequence[TrackName], context: Context) -> Request | None:
    """The edit that a short answer completes: a track to what was wanted, or a yes to what was found; else None."""
    asked, language = context.asked, load_language()
    if asked is None or (asked.descriptor is None and not asked.numbers):
        return None
    words = [token for token in skip_fillers(tokens) if token.text != ","]
    if asked.intent == "diagnose" and is_all(words or list(tokens), language.fix_it):
        return _edit(asked, asked.targets)
    if asked.intent != "clarify" or asked.targets:
        return None
    marks = mark(words, tracks)
    targets = targets_in(marks, tracks)
    return _edit(asked, targets) if targets and names_only_targets(marks) else None


def _edit(asked: Request, targets: tuple[str, ...]) -> Request:
    return Request(
        intent="edit",
        targets=targets,
        descriptor=asked.descriptor,
        direction=asked.direction,
        amount=asked.amount,
        numbers=asked.numbers,
        section=asked.section,
    )
