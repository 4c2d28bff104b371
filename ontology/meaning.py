"""Look a text up, from the surest to the faintest: personal, label, form, spelling, everyday word, phrase, meaning.

`Ontology.find` does the first steps on tables alone; here come those that a person at a prompt wants as well and a
grammar must not: everyday words ("good"), phrases of several words, and the nearest meaning through the text model.
Torch is loaded only for the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from console.errors import StudiospeakError
from ontology.lookup import Match, Ontology, normalise_label

__all__ = ["Found", "TextModel", "look_up"]

_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "it",
        "is",
        "be",
        "more",
        "very",
        "really",
        "quite",
        "so",
        "to",
        "of",
        "in",
        "with",
        "like",
        "sound",
        "sounds",
        "sounding",
        "bit",
        "little",
        "kind",
    ]
)
_EVERYDAY = 0.6
_PHRASE = 0.8
_LEAST_SURE = 0.035  # below this the sentence encoder says something of every word there is
_LEAST_WEIGHT = 0.2  # of a mixture
_MODEL_WORDS = 3


class TextModel(Protocol):
    """What is needed of `models.text_to_effect.TextToEffect`."""

    def direction(self, text: str) -> Any: ...
    def nearest_words(self, change: Any, count: int) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Found:
    """What a text was taken for.

    Attributes:
        text: as given.
        matches: the words, the leading one first; none where the text is unknown.
        how: the step that found them.
        confidence: 0..1; 0 for unknown.
        why: for a person.
        suggestions: labels that look alike, or words that sound alike, to offer instead.
    """

    text: str
    matches: tuple[Match, ...]
    how: Literal["personal", "label", "form", "turned", "spelling", "everyday", "phrase", "meaning", "unknown"]
    confidence: float
    why: str
    suggestions: tuple[str, ...] = ()

    @property
    def word_id(self) -> str | None:
        """The leading word's id, or None where the text is unknown."""
        return self.matches[0].word_id if self.matches else None


def look_up(text: str, ontology: Ontology, model: TextModel | None = None, by_meaning: bool = True) -> Found:
    """Find what a text means here.

    Args:
        text: a word or short phrase.
        ontology: the words; `PersonalDictionary.over` puts the user's in front.
        model: reads what no table knows; None: the shipped one, loaded when it is first needed.
        by_meaning: whether to ask the model at all.
    Returns:
        What was found and why; `how` is "unknown" where nothing fits.
    """
    match = ontology.find(text)
    if match is not None:
        return Found(text, (match,), match.how, match.confidence, match.why)
    key = normalise_label(text)
    everyday = ontology.everyday.get(key)
    if everyday is not None:
        word_id, label = everyday
        why = f"listeners say '{label}'" + ("" if word_id == key else f" of what comes near {word_id}")
        return Found(text, (Match(word_id, label, "+", _EVERYDAY, why, "everyday"),), "everyday", _EVERYDAY, why)
    found = _phrase(text, key, ontology) or (_by_meaning(text, key, ontology, model) if by_meaning and key else None)
    if found is not None:
        return found
    near = tuple(ontology.suggestions(text)) if key else ()
    return Found(text, (), "unknown", 0.0, f"'{text.strip()}' is not a word known here", near)


def _phrase(text: str, key: str, ontology: Ontology) -> Found | None:
    """Read several words one by one; each unknown one takes from the confidence."""
    words = [word for word in key.split() if word not in _FILLERS]
    if len(key.split()) < 2 or not words:
        return None
    matches: dict[str, Match] = {}
    for word in words:
        match = ontology.find(word)
        if match is not None:
            matches.setdefault(match.word_id, match)
    known = sum(ontology.find(word) is not None for word in words)
    if not matches or 2 * known < len(words):
        return None
    confidence = round(_PHRASE * min(match.confidence for match in matches.values()) * known / len(words), 2)
    missing = [word for word in words if ontology.find(word) is None]
    why = "a phrase of " + " and ".join(f"'{match.label}'" for match in matches.values())
    if missing:
        why += f"; {', '.join(repr(word) for word in missing)} says nothing here"
    return Found(text, tuple(matches.values()), "phrase", confidence, why)


def _by_meaning(text: str, key: str, ontology: Ontology, model: TextModel | None) -> Found | None:
    """Ask the text model: its tables of associations first, then the sentence encoder where its weights are here."""
    try:
        if model is None:
            from models.text_to_effect import load_text_to_effect  # torch

            model = load_text_to_effect()
        direction = model.direction(key)
    except StudiospeakError:
        return None  # no weights, or nothing on this machine reads unknown words
    if not direction.known and direction.confidence < _LEAST_SURE:
        return None
    source = "it is associated with" if direction.known else "the sentence encoder places it near"
    matches = []
    for word_id, weight in direction.words:
        if word_id in ontology and abs(weight) >= _LEAST_WEIGHT:
            why = f"{source} {word_id}"
            sure = round(min(direction.confidence * abs(weight), 0.5), 2)
            matches.append(Match(word_id, word_id, "+" if weight > 0 else "-", sure, why, "meaning"))
    if not matches:
        return None
    # Neighbours in the space of changes of sound, searched with FAISS.
    near = model.nearest_words(direction.vector * direction.magnitude, _MODEL_WORDS) if direction.magnitude > 0 else ()
    taken = {match.word_id for match in matches}
    also = tuple(row.word for row in near if row.word not in taken and row.direction == "+")
    listed = " and ".join(("" if match.direction == "+" else "less ") + match.word_id for match in matches)
    confidence = round(min(direction.confidence, 0.5), 2)
    return Found(text, tuple(matches), "meaning", confidence, f"{source} {listed}", also)
