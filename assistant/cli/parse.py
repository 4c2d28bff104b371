"""`studiospeak parse TEXT`: what a sentence is understood as, and why."""

import argparse
import json
import sys

from assistant.understand import NamedTrack, explain, trace

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Print the requests of one sentence, or of each line of stdin."""
    tracks = [NamedTrack.guess(name.strip()) for name in options.tracks.split(",") if name.strip()]
    for text in sys.stdin if options.text == "-" else [options.text]:
        text = text.rstrip("\n")
        if options.json or options.text == "-":
            requests, why = explain(text, tracks)
            found = {"requests": [request.to_json() for request in requests], "why": why}
            print(json.dumps(found, ensure_ascii=False), flush=True)
        else:
            print("\n".join(trace(text, tracks)))
    return 0
