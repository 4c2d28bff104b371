"""Run the suggested sentence on spoilt songs and see what is left of the fault, and what is new.

What the song had before it was spoilt is not new when the remedy brings the song back.
"""

from collections.abc import Callable, Sequence
from typing import Any

from assistant.diagnose import Ear, findings_of
from assistant.diagnose.problems import problem
from assistant.diagnose.remeasure import outcome
from assistant.events import Moved
from assistant.request import MIX
from assistant.session import Session
from assistant.turn import Assistant
from benchmarks.diagnose_cases import Case, Clean, spoilt_song
from benchmarks.diagnose_faults import FAULTS

__all__ = ["fix_rows"]


def fix_rows(
    clean: Sequence[Clean], cases: Sequence[Case], remembered: Callable[[str, Callable[[], Any]], Any], most: int
) -> dict[str, Any]:
    """Return how many fixes removed or halved the fault and brought nothing new, for up to `most` cases a fault."""
    assistant, songs = Assistant(), {one.song.source: one for one in clean}
    rows = []
    for name in FAULTS:
        found = [case for case in cases if case.fault == name and case.strength == "plain" and case.found]
        found.sort(key=lambda case: case.track != MIX)  # one mix is rendered sooner than many stems
        for case in found[:most]:
            key = f"fix/{case.song}/{name}/{case.track}"
            rows.append(remembered(key, lambda c=case, n=name: _fixed(assistant, songs[c.song], n, c.track)))
    tried = [row for row in rows if row["mendable"]]
    return {
        "tried": len(tried),
        "mended": _share([row["mended"] for row in tried]),
        "nothing_new": _share([not row["new"] for row in tried]),
        "not_mendable": sorted({row["problem"] for row in rows if not row["mendable"]}),
        "failed": [row for row in tried if not row["mended"] or row["new"]],
    }


def _fixed(assistant: Assistant, clean: Clean, name: str, place: str) -> dict[str, Any]:
    song, _ = spoilt_song(clean.song, name, "plain", place)
    session, ear = Session(song), Ear()
    heard = ear.listen(session)
    before = findings_of(heard)
    words = {problem(name).word, *(problem(other).word for other in FAULTS[name].also)}
    finding = next(
        (one for one in before if one.problem in words and (place == MIX or place in one.tracks[0])), None
    ) or next((one for one in before if one.problem in words), None)
    row: dict[str, Any] = {"problem": name, "song": clean.song.source, "track": place, "say": None, "mendable": False}
    if finding is None:
        return row
    row |= {"say": finding.say, "mendable": finding.mendable, "before": finding.evidence.value}
    if not finding.mendable:
        return row
    moved = [event for event in assistant.take_turn(session, finding.say) if isinstance(event, Moved)]
    result = outcome(finding, heard, ear.listen(session))
    return row | {
        "accepted": bool(moved),
        "after": result.after,
        "mended": bool(moved) and result.halved,
        "new": [one.problem for one in result.new if (one.problem, one.tracks[0]) not in clean.known],
    }


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
