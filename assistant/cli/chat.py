"""`studiospeak chat SESSION_DIR [AUDIO...]`: talk about a mix in the terminal; goes on where it was left."""

import argparse
import sys

from rich.console import Console as Terminal

from assistant.chat import Talk
from assistant.events import Event, Moved, Progress, Said, Saying
from assistant.studio import Studio

__all__ = ["run"]

_HELP = 'Say what you want, as to an engineer. "undo" takes it back, an empty line or Ctrl-D ends; all is kept.'
_SHOWN = ("answer", "option", "other reading")
"""Kinds of chips that are written below a reply; the others can be said at any time."""


def run(options: argparse.Namespace) -> int:
    """Talk until the input ends.

    Returns:
        0; 1 if it was interrupted.
    Raises:
        SessionError: neither a session there nor audio to start one, or both, or another program works on it.
        ModelError: no such model.
    """
    terminal = Terminal(highlight=False)
    studio = Studio.open(options.session_dir, options.audio)
    try:
        talk = Talk(studio, options.model)
        try:
            _converse(talk, terminal)
        finally:
            talk.close()
    except KeyboardInterrupt:
        print("\nStopped. Every turn that had its reply is kept.", file=sys.stderr)
        return 1
    finally:
        studio.close()
    return 0


def _converse(talk: Talk, terminal: Terminal) -> None:
    session = talk.studio.session
    names = ", ".join(track.name for track in session.song.tracks)
    terminal.print(f"{names}: {session.song.duration_s:.0f} s, version {session.current}. {_HELP}", style="dim")
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


def _shown(event: Event, status) -> Event:
    if isinstance(event, Progress):
        status.update(f"{event.step}: {event.note or f'{100 * event.share:.0f} %'}")
    elif isinstance(event, Saying):
        status.update(event.text)
    return event


def _print(event: Event, terminal: Terminal) -> None:
    if isinstance(event, Said):
        terminal.print(event.text, markup=False)
        for chip in event.chips:
            if chip.kind in _SHOWN and chip.say not in event.text:
                terminal.print(f"  - {chip.say}", markup=False, style="dim")
    elif isinstance(event, Moved):
        terminal.print(f"version {event.version}, {len(event.moves)} knobs", style="dim")
