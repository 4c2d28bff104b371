"""Every phrase that is known and what it can be: the grammar's, the parts', the words' - the user's own before all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from console.errors import OntologyError
from ontology import Found, Ontology, PersonalDictionary, load_ontology, look_up
from ontology.language import Language, load_language
from ontology.personal import default_path

__all__ = ["Vocabulary", "speaking", "words"]

_log = logging.getLogger(__name__)
Phrase = tuple[str, ...]
_FLAGS = (
    "more", "less", "too", "enough", "needs", "lacks", "similes", "not_", "copulas", "fillers", "determiners",
    "pronouns", "mix", "rest", "exclude", "only", "vague",
)  # fmt: skip
_KIND_OF = {"not_": "not", "copulas": "copula", "fillers": "filler", "determiners": "det", "pronouns": "pron"}
_NAMED = {"words": "count", "judging": "judging", "amounts": "amount", "processor_verbs": "processor"}


class Vocabulary:
    """The phrases over one ontology; made once for each."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._singles: dict[str, dict[str, Any]] = {}
        self._found: dict[str, Found] = {}

    @cached_property
    def phrases(self) -> dict[Phrase, dict[str, Any]]:
        """Every phrase -> what it can be -> the value of that reading."""
        table: dict[Phrase, dict[str, Any]] = {}
        language = load_language()
        for entries in (self._own(), _grammar(language), _sound(language), _parts(language), self._words(language)):
            for phrase, kind, value in entries:
                table.setdefault(tuple(phrase.replace("-", " ").split()), {}).setdefault(kind, value)
        return table

    def _own(self) -> Iterator[tuple[str, str, Any]]:
        for label, (word_id, _, direction) in self.ontology.labels.items():
            if word_id in self.ontology.yours:
                yield label, "word", (word_id, direction, "as you said you mean it", 1.0)

    def _words(self, language: Language) -> Iterator[tuple[str, str, Any]]:
        for phrase, (name, direction) in language.sayings.items():
            match = self.ontology.find(name)
            if match is not None:
                yield phrase, "word", (match.word_id, direction, f"'{phrase}' is said for {match.word_id}", 1.0)
        # Labels that carry their own "more" or "too" are left to the grammar, which reads any word that way.
        carried = {*language.more, *language.less, "too", "lacks", "add", "super"}
        for label, (word_id, written, direction) in self.ontology.labels.items():
            first, *rest = label.split()
            if not (rest and first in carried):
                why = "the word itself" if written == word_id else f"another name for {word_id}"
                yield label, "word", (word_id, direction, why, 1.0)

    def is_free(self, phrase: Phrase) -> bool:
        """Whether a track's name has a word that is not the grammar's own; otherwise it could be any sentence."""
        free = [(word,) not in self.phrases or "part" in self.phrases[(word,)] for word in phrase]
        return all(free) or (len(phrase) > 1 and any(free) and (*phrase[:2],) not in self.phrases)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """Single words for parts and verbs, in which a slip is looked for."""
        named = (phrase for phrase, kinds in self.phrases.items() if {"part", "verb"} & kinds.keys())
        return tuple(phrase[0] for phrase in named if len(phrase) == 1 and len(phrase[0]) > 3)

    def single(self, text: str) -> dict[str, Any]:
        """A word that no table lists: a form or a slip of a descriptor, or a slip in the name of a part."""
        if text not in self._singles:
            self._singles[text] = self._look_for(text)
        return self._singles[text]

    def _look_for(self, text: str) -> dict[str, Any]:
        match = self.ontology.find(text) if len(text) > 2 else None
        reading = {} if match is None else {"word": (match.word_id, match.direction, match.why, match.confidence)}
        if match is not None and match.confidence >= 0.9:
            return reading
        if len(text) >= 5 and text not in self.ontology.plain_words:
            near = [name for name in self._names if abs(len(name) - len(text)) <= 1 and text != f"{name}s"]
            near = [name for name in near if OSA.distance(text, name, score_cutoff=1) <= 1]
            if near:
                kinds = self.phrases[(near[0],)]
                return {kind: value for kind, value in kinds.items() if kind in ("part", "verb")}
        return reading

    def meaning(self, text: str) -> Found:
        """What a text may mean that is in no table: everyday words, then the text model, which is loaded for it."""
        if text not in self._found:
            self._found[text] = look_up(text, self.ontology)
        return self._found[text]


