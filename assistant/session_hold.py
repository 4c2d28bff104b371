"""Who works on a session's folder: one program at a time; a second one is told.

The lock is the operating system's, so that it goes with the program that held it, however that ended.
"""

import contextlib
import os
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from console.errors import SessionError

__all__ = ["Hold"]

_LOCK, _HOLDER = "session.lock", "session.holder"


class Hold:
    """A session's folder, held until `release`."""

    def __init__(self, folder: str | Path) -> None:
        """Take a folder; it is made where there is none.

        Raises:
            SessionError: another program holds it, or it cannot be written.
        """
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.folder / _LOCK, timeout=0)
            self._lock.acquire()
            (self.folder / _HOLDER).write_text(f"process {os.getpid()} since {datetime.now():%H:%M}", encoding="utf-8")
        except Timeout as error:
            raise SessionError(
                f"{self.folder.name} is open in another program ({self._holder()}). Close it there first; nothing was "
                "changed here. `studiospeak export` reads it meanwhile."
            ) from error
        except OSError as error:
            raise SessionError(
                f"The folder {self.folder} cannot be written ({error.strerror}). Choose another."
            ) from error

    def release(self) -> None:
        """Let others work on it."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                (self.folder / _HOLDER).unlink()
            self._lock.release()

    def _holder(self) -> str:
        try:
            return (self.folder / _HOLDER).read_text(encoding="utf-8") or "just opened"
        except OSError:
            return "just opened"
