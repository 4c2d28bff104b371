"""The user's own words: what they said "glassy" means wins over what the crowd means.

A word is learnt from other words ("bright and thin, less boomy") or from an example the user picked (a curve). The
dictionary is one small JSON file in the user's data folder, written whole and safely: a crash leaves the old one.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.errors import OntologyError
from ontology.lookup import Ontology, normalise_label
from ontology.model import BANDS_HZ, CURVE_LIMIT_DB, EFFECT_RANGES, Direction, Effect, Sense, Source, Word, WordId

__all__ = ["Learnt", "Part", "PersonalDictionary", "default_path", "parts_of"]

_SOURCE = "you"
_CHANGES = frozenset({"wet", "change", "drive_db", "punch", "amount_db", "gain_db"})  # terms that scale and turn round
_SPLIT = re.compile(r"\s*(?:,|;|\band\b|\bbut\b|\bplus\b|\bwith\b|&|\+|/)\s*")
_LESS = ("less", "not so", "not as", "not too", "not", "without", "no", "minus", "never")
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "it",
        "is",
        "sounds",
        "sounding",
        "sound",
        "like",
        "more",
        "much",
        "rather",
        "something",
        "that",
        "means",
        "mean",
        "kind",
        "sort",
        "of",
        "some",
        "and",
        "to",
        "quite",
        "really",
        "just",
        "i",
        "very",
        "too",
        "in",
    ]
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Frozen):
    """One known word in a learnt one: its id, more or less of it, and how much of a usual dose."""

    id: WordId
    direction: Direction = "+"
    weight: float = Field(default=1.0, gt=0, le=3)


class Learnt(_Frozen):
    """One word as the user means it."""

    word: str = Field(min_length=2)  # as typed
    said: str  # what it was said to mean, or which example was picked
    parts: tuple[Part, ...] = ()
    eq_db: tuple[float, ...] | None = None  # of an example, on `BANDS_HZ`; without one the parts' curves add up
    effects: dict[str, dict[str, float]] = {}  # of an example, in the terms of `EFFECT_RANGES`
    learnt: date


class _File(_Frozen):
    schema_version: Literal[1] = 1
    words: dict[str, Learnt] = {}


def default_path() -> Path:
    """Return where the dictionary of this user lives."""
    return user_data_path("studiospeak") / "dictionary.json"


def parts_of(said: str, ontology: Ontology) -> tuple[Part, ...]:
    """Read what a word is said to mean: "bright and a bit thin, less boomy".

    Args:
        said: known words, with "and", "but", "less" and amounts between them.
        ontology: where they are looked up.
    Raises:
        OntologyError: nothing is said, or a part of it is no known word.
    """
    from ontology.language import load_language  # the grammar's tables, which only this needs

    amounts = sorted(load_language().amounts.items(), key=lambda item: -len(item[0]))
    parts: dict[str, Part] = {}
    for chunk in filter(None, _SPLIT.split(_plain(said))):
        text, sign, weight = chunk, 1, 1.0
        changed = True
        while changed:
            changed = False
            for opener in _LESS:
                if text.startswith(f"{opener} "):
                    text, sign, changed = text[len(opener) + 1 :], -sign, True
            for phrase, amount in amounts:
                if text.startswith(f"{phrase} "):
                    text, weight, changed = text[len(phrase) + 1 :], weight * amount, True
                    break
            first, _, rest = text.partition(" ")
            if rest and first in _FILLERS:
                text, changed = rest, True
        for named in [text] if ontology.find(text) else [word for word in text.split() if word not in _FILLERS]:
            match = ontology.find(named)
            if match is None:
                raise OntologyError(
                    f"'{named}' is not a word known here, so it cannot explain another. Say it with words such as "
                    f"{', '.join(ontology.suggestions(named)) or 'bright, warm or punchy'}."
                )
            sense = sign if match.direction == "+" else -sign
            parts[match.word_id] = Part(
                id=match.word_id, direction="+" if sense > 0 else "-", weight=min(max(weight, 0.1), 3)
            )
    if not parts:
        raise OntologyError(f"Nothing in '{said}' says what the word means. Say it with words such as bright or warm.")
    return tuple(parts.values())


def _plain(text: str) -> str:
    """Lower case and single spaces; commas and signs stay, as they part what is said."""
    return " ".join(text.casefold().replace("’", "'").strip(" .!?\"'").split())


class PersonalDictionary(Mapping[str, Learnt]):
    """What one user has taught, by word.

    Args:
        path: the file; None: `default_path()`. It need not exist.
    Raises:
        OntologyError: the file is damaged. It is left as it is.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self._words: dict[str, Learnt] = {}
        if self.path.exists():
            try:
                self._words = dict(_File.model_validate_json(self.path.read_text(encoding="utf-8")).words)
            except (OSError, UnicodeDecodeError, ValidationError) as error:
                raise OntologyError(
                    f"Your dictionary {self.path} cannot be read: {error}. Mend it or move it away; it was not touched."
                ) from error

    def __getitem__(self, word: str) -> Learnt:
        return self._words[normalise_label(word)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def learn(self, word: str, said: str, ontology: Ontology) -> Learnt:
        """Learn a word from others and keep it: by "glassy" I mean "bright and thin".

        Args:
            word: the user's word; it may be one the crowd has.
            said: what it means, in words known without it.
            ontology: the crowd's.
        Raises:
            OntologyError: the word is empty or explained by itself, or `said` holds an unknown word.
        """
        parts = parts_of(said, ontology)
        if any(part.id == _slug(word) for part in parts):
            raise OntologyError(f"'{word}' cannot be explained by itself. Say it in other words.")
        return self._keep(Learnt(word=word.strip(), said=said.strip(), parts=parts, learnt=date.today()))

    def learn_example(
        self,
        word: str,
        said: str,
        eq_db: Sequence[float] | None = None,
        effects: Mapping[str, Mapping[str, float]] | None = None,
        parts: Sequence[Part] = (),
    ) -> Learnt:
        """Learn a word from an example the user picked.

        Args:
            word: the user's word.
            said: which example it was, for the entry.
            eq_db: (40,) its change of spectrum on `BANDS_HZ`, dB.
            effects: its other processors, in the terms of `EFFECT_RANGES`.
            parts: words that describe it as well.
        Raises:
            OntologyError: the example says nothing, or a value is out of range.
        """
        if eq_db is None and not effects and not parts:
            raise OntologyError(f"The example for '{word}' says nothing. Give a curve, effects or words.")
        curve = None if eq_db is None else tuple(round(float(db), 2) for db in eq_db)
        if curve is not None and (len(curve) != len(BANDS_HZ) or not all(abs(db) <= CURVE_LIMIT_DB for db in curve)):
            raise OntologyError(f"A curve has {len(BANDS_HZ)} values within {CURVE_LIMIT_DB:g} dB.")
        told = {name: dict(values) for name, values in (effects or {}).items()}
        for name, values in told.items():
            _effect(name, values)
        return self._keep(
            Learnt(word=word.strip(), said=said, parts=tuple(parts), eq_db=curve, effects=told, learnt=date.today())
        )

    def forget(self, word: str) -> None:
        """Forget a word.

        Raises:
            OntologyError: it was never learnt.
        """
        if normalise_label(word) not in self._words:
            raise OntologyError(f"'{word}' is not in your dictionary. It holds: {', '.join(self._words) or 'nothing'}.")
        kept = {key: learnt for key, learnt in self._words.items() if key != normalise_label(word)}
        self._write(kept)

    def over(self, crowd: Ontology) -> Ontology:
        """Return the crowd's words with the user's in front of them.

        Args:
            crowd: the shipped ontology; it is not changed.
        """
        if not self._words:
            return crowd
        words = dict(crowd)
        for key, learnt in self._words.items():
            word_id = _slug(learnt.word)
            words = {other: word if other == word_id else _without(word, key) for other, word in words.items()}
            words[word_id] = _word(word_id, learnt, crowd, words.get(word_id))
        said = Source(id=_SOURCE, short="you", full="What you said on this machine")
        return Ontology(words, {**crowd.sources, _SOURCE: said}, yours=frozenset(map(_slug, self._words)))

    def _keep(self, learnt: Learnt) -> Learnt:
        key = normalise_label(learnt.word)
        if not _slug(key):
            raise OntologyError(f"'{learnt.word}' is no word. Use letters.")
        self._write({**self._words, key: learnt})
        return learnt

    def _write(self, words: dict[str, Learnt]) -> None:
        """Write the file whole: a new one beside it, flushed to the disk, then put in its place."""
        text = json.dumps(_File(words=words).model_dump(mode="json"), ensure_ascii=False, indent=1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        self._words = words


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", normalise_label(word)).strip("-")


def _without(word: Word, key: str) -> Word:
    """Take a label away from a word of the crowd: it is the user's now."""
    fields: dict[str, Any] = {
        name: tuple(label for label in getattr(word, name) if normalise_label(label) != key)
        for name in ("labels", "labels_minus", "everyday")
    }
    return word.model_copy(update=fields)


def _word(word_id: str, learnt: Learnt, crowd: Ontology, before: Word | None) -> Word:
    sense = Sense(
        name=f"as you mean it: {learnt.said}",
        share=1.0,
        eq_db=learnt.eq_db or _curve(learnt, crowd),
        effects=_effects(learnt, crowd),
        origin="you",
        sources=(_SOURCE,),
    )
    if before is not None:
        return before.model_copy(update={"senses": (sense,), "listening_only": False})
    first = crowd[learnt.parts[0].id] if learnt.parts else None
    return Word(
        id=word_id,
        kind=first.kind if first else "tone",
        gloss=f"Your word: {learnt.said}.",
        labels=() if normalise_label(word_id) == normalise_label(learnt.word) else (learnt.word,),
        related=tuple(part.id for part in learnt.parts if part.direction == "+"),
        problem=bool(first and first.problem and learnt.parts[0].direction == "+"),
        senses=(sense,),
    )


def _curve(learnt: Learnt, crowd: Ontology) -> tuple[float, ...]:
    """Add the parts' curves up, no stronger than the strongest of them."""
    curves = [
        (1.0 if part.direction == "+" else -1.0) * part.weight * np.array(crowd[part.id].senses[0].eq_db)
        for part in learnt.parts
    ]
    total = np.sum(curves, axis=0) if curves else np.zeros(len(BANDS_HZ))
    peak, loudest = float(np.max(np.abs(total))), max((float(np.max(np.abs(c))) for c in curves), default=0.0)
    if peak > loudest > 0:
        total = total * loudest / peak
    return tuple(round(float(db), 2) for db in np.clip(total, -CURVE_LIMIT_DB, CURVE_LIMIT_DB))


def _effects(learnt: Learnt, crowd: Ontology) -> tuple[Effect, ...]:
    """Gather the parts' processors: changes add up with their sign, settings come with what is asked for more of."""
    gathered: dict[str, dict[str, float]] = {name: dict(values) for name, values in learnt.effects.items()}
    kinds: dict[str, str] = {}
    for part in learnt.parts if not learnt.effects else ():
        sign = part.weight if part.direction == "+" else -part.weight
        for effect in crowd[part.id].senses[0].effects:
            values = gathered.setdefault(effect.name, {})
            for term, value in effect.values.items():
                if term in _CHANGES:
                    values[term] = values.get(term, 0.0) + sign * value
                elif sign > 0:
                    values.setdefault(term, value)
            if sign > 0 and effect.type:
                kinds.setdefault(effect.name, effect.type)
    return tuple(_effect(name, values, kinds.get(name)) for name, values in gathered.items() if values)


def _effect(name: str, values: Mapping[str, float], kind: str | None = None) -> Effect:
    ranges = EFFECT_RANGES.get(name, {})
    held = {term: float(np.clip(value, *ranges[term])) if term in ranges else value for term, value in values.items()}
    try:
        return Effect(name=name, values=held, type=kind, origin="you", sources=(_SOURCE,))
    except ValidationError as error:
        raise OntologyError(f"The example's {name} is not understood: {error}") from error
