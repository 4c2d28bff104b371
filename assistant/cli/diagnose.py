"""`studiospeak diagnose`: what is wrong with a mix, with evidence and a sentence that mends it."""

import argparse
import json
import sys

from rich.console import Console as Terminal

from assistant.diagnose import Consultant, Reference
from assistant.events import Diagnosed, Said
from assistant.recognise import recognised
from assistant.session import Session
from assistant.understand import understand
from exchange import load_tracks

__all__ = ["run"]

_ASK = "what is wrong with the mix?"


def run(options: argparse.Namespace) -> int:
    """Listen, answer, print.

    Returns:
        0 also where nothing is wrong; 1 where the question is not one about the mix.
    """
    session = _opened(options.audio)
    consultant = Consultant(options.experience)
    if options.reference is not None:
        other = _opened([options.reference])
        consultant.compare_with(session, Reference(other.song.tracks[0].path.name, consultant.ear.listen(other)))
    for note in session.song.notes:
        print(f"note: {note}", file=sys.stderr)
    text = options.ask or _ASK
    question = consultant.question(session, text, understand(text, session.song.tracks))
    if question is None or question.answer == "fix":
        print(f"{text!r} is not a question about the mix. To change it use: studiospeak edit", file=sys.stderr)
        if options.json:
            print(json.dumps({"error": "not a question about the mix"}))
        return 1
    findings, said = (), ""
    with Terminal(stderr=True).status("listening"):
        for event in consultant.reply(session, question, lambda _session, _text: iter(())):
            if isinstance(event, Diagnosed):
                findings = event.findings
            elif isinstance(event, Said):
                said = event.text
    if options.json:
        print(json.dumps({"findings": [finding.to_json() for finding in findings]}, ensure_ascii=False))
    else:
        print(said)
    return 0


def _opened(audio: list[str]) -> Session:
    return Session(recognised(load_tracks(audio[0] if len(audio) == 1 else audio)))
