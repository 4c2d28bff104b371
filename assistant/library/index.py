"""The index of a music folder: one line and one row a song, written as they come, so that a stop costs nothing.

FOLDER/library.json   version, encoder, the music folder
FOLDER/songs.jsonl    a line a song: path under the music folder, bytes, time of change, seconds; or why it was left out
FOLDER/sounds.f32     a row a song that was heard, float32, in the same order
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import faiss
import numpy as np
import platformdirs

from assistant.library.scan import DIMENSIONS_MORE, music_files, sound_of
from console.errors import AudioFileError, SessionError
from models import Encoder

__all__ = ["Built", "Entry", "Library", "build_library", "default_folder", "known_libraries", "open_library"]

LIBRARY_VERSION = 1
_ABOUT, _SONGS, _SOUNDS = "library.json", "songs.jsonl", "sounds.f32"
FEATURE_SHARE = 0.06
"""What one step of a production feature counts against one of the FX embedding."""


@dataclass(frozen=True)
class Entry:
    """One song.

    Attributes:
        path: under the music folder, with "/".
        bytes, changed_ns: of the file when it was heard.
        seconds: its length; 0 where it was left out.
        left_out: why it is not in the index, "" if it is.
    """

    path: str
    bytes: int
    changed_ns: int
    seconds: float
    left_out: str = ""


@dataclass(frozen=True)
class Built:
    """What building did."""

    songs: int
    new: int
    left_out: tuple[Entry, ...]
    hours: float
    index_bytes: int
    cpu_seconds: float


class Library:
    """An opened index."""

    def __init__(self, music: Path, encoder_name: str, dimensions: int, entries: list[Entry], sounds: np.ndarray):
        """Put an index together.

        Args:
            music: the music folder.
            encoder_name, dimensions: of the FX encoder.
            entries: songs in the index, in the order of the rows.
            sounds: (songs, dimensions + features).
        """
        self.music, self.encoder_name, self.dimensions = music, encoder_name, dimensions
        self.entries, self.sounds = entries, sounds
        self.row_of = {entry.path: row for row, entry in enumerate(entries)}
        self._near = faiss.IndexFlatL2(sounds.shape[1])
        self._along = faiss.IndexFlatIP(sounds.shape[1])
        points = self.scaled(sounds)
        self.mean = points.mean(axis=0) if len(points) else np.zeros(sounds.shape[1], np.float32)
        self._near.add(points)
        self._along.add(points - self.mean)

    def scaled(self, sounds: np.ndarray) -> np.ndarray:
        """Return (rows, dimensions) in which Euclidean distance is what counts."""
        points = np.array(sounds, dtype=np.float32)
        points[..., self.dimensions :] *= FEATURE_SHARE
        return points

    def near(self, point: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return rows and distances of the songs nearest to a scaled point."""
        squared, rows = self._near.search(point[None].astype(np.float32), min(count, len(self.entries)))
        return [(int(row), float(np.sqrt(max(d, 0.0)))) for row, d in zip(rows[0], squared[0], strict=True)]

    def along(self, direction: np.ndarray, count: int) -> list[tuple[int, float]]:
        """Return rows of the songs that lie furthest along a scaled direction from the library's middle."""
        scores, rows = self._along.search(direction[None].astype(np.float32), min(count, len(self.entries)))
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]


def default_folder(music: Path) -> Path:
    """Return where the index of a music folder lies when no place is given: this user's data folder."""
    name = hashlib.sha256(str(music.resolve()).encode()).hexdigest()[:12]
    return platformdirs.user_data_path("studiospeak", appauthor=False) / "libraries" / f"{music.resolve().name}-{name}"


def known_libraries() -> list[Path]:
    """Return the folders of every index that was made where indexes usually go."""
    home = default_folder(Path.cwd()).parent
    return sorted(place for place in home.iterdir() if place.is_dir()) if home.is_dir() else []


def build_library(
    music: Path, folder: Path, encoder: Encoder, progress: Callable[[int, int, str], None] | None = None
) -> Built:
    """Index a music folder; what is there already and has not changed is kept, so a stopped run goes on.

    Args:
        music: read, never written.
        folder: of the index; made if it is not there, not inside the music folder.
        encoder: the FX encoder.
        progress: told the number done, the number in all, and the song.
    Raises:
        AudioFileError: no such music folder, or no music in it.
        SessionError: the index cannot be written, lies inside the music folder, or belongs to another.
    """
    files = music_files(music)
    if not files:
        raise AudioFileError(f"{music} holds no audio files. Name a folder with music.")
    if music.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise SessionError(f"{folder} lies inside the music folder, which is only read. Put the index elsewhere.")
    began = time.process_time()
    try:
        kept, left = _unchanged(music, files, _begin(music, folder, encoder))
        new = 0
        with (folder / _SONGS).open("a", encoding="utf-8") as songs, (folder / _SOUNDS).open("ab") as sounds:
            for place, file in enumerate(files):
                name = file.relative_to(music).as_posix()
                if progress is not None:
                    progress(place, len(files), name)
                if name in kept or name in left:
                    continue
                entry, sound = _hear(file, name, encoder)
                if sound is not None:
                    sounds.write(sound.astype("<f4").tobytes())
                    sounds.flush()
                songs.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
                songs.flush()
                new += 1
        _tidy(music, folder, encoder, files)
    except OSError as error:
        raise SessionError(f"The index {folder} cannot be written ({error.strerror}). Choose another place.") from error
    if progress is not None:
        progress(len(files), len(files), "")
    library, skipped = _read(folder)
    size = sum((folder / name).stat().st_size for name in (_ABOUT, _SONGS, _SOUNDS))
    hours = sum(entry.seconds for entry in library.entries) / 3600.0
    return Built(len(library.entries), new, tuple(skipped), hours, size, time.process_time() - began)


