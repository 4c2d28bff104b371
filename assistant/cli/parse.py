"""`studiospeak parse TEXT`: what a sentence is understood as."""

import argparse
import json
import sys

from assistant.understand import NamedTrack, trace, understand

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Print the requests of one sentence, or of each line of stdin."""
    tracks = [NamedTrack.guess(name.strip()) for name in options.tracks.split(",") if name.strip()]
    for text in sys.stdin if options.text == "-" else [options.text]:
        text = text.rstrip("\n")
        if options.json or options.text == "-":
            requests = [request.to_json() for request in understand(text, tracks)]
            print(json.dumps({"requests": requests}, ensure_ascii=False), flush=True)
        else:
            print("\n".join(trace(text, tracks)))
    return 0
