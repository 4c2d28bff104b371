"""What was written, as one file that a browser can fetch: the file itself, or all of it packed."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from assistant.web.state import EXPORTS
from exchange.destination import free_path

__all__ = ["handed"]


def handed(files: Sequence[Path], folder: Path) -> list[Path]:
    """Return one file in the folder of exports that holds everything that was written.

    Args:
        files: what was written, inside the folder of exports.
        folder: of the session.
    """
    exports = folder / EXPORTS
    if len(files) == 1 and files[0].parent == exports:
        return [files[0]]
    inside = [file.relative_to(exports) for file in files]
    pack = free_path(exports / f"{Path(inside[0].parts[0]).stem}.zip")
    with zipfile.ZipFile(pack, "x", zipfile.ZIP_STORED) as archive:
        for file, name in zip(files, inside, strict=True):
            archive.write(file, name)
    return [pack]
