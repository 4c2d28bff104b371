"""`studiospeak export`: hand a session's mix on as stems, a DAW project, settings, a report or a recall sheet."""

import argparse
import json
import math
import sys
from pathlib import Path

from rich.console import Console as Terminal

from assistant.export import Exported, Options, export
from assistant.session import Session
from exchange.bounce import Normalise

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Export the current version of a session, or the one `--of` names.

    Raises:
        SessionError: there is no such session or version.
        ProjectFileError: something stands at --out already, or it cannot be written.
    """
    folder = Path(options.session_dir)
    session = Session.open(folder)
    if options.of is not None:
        session.restore(options.of)
    normalise = None if options.loudness is None else Normalise(options.loudness, options.ceiling)
    asked = Options(options.format, normalise, not options.no_tails)
    with Terminal(stderr=True).status(f"writing {options.to}") as status:
        done = export(
            session,
            options.to,
            options.out,
            folder.resolve().name,
            asked,
            lambda share: status.update(f"rendering {share:.0%}"),
        )
    if options.json:
        print(json.dumps(_report(done), ensure_ascii=False))
        return 0
    print(f"Written to {done.path}" + (f" and {len(done.files) - 1} more files" if len(done.files) > 1 else ""))
    for name, value in done.numbers.items():
        print(f"  {name}: {value}")
    for note in done.notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _report(done: Exported) -> dict:
    numbers = {name: value if math.isfinite(value) else None for name, value in done.numbers.items()}
    return {"path": str(done.path), "files": [*map(str, done.files)], "notes": [*done.notes], "measured": numbers}
