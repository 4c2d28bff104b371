"""Print what `studiospeak bench edits` measured."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

__all__ = ["show"]


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print a table for every part of a result.

    Args:
        result: what `benchmarks.edits.run` returns.
        console: where to print; None: stdout.
    """
    console = console or Console()
    for name, build in _TABLES.items():
        if name in result:
            console.print(build(result[name]))


def _people(found: Mapping[str, Any]) -> Table:
    table = _table(
        f"People: the system's change against people left out, {found['words']} words, {found['sounds']} sounds",
        ("", "people", "correlation", "consensus", "part", "by word, part", "SAFE error dB", "consensus dB"),
    )
    for title, row in (("words seen", found["seen"]), ("words never seen", found["never_seen"])):
        table.add_row(
            title,
            f"{row['people']:.0f}",
            f"{row['reached_by_person']:.3f}",
            f"{row['ceiling_by_person']:.3f}",
            f"{row['reached_by_person'] / row['ceiling_by_person']:.2f}",
            f"{row['reached_by_word'] / row['ceiling_by_word']:.2f}",
            f"{row['error_db']:.2f}" if "error_db" in row else "",
            f"{row['ceiling_error_db']:.2f}" if "ceiling_error_db" in row else "",
        )
    return table


def _repair(found: Mapping[str, Any]) -> Table:
    faults = list(found["spoiled"])
    table = _table(
        f"Repair: error left / error of the spoiled, {found['clips']} clips a fault", ("", *faults, "mean", "nearer")
    )
    table.add_row("error, spoiled", *(f"{found['spoiled'][fault]:.4f}" for fault in faults), "", "")
    table.add_row("doing nothing", *("1.00" for _ in faults), "1.00", "0 %")
    for row, by_fault in found["rows"].items():
        whole = found["summary"][row]
        cells = [f"{by_fault[fault]['ratio']:.2f}" for fault in faults]
        table.add_row(row, *cells, f"{whole['ratio']:.2f}", f"{100 * whole['better']:.0f} %")
    return table


def _meaning(found: Mapping[str, Any]) -> Table:
    table = _table("Meaning", ("", "reached", "wanted"))
    antonyms, paraphrases, kept = found["antonyms"], found["paraphrases"], found["kept"]
    rows = (
        (f"antonyms oppose ({antonyms['pairs']} pairs)", f"{100 * antonyms['oppose']:.0f} %", ">= 95 %"),
        ("paraphrases agree (least cosine)", f"{paraphrases['least_cosine']:.3f}", "> .9"),
        ("undo is exact", f"{100 * found['undo_exact']:.0f} %", "100 %"),
        ("warmer, then less warm: largest change", f"{found['and_back_db']:.2f} dB", "<= 0.5 dB"),
        ("amounts 25, 50, 100, 150 % grow", f"{100 * found['amounts_monotone']:.0f} %", "100 %"),
        ("other tracks bit-identical", f"{100 * found['others_identical']:.0f} %", "100 %"),
        ("a locked track bit-identical", f"{100 * found['locked_identical']:.0f} %", "100 %"),
        ("kept clear within 1 dB", f"{100 * kept['hold']:.0f} % (least {kept['least_db']:+.2f} dB)", "100 %"),
        ("talk moves nothing", f"{100 * found['talk_moves_nothing']:.0f} %", "100 %"),
    )
    for row in rows:
        table.add_row(*row)
    return table


def _balance(found: Mapping[str, Any]) -> Table:
    table = _table(
        f'Balance: "bring the vocals forward" on {found["songs"]} songs', ("", "median", "least", "most", "wanted")
    )
    rows = (
        ("vocal's 350-3500 Hz over the others', dB", "rise_db", "1 to 3"),
        ("loudness of the mix, LU", "mix_lu", "within 0.5"),
        ("others' 1-4 kHz in their own sound, lost, dB", "lost_db", "<= 1"),
        ("others' 1-4 kHz against the rest, lost, dB", "lost_to_rest_db", ""),
    )
    for title, name, wanted in rows:
        values = np.array(found[name])
        table.add_row(title, *(f"{value:+.2f}" for value in (np.median(values), values.min(), values.max())), wanted)
    table.add_row("songs that keep the first three", f"{100 * found['hold']:.0f} %", "", "", "100 %")
    return table


def _cost(found: Mapping[str, Any]) -> Table:
    table = _table("Cost, CPU seconds on one thread", ("", "s", "wanted"))
    table.add_row("one mix of 10 s", f"{found['ours_s']:.2f}", "")
    table.add_row("Text2FX's loop, 600 steps", f"{found['text2fx_s']:.0f}", "")
    table.add_row("times cheaper", f"{found['times_cheaper']:.0f}", ">= 200")
    for row in found["songs"]:
        title = f"8 stems, {row['seconds']:.0f} s: "
        table.add_row(f"{title}an excerpt can be heard", f"{row['first_heard_s']:.2f}", "<= 2")
        table.add_row(f"{title}edit found", f"{row['edit_found_s']:.2f}", "<= 6")
        table.add_row(f"{title}and the whole song rendered", f"{row['all_s']:.2f}", "")
    return table


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="left" if not heading else "right")
    return table


_TABLES = {"people": _people, "repair": _repair, "meaning": _meaning, "balance": _balance, "cost": _cost}
