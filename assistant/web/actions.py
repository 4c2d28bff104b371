"""What a visitor can do: load, say, undo, restore, set an amount, lock. Each yields the chat side as it changes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import orders as amounts
from assistant.recognise import recognised
from assistant.tell import say
from assistant.turn import Assistant
from assistant.web.events_view import EXAMPLES, TurnView, message
from assistant.web.state import Workbench
from console.errors import StudiospeakError
from exchange import Song, load_tracks

__all__ = [
    "CHIPS",
    "load_demo",
    "load_files",
    "open_demo",
    "redo",
    "restore",
    "set_amount",
    "set_locks",
    "take_turn",
    "undo",
]

CHIPS = 6
_PLOT_WIDTH = 410
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
        bench.messages = said + list(view.messages()) + [_drawn(figure) for figure in view.figures]
        bench.suggestions = view.suggestions or bench.suggestions
    yield _talk(bench)


def _drawn(figure: Any) -> dict:
    """Return a chat message that shows a plot; of a fixed width, as the chat squeezes older ones otherwise."""
    figure.update_layout(width=_PLOT_WIDTH)
    return {"role": "assistant", "content": gr.Plot(figure, show_label=False)}


def undo(bench: Workbench) -> list[Any]:
    """Go back one version."""
    return _walk(bench, "undone", lambda: bench.session.undo().said)


def redo(bench: Workbench) -> list[Any]:
    """Go forward over what was undone."""
    return _walk(bench, "redone", lambda: bench.session.redo().said)


def restore(bench: Workbench, number: int) -> list[Any]:
    """Go to any version."""
    return _walk(bench, "restored", lambda: bench.session.restore(int(number)).said)


def set_amount(bench: Workbench, percent: float) -> list[Any]:
    """Put the last edit at so many percent of itself."""

    def step() -> str:
        order = amounts.set_amount(bench.session, f"amount {percent:.0f} %", percent / 100)
        while True:
            try:
                next(order)
            except StopIteration as end:
                return str(end.value)

    return _do(bench, step)


def set_locks(bench: Workbench, tracks: Sequence[str]) -> list[Any]:
    """Lock these tracks and no others; locks of single parts stay."""

    def step() -> None:
        session = bench.session
        for track in bench.session.settings.tracks:
            if track in tracks:
                session.lock(track)
            elif session.is_locked(track):
                session.unlock(track)

    return _do(bench, step)


def _do(bench: Workbench, step: Callable[[], str | None]) -> list[Any]:
    """Take a step on a free bench; what it says or what went wrong goes into the chat."""
    with _Work(bench) as free:
        if free:
            try:
                said = step()
            except StudiospeakError as error:
                said = str(error)
            if said is not None:
                bench.messages.append(message("assistant", said))
    return _talk(bench)


def _walk(bench: Workbench, sentence: str, step: Callable[[], str]) -> list[Any]:
    return _do(bench, lambda: say(sentence, said=step()))


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
