"""What each stretch of a sentence can be: the longest known phrase wins, and says what it may stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName, name_phrases
from ontology import load_ontology
from ontology.language import load_language
from ontology.phrases import Openers

__all__ = ["Mark", "head", "is_all", "is_finite", "mark"]

Phrase = tuple[str, ...]
_LONGEST = 7
_LONGEST_OPENER = 14


@dataclass(slots=True)
class Mark:
    """A stretch of the sentence.

    Attributes:
        text: as it reads, normalised.
        kinds: everything it can be -> the value of that reading.
        kind: the reading that was taken; "" while it is open, "other" where nothing is known.
    """

    text: str
    kinds: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    token: Token | None = None

    @property
    def value(self) -> Any:
        return self.kinds.get(self.kind)


def _add(table: dict[Phrase, dict[str, Any]], phrase: str, kind: str, value: Any) -> None:
    table.setdefault(tuple(phrase.replace("-", " ").split()), {}).setdefault(kind, value)


@lru_cache(maxsize=1)
def _phrases() -> Mapping[Phrase, Mapping[str, Any]]:
    """Every phrase of the grammar, the parts and the ontology -> what it can be."""
    language, ontology = load_language(), load_ontology()
    table: dict[Phrase, dict[str, Any]] = {}
    for name, verbs in language.verbs.items():
        for verb in verbs:
            _add(table, verb, "verb", name)
    for verb, entry in language.processor_verbs.items():
        _add(table, verb, "processor", entry)
    for name, words in language.particles.items():
        for word in words:
            _add(table, word, "particle", name)
    for kind in ("more", "less", "too", "enough", "needs", "lacks", "similes"):
        for phrase in getattr(language, kind):
            _add(table, phrase, kind, True)
    for phrase in language.not_:
        _add(table, phrase, "not", True)
    for phrase in language.copulas:
        _add(table, phrase, "copula", True)
    for phrase in language.fillers:
        _add(table, phrase, "filler", True)
    for phrase in language.determiners:
        _add(table, phrase, "det", True)
    for phrase in language.pronouns:
        _add(table, phrase, "pron", True)
    for phrase, judgement in language.judging.items():
        _add(table, phrase, "judging", judgement)
    for phrase, amount in language.amounts.items():
        _add(table, phrase, "amount", amount)
    for phrase in language.mix:
        _add(table, phrase, "mix", True)
    for phrase in language.rest:
        _add(table, phrase, "rest", True)
    for phrase in language.exclude:
        _add(table, phrase, "exclude", True)
    for word_id, phrases in language.regions.items():
        for phrase in phrases:
            _add(table, phrase, "region", word_id)
    for cue in language.cues:
        for phrase in cue.words:
            _add(table, phrase, "cue", cue)
    for parameter, speeds in language.speeds.items():
        for speed, milliseconds in speeds.items():
            _add(table, f"{speed} {parameter.split('_')[0]}", "speed", (parameter, milliseconds))
    for side, sign in language.pan.sides.items():
        _add(table, side, "side", sign)
    for phrase in language.pan.middle:
        _add(table, phrase, "middle", True)
    for phrase, share in language.pan.strengths.items():
        _add(table, phrase, "strength", share)
    for phrase, lufs in language.platforms.items():
        if phrase != "checked":
            _add(table, phrase, "platform", lufs)
    for name, words in language.processors.items():
        for word in words:
            _add(table, word, "effect", name)
    for phrase in language.only:
        _add(table, phrase, "only", True)
    for phrase in language.vague:
        _add(table, phrase, "vague", True)
    for name, words in language.qualities.items():
        for word in words:
            _add(table, word, "quality", name)
    for phrase in language.sections:
        _add(table, phrase, "section", phrase)
    for phrase, number in language.words.items():
        _add(table, phrase, "count", number)
    for part_id, part in language.parts.items():
        for word in part.words:
            _add(table, word, "part", (part_id, word.endswith("s") and not word.endswith("ss")))
            if not word.endswith("s"):
                _add(table, f"{word}s", "part", (part_id, True))
    for phrase, (name, direction) in language.sayings.items():
        match = ontology.find(name)
        if match is not None:
            _add(table, phrase, "word", (match.word_id, direction, f"'{phrase}' is said for {match.word_id}", 1.0))
    # Labels that carry their own "more" or "too" are left to the grammar, which reads any word that way.
    carried = {*language.more, *language.less, "too", "lacks", "add", "super"}
    for label, (word_id, written, direction) in ontology.labels.items():
        first, *rest = label.split()
        if not (rest and first in carried):
            why = "the word itself" if written == word_id else f"another name for {word_id}"
            _add(table, label, "word", (word_id, direction, why, 1.0))
    return table


def _free(phrase: Phrase) -> bool:
    """Whether a track's name has a word that is not the grammar's own; otherwise it could be any sentence."""
    table = _phrases()
    free = [(word,) not in table or "part" in table[(word,)] for word in phrase]
    return all(free) or (len(phrase) > 1 and any(free) and (*phrase[:2],) not in table)


def _introduces(text: str) -> bool:
    """ "the", "track": what stands before a name."""
    language = load_language()
    return text in language.determiners or text in language.numbered


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    """Single words for parts and verbs, in which a slip is looked for."""
    named = (phrase for phrase, kinds in _phrases().items() if {"part", "verb"} & kinds.keys())
    return tuple(phrase[0] for phrase in named if len(phrase) == 1 and len(phrase[0]) > 3)


@lru_cache(maxsize=4096)
def _single(text: str) -> dict[str, Any]:
    """A word that no table lists: a form or a slip of a descriptor, or a slip in the name of a part."""
    table, ontology = _phrases(), load_ontology()
    match = ontology.find(text) if len(text) > 2 else None
    if match is not None:
        value = (match.word_id, match.direction, match.why, match.confidence)
        if match.confidence >= 0.9:
            return {"word": value}
    if len(text) >= 5 and text not in ontology.plain_words:
        near = [name for name in _names() if abs(len(name) - len(text)) <= 1 and text != f"{name}s"]
        near = [name for name in near if OSA.distance(text, name, score_cutoff=1) <= 1]
        if near:
            return {kind: value for kind, value in table[(near[0],)].items() if kind in ("part", "verb")}
    return {} if match is None else {"word": value}


def mark(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> list[Mark]:
    """Cover a sentence with the longest phrases that are known.

    Args:
        tokens: one sentence.
        tracks: the song's tracks; their names come before other readings of equal length.
    """
    table = _phrases()
    names = name_phrases([track.name for track in tracks])
    marks: list[Mark] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            phrase = tuple(t.text for t in tokens[at : at + length])
            kinds = dict(table.get(phrase, {}))
            if phrase in names and (_free(phrase) or (marks and _introduces(marks[-1].text))):
                kinds["track"] = names[phrase]
            if kinds or length == 1:
                break
        if not kinds and token.value is not None:
            kinds = {"number": token}
        elif not kinds and token.text.isalpha():
            kinds = dict(_single(token.text))
        text = " ".join(t.text for t in tokens[at : at + length])
        marks.append(Mark(text, kinds, token=token))
        at += length
    return marks


def is_finite(text: str) -> bool:
    """Whether this looks like a verb of the third person ("rings", "clouds"), which describes and does not order."""
    return text.endswith("s") and not text.endswith("ss") and " " not in text


@lru_cache(maxsize=128)
def _openers(phrases: tuple[str, ...]) -> Openers:
    return Openers(phrases, load_language().adverbs)


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text.replace(" ", "") for token in tokens]


def head(tokens: Sequence[Token], phrases: tuple[str, ...]) -> int:
    """How many tokens at the front are the longest of `phrases`; 0 where none fits."""
    return _openers(phrases).length(_words(tokens[:_LONGEST_OPENER])) if tokens else 0


def is_all(tokens: Sequence[Token], phrases: tuple[str, ...]) -> bool:
    """Whether the tokens are one of `phrases` and nothing else."""
    return bool(tokens) and _openers(phrases).all_of(_words(tokens))
