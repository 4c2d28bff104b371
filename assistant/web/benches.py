"""The page sessions of this machine: live ones by their secret token, kept ones in folders, each person's apart."""

import hashlib
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from assistant.session import Session
from assistant.studio import Studio
from assistant.turn import Assistant
from assistant.web.kept import FILE, Kept, Preferences, read, write
from assistant.web.state import AUDIO, Workbench
from console.errors import StudiospeakError
from exchange import Song

__all__ = ["Benches"]

_TOKEN = re.compile(r"[0-9a-f]{32}")
_MOST_LIVE = 8
_SESSIONS, _PREFERENCES = "sessions", "preferences.json"


class Benches:
    """Finds, opens and starts page sessions.

    Args:
        root: folder in which sessions and preferences are kept.
        renders: folder for sounds to play, gone with the program.
        demo_song: returns the demo song and its title.
        model: which model talks.
        folder: a session folder to open for who comes without a token; None: the demo song.
    """

    def __init__(
        self,
        root: Path,
        renders: Path,
        demo_song: Callable[[], tuple[Song, str]],
        model: str = "studiospeak",
        folder: Path | None = None,
    ) -> None:
        self.root, self.renders, self.demo_song = root, renders, demo_song
        self.model, self.folder = model, folder
        self._live: dict[str, Workbench] = {}
        self._given: str | None = None
        self._lock = threading.RLock()

    def get(self, token: str, user: str = "") -> Workbench | None:
        """Return a session by its token, opened again if need be; None where this person has none of that name.

        Raises:
            StudiospeakError: it is there and cannot be opened.
        """
        with self._lock:
            bench = self._live.get(token)
            if bench is not None:
                self._live[token] = self._live.pop(token)
                return bench if bench.user == user else None
            folder = self._home(user) / _SESSIONS / token
            if not _TOKEN.fullmatch(token) or not (folder / "session.json").exists():
                return None
            return self._open(token, folder, user)

    def arrive(self, token: str, user: str = "") -> Workbench:
        """Return the session of a page that was just opened: by its token, the folder the program was given, or new."""
        notice = ""
        with self._lock:
            try:
                found = self.get(token, user) if token else None
                if found is None and self.folder is not None and not user:
                    self._given = self._given or secrets.token_hex(16)
                    found = self._live.get(self._given) or self._open(self._given, self.folder, user)
                if found is not None:
                    return found
            except StudiospeakError as error:
                notice = f"The session could not be opened. {error}"
            bench = self.start(*self.demo_song(), user)
            bench.notice = notice or ("That session is not kept on this machine. This is a new one." if token else "")
            return bench

    def start(self, song: Song, title: str, user: str = "", audio: Path | None = None) -> Workbench:
        """Begin a new session.

        Args:
            song, title: what it is about.
            user: whose it is.
            audio: a folder of files to keep with it; it is moved there by `new_folder` before the song is read.
        """
        token = secrets.token_hex(16) if audio is None else audio.parent.name
        with self._lock:
            bench = self._bench(token, self._home(user) / _SESSIONS / token, Session(song), title, user)
            self._admit(bench)
            return bench

    def new_folder(self, user: str = "") -> Path:
        """Return an empty folder for the audio of a session that is about to begin."""
        folder = self._home(user) / _SESSIONS / secrets.token_hex(16) / AUDIO
        folder.mkdir(parents=True)
        return folder

    def remove(self, token: str, user: str = "") -> None:
        """Remove a session of this person and everything in its folder."""
        with self._lock:
            bench = self.get(token, user)
            if bench is not None:
                del self._live[token]
                bench.close()
                if bench.folder != self.folder:
                    shutil.rmtree(bench.folder, ignore_errors=True)

    def preferences(self, user: str = "") -> Preferences:
        """Return what holds for a person."""
        return read(Preferences, self._home(user) / _PREFERENCES, Preferences())

    def prefer(self, wanted: Preferences, user: str = "") -> None:
        """Keep what holds for a person and let it hold in the live sessions."""
        write(wanted, self._home(user) / _PREFERENCES)
        with self._lock:
            for bench in self._live.values():
                if bench.user == user:
                    bench.assistant.consultant.experience = wanted.experience

    def file(self, token: str, name: str) -> Path | None:
        """Return a file to play or to hand on, by the session's token; None where there is none of that name."""
        bench = self._live.get(token)
        if bench is None:
            return None
        for folder in (bench.renders, bench.folder / "exports"):
            path = folder / name
            if path.parent == folder and path.is_file():
                return path
        return None

    def close(self) -> None:
        """Let go of every live session."""
        with self._lock:
            for bench in self._live.values():
                self._close(bench)
            self._live.clear()

    def _home(self, user: str) -> Path:
        """Return a person's folder; a name that was logged in with is no path, so its digest stands for it."""
        return self.root / "people" / hashlib.sha256(user.encode()).hexdigest()[:24] if user else self.root

    def _open(self, token: str, folder: Path, user: str) -> Workbench:
        session = Session.open(folder)
        title = session.song.tracks[0].name if len(session.song.tracks) == 1 else folder.name
        bench = self._bench(token, folder, session, title, user)
        bench.restore(read(Kept, folder / FILE, Kept(title=title)))
        self._admit(bench)
        return bench

    def _bench(self, token: str, folder: Path, session: Session, title: str, user: str) -> Workbench:
        assistant = Assistant()
        assistant.consultant.experience = self.preferences(user).experience
        return Workbench(token, Studio(session, assistant, folder), self.renders / token, title, self.model, user)

    def _close(self, bench: Workbench) -> None:
        bench.close()
        if not bench.touched and bench.folder != self.folder:
            shutil.rmtree(bench.folder, ignore_errors=True)

    def _admit(self, bench: Workbench) -> None:
        """Keep a bench live; those used longest ago and not at work make room."""
        self._live[bench.token] = bench
        for token in list(self._live):
            if len(self._live) <= _MOST_LIVE:
                return
            if not self._live[token].work.busy and token != bench.token:
                self._close(self._live.pop(token))
