"""What a prompt may mean: the senses of its words, ways to carry them out, and styles made of traits."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import yaml
from rapidfuzz import fuzz

from assistant.request import MIX, Request
from assistant.wish import USES
from console.errors import RequestError
from exchange import Song
from models.text_to_effect import TextToEffect
from ontology import Ontology, Sense, Word

__all__ = ["OneSense", "Reading", "readings_of", "style_of"]

_SENSE_LEAST_SHARE = 0.03
_NEAR_PHRASE = 88
_NEAR_WORDS = 3
_LEAST_WEIGHT = 0.25
_OPEN = "open"
_ON = re.compile(r"^(?P<word>.+?) on (?P<where>.+)$")


@dataclass(frozen=True)
class Reading:
    """One plausible meaning.

    Attributes:
        name: short, for a button.
        why: what it goes by, a phrase.
        kind: "sense", "way" or "style".
        requests: what is asked of the console.
        sense: (word id, number of the sense) where a sense other than the most shared is meant.
        say: a sentence that asks for the nearest thing in plain words.
    """

    name: str
    why: str
    kind: str
    requests: tuple[Request, ...]
    sense: tuple[str, int] | None = None
    say: str = ""


class OneSense(Ontology):
    """An ontology in which one word means one thing; everything else is the original's."""

    def __init__(self, original: Ontology, word_id: str, number: int) -> None:
        """Share everything with the original but one word.

        Args:
            original: stays as it is.
            word_id: of the word.
            number: of its sense.
        """
        self.__dict__.update(original.__dict__)
        word = original[word_id]
        self._only = word.model_copy(update={"senses": (word.senses[number].model_copy(update={"share": 1.0}),)})

    def __getitem__(self, word_id: str) -> Word:
        return self._only if word_id == self._only.id else super().__getitem__(word_id)


def readings_of(
    requests: Sequence[Request], text: str, song: Song, ontology: Ontology, model: TextToEffect
) -> list[Reading]:
    """Return readings of a prompt, the most likely first.

    Args:
        requests: what the prompt was understood as.
        text: the prompt.
        song: which tracks there are.
        ontology: what words mean.
        model: places words that the ontology does not know.
    """
    edits = [request for request in requests if request.descriptor is not None]
    style = style_of(text)
    if style is not None and (style != _OPEN or not edits):
        targets = next((request.targets for request in requests if request.targets), ())
        return _styles(style, targets, song, ontology)
    if not edits:
        edits = _nearest(text, requests, model, ontology)
    if not edits:
        return _styles(_OPEN, (), song, ontology)
    edits = [request.model_copy(update={"intent": "edit", "targets": request.targets or (MIX,)}) for request in edits]
    return [*_senses(edits, ontology), *_ways(edits, ontology)]


def style_of(text: str) -> str | None:
    """Return the style that a text names, or None."""
    said = " " + re.sub(r"[^\w' -]+", " ", text.lower()) + " "
    best: tuple[float, str] | None = None
    for name, style in _table("styles.yaml").items():
        for phrase in (name, *(str(phrase) for phrase in style["phrases"])):
            if f" {phrase.lower()} " in said:
                score = 100.0 + len(phrase)
            elif len(phrase) > 6:
                score = fuzz.partial_ratio(phrase.lower(), said)
            else:
                continue
            if score >= _NEAR_PHRASE and (best is None or score > best[0]):
                best = (score, name)
    return None if best is None else best[1]


def _senses(edits: Sequence[Request], ontology: Ontology) -> list[Reading]:
    """Return the prompt as most people mean it, then the other senses of its words, labelled."""
    said = " and ".join(_spoken(request, ontology) for request in edits)
    readings = []
    for place, request in enumerate(edits):
        word = ontology[str(request.descriptor)]
        order = sorted(range(len(word.senses)), key=lambda number: -word.senses[number].share)
        if len(order) == 1:
            continue
        for number in order:
            sense = word.senses[number]
            main = number == order[0]
            if sense.share < _SENSE_LEAST_SHARE or (main and place and readings):
                continue
            name = f"{word.id}: {sense.name}"
            readings.append(
                Reading(name, _shared_by(sense), "sense", tuple(edits), (word.id, number), f"make it {said}")
            )
    if not readings:
        readings.append(Reading(said, "as most people mean it", "sense", tuple(edits), None, f"make it {said}"))
    return readings


