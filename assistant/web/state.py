"""What one visitor has on the bench: a session, the chat so far, and files only they are given."""

import secrets
import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from assistant.request import MIX
from assistant.session import Session
from assistant.web.takes import Takes
from exchange import Song

__all__ = ["FIRST", "NOW", "PREVIOUS", "Choice", "Workbench"]

FIRST, PREVIOUS, NOW = "first", "previous", "now"
"""Versions named by what they are; every other version is named by its number."""


@dataclass(frozen=True)
class Choice:
    """What the desk compares: two versions, heard as the mix or a track, and the channel that is drawn."""

    before: int
    after: int
    hear: str
    look: str


@dataclass(eq=False)
class Workbench:
    """One visitor's state. Nothing in it is shared but the audio of the demo song, which nobody writes."""

    folder: Path
    session: Session
    title: str
    messages: list[dict] = field(default_factory=list)
    suggestions: tuple[str, ...] = ()
    busy: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.takes = Takes(self.folder)

    @classmethod
    def start(cls, base: Path, song: Song, title: str) -> "Workbench":
        """Open a bench with a song in a folder of its own under `base`."""
        folder = Path(tempfile.mkdtemp(dir=base, prefix=f"{secrets.token_hex(16)}-"))
        return cls(folder, Session(song), title)

    def load(self, song: Song, title: str) -> None:
        """Put another song on the bench. The old session and its takes are gone."""
        self.takes.clear()
        self.session, self.title = Session(song), title

    def close(self) -> None:
        """Remove everything this visitor left on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def resolve(self, before: str | int | None, after: str | int | None, hear: str | None, look: str | None) -> Choice:
        """Turn what the menus say into versions and channels that exist; what does not falls back to the default."""
        now = self.session.current
        parent = self.session.version.parent
        named = {FIRST: 0, PREVIOUS: now if parent is None else parent, NOW: now}
        heard, looked = (name if name in self.tracks() else MIX for name in (hear, look))
        return Choice(self._number(before, named, FIRST), self._number(after, named, NOW), heard, looked)

    def tracks(self) -> tuple[str, ...]:
        """Return the tracks that can be heard alone; none where the song is one stereo mix."""
        names = tuple(track.name for track in self.session.song.tracks)
        return names if len(names) > 1 else ()

    def _number(self, value: str | int | None, named: dict[str, int], default: str) -> int:
        if value in named:
            return named[str(value)]
        if isinstance(value, int) and 0 <= value < len(self.session.versions):
            return value
        return named[default]

    def focus(self) -> str:
        """Return where the tone changed last: the track whose equaliser turned most in this version, or the mix."""
        counts: dict[str, int] = {}
        for move in self.session.version.moves:
            if move.track in self.tracks() and move.parameter.startswith("eq."):
                counts[move.track] = counts.get(move.track, 0) + 1
        return max(counts, key=lambda name: counts[name]) if counts else MIX

    def write_settings(self, number: int) -> Path:
        """Write a version's settings into the folder and return the file."""
        file = self.folder / f"settings-{number}.json"
        file.write_text(self.session.versions[number].settings.to_json(), encoding="utf-8")
        return file
