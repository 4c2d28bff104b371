"""Print what the encoder benchmark measured, as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show"]

_SET_FIGURES = ("recall_at_1", "map_at_10", "direction_auc", "delta_recall_at_1")


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print every part that was measured.

    Args:
        result: what `benchmarks.encoder.run` returns.
        console: where to print; None: stdout.
    """
    console = console or Console()
    if result["sets"]:
        console.print(_sets(result))
    if result["single"]:
        console.print(*_single(result["single"]), sep="\n")
    if result["heads"]:
        console.print(_heads(result["heads"]))
    if result["recovery"]:
        console.print(_recovery(result["recovery"]))
    if result["seen_by"]:
        console.print(_seen_by(result["seen_by"]))
    if result["smoothness"]:
        console.print(_rows("Gradient in the EQ's knobs", result["smoothness"], 3))
    if result["speed"]:
        console.print(_rows("CPU seconds on one thread, and how many STFTs of the same sound", result["speed"], 3))
    for note in result["notes"]:
        console.print(note, style="dim")


def _sets(result: Mapping[str, Any]) -> Table:
    rows = []
    for row in result["sets"]:
        numbers = [f"{row[name]:.3f}" for name in _SET_FIGURES]
        numbers[0] += _error(row["recall_at_1_error"])
        numbers[2] += _error(row["direction_auc_error"])
        rows.append([row["group"], f"{row['effects']} {row['kind']}", row["encoder"], *numbers])
    headings = ("group", "effects", "encoder", "R@1", "mAP@10", "P2 AUC", "R@1 on changes")
    return _table(f"P1, P2: {result['size']['draws']} draws of 5 styles on 10 contents", headings, rows)


def _single(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    types = list(rows[0]["by_type"])
    whole = [
        [
            row["encoder"],
            *(
                f"{row['groups'][group][figure]:.3f}" + (_error(row["groups"][group]["error"]) if error else "")
                for group in row["groups"]
                for figure, error in (("auc", False), ("within_type_auc", True))
            ),
            f"{row['spearman']:.3f}",
            f"{row['monotone']:.3f}",
        ]
        for row in rows
    ]
    groups = [f"{group} {what}" for group in rows[0]["groups"] for what in ("P2s", "within type")]
    tables = [_table("P2s, P3: one effect at a time", ("encoder", *groups, "P3 Spearman", "monotone"), whole)]
    for title, names in (
        ("P2s AUC within one effect of ours", [name for name in types if not name.startswith("unseen")]),
        ("P2s AUC within one family of unseen effects", [name for name in types if name.startswith("unseen")]),
    ):
        cells = [
            [
                row["encoder"],
                *(f"{row['by_type'][name]['auc']:.3f}{_error(row['by_type'][name]['error'])}" for name in names),
            ]
            for row in rows
        ]
        tables.append(_table(title, ("encoder", *(name.removeprefix("unseen ") for name in names)), cells))
    return tables


def _heads(rows: Sequence[Mapping[str, Any]]) -> Table:
    names = list(rows[0]["r"])
    cells = [
        [row["encoder"], row["head"], *(f"{row['r'][name]:.3f}" if name in row["r"] else "-" for name in names)]
        for row in rows
    ]
    return _table("P4 by a linear head on changes: r", ("encoder", "head", *names), cells)


def _recovery(rows: Sequence[Mapping[str, Any]]) -> Table:
    cells = [
        [
            row["encoder"],
            row["effect"],
            ", ".join(f"{name} {value:.3f}" for name, value in row["r"].items()),
            f"{row['left']:.3f}",
            f"{row['rises']:.3f}",
        ]
        for row in rows
    ]
    headings = ("encoder", "effect", "r", "distance left", "steps that rise")
    return _table("P4 by gradient, from another sound's direction", headings, cells)


def _seen_by(rows: Sequence[Mapping[str, Any]]) -> Table:
    numbers = ("cosine_found", "cosine_true", "auc_found", "auc_true")
    cells = [[row["through"], row["seen_by"], row["effect"], *(f"{row[name]:.3f}" for name in numbers)] for row in rows]
    headings = ("found through", "seen by", "effect", "cos found", "cos true", "AUC found", "AUC true")
    return _table("Moves found by gradient, in the eyes of others", headings, cells)


def _rows(title: str, rows: Sequence[Mapping[str, Any]], digits: int) -> Table:
    names = [name for name in rows[0] if name != "encoder"]
    cells = [[row["encoder"], *(f"{row[name]:.{digits}f}" for name in names)] for row in rows]
    return _table(title, ("encoder", *(name.replace("_", " ") for name in names)), cells)


def _table(title: str, headings: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    return table


def _error(value: float) -> str:
    return f" ±{value:.3f}" if value == value else ""
