"""`studiospeak start`: a first mix from raw tracks, every move explained.

The folder gets what `edit` writes: `before.wav`, `after.wav`, `after/NAME.wav`, `settings.json`, `report.json` and
`session.json`, with which the folder is a session to go on from (`studiospeak chat`).
"""

import argparse
import json
from pathlib import Path

from rich.console import Console as Terminal

from assistant.cli.inputs import load_song
from assistant.cli.outputs import EDIT_OUTPUTS, check_free, write_before_after
from assistant.events import Progress
from assistant.session import Session
from assistant.studio import Studio
from console.errors import RequestError

__all__ = ["run"]

_SAID = "start"


def run(options: argparse.Namespace) -> int:
    """Make a first mix, write the folder, print the reply or the report.

    Raises:
        AudioFileError: audio that cannot be read, or a folder that is taken.
        RequestError: one finished mix, or tracks that are all silent.
    """
    out = Path(options.out)
    check_free(out, EDIT_OUTPUTS)
    session = Session(load_song(options.audio))
    studio = Studio(session)
    with Terminal(stderr=True).status("listening") as status:
        for event in studio.doing("start", _SAID):
            if isinstance(event, Progress):
                status.update(f"{event.step}: {100 * event.share:.0f} %")
    outcome = studio.outcomes[-1]
    if outcome.failed is not None:
        raise RequestError(outcome.failed)
    report = {
        "requests": [request.to_json() for request in session.version.requests],
        "moves": [move.model_dump(mode="json") for move in outcome.moves],
        "measured": [entry.model_dump(mode="json") for entry in outcome.measured],
        "reply": outcome.reply,
        "confident": 1.0,
        "cpu_seconds": studio.clock.report(),
    }
    if outcome.moves:
        write_before_after(out, session.song, session.versions[0].settings, session.settings)
        text = json.dumps(report, indent=2, ensure_ascii=False)
        (out / "report.json").write_text(text + "\n", encoding="utf-8")
        session.save(out)
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        print(outcome.reply)
        if outcome.moves:
            print(f"\nWritten to {out}: before.wav, after.wav, after/, settings.json, report.json, session.json")
    return 0 if outcome.moves else 1
