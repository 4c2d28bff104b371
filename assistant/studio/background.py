"""Long work that reports how far it is: run beside the turn, its progress yielded as it comes."""

import queue
import threading
from collections.abc import Callable, Generator
from typing import TypeVar

from assistant.events import Event, Progress

__all__ = ["Tell", "progressing"]

T = TypeVar("T")
Tell = Callable[[str, float], None]
"""Takes the step and the share of it that is done, 0..1."""


def progressing(work: Callable[[Tell], T]) -> Generator[Event, None, T]:
    """Run work in a thread of its own, yield its progress, return its result; its errors are raised here."""
    told: queue.Queue[Progress | None] = queue.Queue()
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work(lambda step, share: told.put(Progress(step, share))))
        except BaseException as error:  # raised again in the turn's own thread
            failed.append(error)
        finally:
            told.put(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while (event := told.get()) is not None:
        yield event
    thread.join()
    if failed:
        raise failed[0]
    return done[0]
