"""A session: the song, every version of its settings, and the way back and forth between them.

Versions are never changed or removed: undo and redo walk, an edit after an undo starts a new branch whose `parent`
says where it came from. A version is settings plus the moves that made it, so replaying the moves from the start
gives the same settings, and the same settings always give the same audio. Locks and the names of sections belong to
the session, not to a version. `assistant.session_file` saves and opens it.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assistant.events import Measurement
from assistant.locks import Lock, covers, held, turned_though_locked
from assistant.measure import SongSound
from assistant.request import Request
from console.errors import SessionError
from console.kept import KeptStrips
from console.settings import Move, Settings, Stretch, moves
from exchange import Song

__all__ = ["Session", "Share", "Version"]


class Share(BaseModel):
    """How much of an edit stands: an amount (0 none, 1 as made, 1.5 half as much again) of some or all of it.

    `parts` as `assistant.parts` names them and `tracks` by channel address; empty means all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: float
    parts: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()


class Version(BaseModel):
    """One state of the console and how it came about.

    `of` is the version whose edit this one only rescales, by `shares` (a later one overrules); None for an edit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    parent: int | None
    said: str
    settings: Settings
    requests: tuple[Request, ...] = ()
    moves: tuple[Move, ...] = ()
    measured: tuple[Measurement, ...] = ()
    reply: str = ""
    of: int | None = None
    shares: tuple[Share, ...] = ()


class Session:
    """The song and its versions; version 0 is the console untouched.

    `kept` holds rendered strips of this song and `heard` what was heard last, so that a changed version renders fast
    (`assistant.hearing`); `locks`, `sections` (name -> stretches of the song, seconds) and `names` of versions are what
    the person said about the song. `stop`, when set, asks what is being done to stop with the best so far. `turn` is
    the mark of the conversation's last finished turn (`assistant.chat`), None where nothing was said yet.
    """

    def __init__(self, song: Song, settings: Settings | None = None):
        self.song = song
        if settings is None:
            names = [track.name for track in song.tracks]
            settings = Settings.neutral(names)
        self.versions: list[Version] = [Version(number=0, parent=None, said="as loaded", settings=settings)]
        self.current = 0
        self.locks: tuple[Lock, ...] = ()
        self.sections: dict[str, tuple[Stretch, ...]] = {}
        self.names: dict[int, str] = {}
        self.turn: str | None = None
        self.heard_sections: dict[str, tuple[Stretch, ...]] | None = None
        self.kept = KeptStrips()
        self.heard: list[SongSound] = []
        self.stop = threading.Event()
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
        return len(self.path()) - 1

    @property
    def redoable(self) -> int:
        """How many steps forward there are over what was undone."""
        return len(self._redo)

    def path(self, number: int | None = None) -> list[Version]:
        """Return the versions from one (the current one) back to the start."""
        version = self.version if number is None else self.versions[number]
        found = [version]
        while version.parent is not None:
            version = self.versions[version.parent]
            found.append(version)
        return found

    def add(
        self,
        said: str,
        settings: Settings,
        requests: tuple[Request, ...] = (),
        measured: tuple[Measurement, ...] = (),
        reply: str = "",
        of: int | None = None,
        shares: tuple[Share, ...] = (),
    ) -> Version:
        """Store a new version after the current one and go there.

        Raises:
            SessionError: it would turn a knob that is locked.
        """
        locked = turned_though_locked(self.locks, self.settings, settings)
        if locked:
            names = ", ".join(dict.fromkeys(f"{address} {parameter}" for _, address, parameter in locked))
            raise SessionError(f"{names} would move and is locked. Unlock it first, or leave it out.")
        version = Version(
            number=len(self.versions),
            parent=self.current,
            said=said,
            settings=settings,
            requests=requests,
            moves=tuple(moves(self.settings, settings)),
            measured=measured,
            reply=reply,
            of=of,
            shares=shares,
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
        """Go to any version. Where it lies behind this one on the same branch, redo leads back here.

        Raises:
            SessionError: no such version.
        """
        if not 0 <= number < len(self.versions):
            raise SessionError(f"There is no version {number}. This session has 0 to {len(self.versions) - 1}.")
        undone = [*self._redo, *(version.number for version in self.path())]  # in the order undo would leave them
        self._redo = undone[: undone.index(number)] if number in undone else []
        self.current = number
        return self.version

    def lock(self, track: str, what: str | None = None) -> None:
        """Lock a track ("mix": everything), or one part or parameter of it, against every edit.

        Raises:
            SessionError: no such track.
        """
        self._check_channel(track)
        lock = Lock(track=track, what=what)
        if lock not in self.locks:
            self.locks = (*self.locks, lock)

    def unlock(self, track: str | None = None, what: str | None = None) -> int:
        """Take locks off: of a track (None or "mix": of everything), or only that of one part. Return how many."""
        gone = [
            lock for lock in self.locks if track in (None, "mix", lock.track) and (what is None or lock.what == what)
        ]
        self.locks = tuple(lock for lock in self.locks if lock not in gone)
        return len(gone)

    def is_locked(self, address: str, parameter: str | None = None) -> bool:
        """Say whether a whole channel, or one of its knobs, is locked."""
        return covers(self.locks, address, parameter)

    def held(self, settings: Settings) -> Settings:
        """Return settings with what is locked left where it stands now."""
        return held(self.locks, self.settings, settings)

    def name_section(self, name: str, stretches: Sequence[Stretch]) -> None:
        """Remember where a section of the song is.

        Raises:
            SessionError: a stretch is not inside the song.
        """
        for start_s, end_s in stretches:
            if not 0.0 <= start_s < end_s <= self.song.duration_s:
                raise SessionError(
                    f"{name} cannot last from {start_s:g} to {end_s:g} s: the song lasts {self.song.duration_s:.1f} s. "
                    "Say where it starts and ends."
                )
        self.sections[name] = tuple((float(start_s), float(end_s)) for start_s, end_s in stretches)

    def name_version(self, number: int, name: str) -> None:
        """Call a version something.

        Raises:
            SessionError: no such version, or another one is called that.
        """
        self.number_of(number)
        taken = [other for other, known in self.names.items() if known.lower() == name.lower() and other != number]
        if taken:
            raise SessionError(f"Version {taken[0]} is called {name!r} already. Choose another name.")
        self.names[number] = name

    def number_of(self, version: int | str) -> int:
        """Return the number of a version that is named by its number or by its name.

        Raises:
            SessionError: there is none.
        """
        for number, name in self.names.items():
            if str(version).strip().lower() == name.lower():
                return number
        digits = str(version).strip()
        if digits.isdigit() and int(digits) < len(self.versions):
            return int(digits)
        named = f", and {', '.join(self.names.values())}" if self.names else ""
        raise SessionError(f"There is no version {version!r}. This session has 0 to {len(self.versions) - 1}{named}.")

    def title_of(self, number: int) -> str:
        """Return what a version is called: its name, else what was said."""
        return self.names.get(number, self.versions[number].said)

    def replay(self, number: int) -> Settings:
        """Return a version's settings rebuilt from the untouched console by its moves alone."""
        *path, start = self.path(number)
        settings = start.settings
        for version in reversed(path):
            for time_s in dict.fromkeys(move.time_s for move in version.moves):
                changes = {(m.track, m.parameter): m.after for m in version.moves if m.time_s == time_s}
                settings = settings.turned(changes, time_s)
        return settings

    def save(self, folder: str | Path) -> Path:
        """Write session.json into a folder, all of it or nothing; see `assistant.session_file`."""
        from assistant.session_file import save

        return save(self, folder)

    @classmethod
    def open(cls, folder: str | Path) -> "Session":
        """Read a session folder and its audio; see `assistant.session_file`."""
        from assistant.session_file import open_session

        return open_session(folder)

    def _check_channel(self, track: str) -> None:
        if track != "mix" and track not in self.settings.addresses():
            known = ", ".join(track.name for track in self.song.tracks)
            raise SessionError(f"No track is called {track!r}. Tracks: {known}.")