def open_library(folder: Path, encoder: Encoder) -> Library:
    """Open an index.

    Raises:
        SessionError: there is none, it is damaged, or another encoder made it.
    """
    library, _ = _read(folder)
    if (library.encoder_name, library.dimensions) != (encoder.name, encoder.dimensions):
        raise SessionError(
            f"{folder} was made with the encoder '{library.encoder_name}', not '{encoder.name}'. "
            "Run: studiospeak library index, into an empty place."
        )
    return library


def _begin(music: Path, folder: Path, encoder: Encoder) -> list[Entry]:
    """Return the songs that the index holds, making it if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "version": LIBRARY_VERSION, "encoder": encoder.name, "dimensions": encoder.dimensions,
        "music": str(music.resolve()),
    }  # fmt: skip
    path = folder / _ABOUT
    if not path.exists():
        _write(path, json.dumps(about, indent=1, ensure_ascii=False))
        return []
    if _about(folder) != about:
        raise SessionError(f"{folder} is the index of another folder or encoder. Choose another place for this one.")
    return _rows(folder, encoder.dimensions + DIMENSIONS_MORE)[0]


def _unchanged(music: Path, files: list[Path], entries: list[Entry]) -> tuple[set[str], set[str]]:
    """Return the songs that need not be heard again, and those still left out."""
    here = {file.relative_to(music).as_posix(): file.stat() for file in files}
    same = [entry for entry in entries if entry.path in here and _same(entry, here[entry.path])]
    kept = {entry.path for entry in same if not entry.left_out}
    return kept, {entry.path for entry in same if entry.left_out} - kept


def _same(entry: Entry, stat: os.stat_result) -> bool:
    return (entry.bytes, entry.changed_ns) == (stat.st_size, stat.st_mtime_ns)


def _hear(file: Path, name: str, encoder: Encoder) -> tuple[Entry, np.ndarray | None]:
    stat = file.stat()
    try:
        sound, seconds = sound_of(file, encoder)
    except AudioFileError as error:
        return Entry(name, stat.st_size, stat.st_mtime_ns, 0.0, str(error)), None
    return Entry(name, stat.st_size, stat.st_mtime_ns, round(seconds, 3)), sound


def _tidy(music: Path, folder: Path, encoder: Encoder, files: list[Path]) -> None:
    """Write the index anew without what is gone or was heard again, if there is any."""
    entries, rows = _rows(folder, encoder.dimensions + DIMENSIONS_MORE)
    here = {file.relative_to(music).as_posix(): file.stat() for file in files}
    last: dict[str, tuple[Entry, int | None]] = {}
    row = 0
    for entry in entries:
        last[entry.path] = (entry, None if entry.left_out else row)
        row += not entry.left_out
    keep = [pair for path, pair in last.items() if path in here and _same(pair[0], here[path])]
    if len(keep) == len(entries):
        return
    lines = [json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry, _ in keep]
    sounds = rows[[row for _, row in keep if row is not None]]
    # The lines last: rows without a line are dropped when it is opened, never the other way round.
    temporary = folder / f"{_SOUNDS}.new"
    temporary.write_bytes(sounds.astype("<f4").tobytes())
    _write(folder / f"{_SONGS}.new", "".join(lines))
    os.replace(temporary, folder / _SOUNDS)
    os.replace(folder / f"{_SONGS}.new", folder / _SONGS)


def _about(folder: Path) -> dict:
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SessionError(f"{folder} holds no library. Make one with: studiospeak library index FOLDER") from error
    except (OSError, ValueError) as error:
        raise SessionError(f"{folder / _ABOUT} is damaged ({error}). Index the music again.") from error
    if not isinstance(about, dict) or about.get("version") != LIBRARY_VERSION:
        raise SessionError(f"{folder} holds a library of another version. Index the music into another place.")
    return about


def _rows(folder: Path, width: int) -> tuple[list[Entry], np.ndarray]:
    """Read lines and rows; what a stop left half-written at the end is cut off."""
    entries: list[Entry] = []
    songs, sounds = folder / _SONGS, folder / _SOUNDS
    data = sounds.read_bytes() if sounds.exists() else b""
    rows = len(data) // (4 * width)
    whole = 0
    if songs.exists():
        text = songs.read_bytes()
        for line in text.splitlines(keepends=True):
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):
                break
            if not line.endswith(b"\n") or sum(not e.left_out for e in entries) + (not entry.left_out) > rows:
                break
            entries.append(entry)
            whole += len(line)
        if whole < len(text):
            with songs.open("r+b") as file:
                file.truncate(whole)
    used = sum(not entry.left_out for entry in entries)
    if used * 4 * width < len(data):
        with sounds.open("r+b") as file:
            file.truncate(used * 4 * width)
    table = np.frombuffer(data[: used * 4 * width], dtype="<f4").reshape(used, width)
    return entries, table


def _read(folder: Path) -> tuple[Library, list[Entry]]:
    about = _about(folder)
    entries, rows = _rows(folder, int(about["dimensions"]) + DIMENSIONS_MORE)
    songs = [entry for entry in entries if not entry.left_out]
    skipped = [entry for entry in entries if entry.left_out]
    return Library(Path(about["music"]), about["encoder"], int(about["dimensions"]), songs, rows), skipped


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