def _grammar(language: Language) -> Iterator[tuple[str, str, Any]]:
    for name, verbs in language.verbs.items():
        yield from ((verb, "verb", name) for verb in verbs)
    for name, particles in language.particles.items():
        yield from ((particle, "particle", name) for particle in particles)
    for flag in _FLAGS:
        yield from ((phrase, _KIND_OF.get(flag, flag), True) for phrase in getattr(language, flag))
    for name, kind in _NAMED.items():
        yield from ((phrase, kind, value) for phrase, value in getattr(language, name).items())
    for name, phrases in language.qualities.items():
        yield from ((phrase, "quality", name) for phrase in phrases)


def _sound(language: Language) -> Iterator[tuple[str, str, Any]]:
    """Regions, numbers and places."""
    for word_id, phrases in language.regions.items():
        yield from ((phrase, "region", word_id) for phrase in phrases)
    for cue in language.cues:
        yield from ((phrase, "cue", cue) for phrase in cue.words)
    for parameter, speeds in language.speeds.items():
        for speed, milliseconds in speeds.items():
            yield f"{speed} {parameter.split('_')[0]}", "speed", (parameter, milliseconds)
    yield from ((phrase, "shelf", place) for phrase, place in language.shelves.items())
    yield from ((side, "side", sign) for side, sign in language.pan.sides.items())
    yield from ((phrase, "middle", True) for phrase in language.pan.middle)
    yield from ((phrase, "strength", share) for phrase, share in language.pan.strengths.items())
    yield from ((phrase, "platform", lufs) for phrase, lufs in language.platforms.items() if phrase != "checked")


def _parts(language: Language) -> Iterator[tuple[str, str, Any]]:
    for name, phrases in language.processors.items():
        yield from ((phrase, "effect", name) for phrase in phrases)
    yield from ((phrase, "section", phrase) for phrase in language.sections)
    for part_id, part in language.parts.items():
        for word in part.words:
            yield word, "part", (part_id, word.endswith("s") and not word.endswith("ss"))
            if not word.endswith("s"):
                yield f"{word}s", "part", (part_id, True)


@lru_cache(maxsize=2)
def _default(changed_ns: int) -> Vocabulary:
    """The shipped words with this person's in front; read again when the dictionary's file has changed."""
    crowd = load_ontology()
    try:
        return Vocabulary(PersonalDictionary().over(crowd) if changed_ns else crowd)
    except OntologyError:  # people must be understood without it as well; `studiospeak word` says what is wrong
        _log.warning("Your own words are left out: the dictionary cannot be read.", exc_info=True)
        return Vocabulary(crowd)


_given: ContextVar[Vocabulary | None] = ContextVar("vocabulary", default=None)
_made: dict[int, Vocabulary] = {}


def words() -> Vocabulary:
    """Return the vocabulary that is spoken here."""
    given = _given.get()
    if given is not None:
        return given
    path = default_path()
    return _default(path.stat().st_mtime_ns if path.exists() else 0)


@contextmanager
def speaking(ontology: Ontology | None) -> Iterator[None]:
    """Speak with the words of an ontology for a while; None: the shipped ones and this person's."""
    if ontology is None:
        made = words()
    else:
        made = _made.get(id(ontology)) or Vocabulary(ontology)
        if made.ontology is not ontology:
            made = Vocabulary(ontology)
        _made.clear()
        _made[id(ontology)] = made
    token = _given.set(made)
    try:
        yield
    finally:
        _given.reset(token)
