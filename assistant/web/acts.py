"""How what a visitor asks for is carried out: checked first, and in the background where it takes time.

An act is a function of the bench and of what the control sent. One that takes time returns a `Job`; the others are done
when they return. `assistant.web.every_act` lists them.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError, validate_call

from assistant.web.state import Workbench
from console.errors import StudiospeakError

__all__ = ["Act", "Job", "carry_out", "perform"]

Act = Callable[..., "Job | None"]

BUSY = "The last thing you asked for is still being done. Wait for the reply, or stop it."
_UNKNOWN = "The page asked for something that is not understood here. Reload it."


@dataclass(frozen=True)
class Job:
    """Work that takes time: what to show at first, and what does it."""

    doing: str
    run: Callable[[], None]


def perform(bench: Workbench, found: Act | None, payload: dict[str, Any]) -> Iterator[None]:
    """Carry out an act, yielding whenever something can be seen; what went wrong is told in the page.

    Args:
        bench: where.
        found: the act; None where there is none of the name that was asked for.
        payload: its arguments as the page sent them; they are checked against their types.
    """
    bench.notice = ""
    try:
        job = None if found is None else validate_call(functools.partial(found, bench))(**payload)
    except StudiospeakError as error:
        bench.notice = str(error)
        return
    except (ValidationError, TypeError):
        found, job = None, None
    if found is None:
        bench.notice = _UNKNOWN
    elif job is not None:
        yield from carry_out(bench, job)
    else:
        _save(bench)


def carry_out(bench: Workbench, job: Job) -> Iterator[None]:
    """Do a job in the background and yield its progress; it goes on when nobody looks."""

    def run() -> None:
        job.run()
        _save(bench)

    def failed(error: Exception) -> None:
        known = isinstance(error, StudiospeakError)
        words = (
            str(error) if known else f"Something broke here ({type(error).__name__}: {error}). The log has the details."
        )
        bench.say("fault", words)
        _save(bench)

    if bench.work.start(job.doing, run, failed):
        yield from bench.work.follow()
    else:
        bench.notice = BUSY


def _save(bench: Workbench) -> None:
    try:
        bench.save()
    except StudiospeakError as error:
        bench.notice = str(error)
