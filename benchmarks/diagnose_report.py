"""Count what the diagnosis benchmark saw, and print it as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.diagnose.problems import problem, problems
from benchmarks.diagnose_cases import Case, Clean
from benchmarks.diagnose_faults import FAULTS, STRENGTHS

__all__ = ["false_alarms", "problem_rows", "show", "targets"]

_TASTE_SEVERITY = 0.5
_RECALL, _PRECISION, _TRACK, _TECHNICAL = 0.9, 0.8, 0.9, 0.98


def problem_rows(cases: Sequence[Case], clean: Sequence[Clean]) -> list[dict[str, Any]]:
    """Return a row for each fault and strength.

    Precision counts, beside the cases of a fault, the wrong findings of its problem: in clean songs, and in songs
    with another fault at "plain". The same finding on the same track of the same song counts once: it is one mistake,
    however often that song was spoilt in another way. Facts found in finished music as it was released (the wall of
    its own lossy coding, a clipped master) are taken as true, and so are overs between samples that another fault
    brought and that a second meter confirms; "precision_strict" counts those as wrong, too.
    """
    wrong = {
        (one.song.source, f"{finding.problem}@{finding.tracks[0]}")
        for one in clean
        for finding in one.findings
        if len(one.song.tracks) > 1 or not finding.fact
    }
    wrong |= {(case.song, found) for case in cases if case.strength == "plain" for found in case.false}
    came = {(case.song, found) for case in cases if case.strength == "plain" for found in case.true} - wrong
    rows = []
    for name in FAULTS:
        word = problem(name).word
        false, true = (sum(found.split("@")[0] == word for _, found in every) for every in (wrong, came))
        for strength in STRENGTHS:
            mine = [case for case in cases if case.fault == name and case.strength == strength]
            if not mine:
                continue
            found = [case for case in mine if case.found]
            rows.append(
                {
                    "problem": name,
                    "strength": strength,
                    "cases": len(mine),
                    "recall": _share([case.found for case in mine]),
                    "precision": _precision(len(found), false) if strength == "plain" else None,
                    "precision_strict": _precision(len(found), false + true) if strength == "plain" else None,
                    "right_track": _share([case.right_track for case in found]),
                    "right_band": _share([case.right_band for case in found if case.right_band is not None]),
                    "right_time": _share([case.right_time for case in found if case.right_time is not None]),
                    "technical": FAULTS[name].technical,
                }
            )
    return rows


def false_alarms(heard: Iterable[tuple[str, Sequence[tuple[str, float]]]]) -> dict[str, Any]:
    """Count finished tracks in which taste of tone or balance is found at severity 0.5 or more.

    Args:
        heard: (name, [(problem, severity) of every finding]) of each track.
    """
    toned = {row.word for row in problems().values() if row.shape} | {"ringing", "buried", "overpowering"}
    loud: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    tracks = 0
    for name, findings in heard:
        tracks += 1
        for found, severity in findings:
            if found in toned and severity >= _TASTE_SEVERITY:
                loud.setdefault(name, []).append(found)
            counts[found] = counts.get(found, 0) + 1
    share = len(loud) / tracks if tracks else None
    return {"tracks": tracks, "with_alarm": len(loud), "share": share, "which": loud, "all_findings": counts}


def targets(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was to be reached, what was, and whether that passes."""
    plain = [row for row in result["problems"] if row["strength"] == "plain"]
    good = [row for row in plain if _good(row)]
    technical = [row for row in plain if row["technical"]]
    exact = [row for row in technical if row["recall"] >= _TECHNICAL and (row["right_time"] or 1.0) >= _TECHNICAL]
    alarms, fixes, speed = result["false_alarms"], result["fixes"], result["speed"]
    rows = [
        (
            "problems with recall >= .9, precision >= .8, right track >= .9 at plain",
            len(good),
            ">= 25",
            len(good) >= 25,
        ),
        (
            "technical faults with recall and times >= .98",
            len(exact),
            f"{len(technical)}",
            len(exact) == len(technical),
        ),
    ]
    if alarms["share"] is not None:
        rows.append(
            ("finished tracks with a tone or balance alarm", alarms["share"], "<= 0.05", alarms["share"] <= 0.05)
        )
    if fixes["tried"]:
        rows.append(("fixes that remove or halve", fixes["mended"], ">= 0.85", fixes["mended"] >= 0.85))
        rows.append(("fixes without a new finding", fixes["nothing_new"], ">= 0.95", fixes["nothing_new"] >= 0.95))
    rows.append(("CPU s, 8 stems x 4 min, first", speed["first_cpu_s"], "<= 15", speed["first_cpu_s"] <= 15))
    rows.append(("CPU s, follow-up question", speed["follow_up_cpu_s"], "< 1", speed["follow_up_cpu_s"] < 1))
    rows.append(("working memory, 4x the length", speed["memory_ratio"], "<= 1.1", speed["memory_ratio"] <= 1.1))
    return [
        {"what": what, "reached": float(reached), "wanted": wanted, "passed": bool(ok)}
        for what, reached, wanted, ok in rows
    ]


