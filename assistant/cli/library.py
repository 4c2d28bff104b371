"""`studiospeak library index FOLDER` and `studiospeak library find TEXT`: references in your own music."""

import argparse
import json
import sys
import time
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from assistant.library import build_library, default_folder, find_songs, known_libraries, open_library, sound_of
from console.errors import SessionError
from models import load_encoder
from models.text_to_effect import load_text_to_effect

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Index a folder, or search an index.

    Returns:
        0 done; 1 if a search found nothing.
    Raises:
        AudioFileError: no such folder or recording.
        SessionError: no index, or one that cannot be used.
        RequestError: words that are not known.
    """
    return _index(options) if options.action == "index" else _find(options)


def _index(options: argparse.Namespace) -> int:
    music = Path(options.folder)
    place = Path(options.index) if options.index else default_folder(music)
    columns = (
        TextColumn("{task.completed}/{task.total}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=_terminal()) as bar:
        task = bar.add_task("", total=None)
        built = build_library(
            music, place, load_encoder("fx"),
            lambda done, total, name: bar.update(task, completed=done, total=total, description=name[-60:]),
        )  # fmt: skip
    report = {
        "index": str(place),
        "songs": built.songs,
        "new": built.new,
        "left_out": [{"path": entry.path, "why": entry.left_out} for entry in built.left_out],
        "hours": round(built.hours, 3),
        "index_bytes": built.index_bytes,
        "cpu_seconds": round(built.cpu_seconds, 3),
    }
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for entry in built.left_out:
            print(f"left out: {entry.left_out}", file=sys.stderr)
        print(
            f"{built.songs} songs ({built.hours:.1f} h), {built.new} new, {built.index_bytes / 1e6:.1f} MB in {place}"
        )
    return 0


def _find(options: argparse.Namespace) -> int:
    encoder = load_encoder("fx")
    library = open_library(_place(options), encoder)
    like, same = None, []
    if options.like is not None:
        path = Path(options.like).resolve()
        name = path.relative_to(library.music).as_posix() if path.is_relative_to(library.music) else None
        same = [name] if name in library.row_of else []
        like = library.sounds[library.row_of[name]] if same else sound_of(path, encoder)[0]
    model = load_text_to_effect(encoder.name)
    model.direction("warm", "mix")  # so that the time is the search's, not that of opening tables
    began = time.perf_counter()
    found = find_songs(library, options.text, model, like, options.count, same)
    took_ms = 1000 * (time.perf_counter() - began)
    rows = [
        {
            "path": str(library.music / entry.path),
            "score": entry.score,
            "words": entry.words,
            "distance": entry.distance,
        }
        for entry in found
    ]
    if options.json:
        print(json.dumps({"songs": rows, "search_ms": round(took_ms, 2)}, ensure_ascii=False))
    else:
        for row in rows:
            words = ", ".join(f"{name} {value:+.1f}" for name, value in row["words"].items())
            print(f"{row['path']}  {words}")
    return 0 if rows else 1


def _place(options: argparse.Namespace) -> Path:
    """Return the index to search: the one named, that of the music folder named, or the only one there is."""
    if options.index is not None:
        return Path(options.index)
    if options.folder is not None:
        return default_folder(Path(options.folder))
    there = known_libraries()
    if len(there) != 1:
        raise SessionError(
            f"{len(there)} indexed folders are here. Name one with --folder or --index."
            if there else "No folder is indexed yet. Run: studiospeak library index FOLDER"
        )  # fmt: skip
    return there[0]


def _terminal():
    from rich.console import Console

    return Console(stderr=True)
