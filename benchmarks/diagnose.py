"""`studiospeak bench diagnose`: known faults put into clean music, false alarms, fixes, speed.

Judged cases are kept on disk under a name that changes with the code that made them: a run that was stopped goes on
where it was.
"""

import hashlib
import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.diagnose import diagnosis
from benchmarks import diagnose_cases, diagnose_faults, diagnose_sections
from benchmarks.diagnose_cases import Case, Clean, case_for, clean_of, tracks_for
from benchmarks.diagnose_faults import FAULTS, STRENGTHS
from benchmarks.diagnose_fixes import fix_rows
from benchmarks.diagnose_material import MATERIAL, clean_songs, finished_excerpts, one_mix
from benchmarks.diagnose_report import false_alarms, problem_rows, show, targets
from benchmarks.diagnose_sections import section_alarms, section_rows
from benchmarks.diagnose_speed import speed

__all__ = ["run", "show"]

_SECONDS = 20.0
_SONGS, _MIXES, _SECTION_MIXES = 7, 10, 8
_PLACES = 2
"""Tracks of a song that a fault is put into, one after the other."""
_ALARM_SECONDS = 30.0
_WHOLE_SECONDS = 120.0
_TALK = ("__init__", "answers", "consult", "plots", "questions", "remeasure", "sentences", "wording")
"""Files that say and draw what is found: they change no case."""


def run(quick: bool = bool(os.environ.get("STUDIOSPEAK_BENCH_QUICK"))) -> dict[str, Any]:
    """Run the benchmark.

    Args:
        quick: the demo song alone, "plain" only, few faults; the form the tests run. Also by
            STUDIOSPEAK_BENCH_QUICK=1.
    Returns:
        {"problems": a row a problem and strength, "sections": a row a problem in a stretch or against a reference,
        "section_alarms", "false_alarms", "fixes", "speed", "targets", "notes"}.
    """
    songs = clean_songs(_SECONDS, 1 if quick else _SONGS)
    mixes = [] if quick else [one_mix(audio, name) for name, audio in finished_excerpts(_SECONDS, _MIXES)]
    kept = _Kept(quick)
    cases, clean = [], []
    for index, song in enumerate([*mixes, *songs]):
        before = clean_of(song)
        clean.append(before)
        cases += _cases(before, index == 0 and not quick, kept, quick)
        _say(f"{song.source}: {len(cases)} cases so far")
    alarms = false_alarms(_alarms(kept, 0 if quick else 62))
    sections = section_rows(1 if quick else _SONGS, 0 if quick else _SECTION_MIXES, kept.remembered)
    stretches = section_alarms(_WHOLE_SECONDS, 0 if quick else 62, kept.remembered)
    _say("sections done")
    cost = speed(songs[0], 30.0 if quick else 240.0)
    _say("false alarms and speed done")
    fixes = fix_rows(clean, cases, kept.remembered, 1)
    material = f"{len(songs)} multitrack songs, {len(mixes)} finished tracks, {_SECONDS:g} s each"
    result: dict[str, Any] = {
        "material": material,
        "problems": problem_rows(cases, clean),
        "false_alarms": alarms,
        "fixes": fixes,
        "speed": cost,
        "sections": sections,
        "section_alarms": stretches,
    }
    return {**result, "targets": targets(result), "notes": _notes(songs, mixes)}


def _cases(clean: Clean, all_strengths: bool, kept: "_Kept", quick: bool) -> Iterator[Case]:
    """Judge two places a fault; "plain" in every song, the other strengths in one."""
    names = ("clipped", "dc-offset", "hum", "lopsided", "muddy") if quick else tuple(FAULTS)
    for name in names:
        generator = np.random.default_rng(zlib.crc32(f"{clean.song.source}/{name}".encode()))
        for place in tracks_for(FAULTS[name], clean, generator, 1 if quick else _PLACES):
            for strength in STRENGTHS if all_strengths else ("plain",):
                judge = partial(case_for, clean, name, strength, place)
                yield kept.case(judge, clean, name, strength, place)


def _alarms(kept: "_Kept", most: int) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    for name, audio in finished_excerpts(_ALARM_SECONDS, most):

        def found(name: str = name, audio: np.ndarray = audio) -> list[tuple[str, float]]:
            return [(finding.problem, finding.severity) for finding in clean_of(one_mix(audio, name)).findings]

        yield name, kept.remembered(f"alarm/{name}", found)


class _Kept:
    """Judged cases on disk, a line each."""

    def __init__(self, quick: bool):
        folder = Path(diagnosis.__file__).parent
        sources = [path for path in sorted(folder.iterdir()) if path.stem not in _TALK]
        sources += [Path(part.__file__) for part in (diagnose_faults, diagnose_cases, diagnose_sections)]
        code = b"".join(path.read_bytes() for path in sources if path.is_file())
        self._file = MATERIAL / f"cases-{hashlib.sha256(code).hexdigest()[:12]}.jsonl"
        self._known: dict[str, Any] = {}
        self._quick = quick
        if not quick and self._file.is_file():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._known[row["key"]] = row["value"]

    def case(self, judge: Callable[[], Case], clean: Clean, *key: str) -> Case:
        return Case(**self.remembered("/".join((clean.song.source, *key)), lambda: judge().to_json()))

    def remembered(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = make()
            if not self._quick:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key, "value": self._known[key]}) + "\n")
        return self._known[key]


def _notes(songs: list, mixes: list) -> list[str]:
    notes = []
    if len(songs) == 1:
        notes.append(f"Only the demo song: no multitrack songs in {MATERIAL / 'songs'}.")
    if not mixes:
        notes.append("No finished music: faults of a whole mix were put nowhere, false alarms were not counted.")
    return notes


def _say(text: str) -> None:
    print(f"{time.process_time():7.0f} s  {text}", file=sys.stderr, flush=True)