def _good(row: Mapping[str, Any]) -> bool:
    return row["recall"] >= _RECALL and row["precision"] >= _PRECISION and (row["right_track"] or 0.0) >= _TRACK


def _precision(right: int, wrong: int) -> float:
    return right / max(right + wrong, 1)


def _share(values: Sequence[bool | None]) -> float | None:
    return sum(map(bool, values)) / len(values) if values else None


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the result of `benchmarks.diagnose.run` as tables."""
    console = console or Console()
    table = Table(title=f"Known faults in clean music: {result['material']}")
    headings = ("problem", "strength", "cases", "recall", "precision", "right track", "right band", "within 50 ms")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("problem", "strength") else "right")
    for row in result["problems"]:
        keys = ("recall", "precision", "right_track", "right_band", "right_time")
        table.add_row(row["problem"], row["strength"], str(row["cases"]), *(_number(row[key]) for key in keys))
    console.print(table)
    _show_sections(result, console)
    alarms, fixes, speed = result["false_alarms"], result["fixes"], result["speed"]
    console.print(f"Alarms of tone or balance: {alarms['with_alarm']} of {alarms['tracks']} finished tracks")
    console.print(f"  {alarms['which']}")
    console.print(f"Everything found in them: {alarms['all_findings']}")
    console.print(
        f"Fixes: {fixes['tried']} tried, {_number(fixes['mended'])} removed or halved, "
        f"{_number(fixes['nothing_new'])} without a new finding; not by the console: {', '.join(fixes['not_mendable'])}"
    )
    for row in fixes["failed"]:
        console.print(f"  {row}")
    console.print(
        f"Speed: {speed['first_cpu_s']:.1f} CPU s for {speed['stems']} stems x {speed['seconds']:g} s, follow-up "
        f"{speed['follow_up_cpu_s']:.2f} CPU s, memory beside the audio x {speed['memory_ratio']:.2f} at 4 x the length"
    )
    goals = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        goals.add_column(heading)
    for target in result["targets"]:
        goals.add_row(
            target["what"], f"{target['reached']:.2f}", target["wanted"], "pass" if target["passed"] else "miss"
        )
    console.print(goals)
    for note in result["notes"]:
        console.print(note, style="dim")


def _show_sections(result: Mapping[str, Any], console: Console) -> None:
    table = Table(title="Known faults in a stretch of a song, or of half a mix against a reference")
    for heading in ("problem", "in", "cases", "recall", "precision", "edge off by, s"):
        table.add_column(heading, justify="left" if heading in ("problem", "in") else "right")
    for row in result["sections"]:
        numbers = (_number(row[key]) for key in ("recall", "precision", "late_s"))
        table.add_row(row["problem"], row["kind"], str(row["cases"]), *numbers)
    console.print(table)
    for kind in dict.fromkeys(row["kind"] for row in result["sections"]):
        mine = [row for row in result["sections"] if row["kind"] == kind]
        good = [row for row in mine if row["recall"] >= _RECALL and row["precision"] >= _PRECISION]
        console.print(f"{kind}: {len(good)} of {len(mine)} with recall >= {_RECALL:g} and precision >= {_PRECISION:g}")
    alarms = result["section_alarms"]
    console.print(
        f"Stretches told plainly in {alarms['with_alarm']}, told at all in {alarms['with_hint']} of "
        f"{alarms['tracks']} finished tracks: {alarms['which']}"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
