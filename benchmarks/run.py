"""Run a benchmark by its name: imports it only then, prints its table or its JSON."""

import importlib
import json as json_text
import sys

from console.errors import StudiospeakError

__all__ = ["names", "run"]

_MODULES = {
    "console": "benchmarks.console",
    "encoder": "benchmarks.encoder",
    "text": "benchmarks.text",
    "words": "benchmarks.words",
    "diagnose": "benchmarks.diagnose",
    "understand": "benchmarks.understand",
    "estimators": "benchmarks.estimators",
    "amount": "benchmarks.amount",
    "edits": "benchmarks.edits",
    "explore": "benchmarks.explore",
}


def names() -> list[str]:
    """Return the names of the benchmarks."""
    return list(_MODULES)


def run(name: str, json: bool) -> int:
    """Run one benchmark; each has `run(quick) -> dict` and `show(result)`.

    Args:
        name: one of `names()`.
        json: print the result as one JSON object instead of tables.
    Returns:
        0 done, 1 could not (a peer is not installed), 2 no such benchmark. A missed target is a result, not an error.
    """
    if name not in _MODULES:
        return _say(f"No benchmark is called {name!r}. There are: {', '.join(_MODULES)}.", json, 2)
    benchmark = importlib.import_module(_MODULES[name])
    try:
        result = benchmark.run()
    except StudiospeakError as error:
        return _say(str(error), json, 1)
    if json:
        print(json_text.dumps(result, ensure_ascii=False))
    else:
        benchmark.show(result)
    return 0


def _say(message: str, json: bool, code: int) -> int:
    print(f"studiospeak bench: {message}", file=sys.stderr)
    if json:
        print(json_text.dumps({"error": message}, ensure_ascii=False))
    return code
