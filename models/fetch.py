"""Fetch one file over HTTP so that a broken connection costs only what was not yet there."""

import shutil
from collections.abc import Callable
from pathlib import Path

from console.errors import ModelError

__all__ = ["Progress", "fetch"]

Progress = Callable[[str, int, int], None]
"""Called with the file's name, the bytes that are here, and the bytes there will be."""

_ANSWER_S = 10.0  # silence of the other side that counts as a broken connection
_SPARE = 1.05  # room on the disk, against what is still to come


def fetch(url: str, path: Path, size: int, progress: Progress | None = None) -> None:
    """Fetch a file; what a broken attempt left (`NAME.part`) is kept and continued.

    Args:
        url: where it is.
        path: where it goes; its folder exists.
        size: in bytes.
        progress: told as it grows.
    Raises:
        OSError, huggingface_hub.errors.HTTPError: the other side cannot be reached, refuses, or breaks off.
        ModelError: the disk is too small, or more arrives than the file has.
    """
    from huggingface_hub import get_session

    part = path.with_name(f"{path.name}.part")
    here = part.stat().st_size if part.exists() else 0
    free = shutil.disk_usage(path.parent).free
    if free < _SPARE * (size - here):
        raise ModelError(
            f"{path.parent} has {free / 1e6:.0f} MB free, {path.name} needs {(size - here) / 1e6:.0f} MB. Make room, "
            "or set STUDIOSPEAK_WEIGHTS to another folder."
        )
    if here < size:
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={here}-"} if here else {})
        session = get_session()
        with session.stream("GET", url, headers=headers, timeout=_ANSWER_S, follow_redirects=True) as response:
            response.raise_for_status()
            if response.status_code != 206:  # the other side sends it whole
                here = 0
            with part.open("ab" if here else "wb") as stream:
                for chunk in response.iter_bytes():
                    here += stream.write(chunk)
                    if here > size:
                        break
                    if progress is not None:
                        progress(path.name, here, size)
    if here < size:
        raise ConnectionError(f"{path.name} stopped at {here / 1e6:.1f} of {size / 1e6:.1f} MB")
    if here > size:
        part.unlink()
        raise ModelError(f"{url} sends more than the {size} bytes that {path.name} has. It was not kept.")
    part.replace(path)
