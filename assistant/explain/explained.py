"""Which explanation a sentence asks for: of the last edit, of a word, or of a tool."""

import re

from assistant.explain.edit import Depth, explain_edit
from assistant.explain.lessons import teach
from assistant.request import Request
from assistant.session import Session
from assistant.tell import say
from ontology import Ontology

__all__ = ["explained"]

_DEPTHS: dict[Depth, re.Pattern[str]] = {
    "full": re.compile(
        r"\b(everything|every knob|every value|full|fully|exactly|all the details|in detail|detailed)\b"
    ),
    "short": re.compile(
        r"\b(short|shortly|brief|briefly|in a word|in one sentence|quick|quickly|simple|simply|tl;?dr)\b"
    ),
}
"""How deep an explanation is asked for; without any of these, the knobs and why."""


def explained(session: Session, text: str, request: Request, ontology: Ontology) -> str:
    """Return an explanation.

    Args:
        session: whose last edit, whose tracks.
        text: what the person said.
        request: of intent "explain" or "teach".
        ontology: what words mean.
    """
    if request.intent == "explain":
        depth = next((depth for depth, cue in _DEPTHS.items() if cue.search(text.lower())), "knobs")
        return explain_edit(session, ontology, depth)
    lesson = teach(text, session.song.tracks)
    if lesson is not None:
        return f'{lesson[0]}\nTo hear it here, say "{lesson[1]}".'
    if request.descriptor is not None:
        return _word(request.descriptor, ontology)
    return say("no_lesson")


def _word(name: str, ontology: Ontology) -> str:
    """Return what a word means, as one would say it."""
    word = ontology[name]
    lines = [f"{word.id.capitalize()}: {word.gloss}"]
    if len(word.senses) > 1:
        lines += [f"{round(100 * sense.share)} % mean it {sense.name}." for sense in word.senses]
    lines += [confusion.tells_apart for confusion in word.confused_with]
    return "\n".join(lines)
