"""Repair: faults of finished music mended by a plain sentence, by the whole system and by its parts alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.turn import Assistant
from benchmarks.edits_embedding import embedding_edit
from benchmarks.edits_faults import FAULTS, band_ratio
from benchmarks.edits_material import say_to, song_of

__all__ = ["ROWS", "SHOWN", "repair"]

ROWS = ("people alone", "embedding alone", "people, then embedding", "people and frame", "shuffled prompts")
SHOWN = "people and frame"
"""The system as it ships."""


@dataclass(frozen=True)
class Case:
    """A spoiled clip: `prompt` asks for its repair, `wrong_prompt` for that of another fault."""

    fault: str
    prompt: str
    wrong_prompt: str
    audio: np.ndarray
    clean_ratio: float
    spoiled_error: float


def repair(
    clips: Sequence[tuple[str, np.ndarray]],
    each: int,
    rows: Sequence[str] = ROWS,
    faults: Sequence[str] = tuple(FAULTS),
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Spoil clips, have them mended, compare.

    Args:
        clips: (where from, (2, samples) at 44.1 kHz) of finished music.
        each: clips a fault.
        rows: of ROWS.
        faults: of FAULTS.
        seed: of faults, clips and prompts.
        progress: told what is done.
    Returns:
        {"rows": row -> fault -> {"error", "ratio", "median", "better"}, "spoiled": fault -> error, "clips": each,
        "summary": row -> {"ratio", "better", "faults_better", "faults"}}; `ratio` is the mean error left over the mean
        error of the spoiled, `better` the part of the clips that came nearer.
    """
    cases = _cases(clips, each, faults, seed)
    systems = {"people alone": Assistant(framed=False), "people and frame": Assistant()}
    left: dict[str, dict[str, list[tuple[float, float]]]] = {row: {fault: [] for fault in faults} for row in rows}
    for number, case in enumerate(cases):
        for row in rows:
            after = _edit(case, row, systems)
            error = abs(band_ratio(after, FAULTS[case.fault].band_hz) - case.clean_ratio)
            left[row][case.fault].append((error, case.spoiled_error))
        if progress is not None:
            progress(f"repair: {number + 1} of {len(cases)}")
    table = {row: {fault: _figures(pairs) for fault, pairs in by_fault.items()} for row, by_fault in left.items()}
    spoiled = {fault: float(np.mean([c.spoiled_error for c in cases if c.fault == fault])) for fault in faults}
    return {
        "clips": each,
        "spoiled": spoiled,
        "rows": table,
        "summary": {row: _summary(by_fault) for row, by_fault in table.items()},
    }


def _cases(clips: Sequence[tuple[str, np.ndarray]], each: int, faults: Sequence[str], seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for name in faults:
        fault = FAULTS[name]
        others = [prompt for other in faults if other != name for prompt in FAULTS[other].prompts]
        for index in rng.permutation(len(clips))[:each]:
            clean = clips[index][1]
            audio = fault.spoil(clean, rng)
            prompt, wrong = str(rng.choice(fault.prompts)), str(rng.choice(others or fault.prompts))
            ratio = band_ratio(clean, fault.band_hz)
            cases.append(Case(name, prompt, wrong, audio, ratio, abs(band_ratio(audio, fault.band_hz) - ratio)))
    return cases


def _edit(case: Case, row: str, systems: Mapping[str, Assistant]) -> np.ndarray:
    song = song_of({"Mix": case.audio})
    if row == "embedding alone":
        return embedding_edit(song, case.prompt, systems["people alone"])
    if row == "shuffled prompts":
        return say_to(song, case.wrong_prompt, systems[SHOWN]).after
    if row == "people, then embedding":
        return embedding_edit(song, case.prompt, systems["people alone"], after_people=True)
    return say_to(song, case.prompt, systems[row]).after


def _figures(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    left, spoiled = np.array(pairs).T
    return {
        "error": float(left.mean()),
        "ratio": float(left.mean() / spoiled.mean()),
        "median": float(np.median(left / np.maximum(spoiled, 1e-9))),
        "better": float(np.mean(left < spoiled)),
    }


def _summary(by_fault: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    ratios = [figures["ratio"] for figures in by_fault.values()]
    return {
        "ratio": float(np.mean(ratios)),
        "better": float(np.mean([figures["better"] for figures in by_fault.values()])),
        "faults_better": float(sum(ratio < 1.0 for ratio in ratios)),
        "faults": float(len(ratios)),
    }