def _ways(edits: Sequence[Request], ontology: Ontology) -> list[Reading]:
    said = " and ".join(_spoken(request, ontology) for request in edits)
    targets = edits[0].targets
    asked = {request.descriptor for request in edits}
    readings = []
    for way in _table("tradeoffs.yaml"):
        with_words = way.get("with", {})
        if not set(with_words) <= set(ontology) or asked & set(with_words) or _against(with_words, edits, ontology):
            continue
        only = way.get("only")
        if only is not None and not any(_uses(request, only, ontology) for request in edits):
            continue
        requests = []
        for request in edits:
            constraints = request.constraints if only is None else (*request.constraints, f"only:{only}")
            amount = min(4.0, request.amount * way.get("amount", 1.0))
            requests.append(request.model_copy(update={"amount": amount, "constraints": constraints}))
        requests += [_trait(word, amount, targets) for word, amount in with_words.items()]
        say = f"make it {said}" + "".join(f" and {_comparative(word, 1, ontology)}" for word in with_words)
        readings.append(Reading(f"{said}, {way['name']}", way["why"], "way", tuple(requests), None, say))
    return readings


def _styles(name: str, targets: Sequence[str], song: Song, ontology: Ontology) -> list[Reading]:
    readings = []
    for label, entry in _table("styles.yaml")[name]["readings"].items():
        requests, spoken = [], []
        for trait, amount in entry["traits"].items():
            on = _ON.match(trait)
            word, where = (on["word"], on["where"]) if on else (trait, None)
            if word not in ontology:
                continue
            tracks = tuple(targets) or (MIX,) if where is None else _tracks(song, where)
            if tracks:
                requests.append(_trait(word, amount, tracks))
                spoken.append(_comparative(word, amount, ontology) + (f" on the {where}" if where else ""))
        if requests:
            say = "make it " + " and ".join(spoken)
            readings.append(Reading(label, entry["why"], "style", tuple(requests), None, say))
    return readings


def _nearest(text: str, requests: Sequence[Request], model: TextToEffect, ontology: Ontology) -> list[Request]:
    """Return requests for the known words that an unknown phrase is taken for; none where nothing reads it."""
    try:
        direction = model.direction(text)
    except RequestError:
        return []
    targets = next((request.targets for request in requests if request.targets), ())
    near = [(word, weight) for word, weight in direction.words if word in ontology and abs(weight) >= _LEAST_WEIGHT]
    return [
        _trait(word, min(1.0, abs(weight)) * (1 if weight > 0 else -1), targets) for word, weight in near[:_NEAR_WORDS]
    ]


def _trait(word: str, amount: float, targets: Sequence[str]) -> Request:
    return Request(
        intent="edit",
        targets=tuple(targets) or (MIX,),
        descriptor=word,
        direction="+" if amount > 0 else "-",
        amount=abs(amount),
    )


def _tracks(song: Song, where: str) -> tuple[str, ...]:
    return tuple(track.name for track in song.tracks if where in (track.group, track.instrument))


def _against(words: Sequence[str], edits: Sequence[Request], ontology: Ontology) -> bool:
    """Say whether a word that would come along undoes what was asked."""
    for request in edits:
        word = ontology[str(request.descriptor)]
        undone = word.opposites if request.direction != "-" else (word.id, *word.related)
        if set(undone) & set(words):
            return True
    return False


def _uses(request: Request, processor: str, ontology: Ontology) -> bool:
    word = ontology[str(request.descriptor)]
    allowed = processor in USES[word.kind]
    return allowed and any(sense.effect(processor) is not None for sense in word.senses) and request.direction != "-"


def _shared_by(sense: Sense) -> str:
    share = f"{100 * sense.share:.0f} % of people mean this"
    return f"{share} ({sense.people} asked)" if sense.people else "as the books have it"


def _spoken(request: Request, ontology: Ontology) -> str:
    return _comparative(str(request.descriptor), -1 if request.direction == "-" else 1, ontology)


def _comparative(word_id: str, amount: float, ontology: Ontology) -> str:
    """Return what a person would say: "warmer", "less boomy", "more polished"."""
    word = ontology[word_id]
    if amount < 0:
        return f"less {word.id}"
    spoken = (label for label in word.labels if label.endswith("er") and label[:2] == word.id[:2] and " " not in label)
    return next(spoken, f"more {word.id}")


@functools.cache
def _table(name: str):
    return yaml.safe_load(resources.files("assistant.explore").joinpath(name).read_text(encoding="utf-8"))
