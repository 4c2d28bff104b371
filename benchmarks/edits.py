"""`studiospeak bench edits`: do edits go where people would, mend faults, mean what they say, and at what cost?

Audio is that of the corpus's test packages; people's settings are left out by person and by word. One table a question;
each lives in a file of its own (`edits_people`, `edits_repair`, `edits_meaning`, `edits_balance`, `edits_cost`).
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.one_thread import one_thread
from benchmarks.edits_balance import balance
from benchmarks.edits_cost import cost
from benchmarks.edits_material import clips_of, open_test_corpus, small_songs
from benchmarks.edits_meaning import meaning
from benchmarks.edits_people import people
from benchmarks.edits_repair import ROWS, repair
from benchmarks.edits_report import show
from console.errors import StudiospeakError

__all__ = ["TABLES", "main", "run", "show"]

TABLES = ("people", "repair", "meaning", "balance", "cost")
_CLIPS = 40
_EACH = 20
_SOURCES = 6
_SONGS = 10


def run(
    quick: bool = False,
    corpus: Path | None = None,
    data: Path | None = None,
    tables: Sequence[str] = TABLES,
    each: int = _EACH,
    rows: Sequence[str] = ROWS,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure.

    Args:
        quick: few clips and words, to see that it works.
        corpus: folder; None: what STUDIOSPEAK_CORPUS names.
        data: folder of the human data; None: what STUDIOSPEAK_HUMAN_DATA names.
        tables: of TABLES.
        each: clips a fault of the repair table.
        rows: of the repair table.
        progress: told what is done.
    Returns:
        {"benchmark", "quick", and of each table its figures}, ready for JSON.
    Raises:
        ModelError: no corpus, or no human data for the people table.
    """
    opened = open_test_corpus(corpus)
    each, sources, songs = (2, 2, 2) if quick else (each, _SOURCES, _SONGS)
    result: dict[str, Any] = {"benchmark": "edits", "quick": quick}
    with one_thread():
        if "people" in tables:
            sounds = clips_of(opened, "stem", sources - sources // 3) + clips_of(opened, "finished", sources // 3)
            result["people"] = people(data, sounds, 3 if quick else None, progress)
        if "repair" in tables:
            result["repair"] = repair(clips_of(opened, "finished", _CLIPS), each, rows, progress=progress)
        if "meaning" in tables:
            result["meaning"] = meaning(clips_of(opened, "finished", 2), small_songs(opened, 2), quick, progress)
        if "balance" in tables:
            result["balance"] = balance(small_songs(opened, songs), progress)
        if "cost" in tables:
            result["cost"] = cost(clips_of(opened, "finished", 1)[0][1], small_songs(opened, 1)[0], quick)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with choices the command line of `studiospeak` does not have: `python -m benchmarks.edits`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edits", description="Measure edits.")
    parser.add_argument("--corpus", type=Path, help="corpus folder (default: STUDIOSPEAK_CORPUS)")
    parser.add_argument("--data", type=Path, help="human data (default: STUDIOSPEAK_HUMAN_DATA)")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS, help="of the repair table")
    parser.add_argument("--each", type=int, default=_EACH, help=f"clips a fault (default {_EACH})")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        result = run(
            options.quick, options.corpus, options.data, options.tables, options.each, options.rows,
            lambda text: print(text, file=sys.stderr, flush=True),
        )  # fmt: skip
    except StudiospeakError as error:
        print(f"benchmarks.edits: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result)) if options.json else show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
