"""Words that no table has: what the text model takes them for. It is loaded when the first such word is said."""

from dataclasses import dataclass
from functools import lru_cache

from console.errors import ModelError, RequestError
from ontology import load_ontology

__all__ = ["Near", "readings_of"]

_LEAST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Near:
    """A word that another may mean.

    Attributes:
        word: ontology id.
        direction: "-" where it means less of it.
        confidence: 0..1, as the text model gives it.
        why: in plain words.
    """

    word: str
    direction: str
    confidence: float
    why: str


@lru_cache(maxsize=256)
def readings_of(text: str) -> tuple[Near, ...]:
    """Say what an unknown word may mean, the likeliest first; nothing where no text model is on this machine.

    Args:
        text: one word or short phrase.
    """
    if len(text) < 3:
        return ()
    from models.text_to_effect import load_text_to_effect  # torch: two seconds that a known word never costs

    try:
        found = load_text_to_effect().direction(text)
    except (ModelError, RequestError):
        return ()
    ontology = load_ontology()
    kept = [(word, weight) for word, weight in found.words if word in ontology]
    most = max((abs(weight) for _, weight in kept), default=0.0)
    why = f"the text model puts '{text}' near it, confidence {found.confidence:.2f}"
    return tuple(
        Near(word, "+" if weight > 0 else "-", found.confidence, why)
        for word, weight in kept
        if abs(weight) >= _LEAST_SHARE * most
    )
