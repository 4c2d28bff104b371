"""What studios do, as data: the processors' names, platforms' loudness, and conventions as preferences.

The tables stand in `data/effects.yaml`, `data/platforms.yaml` and `data/conventions.yaml`; this checks and loads them.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from console.errors import OntologyError

__all__ = ["Convention", "EffectTerm", "Platform", "Practice", "load_practice"]

DATA_DIR = Path(__file__).parent / "data"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EffectTerm(_Frozen):
    """One processor in whose terms words are told."""

    id: str
    name: str
    labels: tuple[str, ...]
    gloss: str
    terms: dict[str, str]  # term of `EFFECT_RANGES` -> what it is
    same_as: str  # where the wider web describes it


class Platform(_Frozen):
    """How loud a service plays music, as it publishes."""

    id: str
    name: str
    labels: tuple[str, ...]
    loudness_lufs: float = Field(ge=-40, le=-5)
    true_peak_dbtp: float = Field(ge=-12, le=0)
    as_of: str = Field(pattern=r"^20\d\d(-\d\d)?$")  # when the figure held
    note: str = ""
    source: str


class Convention(_Frozen):
    """A habit of engineers: a preference to start from, never a law."""

    id: str
    parts: tuple[str, ...] = Field(min_length=1)  # ids of targets.yaml, or "mix"
    about: str  # pan, width, highpass_hz, reverb, compression, level or true_peak_dbtp
    value: tuple[float, float]  # the usual range
    unit: str
    held_by: Literal["most", "many", "some"]
    say: str
    why: str
    unless: str
    sources: tuple[str, ...] = Field(min_length=1)  # ids of sources.yaml

    @model_validator(mode="after")
    def _in_order(self) -> "Convention":
        if self.value[0] > self.value[1]:
            raise ValueError(f"the range {self.value[0]:g} to {self.value[1]:g} is empty: put the lower value first")
        return self


class Practice(_Frozen):
    """All three tables, by id."""

    effects: dict[str, EffectTerm]
    platforms: dict[str, Platform]
    conventions: dict[str, Convention]

    def platform(self, name: str) -> Platform | None:
        """Return the platform of that name or label, in any case, or None."""
        key = name.strip().casefold()
        return next((p for p in self.platforms.values() if key in (p.id, p.name.casefold(), *p.labels)), None)

    def conventions_of(self, part: str) -> tuple[Convention, ...]:
        """Return what is usually done with a part."""
        return tuple(convention for convention in self.conventions.values() if part in convention.parts)


_Entry = TypeVar("_Entry", EffectTerm, Platform, Convention)


def load_practice(data_dir: Path = DATA_DIR) -> Practice:
    """Load the three tables. Read once a process and folder.

    Args:
        data_dir: the folder that holds them.
    Raises:
        OntologyError: a table is missing or damaged.
    """
    return _load(data_dir)


@lru_cache(maxsize=4)
def _load(data_dir: Path) -> Practice:
    return Practice(
        effects=_table(data_dir / "effects.yaml", EffectTerm),
        platforms=_table(data_dir / "platforms.yaml", Platform),
        conventions=_table(data_dir / "conventions.yaml", Convention),
    )


def _table(path: Path, kind: type[_Entry]) -> dict[str, _Entry]:
    try:
        rows: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {key: kind(id=key, **row) for key, row in rows.items()}
    except FileNotFoundError as error:
        raise OntologyError(f"The table {path.name} is missing from {path.parent}. Install again.") from error
    except (yaml.YAMLError, ValidationError, TypeError, AttributeError) as error:
        raise OntologyError(f"The table {path.name} is damaged: {error}") from error
