"""The packages the corpus is made of, read from `packages.yaml` and checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.errors import StudiospeakError

__all__ = ["COMPOSED", "PACKAGES_FILE", "CorpusError", "Package", "PackageTable", "load_table"]

PACKAGES_FILE = Path(__file__).with_name("packages.yaml")
COMPOSED = "composed"
"""The score source that is not a package: notes drawn at random."""


class CorpusError(StudiospeakError):
    """A package, table or tool that the corpus cannot be built with."""


class Package(BaseModel):
    """One row: what a Debian package gives and which split it belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$")
    kind: Literal["finished", "stem", "voice", "score"]
    split: Literal["train", "valid", "test"]
    take: tuple[str, ...] = ("**/*",)
    archive: tuple[str, ...] = ()
    least_s: float | None = Field(default=None, gt=0)
    least_hz: int = Field(default=32000, ge=8000)
    join: bool = False
    instrument: str = ""
    soundfont: str = ""
    patches: str = ""
    leave: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    hours: float = Field(default=0.0, ge=0)

    @property
    def is_rendered(self) -> bool:
        """Whether notes are played, not recordings cut."""
        return bool(self.soundfont or self.patches)

    @property
    def shortest_s(self) -> float:
        """The shortest file taken, s."""
        if self.least_s is not None:
            return self.least_s
        return 0.15 if self.join else 20.0


@dataclass(frozen=True)
class PackageTable:
    """All rows, and the names that are refused or left out."""

    version: int
    packages: dict[str, Package]
    kept_for_judging: frozenset[str]
    skipped: dict[str, str]

    def choose(self, names: list[str] | None = None) -> list[Package]:
        """Return the rows to build, in table order; None: all.

        Raises:
            CorpusError: a name is kept for judging, left out on purpose, or unknown.
        """
        for name in names or []:
            if name in self.kept_for_judging:
                raise CorpusError(f"{name} is kept for judging and is never fetched. Use another package.")
            if name in self.skipped:
                raise CorpusError(f"{name} is left out: {self.skipped[name]}. Use another package.")
            if name not in self.packages:
                raise CorpusError(f"No package {name!r} in the table. Known: {', '.join(self.packages)}.")
        return [row for row in self.packages.values() if names is None or row.name in names]


def load_table(path: Path = PACKAGES_FILE) -> PackageTable:
    """Read and check the table.

    Raises:
        CorpusError: not the expected shape, a package twice, kept for judging, or a soundfont whose score package
            is missing or of another split.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = [Package.model_validate(row) for row in data["packages"]]
        kept = frozenset(data["kept_for_judging"])
        table = PackageTable(int(data["version"]), {row.name: row for row in rows}, kept, dict(data["skipped"]))
    except (yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise CorpusError(f"{path.name} is not a package table: {error}. Repair it.") from error
    if len(table.packages) != len(rows):
        raise CorpusError(f"{path.name} names a package twice. Remove one of them.")
    for row in rows:
        if row.name in kept or row.name in table.skipped:
            raise CorpusError(f"{row.name} is listed both to use and to leave alone. Remove one of them.")
        if bool(row.soundfont) != bool(row.scores):
            raise CorpusError(f"{row.name}: a soundfont needs scores, and scores a soundfont. Give both.")
        if row.soundfont and row.patches:
            raise CorpusError(f"{row.name} is played in two ways. Keep its soundfont or its patches.")
        for score in set(row.scores) - {COMPOSED}:
            found = table.packages.get(score)
            if found is None or found.kind != "score" or found.split != row.split:
                raise CorpusError(f"{row.name} plays {score}, which is no score of split {row.split}. Add its row.")
    return table
