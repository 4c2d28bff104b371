"""`studiospeak edit`: change a mix by words and write what came of it.

The folder gets `before.wav` and `after.wav` (float, same length, not loudness-matched: they show what really changed),
`after/NAME.wav` for every stem (after its fader, before groups, effects and master), `settings.json`,
`report.json` and `session.json`, with which the folder is a session that `studiospeak export` hands on.
"""

import argparse
import json
from pathlib import Path

from rich.console import Console as Terminal

from assistant.cli.inputs import load_song
from assistant.cli.outputs import EDIT_OUTPUTS, check_free, write_before_after
from assistant.events import Asked, Event, Measured, Moved, Progress, Said, Understood
from assistant.session import Session
from assistant.turn import Assistant, Clock

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Edit, write the folder, print the reply or the report.

    Returns:
        0 if something moved; 1 if nothing did (a question, an unclear or impossible request), then nothing is written.
    """
    out = Path(options.out)
    check_free(out, (*EDIT_OUTPUTS, "stems") if options.separate else EDIT_OUTPUTS)
    song = load_song(options.audio, out if options.separate else None)
    session, clock = Session(song), Clock()
    report, moved = _turn(session, options, clock)
    if moved:
        _write(out, session, report)
    _print(report, options.json, out if moved else None)
    return 0 if moved else 1


def _turn(session: Session, options: argparse.Namespace, clock: Clock) -> tuple[dict, bool]:
    report: dict = {"requests": [], "moves": [], "measured": [], "reply": "", "confident": 0.0}
    terminal = Terminal(stderr=True)
    with terminal.status("listening") as status:
        for event in Assistant().take_turn(session, options.say, options.amount, clock):
            _collect(event, report)
            if isinstance(event, Progress):
                status.update(f"{event.step}: {event.note}" if event.note else event.step)
    report["cpu_seconds"] = clock.report()
    return report, session.current != 0


def _collect(event: Event, report: dict) -> None:
    if isinstance(event, Understood):
        report["requests"] = [request.to_json() for request in event.requests]
    elif isinstance(event, Moved):
        report["moves"] = [move.model_dump(mode="json") for move in event.moves]
    elif isinstance(event, Measured):
        report["measured"] = [entry.model_dump(mode="json") for entry in event.measurements]
        report["confident"] = event.confident
    elif isinstance(event, Asked):
        report["question"] = {"text": event.question, "choices": list(event.choices)}
    elif isinstance(event, Said):
        report["reply"] = event.text


def _write(out: Path, session: Session, report: dict) -> None:
    write_before_after(out, session.song, session.versions[0].settings, session.settings)
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    session.save(out)


def _print(report: dict, as_json: bool, out: Path | None) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(report["reply"])
    for choice in report.get("question", {}).get("choices", []):
        print(f"  - {choice}")
    if out is not None:
        print(f"\nWritten to {out}: before.wav, after.wav, after/, settings.json, report.json, session.json")
