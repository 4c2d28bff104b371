"""The function words of studio talk, as data: parts of a song, amounts, numbers, and the grammar's small words.

The tables stand in `data/targets.yaml`, `data/amounts.yaml` and `data/intents.yaml`; this checks and loads them.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from console.errors import OntologyError
from ontology.phrases import with_groups

__all__ = ["Cue", "Language", "Pan", "Part", "load_language"]

DATA_DIR = Path(__file__).parent / "data"
_TABLES = ("targets.yaml", "amounts.yaml", "intents.yaml")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which `no`, `yes`, `on` and `off` are the words they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Frozen):
    """Something in a song that has a name: which instruments or groups it means."""

    words: tuple[str, ...]
    instruments: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    first: tuple[str, ...] = ()  # instruments that win where the song has one
    name_words: tuple[str, ...] = ()  # words in a track's name that win next
    or_: tuple[str, ...] = ()  # instruments to take where the song has none of the above
    all: bool = False  # every track of the groups, also in the singular
    plural_all: bool = False  # the plural means every track of the groups

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


class Cue(_Frozen):
    """Words beside a number that say which parameter it is."""

    words: tuple[str, ...]
    parameter: str
    units: tuple[Literal["hz", "khz", "db", "ms", "s", "percent", "lufs", "ratio", "none"], ...]


class Pan(_Frozen):
    """How places between the speakers are said."""

    sides: dict[str, int]
    middle: tuple[str, ...]
    strengths: dict[str, float]
    bare: float
    places: tuple[str, ...]


class ProcessorVerb(_Frozen):
    """A processor said as a verb: the word, the processor or the number that it asks for."""

    descriptor: str | None = None
    only: str | None = None
    number: str | None = None


class Language(_Frozen):
    """Every table of the three files; what each means is written in them."""

    parts: dict[str, Part]
    regions: dict[str, tuple[str, ...]]
    mix: tuple[str, ...]
    rest: tuple[str, ...]
    exclude: tuple[str, ...]
    numbered: tuple[str, ...]
    sections: tuple[str, ...]
    section_openers: tuple[str, ...]
    ordinals: dict[str, int]
    until: tuple[str, ...]
    around: tuple[str, ...]
    since: tuple[str, ...]
    onwards: tuple[str, ...]

    amounts: dict[str, float]
    shares: dict[str, float]
    repeats: dict[str, float]
    words: dict[str, float]
    units: dict[str, str]
    cues: tuple[Cue, ...]
    bandwidths: dict[str, float]
    band_nouns: tuple[str, ...]
    shelves: dict[str, float]
    set_to: dict[str, tuple[str, ...]]
    times: dict[str, tuple[str, ...]]
    speeds: dict[str, dict[str, float]]
    pan: Pan
    defaults: dict[str, float]
    platforms: dict[str, int]

    contractions: dict[str, str]
    fillers: tuple[str, ...]
    determiners: tuple[str, ...]
    pronouns: tuple[str, ...]
    verbs: dict[str, tuple[str, ...] | dict[str, str | None]]
    separable: dict[str, tuple[str, ...]]
    against: tuple[str, ...]
    contrasts: tuple[str, ...]
    joints: tuple[str, ...]
    particles: dict[str, tuple[str, ...]]
    more: tuple[str, ...]
    less: tuple[str, ...]
    too: tuple[str, ...]
    enough: tuple[str, ...]
    not_: tuple[str, ...]
    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    copulas: tuple[str, ...]
    similes: tuple[str, ...]
    requests: tuple[str, ...]
    dislikes: tuple[str, ...]
    questions: dict[str, tuple[str, ...]]
    inside: dict[str, tuple[str, ...]]
    matched: tuple[str, ...]
    devices: tuple[str, ...]
    asides: tuple[str, ...]
    commands: dict[str, tuple[str, ...]]
    undo_all: tuple[str, ...]
    as_loaded: tuple[str, ...]
    reports: tuple[str, ...]
    said_of: tuple[str, ...]
    irregular: tuple[str, ...]
    back_then: tuple[str, ...]
    adverbs: tuple[str, ...]
    reactions: dict[str, tuple[str, ...]]
    same: tuple[str, ...]
    too_end: tuple[str, ...]
    correction: tuple[str, ...]
    only: tuple[str, ...]
    processors: dict[str, tuple[str, ...]]
    change: tuple[str, ...]
    part_of_change: tuple[str, ...]
    rescale: tuple[str, ...]
    keep_only: tuple[str, ...]
    drop_part: tuple[str, ...]
    qualities: dict[str, tuple[str, ...]]
    quality_of_word: dict[str, str]
    processor_verbs: dict[str, ProcessorVerb]
    keep: tuple[str, ...]
    without: tuple[str, ...]
    lose: tuple[str, ...]
    untouched: tuple[str, ...]
    touch: tuple[str, ...]
    become: tuple[str, ...]
    complaints: tuple[str, ...]
    plain_nouns: tuple[str, ...]
    moments: tuple[str, ...]
    small: tuple[str, ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    defines: tuple[str, ...]
    meaning: tuple[str, ...]
    picks: tuple[str, ...]
    fix_it: tuple[str, ...]
    judging: dict[str, Literal["good", "bad"]]
    degree_ends: tuple[str, ...]
    effect_amounts: dict[str, float]
    effect_words: dict[str, str]
    downwards: tuple[str, ...]
    effect_adjectives: dict[str, Literal["+", "-"]]
    effect_sizes: dict[str, Literal["+", "-"]]
    printed: tuple[str, ...]
    contradictions: tuple[tuple[str, str], ...]
    vague: tuple[str, ...]
    praise: tuple[str, ...]
    sayings: dict[str, tuple[str, Literal["+", "-"]]]

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


def load_language(data_dir: Path = DATA_DIR) -> Language:
    """Load the three tables. Read once a process and folder.

    Args:
        data_dir: the folder that holds them.
    Raises:
        OntologyError: a table is missing or damaged.
    """
    return _load(data_dir)


@lru_cache(maxsize=4)
def _load(data_dir: Path) -> Language:
    tables: dict[str, Any] = {}
    for name in _TABLES:
        try:
            tables |= yaml.load((data_dir / name).read_text(encoding="utf-8"), Loader=_Loader)
        except (FileNotFoundError, yaml.YAMLError, TypeError) as error:
            raise OntologyError(f"The language table {name} in {data_dir} cannot be read: {error}") from error
    groups = tables.get("groups", {})
    tables = {name: _written_out(table, groups) for name, table in tables.items() if name != "groups"}
    tables["irregular"] = groups.get("irregular", "").split("|")
    try:
        return Language(**tables)
    except ValidationError as error:
        raise OntologyError(f"A language table in {data_dir} is damaged: {error}") from error


def _written_out(table: Any, groups: dict[str, str]) -> Any:
    """Put groups into every pattern of a table."""
    if isinstance(table, str):
        return with_groups(table, groups)
    if isinstance(table, list):
        return [_written_out(item, groups) for item in table]
    if isinstance(table, dict):
        return {key: _written_out(value, groups) for key, value in table.items()}
    return table
