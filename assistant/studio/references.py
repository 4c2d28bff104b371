"""Recordings the person named: the only files besides the song that are ever read.

A model asks for a reference by name. The name must be one the person said, or one of the files they handed over; a
path that only a model thought of is not opened.
"""

import re
from pathlib import Path

from console.errors import RequestError
from exchange import Song, list_audio
from exchange.limits import EXTENSIONS

__all__ = ["References", "named_recordings"]

_ENDS = "|".join(sorted((entry.lstrip(".") for entry in EXTENSIONS), key=len, reverse=True))
_NAMED = re.compile(rf"\"([^\"]+)\"|“([^”]+)”|'([^']+\.(?:{_ENDS}))'|([^\s,;\"“”']+\.(?:{_ENDS}))(?![\w])", re.I)


class References:
    """Recordings by name, the one that was named last first."""

    def __init__(self, song: Song, folder: Path | None) -> None:
        """Know where a name without a folder is looked for.

        Args:
            song: its files' folders are looked into.
            folder: of the session.
        """
        self._known: dict[str, Path] = {}
        self._mentioned: set[str] = set()
        places = [Path.cwd(), *([folder, folder / "references"] if folder else [])]
        self._places = list(dict.fromkeys([*places, *(Path(t.path).parent for t in song.tracks if t.path is not None)]))

    @property
    def names(self) -> tuple[str, ...]:
        """Return what can be asked for, the last one first."""
        return tuple(reversed(self._known))

    def add(self, path: str | Path) -> str:
        """Hand over a recording, or a folder of them; return the name of the (last) one.

        Raises:
            RequestError: there is no recording.
        """
        path = Path(path).expanduser()
        files = list_audio(path)[0] if path.is_dir() else [path]
        if not files or not files[0].is_file():
            raise RequestError(f"{path} is no recording. Name one that is there.")
        for file in files:
            self._remember(file)
        return files[-1].name

    def mention(self, text: str) -> None:
        """Take note of the recordings that the person names."""
        self._mentioned |= {name.lower() for name in named_recordings(text)}

    def find(self, name: str) -> Path:
        """Return the file of a name.

        Raises:
            RequestError: nobody named it, or it is not there.
        """
        asked = name.strip().strip("\"'“”")
        for known, path in reversed(self._known.items()):
            if asked.lower() in (known.lower(), Path(known).stem.lower(), str(path).lower()):
                return self._remember(path)
        if asked.lower() in self._mentioned:
            for place in (Path(), *self._places):
                path = place / Path(asked).expanduser()
                if path.is_file():
                    return self._remember(path.resolve())
            looked = ", ".join(str(place) for place in self._places)
            raise RequestError(f"{asked} was not found in {looked}. Give its whole path.")
        here = f" There are: {', '.join(self.names)}." if self._known else ""
        raise RequestError(f"Nobody named a recording called {asked!r}.{here} Say which file is meant.")

    def _remember(self, path: Path) -> Path:
        self._known.pop(path.name, None)
        self._known[path.name] = path
        return path


def named_recordings(text: str) -> tuple[str, ...]:
    """Return the files that a text names, as they are written there."""
    return tuple(next(group for group in match.groups() if group) for match in _NAMED.finditer(text))
