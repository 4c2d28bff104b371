"""A session: the song, every version of its settings, and the way back and forth between them.

Versions are never changed or removed: undo and redo walk, an edit after an undo starts a new branch whose `parent`
says where it came from. A version is settings plus the moves that made it, so replaying the moves from the start
gives the same settings, and the same settings always give the same audio.
"""

import json
import os
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.events import Measurement
from assistant.recognise import recognised
from assistant.request import Request
from console.errors import SessionError
from console.settings import Move, Settings, moves
from exchange import Song, load_tracks

__all__ = ["SESSION_VERSION", "Session", "Version"]

SESSION_VERSION = 1
_FILE = "session.json"


class Version(BaseModel):
    """One state of the console and how it came about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    parent: int | None
    said: str
    settings: Settings
    requests: tuple[Request, ...] = ()
    moves: tuple[Move, ...] = ()
    measured: tuple[Measurement, ...] = ()
    reply: str = ""


class Session:
    """The song and its versions; version 0 is the console untouched."""

    def __init__(self, song: Song, settings: Settings | None = None):
        self.song = song
        if settings is None:
            names = [track.name for track in song.tracks]
            settings = Settings.neutral(names)
        self.versions: list[Version] = [Version(number=0, parent=None, said="as loaded", settings=settings)]
        self.current = 0
        self._redo: list[int] = []

    @property
    def version(self) -> Version:
        return self.versions[self.current]

    @property
    def settings(self) -> Settings:
        return self.version.settings

    @property
    def undoable(self) -> int:
        """How many steps back there are."""
        steps, version = 0, self.version
        while version.parent is not None:
            steps, version = steps + 1, self.versions[version.parent]
        return steps

    @property
    def redoable(self) -> int:
        """How many steps forward there are over what was undone."""
        return len(self._redo)

    def add(
        self,
        said: str,
        settings: Settings,
        requests: tuple[Request, ...] = (),
        measured: tuple[Measurement, ...] = (),
        reply: str = "",
    ) -> Version:
        """Store a new version after the current one and go there."""
        version = Version(
            number=len(self.versions),
            parent=self.current,
            said=said,
            settings=settings,
            requests=requests,
            moves=tuple(moves(self.settings, settings)),
            measured=measured,
            reply=reply,
        )
        self.versions.append(version)
        self.current = version.number
        self._redo.clear()
        return version

    def undo(self, steps: int = 1) -> Version:
        """Go back.

        Raises:
            SessionError: there is nothing to undo.
        """
        if self.version.parent is None:
            raise SessionError("There is nothing to undo: this is the mix as it was loaded.")
        for _ in range(steps):
            if self.version.parent is None:
                break
            self._redo.append(self.current)
            self.current = self.version.parent
        return self.version

    def redo(self, steps: int = 1) -> Version:
        """Go forward again over what was undone.

        Raises:
            SessionError: nothing was undone since the last edit.
        """
        if not self._redo:
            raise SessionError("There is nothing to redo: nothing was undone since the last edit.")
        for _ in range(min(steps, len(self._redo))):
            self.current = self._redo.pop()
        return self.version

    def restore(self, number: int) -> Version:
        """Go to any version.

        Raises:
            SessionError: no such version.
        """
        if not 0 <= number < len(self.versions):
            raise SessionError(f"There is no version {number}. This session has 0 to {len(self.versions) - 1}.")
        self._redo.clear()
        self.current = number
        return self.version

    def replay(self, number: int) -> Settings:
        """Return a version's settings rebuilt from the untouched console by its moves alone."""
        path = []
        at: int | None = number
        while at is not None:
            path.append(self.versions[at])
            at = self.versions[at].parent
        settings = path[-1].settings
        for version in reversed(path[:-1]):
            settings = settings.turned({(move.track, move.parameter): move.after for move in version.moves})
        return settings

    def save(self, folder: str | Path) -> Path:
        """Write session.json into a folder, all of it or nothing.

        Raises:
            SessionError: the folder cannot be written.
        """
        folder = Path(folder)
        data = {
            "version": SESSION_VERSION,
            "sample_rate": self.song.sample_rate,
            "audio": [str(track.path) for track in self.song.tracks],
            "current": self.current,
            "versions": [version.model_dump(mode="json") for version in self.versions],
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
                json.dump(data, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            os.replace(file.name, folder / _FILE)
        except OSError as error:
            raise SessionError(f"The session could not be saved in {folder.name} ({error.strerror}).") from error
        return folder / _FILE

    @classmethod
    def open(cls, folder: str | Path) -> "Session":
        """Read a session folder and its audio.

        Raises:
            SessionError: no session there, damaged, of another version, or its tracks are not the audio's.
            AudioFileError: the audio it refers to cannot be read.
        """
        path = Path(folder) / _FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["version"] != SESSION_VERSION:
                raise SessionError(
                    f"{path.name} has version {data['version']}; this program reads {SESSION_VERSION}. Update it."
                )
            versions = [Version.model_validate(entry) for entry in data["versions"]]
            session = cls(recognised(load_tracks(data["audio"], data["sample_rate"])), versions[0].settings)
            session.versions = versions
            session.restore(int(data["current"]))
        except OSError as error:
            raise SessionError(f"No session was found in {Path(folder).name} ({error.strerror}).") from error
        except (KeyError, IndexError, TypeError, ValueError, ValidationError) as error:
            raise SessionError(f"{path} is damaged ({error}). Restore it from a backup.") from error
        if [track.name for track in session.song.tracks] != list(session.settings.tracks):
            raise SessionError(f"{path} and its audio name different tracks. Put the stems back where they were.")
        return session
