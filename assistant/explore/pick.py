"""Picking an option: its settings stand, and the word is learnt as this person means it."""

from collections.abc import Sequence

import numpy as np

from assistant.explore.options import Option, Options
from assistant.explore.readings import Reading, style_of
from assistant.request import Request
from assistant.tell import describe_moves, name_channel
from ontology import BANDS_HZ, Ontology, PersonalDictionary, load_ontology
from ontology.personal import Part

__all__ = ["learn_from", "picked"]

_CURVE_LIMIT_DB = 15.0
_CHANGES = ("wet", "change", "drive_db", "punch", "amount_db", "gain_db")
"""Terms of effects that scale with the amount."""


def picked(options: Options, option: Option, dictionary: PersonalDictionary | None = None) -> str:
    """Learn from a pick and say what was turned and what was learnt.

    Args:
        options: what there was to choose from.
        option: the one picked.
        dictionary: this person's words; None: the file of this user.
    """
    lines = [f"Option {option.number}, {option.reading.name}, it is."]
    for channel in dict.fromkeys(move.track for move in option.moves):
        turned = describe_moves([move for move in option.moves if move.track == channel])
        lines.append(f"{name_channel(channel)}: {turned}.")
    if dictionary is None:  # an empty one counts as false
        dictionary = PersonalDictionary()
    learnt = learn_from(options.prompt, option.reading, dictionary, load_ontology())
    if learnt is not None:
        lines.append(learnt)
    return "\n".join(lines)


def learn_from(prompt: str, reading: Reading, dictionary: PersonalDictionary, ontology: Ontology) -> str | None:
    """Keep what a pick says about a word, and say so; None where it says nothing new.

    Args:
        prompt: what was asked.
        reading: what was meant, as it turned out.
        dictionary: gets the word.
        ontology: the crowd's words.
    """
    said = f"option '{reading.name}' for '{prompt}'"
    if reading.kind == "style":
        parts = _parts(reading.requests)
        word = style_of(prompt) or prompt.strip()
        if not parts or word in ("", "open"):
            return None
        dictionary.learn_example(word, said, parts=parts)
        return f'From now on "{word}" means {reading.name} to you here ("forget {word}" takes that back).'
    first = reading.requests[0]
    word = str(first.descriptor)
    colour = _only(first)
    if reading.sense is not None:
        word, number = reading.sense
        sense = ontology[word].senses[number]
        curve = np.clip(first.amount * np.array(sense.eq_db), -_CURVE_LIMIT_DB, _CURVE_LIMIT_DB)
        effects = {effect.name: dict(effect.values) for effect in sense.effects}
        dictionary.learn_example(word, said, [float(db) for db in curve] if curve.any() else None, effects)
    elif colour is not None:
        effects = {
            effect.name: {term: v * first.amount if term in _CHANGES else v for term, v in effect.values.items()}
            for sense in ontology[word].senses
            for effect in sense.effects
            if effect.name == colour
        }
        dictionary.learn_example(word, said, [0.0] * len(BANDS_HZ), effects)
    elif len(reading.requests) > 1 or first.amount != 1.0:
        sign = "-" if first.direction == "-" else "+"
        parts = [part if sign == "+" else _turned(part) for part in _parts(reading.requests)]
        dictionary.learn_example(word, said, parts=parts)
    else:
        return None
    return f'From now on "{word}" means that to you here: {reading.name} ("forget {word}" takes it back).'


def _parts(requests: Sequence[Request]) -> list[Part]:
    """Return the words of the requests that go where the first goes; tracks of their own cannot be part of a word."""
    return [
        Part(id=str(r.descriptor), direction="-" if r.direction == "-" else "+", weight=min(3.0, max(0.1, r.amount)))
        for r in requests
        if r.descriptor is not None and r.targets == requests[0].targets
    ]


def _turned(part: Part) -> Part:
    return part.model_copy(update={"direction": "-" if part.direction == "+" else "+"})


def _only(request: Request) -> str | None:
    return next((entry[5:] for entry in request.constraints if entry.startswith("only:")), None)
