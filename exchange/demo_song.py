"""The demo song that comes with the program: where it is, and a copy for whoever wants the stems."""

import shutil
from importlib import resources
from pathlib import Path

from console.errors import AudioFileError

__all__ = ["copy_demo", "demo_folder"]


def demo_folder() -> Path:
    """Return the folder with the demo's stems."""
    return Path(str(resources.files("exchange").joinpath("demo")))


def copy_demo(out: str | Path) -> list[Path]:
    """Copy the demo's stems and their notice into a folder, made if needed; return the stems.

    Raises:
        AudioFileError: a file of that name is already there, or the folder cannot be written.
    """
    out = Path(out)
    files = sorted(path for path in demo_folder().iterdir() if path.suffix in (".ogg", ".flac", ".md"))
    taken = [path.name for path in files if (out / path.name).exists()]
    if taken:
        raise AudioFileError(f"{out} already holds {taken[0]}. Choose another folder; nothing was written.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path in files:
            shutil.copyfile(path, out / path.name)
    except OSError as error:
        raise AudioFileError(
            f"The demo cannot be written to {out} ({error.strerror}). Choose another folder."
        ) from error
    return [out / path.name for path in files if path.suffix != ".md"]
