"""What tools work on: one session, one assistant, and a record of what really happened in this turn.

Every tool ends here: requests go through the same path as words typed by a person, and what comes back is read from
the events of that path. `Outcome` is all that a reply may speak of.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.clock import Clock
from assistant.events import Asked, Event, Failed, Measured, Measurement, Moved, Said
from assistant.request import Request
from assistant.session import Session
from assistant.turn import Assistant
from console.settings import Move

__all__ = ["Outcome", "Studio"]


@dataclass(frozen=True)
class Outcome:
    """What one tool call did, as it was measured.

    Attributes:
        reply: sentences made from measurements.
        moves: knobs that were turned.
        measured: readings before and after.
        failed: why nothing could be done, or None.
        choices: answers to a question in the reply.
    """

    reply: str
    moves: tuple[Move, ...] = ()
    measured: tuple[Measurement, ...] = ()
    failed: str | None = None
    choices: tuple[str, ...] = ()

    def to_json(self) -> dict:
        """Return what a model is told."""
        return {
            "reply": self.reply,
            "moved": [move.model_dump(mode="json") for move in self.moves],
            "measured": [entry.model_dump(mode="json") for entry in self.measured],
            **({"failed": self.failed} if self.failed else {}),
            **({"ask": list(self.choices)} if self.choices else {}),
        }


@dataclass(eq=False)
class Studio:
    """A session being worked on.

    Attributes:
        session: the song and its versions.
        assistant: carries out requests.
        folder: where the session is saved after every change; None: it is not saved.
        outcomes: of the tools called in this turn, oldest first.
        said: what the person said in this turn.
        amount: multiplies how far every change goes.
        clock: collects CPU seconds.
    """

    session: Session
    assistant: Assistant
    folder: Path | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    said: str = ""
    amount: float = 1.0
    clock: Clock = field(default_factory=Clock)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, said: str, amount: float = 1.0) -> None:
        """Forget the last turn."""
        self.said, self.amount, self.clock = said, amount, Clock()
        self.outcomes.clear()

    def carry_out(self, requests: Sequence[Request], tell: Callable[[Event], None]) -> Outcome:
        """Carry out requests and record what came of it.

        Args:
            requests: what is asked.
            tell: gets every event on the way, but not the closing `Said`: the turn has one reply.
        """
        moves: list[Move] = []
        measured: list[Measurement] = []
        reply, failed, choices = "", None, ()
        with self._one_at_a_time:
            for event in self.assistant.carry_out(self.session, self.said, requests, self.amount, self.clock):
                if isinstance(event, Said):
                    reply = event.text
                    continue
                if isinstance(event, Moved):
                    moves += event.moves
                elif isinstance(event, Measured):
                    measured += event.measurements
                elif isinstance(event, Failed):
                    failed = event.what
                elif isinstance(event, Asked):
                    choices = event.choices
                tell(event)
            outcome = Outcome(reply, tuple(moves), tuple(measured), failed, choices)
            self.outcomes.append(outcome)
            self.save()
        return outcome

    def save(self) -> None:
        """Write the session into its folder, if it has one."""
        if self.folder is not None:
            self.session.save(self.folder)

    def understand(self, text: str) -> tuple[Request, ...]:
        """Return what a text asks for in this session."""
        return self.assistant.understand(self.session, text)

    def note(self, reply: str) -> Outcome:
        """Record a tool that only reads: what it says is all there is."""
        self.outcomes.append(Outcome(reply))
        return self.outcomes[-1]
