"""`studiospeak chat SESSION_DIR [AUDIO...]`: talk about a mix in the terminal; goes on where it was left."""

import argparse
from pathlib import Path

from rich.console import Console as Terminal

from assistant.chat import Talk
from assistant.events import Asked, Event, Moved, Progress, Said
from assistant.recognise import recognised
from assistant.session import Session
from console.errors import SessionError
from exchange import load_tracks

__all__ = ["run"]

_HELP = 'Say what you want, as to an engineer. "undo" takes it back, an empty line or Ctrl-D ends; all is kept.'


def run(options: argparse.Namespace) -> int:
    """Talk until the input ends.

    Raises:
        SessionError: neither a session there nor audio to start one, or both.
    """
    folder = Path(options.session_dir)
    session = _session(folder, options.audio)
    terminal = Terminal(highlight=False)
    names = ", ".join(track.name for track in session.song.tracks)
    terminal.print(f"{names}: {session.song.duration_s:.0f} s, version {session.current}. {_HELP}", style="dim")
    session.save(folder)
    talk = Talk(session, folder, model=options.model)
    try:
        while True:
            try:
                text = input("> ").strip()
            except EOFError:
                break
            if not text:
                break
            with terminal.status("listening") as status:
                events = [_shown(event, status) for event in talk.say(text)]
            for event in events:
                _print(event, terminal)
    finally:
        talk.close()
    return 0


def _session(folder: Path, audio: list[str]) -> Session:
    there = (folder / "session.json").exists()
    if there and audio:
        raise SessionError(f"{folder} holds a session already. Leave the audio out to go on, or name a new folder.")
    if there:
        return Session.open(folder)
    if not audio:
        raise SessionError(
            f"{folder} holds no session. Name the audio to start one: studiospeak chat {folder} AUDIO..."
        )
    folder.mkdir(parents=True, exist_ok=True)
    return Session(recognised(load_tracks(audio[0] if len(audio) == 1 else audio)))


def _shown(event: Event, status) -> Event:
    if isinstance(event, Progress):
        status.update(f"{event.step}: {event.note}" if event.note else event.step)
    return event


def _print(event: Event, terminal: Terminal) -> None:
    if isinstance(event, Said):
        terminal.print(event.text, markup=False)
    elif isinstance(event, Asked):
        for choice in event.choices:
            terminal.print(f"  - {choice}", markup=False)
    elif isinstance(event, Moved):
        terminal.print(f"version {event.version}, {len(event.moves)} knobs", style="dim")
