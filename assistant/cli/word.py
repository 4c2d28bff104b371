"""`studiospeak word WORD`: what a word means here."""

import argparse
import json
import shutil
import sys

from console.errors import OntologyError
from ontology import Found, PersonalDictionary, load_ontology, look_up, render, to_json

__all__ = ["run"]

_SURE = 0.9
_WIDTH = (60, 100)


def run(options: argparse.Namespace) -> int:
    """Print a word's entry; the user's own dictionary comes first.

    Raises:
        OntologyError: the word is not known in any way, or the user's dictionary is damaged.
    """
    ontology = PersonalDictionary().over(load_ontology())
    found = look_up(options.word, ontology)
    if found.word_id is None:
        near = (
            f" Did you mean {' or '.join(found.suggestions)}?" if found.suggestions else " Try warm, muddy or punchy."
        )
        raise OntologyError(f"{found.why}.{near}")
    word = ontology[found.word_id]
    if options.json:
        print(json.dumps(to_json(word, ontology), ensure_ascii=False))
        return 0
    if found.confidence < _SURE or len(found.matches) > 1 or found.matches[0].direction == "-":
        print(_read_as(found), file=sys.stderr)
    columns = min(max(shutil.get_terminal_size((88, 24)).columns, _WIDTH[0]), _WIDTH[1])
    print(render(word, ontology, width=columns, color=sys.stdout.isatty()))
    return 0


def _read_as(found: Found) -> str:
    """Say what a text was taken for where that is not plain."""
    words = [("less " if match.direction == "-" else "") + match.word_id for match in found.matches]
    rest = f" This is the entry of {found.matches[0].word_id}." if len(words) > 1 else ""
    return f"{found.text!r} read as {' and '.join(words)} ({found.confidence:.0%} sure): {found.why}.{rest}"
