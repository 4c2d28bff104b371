"""What is uploaded: stems and mixes become a session of their own, a recording a reference; the rest is removed."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from assistant.recognise import recognised
from assistant.web.benches import Benches
from assistant.web.drawing import draw_map
from assistant.web.kept import KeptReference
from assistant.web.state import REFERENCES, Workbench
from console.errors import StudiospeakError
from exchange import LIMITS, load_tracks, read_audio
from exchange.destination import free_path
from exchange.limits import describe_bytes

__all__ = ["MOST_REFERENCES", "add_reference", "open_files"]

MOST_REFERENCES = 4


def open_files(benches: Benches, bench: Workbench, files: Sequence[str], user: str) -> Workbench:
    """Return a new session about uploaded files; what is wrong with them is told in the open one, which stays."""
    paths = [Path(file) for file in files]
    if not paths:
        return bench
    size = sum(path.stat().st_size for path in paths)
    if len(paths) > LIMITS.max_tracks or size > LIMITS.max_song_bytes:
        _remove(paths)
        most = f"{LIMITS.max_tracks} files of {describe_bytes(LIMITS.max_song_bytes)} together"
        bench.say("fault", f"{len(paths)} files of {describe_bytes(size)} are too many. The most is {most}.")
        return bench
    folder = benches.new_folder(user)
    try:
        here = [_move(path, folder) for path in paths]
        song = recognised(load_tracks(here[0] if len(here) == 1 else here))
    except StudiospeakError as error:
        shutil.rmtree(folder.parent, ignore_errors=True)
        bench.say("fault", f"{error}\n{bench.title} is still open.")
        return bench
    finally:
        _remove(paths)
    title = here[0].stem if len(here) == 1 else f"{len(here)} stems"
    fresh = benches.start(song, title, user, folder)
    fresh.save()
    return fresh


def add_reference(bench: Workbench, file: str) -> None:
    """Take an uploaded recording up as a reference; what is wrong with it is told."""
    path = Path(file)
    try:
        if len(bench.references) >= MOST_REFERENCES:
            bench.notice = f"There are {MOST_REFERENCES} references, the most there can be. Remove one first."
            return
        read_audio(path)
        kept = _move(path, bench.folder / REFERENCES)
        bench.refer(KeptReference(name=kept.stem, file=kept.name))
        bench.panel = "reference"
        draw_map(bench)
        bench.save()
    except StudiospeakError as error:
        bench.notice = str(error)
    finally:
        _remove([path])


def _move(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a name that is free there."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(path, free_path(folder / path.name)))


def _remove(paths: Sequence[Path]) -> None:
    """Remove what is left of uploads, each with the folder that was made for it."""
    for path in paths:
        path.unlink(missing_ok=True)
        shutil.rmtree(path.parent, ignore_errors=True)
