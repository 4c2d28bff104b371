"""What a visitor can do: load, say, undo, restore. Each yields the chat side of the page as it changes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.recognise import recognised
from assistant.tell import say
from assistant.turn import Assistant
from assistant.web.events_view import EXAMPLES, TurnView, message
from assistant.web.state import Workbench
from console.errors import StudiospeakError
from exchange import Song, load_tracks

__all__ = ["CHIPS", "load_demo", "load_files", "open_demo", "redo", "restore", "take_turn", "undo"]

CHIPS = 6
_BUSY = "The last thing you asked for is still being done. Wait for the reply, then try again."


def open_demo(base: Path, demo_song: Callable[[], tuple[Song, str]]) -> list[Any]:
    """Give a new visitor a bench with the demo song on it."""
    song, title = demo_song()
    bench = Workbench.start(base, song, title)
    bench.messages.append(message("assistant", _welcome(song, title)))
    bench.suggestions = EXAMPLES
    return _talk(bench)


def load_demo(bench: Workbench | None, base: Path, demo_song: Callable[[], tuple[Song, str]]) -> list[Any]:
    """Put the demo song back on the bench."""
    if bench is None:
        return open_demo(base, demo_song)
    with _Work(bench) as free:
        if free:
            song, title = demo_song()
            bench.load(song, title)
            bench.messages.append(message("assistant", _welcome(song, title)))
            bench.suggestions = EXAMPLES
    return _talk(bench)


def load_files(bench: Workbench, files: list[str] | None) -> Iterator[list[Any]]:
    """Load uploaded stems or a mix; what is wrong with them is said in the chat and the old song stays."""
    paths = list(files or ())
    with _Work(bench) as free:
        if not free or not paths:
            yield _talk(bench)
            return
        count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        bench.messages.append(message("assistant", f"Reading {count} ..."))
        yield _talk(bench, busy=True)
        try:
            song = recognised(load_tracks(paths[0] if len(paths) == 1 else paths))
        except StudiospeakError as error:
            bench.messages[-1] = message("assistant", f"{error}\n{bench.title} is still loaded.")
        else:
            title = Path(paths[0]).stem if len(paths) == 1 else f"{len(song.tracks)} stems"
            bench.load(song, title)
            bench.messages[-1] = message("assistant", _welcome(song, title))
            bench.suggestions = ()
    yield _talk(bench)


def take_turn(assistant: Assistant, bench: Workbench, text: str) -> Iterator[list[Any]]:
    """Carry out what was said, showing what is being done."""
    text = text.strip()
    with _Work(bench) as free:
        if not free or not text:
            yield _talk(bench)
            return
        view, said = TurnView(text), list(bench.messages)
        bench.messages = said + list(view.messages())
        yield _talk(bench, busy=True)
        for event in assistant.take_turn(bench.session, text):
            view.add(event)
            bench.messages = said + list(view.messages())
            if view.working is not None:
                yield _talk(bench, busy=True)
        bench.suggestions = view.suggestions or bench.suggestions
    yield _talk(bench)


def undo(bench: Workbench) -> list[Any]:
    """Go back one version."""
    return _walk(bench, "undone", lambda: bench.session.undo().said)


def redo(bench: Workbench) -> list[Any]:
    """Go forward over what was undone."""
    return _walk(bench, "redone", lambda: bench.session.redo().said)


def restore(bench: Workbench, number: int) -> list[Any]:
    """Go to any version."""
    return _walk(bench, "restored", lambda: bench.session.restore(int(number)).said)


def _walk(bench: Workbench, sentence: str, step: Callable[[], str]) -> list[Any]:
    with _Work(bench) as free:
        if free:
            try:
                bench.messages.append(message("assistant", say(sentence, said=step())))
            except StudiospeakError as error:
                bench.messages.append(message("assistant", str(error)))
    return _talk(bench)


class _Work:
    """Hold a bench for one action; a second one at the same time is told, not queued."""

    def __init__(self, bench: Workbench):
        self.bench = bench
        self.free = False

    def __enter__(self) -> bool:
        self.free = self.bench.busy.acquire(blocking=False)
        if not self.free:
            gr.Info(_BUSY)
        return self.free

    def __exit__(self, *_: object) -> None:
        if self.free:
            self.bench.busy.release()


def _talk(bench: Workbench, busy: bool = False) -> list[Any]:
    """Return what the chat side shows: bench, chat, box, send and the chips."""
    labels = () if busy else bench.suggestions[:CHIPS]
    chips = [gr.update(value=labels[i] if i < len(labels) else "", visible=i < len(labels)) for i in range(CHIPS)]
    send = gr.update(interactive=not busy, value="Working" if busy else "Send")
    return [bench, bench.messages, gr.update(value="") if busy else gr.skip(), send, *chips]


def _welcome(song: Song, title: str) -> str:
    names = ", ".join(track.name for track in song.tracks)
    count = "a stereo mix" if len(song.tracks) == 1 else f"{len(song.tracks)} tracks ({names})"
    facts = f"{title}: {count}, {song.duration_s:.0f} s at {song.sample_rate / 1000:g} kHz."
    return "\n".join((facts, *song.notes, "What should it sound like?"))
