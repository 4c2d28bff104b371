"""`studiospeak bench understand`: is what people say understood, how fast, and with how much memory?

Utterances of our own (`utterances.txt`; half of them set aside before tuning, some more written after all of it), and
phrases that people wrote (`phrases.csv` of the human data, which stays outside) where that folder is named.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.request import Request
from assistant.understand import understand
from benchmarks.phrases import corrected, score_phrases
from benchmarks.utterances import TRACKS, conversations, failures, parts, play
from console.errors import StudiospeakError

__all__ = ["DATA_VARIABLE", "main", "run", "show"]

DATA_VARIABLE = "STUDIOSPEAK_HUMAN_DATA"
_ASKED = {"diagnose", "explore", "teach", "explain", "compare"}
_WANTED = {"intent": 0.97, "target": 0.97, "word": 0.95}
_WARM_MS, _COLD_RUNS = 20.0, 3
_SENTENCE = "make the lead warmer and bring it forward, and tame the boomy bass"


def run(quick: bool = False, phrases: Path | None = None) -> dict[str, Any]:
    """Measure.

    Args:
        quick: leave out the cold start.
        phrases: the table of phrases; None: that of the folder that STUDIOSPEAK_HUMAN_DATA names, if it is set.
    Returns:
        {"benchmark", "quick", "utterances": by part, "phrases" (or None), "speed", "targets"}, ready for JSON.
    """
    folder = os.environ.get(DATA_VARIABLE)
    table = phrases or (Path(folder) / "phrases.csv" if folder else None)
    result: dict[str, Any] = {
        "benchmark": "understand",
        "quick": quick,
        "utterances": {part: _utterances(part) for part in parts()},
        "phrases": _phrases(table) if table is not None else None,
        "speed": _speed(quick),
    }
    result["targets"] = _targets(result)
    return result


def _utterances(part: str) -> dict[str, Any]:
    """Count the turns of one part that became what they must."""
    right = turns = false_edits = 0
    missed = []
    for conversation in conversations(part):
        for turn, requests in play(conversation):
            if not turn.answers:
                continue
            turns += 1
            wrong = failures(requests, turn.answers)
            right += not wrong
            asked = all(answer.split()[0] in _ASKED for answer in turn.answers)
            false_edits += asked and any(request.intent == "edit" for request in requests)
            if wrong:
                missed.append({"said": turn.say, "wanted": " or ".join(turn.answers), "got": _short(requests)})
    return {"turns": turns, "right": right, "false_edits": false_edits, "missed": missed}


def _phrases(table: Path) -> dict[str, Any]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result: dict[str, Any] = {"rows": len(rows)}
    for name, labelled in (("as_labelled", rows), ("corrected", corrected(rows))):
        tally = score_phrases(labelled)
        result[name] = {
            **{check: tally.part(check) for check in _WANTED},
            "false_edits": sum(one.false_edit for one in tally.scored),
            "missed": [
                {
                    "said": one.row["phrase"],
                    "what": "/".join(one.missed),
                    "wanted": " ".join(one.row[name] for name in ("intent", "target", "descriptor", "direction")),
                    "got": _short(one.requests),
                }
                for one in tally.scored
                if one.missed
            ],
        }
    return result


def _speed(quick: bool) -> dict[str, float]:
    """Warm milliseconds a text over every utterance, megabytes, and the cold start of the command."""
    texts = [turn.say for part in parts() for conversation in conversations(part) for turn in conversation]
    understand(_SENTENCE, TRACKS)
    seconds = []
    for text in texts:
        started = time.perf_counter()
        understand(text, TRACKS)
        seconds.append(time.perf_counter() - started)
    speed = {
        "warm_median_ms": 1000 * statistics.median(seconds),
        "warm_p99_ms": 1000 * statistics.quantiles(seconds, n=100)[98],
        "texts": len(texts),
    }
    if not quick:
        wall, cpu, memory = zip(*(_cold() for _ in range(_COLD_RUNS)), strict=True)
        speed |= {"cold_s": min(wall), "cold_cpu_s": min(cpu), "cold_mb": max(memory)}
    return speed


def _cold() -> tuple[float, float, float]:
    """One `studiospeak parse` in a process of its own: wall seconds, CPU seconds, megabytes at most (Linux)."""
    code = (
        "import sys\nfrom assistant.cli.main import main\n"
        f"main(['parse', {_SENTENCE!r}, '--tracks', 'Lead Vox,Bass DI', '--json'])\n"
        "status = open('/proc/self/status').read()\n"
        "print(status.split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu, int(done.stderr.split()[-1]) / 1024


def _short(requests: Sequence[Request]) -> str:
    return "; ".join(
        " ".join(filter(None, (r.intent, "+".join(r.targets), r.descriptor, r.direction, *r.constraints)))
        for r in requests
    )


def _targets(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    if result["phrases"] is not None:
        tally = result["phrases"]["corrected"]
        for check, wanted in _WANTED.items():
            right, total = tally[check]
            rows.append((f"phrases: {check}", right / max(total, 1), f">= {wanted:g}", right >= wanted * total))
        rows.append(("phrases: edits where none is asked", tally["false_edits"], "0", not tally["false_edits"]))
    false_edits = sum(part["false_edits"] for part in result["utterances"].values())
    rows.append(("utterances: edits on questions and reports", false_edits, "0", not false_edits))
    warm = result["speed"]["warm_median_ms"]
    rows.append(("warm parse, median ms", warm, f"< {_WARM_MS:g}", warm < _WARM_MS))
    return [dict(zip(("what", "reached", "wanted", "passed"), row, strict=True)) for row in rows]


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print everything as tables."""
    console = console or Console()
    table = Table(title="Understood as wanted")
    for heading in ("", "of", "right", "part", "edits where none is asked"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, part in result["utterances"].items():
        share = part["right"] / max(part["turns"], 1)
        table.add_row(f"utterances, {name}", str(part["turns"]), str(part["right"]), f"{share:.3f}",
                      str(part["false_edits"]))  # fmt: skip
    for name in ("as_labelled", "corrected") if result["phrases"] else ():
        tally = result["phrases"][name]
        for check in _WANTED:
            right, total = tally[check]
            edits = str(tally["false_edits"]) if check == "intent" else ""
            label = f"phrases {name.replace('_', ' ')}, {check}"
            table.add_row(label, str(total), str(right), f"{right / max(total, 1):.3f}", edits)
    console.print(table)
    for miss in result["phrases"]["corrected"]["missed"] if result["phrases"] else ():
        console.print(f"{miss['what']}: {miss['said']!r} wanted {miss['wanted']}, got {miss['got']}", style="dim")
    for miss in result["utterances"].get("tuned", {}).get("missed", ()):
        console.print(f"tuned: {miss['said']!r} wanted {miss['wanted']}, got {miss['got']}", style="dim")
    speed = Table(title="Speed and memory")
    speed.add_column("")
    speed.add_column("", justify="right")
    for name, value in result["speed"].items():
        speed.add_row(name.replace("_", " "), f"{value:.3g}")
    console.print(speed)
    targets = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        targets.add_column(heading)
    for row in result["targets"]:
        verdict = "[green]pass[/]" if row["passed"] else "[red]miss[/]"
        targets.add_row(row["what"], f"{row['reached']:.3g}", row["wanted"], verdict)
    console.print(targets)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with choices the command line of `studiospeak` does not have: `python -m benchmarks.understand`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understand", description=__doc__.splitlines()[0])
    parser.add_argument("--phrases", type=Path, help=f"table of phrases (default: phrases.csv in {DATA_VARIABLE})")
    parser.add_argument("--quick", action="store_true", help="leave out the cold start")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        result = run(options.quick, options.phrases)
    except (StudiospeakError, OSError, ValueError) as error:
        print(f"benchmarks.understand: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
