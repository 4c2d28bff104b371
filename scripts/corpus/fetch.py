"""Fetch Debian packages and unpack them without installing; read what their copyright file allows."""

import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.corpus.table import CorpusError, Package

__all__ = ["Run", "fetch", "licence_note"]

Run = Callable[[Sequence[str], Path], None]
"""Runs a command in a folder; raises CorpusError when it fails."""

_LONGEST_NOTE = 200


def run_command(command: Sequence[str], folder: Path) -> None:
    """Run a command quietly.

    Raises:
        CorpusError: not installed, or it failed.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CorpusError(f"{command[0]} is not installed here. Install it, or build on a Debian machine.") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise CorpusError(f"`{' '.join(command)}` failed: {last}. Try `apt-get update` first.")


def fetch(package: Package, folder: Path, run: Run = run_command) -> Path:
    """Download and unpack a package, unless that is done already.

    Args:
        package: the row.
        folder: where packages are unpacked, one folder each.
        run: how commands are run.
    Returns:
        The root of the unpacked tree. It appears only when complete.
    Raises:
        CorpusError: it could not be fetched or unpacked.
    """
    root = folder / package.name
    if root.is_dir():
        return root
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{package.name}-", dir=folder))
    try:
        run(["apt-get", "download", package.name], work)
        found = sorted(work.glob(f"{package.name}_*.deb"))
        if not found:
            raise CorpusError(f"apt-get gave no file for {package.name}. Run `apt-get update` and try again.")
        run(["dpkg", "-x", found[0].name, "tree"], work)
        tree = work / "tree"
        for pattern in package.archive:
            for archive in sorted(tree.glob(pattern)):
                _unzip(archive, tree / "_unpacked" / archive.stem)
        os.replace(tree, root)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return root


def licence_note(root: Path, package: str) -> str:
    """Return the licences a package's copyright file names, joined by "; ", or where to look."""
    path = root / "usr/share/doc" / package / "copyright"
    if not path.is_file():
        return "no copyright file in the package"
    text = path.read_text(encoding="utf-8", errors="replace")
    names: dict[str, None] = {}
    for stanza in re.split(r"\n\s*\n", text):
        files = re.search(r"^Files:\s*(.+)", stanza, re.MULTILINE)
        licence = re.search(r"^License:[ \t]*(\S.*)", stanza, re.MULTILINE)
        if licence and not (files and files[1].strip().startswith("debian/")):
            names[licence[1].strip()] = None
    note = "; ".join(names) or "free-form copyright file: read it"
    return note if len(note) <= _LONGEST_NOTE else note[: _LONGEST_NOTE - 3] + "..."


def _unzip(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(target)  # names with ".." are cut by zipfile itself
    except zipfile.BadZipFile as error:
        raise CorpusError(f"{archive.name} is no zip archive. Correct its row in the table.") from error
