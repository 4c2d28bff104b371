"""Work in the background: a turn goes on when the page is reloaded or closed, and its progress can be watched."""

import logging
import threading
from collections.abc import Callable, Iterator

__all__ = ["Work"]

_log = logging.getLogger(__name__)
_LOOK_S = 0.5


class Work:
    """Carries out one job at a time on a thread of its own.

    Args:
        stop: set to ask the job to end soon, with the best so far.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._count = 0
        self.stop = stop
        self.doing = ""

    @property
    def busy(self) -> bool:
        """Whether a job goes on."""
        return self._thread is not None

    def start(self, doing: str, job: Callable[[], None], failed: Callable[[Exception], None]) -> bool:
        """Begin a job.

        Args:
            doing: what to show until the job says more.
            job: does it; looks at `stop` where it can end early.
            failed: told what it raised.
        Returns:
            False, and nothing is begun, where one goes on already.
        """

        def run() -> None:
            try:
                job()
            except Exception as error:  # told to the person; the traceback goes to the log
                _log.exception("work failed: %s", doing)
                failed(error)
            finally:
                with self._changed:
                    self._thread, self.doing = None, ""
                    self._count += 1
                    self._changed.notify_all()

        with self._changed:
            if self._thread is not None:
                return False
            self.stop.clear()
            self.doing = doing
            self._thread = threading.Thread(target=run, name="studiospeak work", daemon=True)
            self._thread.start()
        return True

    def tell(self, doing: str | None = None) -> None:
        """Say that something can be seen: what is being done now, if given."""
        with self._changed:
            if doing is not None:
                self.doing = doing
            self._count += 1
            self._changed.notify_all()

    def follow(self) -> Iterator[None]:
        """Yield whenever something can be seen, until the job is done; not at all where none goes on."""
        seen = -1
        while True:
            with self._changed:
                if self._count == seen and self._thread is not None:
                    self._changed.wait(_LOOK_S)
                if self._thread is None:
                    return
                fresh, seen = self._count != seen, self._count
            if fresh:
                yield
