"""Where an export goes: a new file or a new folder, whole or not at all, never over anything."""

import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.errors import ProjectFileError

__all__ = ["file_names", "free_path", "new_file", "new_folder", "unique_names"]

_LONGEST = 80
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write; put it in place once the block has ended well.

    Args:
        path: must not exist; its folder must.
    Yields:
        A path beside it.
    Raises:
        ProjectFileError: something is there already, there is no such folder, or the disk refuses.
    """
    path = _checked(path)
    partial = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        _check_free(path)
        partial.rename(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def new_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder to fill; put it in place once the block has ended well.

    Args:
        path: must not exist; the folder above it must.
    Yields:
        An empty folder beside it.
    Raises:
        ProjectFileError: as in `new_file`.
    """
    path = _checked(path)
    partial = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        partial.mkdir()
        yield partial
        _check_free(path)
        partial.rename(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def free_path(path: Path) -> Path:
    """Return the path, or where something is there already, the next with a number: "mix.wav", "mix (2).wav"."""
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.stem} ({number}){path.suffix}"), number + 1
    return free


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file name without extension for every name, good on any system and different from one another."""
    taken: set[str] = set()
    found = {}
    for name in names:
        base = _plain(name)
        chosen, number = base, 2
        while chosen.casefold() in taken:
            chosen, number = f"{base} {number}", number + 1
        taken.add(chosen.casefold())
        found[name] = chosen
    return found


def unique_names(names: Iterable[str], reserved: Iterable[str] = ()) -> list[str]:
    """Return the names in order, equal ones (upper and lower case are one) with a number: Kick, Kick 2.

    reserved: names that none may have.
    """
    taken = {name.casefold() for name in reserved}
    found = []
    for name in names:
        base = name.strip() or "Track"
        chosen, number = base, 2
        while chosen.casefold() in taken or chosen.startswith("group:"):
            chosen, number = f"{base.removeprefix('group:')} {number}", number + 1
        taken.add(chosen.casefold())
        found.append(chosen)
    return found


def _plain(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    kept = "".join("_" if c in '/\\:*?"<>|' or unicodedata.category(c)[0] == "C" else c for c in name)
    kept = kept[:_LONGEST].strip(" .")
    return f"{kept}_" if not kept or _RESERVED.match(kept) else kept


def _checked(path: str | os.PathLike[str]) -> Path:
    path = Path(path)
    _check_free(path)
    if not path.parent.is_dir():
        raise ProjectFileError(f"The folder {path.parent} for {path.name} does not exist. Create it first.")
    return path


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise ProjectFileError(f"{path} already exists and is never written over. Choose another name with --out.")


def _refused(path: Path, error: OSError) -> ProjectFileError:
    reason = error.strerror or str(error)
    return ProjectFileError(f"{path.name} cannot be written to {path.parent} ({reason}). Check space and permissions.")
