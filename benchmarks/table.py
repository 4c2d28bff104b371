"""Print a benchmark's result as tables."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show"]


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what was timed, the song and the targets.

    Args:
        result: what `benchmarks.console.run` returns.
        console: where to print; None: stdout.
    """
    console = console or Console()
    machine = result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    rows = Table(
        title=f"8 stereo tracks x {result['seconds']:g} s at 44.1 kHz, CPU time on one thread", caption=versions
    )
    for heading in ("", "ms", "FFT pairs", "EQ error"):
        rows.add_column(heading, justify="left" if not heading else "right")
    for row in result["rows"]:
        error = "" if row["eq_error"] is None else f"{row['eq_error']:.1e}"
        rows.add_row(row["what"], f"{row['cpu_ms']:.1f}", f"{row['fft_pairs']:.2f}", error)
    console.print(rows)

    song = result["song"]
    table = Table(
        title=f"{song['seconds']:g} s song of {song['tracks']} stereo tracks, every processor on, two threads"
    )
    for heading in ("", "wall s", "CPU s", "x real time"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in ("ours", "pedalboard"):
        part = song[name]
        table.add_row(name, f"{part['wall_s']:.1f}", f"{part['cpu_s']:.1f}", f"{part['times_real_time']:.1f}")
    console.print(table)
    if machine["load_average"] is not None:
        console.print(
            f"{machine['cores']} cores; load average before the song {machine['load_average']:.1f}, of which 1 is this "
            "benchmark; what else runs takes wall time from both.",
            style="dim",
        )

    targets = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        targets.add_column(heading)
    for target in result["targets"]:
        verdict = "[green]pass[/]" if target["passed"] else "[red]miss[/]"
        targets.add_row(target["what"], f"{target['reached']:.2f}", target["wanted"], verdict)
    console.print(targets)
    for note in result["notes"]:
        console.print(note, style="dim")
