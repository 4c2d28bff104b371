"""`studiospeak word WORD`: what a word means here."""

import argparse
import json
import sys

from console.errors import OntologyError
from ontology import load_ontology, render, to_json

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Print a word's entry.

    Raises:
        OntologyError: the word is not known, not even as a near spelling.
    """
    ontology = load_ontology()
    match = ontology.find(options.word)
    if match is None:
        raise OntologyError(
            f"{options.word!r} is not a word known here. Try one of: {', '.join(list(ontology)[:12])}, ..."
        )
    word = ontology[match.word_id]
    if options.json:
        print(json.dumps(to_json(word, ontology), ensure_ascii=False))
        return 0
    if match.confidence < 1.0:
        print(f"{options.word!r} read as {match.word_id!r}: {match.why}.", file=sys.stderr)
    print(render(word, ontology, color=sys.stdout.isatty()))
    return 0
