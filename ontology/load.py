"""Read the word tables into one checked `Ontology`.

`data/words/*.yaml` is written by hand (knowledge and literature), as are the tables beside it that say which words
are kinds of which (`hierarchy.yaml`), why problems arise and what is done about them (`problems.yaml`) and which
everyday words listeners use (`everyday.yaml`). `data/fitted.yaml` is written by `scripts/build_ontology.py` from
people's settings; what it says takes the place of what the books say.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from console.errors import OntologyError
from ontology.curve import curve_db
from ontology.lookup import Ontology
from ontology.model import Band, Confusion, Effect, Origin, Sense, Source, Word

__all__ = ["load_ontology", "read_literature", "read_sources"]

DATA_DIR = Path(__file__).parent / "data"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}
    except FileNotFoundError as error:
        raise OntologyError(f"The word table {path.name} is missing from {path.parent}. Install again.") from error
    except yaml.YAMLError as error:
        raise OntologyError(f"The word table {path.name} is not valid YAML: {error}") from error


def _effects(entry: dict[str, Any] | None, sources: tuple[str, ...], origin: Origin) -> tuple[Effect, ...]:
    effects = []
    for name, terms in (entry or {}).items():
        values = dict(terms)
        about = {key: values.pop(key) for key in ("people", "agreement", "type") if key in values}
        cited = tuple(values.pop("sources", sources))
        effects.append(Effect(name=name, values=values, origin=origin, sources=cited, **about))
    return tuple(effects)


def _overlay(books: tuple[Effect, ...], people: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """People's values in place of the books', value by value; what people do not tell stays as it was."""
    fitted = {effect.name: effect for effect in people}
    merged = []
    for effect in books:
        ours = fitted.pop(effect.name, None)
        if ours is not None:
            kept = {term: value for term, value in effect.values.items() if term not in ours.values}
            both = bool(kept) or effect.type is not None
            sources = (*ours.sources, *effect.sources) if both else ours.sources
            update = {
                "values": effect.values | ours.values,
                "origin": "both" if both else "people",
                "people": ours.people,
                "agreement": ours.agreement,
                "sources": tuple(dict.fromkeys(sources)),
            }
            effect = effect.model_copy(update=update)
        merged.append(effect)
    return (*merged, *fitted.values())


def _literature_sense(entry: dict[str, Any]) -> Sense:
    """A sense as the books have it: EQ moves become a curve."""
    entry = dict(entry)
    sources = tuple(entry.pop("sources", ()))
    moves = entry.pop("eq", [])
    effects = _effects(entry.pop("effects", None), sources, "literature")
    entry.setdefault("name", "as the books have it")
    entry.setdefault("share", 1.0)
    return Sense(eq_db=curve_db(moves), effects=effects, sources=sources, origin="literature", **entry)


def _fitted_senses(books: tuple[Sense, ...], entry: dict[str, Any]) -> tuple[Sense, ...]:
    """Put what people told in place of what the books say.

    A fitted sense without `eq_db` keeps the books' curve; one with `tone_only` has no other processors.
    """
    people = _effects(entry.get("effects"), (), "people")
    told = max((effect.people for effect in people), default=0)
    senses = []
    for fields in entry.get("senses") or [{}]:
        fields = dict(fields)
        tone_only = fields.pop("tone_only", False)
        effects = () if tone_only else _overlay(books[0].effects, people)
        if "eq_db" in fields:
            fields["sources"] = tuple(fields["sources"])
            senses.append(Sense(effects=effects, **fields))
        else:
            agreement = max((e.agreement for e in people if e.agreement is not None), default=None)
            cited = (source for effect in people for source in effect.sources)
            merged = {
                **dict(books[0]),
                "people": told,
                "agreement": agreement,
                "origin": "both" if people else "literature",
                "sources": tuple(dict.fromkeys((*books[0].sources, *cited))),
                "effects": effects,
            }
            merged |= {"sources": tuple(fields.pop("sources", merged["sources"]))}
            senses.append(Sense(**(merged | fields)))
    return tuple(senses)


def _word(word_id: str, entry: dict[str, Any], senses: tuple[Sense, ...]) -> Word:
    entry = dict(entry)
    entry.pop("senses", None)
    return Word(
        id=word_id,
        senses=senses,
        confused_with=tuple(
            Confusion(id=other, tells_apart=text) for other, text in (entry.pop("confused_with", None) or {}).items()
        ),
        bands={
            instrument: tuple(Band(low_hz=low, high_hz=high, source=source) for low, high, source in rows)
            for instrument, rows in (entry.pop("bands_hz", None) or {}).items()
        },
        **entry,
    )


def _read_hand_written(data_dir: Path) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    paths = sorted((data_dir / "words").glob("*.yaml"))
    if not paths:
        raise OntologyError(f"No word tables found in {data_dir / 'words'}. Install again.")
    for path in paths:
        for word_id, entry in _read_yaml(path).items():
            if word_id in entries:
                raise OntologyError(f"'{word_id}' has two entries, one of them in {path.name}. Keep one.")
            entries[word_id] = entry
    _add_tables(entries, data_dir)
    return entries


def _add_tables(entries: dict[str, Any], data_dir: Path) -> None:
    """Put what the tables beside `words/` say into the entries. A table may be absent, an unknown word may not."""
    tables = {}
    for name in ("hierarchy", "problems", "everyday"):
        path = data_dir / f"{name}.yaml"
        tables[name] = _read_yaml(path) if path.exists() else {}
        named = set(tables[name])
        if name == "hierarchy":
            named |= {narrower for group in tables[name].values() for narrower in group}
        for word_id in sorted(named - entries.keys()):
            raise OntologyError(f"{name}.yaml names '{word_id}', which has no entry in words/. Add or correct it.")
    extra: dict[str, dict[str, Any]] = {}
    for word_id, about in tables["problems"].items():
        fields = {"causes": about["causes"], "remedies": about["remedies"], "remedy_sources": about["sources"]}
        extra.setdefault(word_id, {}).update(fields)
    for word_id, labels in tables["everyday"].items():
        extra.setdefault(word_id, {})["everyday"] = labels
    for broader, group in tables["hierarchy"].items():
        for narrower in group:
            extra.setdefault(narrower, {}).setdefault("broader", []).append(broader)
    for word_id, fields in extra.items():
        if isinstance(entries[word_id], dict):  # otherwise the entry is damaged, which is said when it is built
            entries[word_id] = entries[word_id] | fields


def read_literature(data_dir: Path = DATA_DIR) -> dict[str, Word]:
    """Read the hand-written entries alone, as the books have them, without people's settings."""
    return _build(_read_hand_written(data_dir), {})


