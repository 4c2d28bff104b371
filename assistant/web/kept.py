"""What a page session keeps beside session.json: the talk, references, findings; and preferences.

Both files are written all of it or nothing. What a later version of the program wrote is left alone and told.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.diagnose import Finding
from assistant.match import ASPECTS
from console.errors import SessionError

__all__ = ["FILE", "Kept", "KeptChip", "KeptReference", "Line", "Mended", "Preferences", "read", "write"]

FILE = "page.json"
_MOST_LINES = 400
Data = TypeVar("Data", bound=BaseModel)


class Line(BaseModel):
    """One thing that was said: by the person ("you"), the assistant ("studio"), or the page about a fault ("fault").

    `version` is the version that came of it, None where nothing moved.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    who: Literal["you", "studio", "fault"]
    text: str
    version: int | None = None


class KeptChip(BaseModel):
    """What could be said next, as `assistant.events.Chip` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    say: str
    kind: str


class Mended(BaseModel):
    """What a fix did to a finding: its reading before and after (None: the fault is gone)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    before: float
    after: float | None
    unit: str


class KeptReference(BaseModel):
    """A reference recording: what it is called, its file in the session's folder, and what it is taken for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    aspects: tuple[str, ...] = ASPECTS


class Kept(BaseModel):
    """The page's own part of a session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    title: str
    lines: tuple[Line, ...] = ()
    chips: tuple[KeptChip, ...] = ()
    references: tuple[KeptReference, ...] = ()
    findings: tuple[Finding, ...] | None = None
    mended: tuple[Mended, ...] = ()

    def short(self) -> "Kept":
        """Return it without lines said too long ago to be shown."""
        return self.model_copy(update={"lines": self.lines[-_MOST_LINES:]})


class Preferences(BaseModel):
    """What holds for a person in every session: how much is explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    experience: Literal["amateur", "pro-am", "professional"] = "pro-am"


def write(data: BaseModel, file: Path) -> None:
    """Write one of these as JSON.

    Raises:
        SessionError: the folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as partial:
            json.dump(data.model_dump(mode="json"), partial, indent=1, ensure_ascii=False)
            partial.flush()
            os.fsync(partial.fileno())
        os.replace(partial.name, file)
    except OSError as error:
        raise SessionError(
            f"{file.name} could not be saved in {file.parent} ({error.strerror}). Free space?"
        ) from error


def read(kind: type[Data], file: Path, default: Data) -> Data:
    """Read one of these; where there is none, or it is damaged, the default. A damaged one is put aside, not lost."""
    try:
        return kind.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except (OSError, ValidationError, UnicodeDecodeError):
        os.replace(file, file.with_name(f"{file.name}.damaged"))
        return default
