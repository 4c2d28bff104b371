"""session.json: written all of it or nothing, read in every version of its schema there has been.

Version 1 knew versions of settings only. Version 2 adds locks, sections, shares of an edit and knobs that stand
elsewhere in a section. Version 3 adds names of versions and the mark of the last finished turn. What an older one has
not got is empty.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from assistant.locks import Lock
from assistant.recognise import recognised
from console.errors import SessionError
from console.settings import Stretch
from exchange import load_tracks

if TYPE_CHECKING:
    from assistant.session import Session

__all__ = ["SESSION_VERSION", "open_session", "save"]

SESSION_VERSION = 3
_FILE = "session.json"
_PARTIAL = "session.json.new"
_SECTIONS = TypeAdapter(dict[str, tuple[Stretch, ...]])
_NAMES = TypeAdapter(dict[int, str])


def save(session: "Session", folder: str | Path) -> Path:
    """Write a session into a folder and return the file. After a crash at any moment the old or the new one is there.

    Raises:
        SessionError: the folder cannot be written.
    """
    folder = Path(folder)
    data = {
        "version": SESSION_VERSION,
        "sample_rate": session.song.sample_rate,
        "audio": [None if track.path is None else str(Path(track.path).resolve()) for track in session.song.tracks],
        "current": session.current,
        "turn": session.turn,
        "names": session.names,
        "locks": [lock.model_dump(mode="json") for lock in session.locks],
        "sections": session.sections,
        "versions": [version.model_dump(mode="json") for version in session.versions],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _PARTIAL).open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(folder / _PARTIAL, folder / _FILE)
        _sync(folder)
    except OSError as error:
        raise SessionError(f"The session could not be saved in {folder.name} ({error.strerror}).") from error
    return folder / _FILE


def open_session(folder: str | Path) -> "Session":
    """Read a session folder and its audio.

    Raises:
        SessionError: no session there, damaged, of a later version, or its tracks are not the audio's.
        AudioFileError: the audio it refers to cannot be read.
    """
    from assistant.session import Session, Version

    path = Path(folder) / _FILE
    try:
        data = _current(json.loads(path.read_text(encoding="utf-8")), path.name)
        versions = [Version.model_validate(entry) for entry in data["versions"]]
        session = Session(recognised(load_tracks(data["audio"], data["sample_rate"])), versions[0].settings)
        session.versions = versions
        session.restore(int(data["current"]))
        session.locks = tuple(Lock.model_validate(entry) for entry in data["locks"])
        session.sections = _SECTIONS.validate_python(data["sections"])
        session.names = _NAMES.validate_python(data["names"])
        session.turn = data["turn"]
    except OSError as error:
        raise SessionError(f"No session was found in {Path(folder).name} ({error.strerror}).") from error
    except (KeyError, IndexError, TypeError, ValueError, ValidationError) as error:
        raise SessionError(f"{path} is damaged ({error}). Restore it from a backup.") from error
    if [track.name for track in session.song.tracks] != list(session.settings.tracks):
        raise SessionError(f"{path} and its audio name different tracks. Put the stems back where they were.")
    return session


def _current(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what was read as the present schema would have it."""
    version = data["version"]
    if version not in range(1, SESSION_VERSION + 1):
        raise SessionError(f"{name} has version {version}; this program reads up to {SESSION_VERSION}. Update it.")
    if version < 2:
        data = {**data, "locks": [], "sections": {}}
    if version < 3:
        data = {**data, "names": {}, "turn": None}
    return {**data, "version": SESSION_VERSION}


def _sync(folder: Path) -> None:
    """Make the folder's own entry safe, where the system lets a folder be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
