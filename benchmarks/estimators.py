"""`studiospeak bench estimators`: three ways to turn knobs towards words, on one chain and the same targets.

Automatic differentiation goes through the console's kernels. Gradient approximation (SPSA, CMA-ES) and a neural proxy
see the same strip as a black box; with pedalboard installed they also tune a chain of its plug-ins, which nobody can
differentiate. Everyone gets the same renders of the same excerpts and the same price on turning a knob.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.blackbox.chain import Chain
from assistant.blackbox.console_chain import ConsoleChain
from assistant.blackbox.plugins import load_chain
from assistant.blackbox.problem import Problem, problem_for
from assistant.blackbox.table import ESTIMATORS
from assistant.one_thread import one_thread
from assistant.request import Request
from console.errors import PluginError
from exchange import demo_folder, load_tracks
from models import ProductionFeatures
from ontology import load_ontology

__all__ = ["run", "show"]

_SOURCES = ("04 Bass DI", "07 Lead Vox", "03 Drum Overheads")
_WORDS = (("warm", "+"), ("bright", "+"), ("muddy", "-"), ("punchy", "+"))
_RENDERS = 120
_STOPS = (20, 40, 80, _RENDERS)
_PLUGINS = "LowShelfFilter+PeakFilter+PeakFilter+HighShelfFilter+Compressor"
_KINDS = {
    "gradient": "automatic differentiation",
    "proxy": "neural proxy",
    "spsa": "gradient approximation",
    "cma-es": "gradient approximation (evolution)",
}
_NEAR = 0.2


def run(quick: bool = False) -> dict[str, Any]:
    """Tune every source to every word with every estimator.

    Args:
        quick: one source, one word, few renders; to see that it works.
    Returns:
        {"benchmark", "quick", "renders", "rows": [{"chain", "estimator", "kind", "left" (share of the way by number of
        renders), "best_left", "cpu_s" (a problem), "cpu_ms_a_render", "near" (share of problems that came within a
        fifth of the way), "cpu_s_to_near" (median over the problems that did), "problems"}], "each" (every
        problem's end), "notes"}, ready for JSON.
    """
    sources, words = (_SOURCES[:1], _WORDS[:1]) if quick else (_SOURCES, _WORDS)
    renders = 24 if quick else _RENDERS
    chains: list[Chain] = [ConsoleChain()]
    notes = []
    try:
        chains.append(load_chain(_PLUGINS))
    except PluginError as error:
        notes.append(str(error))
    rows, each = [], []
    with one_thread():
        for chain in chains:
            problems = _problems(chain, sources, words)
            for name in _KINDS:
                if name == "gradient" and not hasattr(chain, "process_tensor"):
                    continue
                row, ends = _measured(chain, name, problems, renders)
                rows.append(row)
                each += ends
    notes.append(f"{len(sources)} stems of the demo song x {len(words)} words; 6 s excerpts; one thread.")
    return {"benchmark": "estimators", "quick": quick, "renders": renders, "rows": rows, "each": each, "notes": notes}


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the comparison as one table."""
    console = console or Console()
    stops = [stop for stop in _STOPS if stop <= result["renders"]] or [result["renders"]]
    table = Table(title="Share of the way that is left (mean), by how often the chain ran")
    for heading in ("chain", "estimator", *(str(stop) for stop in stops), "near", "CPU-s to near", "CPU-s", "ms"):
        table.add_column(heading, justify="left" if heading in ("chain", "estimator") else "right")
    for row in result["rows"]:
        near = "" if row["cpu_s_to_near"] is None else f"{row['cpu_s_to_near']:.1f}"
        left = [f"{row['left'][str(stop)]:.2f}" for stop in stops]
        table.add_row(
            row["chain"], f"{row['estimator']}, {row['kind']}", *left, f"{100 * row['near']:.0f} %", near,
            f"{row['cpu_s']:.1f}", f"{row['cpu_ms_a_render']:.0f}",
        )  # fmt: skip
    console.print(table)
    console.print(f"near: within {_NEAR:g} of the way; ms: CPU of one render with all that belongs to it", style="dim")
    for note in result["notes"]:
        console.print(note, style="dim")


def _problems(chain: Chain, sources: Sequence[str], words: Sequence[tuple[str, str]]) -> list[tuple[str, str, Problem]]:
    ontology, encoder = load_ontology(), ProductionFeatures()
    found = []
    for source in sources:
        song = load_tracks(next(path for path in demo_folder().iterdir() if path.stem == source))
        for word, direction in words:
            request = Request(intent="edit", targets=("mix",), descriptor=word, direction=direction)
            problem, _ = problem_for([request], chain, song, ontology, encoder)
            found.append((source, f"{'less ' if direction == '-' else ''}{word}", problem))
    return found


def _measured(
    chain: Chain, name: str, problems: Sequence[tuple[str, str, Problem]], renders: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    estimator = ESTIMATORS[name]
    ends, cpu, to_near = [], [], []
    by_stop: dict[int, list[float]] = {stop: [] for stop in {*_STOPS, renders} if stop <= renders}
    estimator(problems[0][2], 4 if name != "proxy" else 8, 0)  # compiles
    for source, word, problem in problems:
        started = time.process_time()
        found = estimator(problem, renders, 0)
        cpu.append(time.process_time() - started)
        for stop, lefts in by_stop.items():
            lefts.append(min((left for count, left in found.path if count <= stop), default=1.0))
        arrived = next((count for count, left in found.path if left <= _NEAR), None)
        if arrived is not None:
            to_near.append(cpu[-1] * arrived / found.renders)
        ends.append(
            {"chain": chain.name, "estimator": name, "source": source, "word": word, "left": round(found.left, 4)}
        )
    row = {
        "chain": chain.name if len(chain.name) < 20 else "pedalboard",
        "estimator": name,
        "kind": _KINDS[name],
        "left": {str(stop): round(float(np.mean(lefts)), 4) for stop, lefts in sorted(by_stop.items())},
        "best_left": round(float(np.median(by_stop[renders])), 4),
        "cpu_s": round(float(np.mean(cpu)), 3),
        "cpu_ms_a_render": round(1000 * float(np.mean(cpu)) / renders, 2),
        "near": len(to_near) / len(problems),
        "cpu_s_to_near": round(float(np.median(to_near)), 3) if to_near else None,
        "problems": len(problems),
    }
    return row, ends