def read_sources(data_dir: Path = DATA_DIR) -> dict[str, Source]:
    """Read every source that entries may cite."""
    return {
        key: Source(id=key, short=short, full=full)
        for key, (short, full) in _read_yaml(data_dir / "sources.yaml").items()
    }


def _build(entries: dict[str, dict[str, Any]], fitted: dict[str, Any]) -> dict[str, Word]:
    for word_id in fitted.keys() - entries.keys():
        raise OntologyError(f"'{word_id}' is fitted but has no entry. Run scripts/build_ontology.py.")
    words = {}
    for word_id, entry in entries.items():
        try:
            senses = tuple(_literature_sense(sense) for sense in entry["senses"])
            if word_id in fitted:
                senses = _fitted_senses(senses, fitted[word_id])
            words[word_id] = _word(word_id, entry, senses)
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise OntologyError(f"The entry '{word_id}' is damaged: {error}") from error
    return words


def load_ontology(data_dir: Path = DATA_DIR) -> Ontology:
    """Load every word and check that the entries fit together. Read once a process and folder.

    Args:
        data_dir: the folder with `words/`, `fitted.yaml` and `sources.yaml`.
    Raises:
        OntologyError: a table is missing or damaged, or entries contradict each other.
    """
    return _load(data_dir)


@lru_cache(maxsize=4)
def _load(data_dir: Path) -> Ontology:
    entries = _read_hand_written(data_dir)
    fitted_path = data_dir / "fitted.yaml"
    fitted = _read_yaml(fitted_path).get("words", {}) if fitted_path.exists() else {}
    return Ontology(_build(entries, fitted), read_sources(data_dir))
