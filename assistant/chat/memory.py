"""What a conversation remembers: LangGraph checkpoints in the session's folder, and the mark of the last finished turn.

A checkpoint holds all messages, so a thread of them grows with the square of its turns: after some turns the
conversation moves on to a new thread, and the old one goes once the session is saved with the new one's mark.
"""

import sqlite3
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

__all__ = ["Memory"]

_FILE = "chat.sqlite"
_TURNS = 16
"""Turns in a thread."""


class Memory:
    """Where in which thread a conversation stands.

    Attributes:
        saver: LangGraph's.
    """

    def __init__(self, folder: Path | None, mark: str | None) -> None:
        """Go on after a finished turn.

        Args:
            folder: of the session; None: nothing is kept.
            mark: of the turn, as `finished` returned it; None: nothing was said yet.
        """
        self._file = None if folder is None else sqlite3.connect(folder / _FILE, check_same_thread=False)
        self.saver: BaseCheckpointSaver = InMemorySaver() if self._file is None else SqliteSaver(self._file)
        thread, _, checkpoint = (mark or "0:").partition(":")
        self._thread = int(thread) if thread.isdigit() else 0
        self._turns, self._left = 0, None
        self._checkpoint: str | None = checkpoint or None
        if self._checkpoint is None or self.saver.get_tuple(self.place) is None:
            self._begin(self._thread)
        else:
            self._turns = sum(1 for _ in self.saver.list(self._at(None)))

    @property
    def place(self) -> RunnableConfig:
        """Return the place after the last finished turn."""
        return self._at(self._checkpoint)

    @property
    def known(self) -> bool:
        """Return whether anything was said before."""
        return self._checkpoint is not None

    def move_on(self) -> bool:
        """Begin a new thread if this one is long; then everything said so far has to be said to it again."""
        if self._turns < _TURNS:
            return False
        self._left = self._thread
        self._begin(self._thread + 1)
        return True

    def finished(self) -> str:
        """Return the mark of the turn that has just ended."""
        latest = self.saver.get_tuple(self._at(None))
        self._checkpoint = None if latest is None else str(latest.config["configurable"]["checkpoint_id"])
        self._turns += 1
        return f"{self._thread}:{self._checkpoint or ''}"

    def saved(self) -> None:
        """Drop the thread that was left, now that nothing points to it."""
        if self._left is not None:
            self.saver.delete_thread(self._name(self._left))
            self._left = None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _begin(self, thread: int) -> None:
        """Start a thread; what an unfinished turn may have left in it goes."""
        self._thread, self._turns, self._checkpoint = thread, 0, None
        self.saver.delete_thread(self._name(thread))

    def _at(self, checkpoint: str | None) -> RunnableConfig:
        where = {"thread_id": self._name(self._thread), "checkpoint_ns": ""}
        return {"configurable": where if checkpoint is None else {**where, "checkpoint_id": checkpoint}}

    @staticmethod
    def _name(thread: int) -> str:
        return f"talk {thread}"
