"""Dynamics and space: squashed, pumping, uneven, spiky, washed out.

Which way each fault moves the numbers of `features.motion` was learnt by putting it into sound material; a signal's
score is how far it stands that way, in standard deviations of the sound material.
"""

import numpy as np

from assistant.diagnose.expectations import Expectations, Learnt, expectations, kind_of_sound
from assistant.diagnose.features import MOTION, MOTION_UNITS, motion
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import Signal
from assistant.request import MIX

__all__ = ["MOVING", "find_dynamics", "motion_score"]

MOVING = ("squashed", "pumping", "uneven", "spiky", "washed-out")
_DRUMS = ("kick", "snare", "hihat", "tom", "cymbals", "percussion", "drums", "overhead", "room")


def motion_score(moved: np.ndarray, learnt: Learnt) -> float:
    """Return how far a signal stands towards a fault; sound material scores 0 +- 1."""
    return float(np.clip((moved - learnt.mean) @ learnt.weights, -50, 50))


def find_dynamics(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return faults of dynamics and space of the mix and of every track."""
    table = table or expectations()
    findings = []
    for name, signal in [(MIX, hearing.mix), *hearing.tracks.items()]:
        if not signal.silent:
            findings += _of(name, "mix" if name == MIX else hearing.instruments[name], signal, table)
    return findings


def _of(name: str, instrument: str, signal: Signal, table: Expectations) -> list[Finding]:
    moved = motion(signal)
    if moved is None:
        return []
    kind = kind_of_sound(instrument)
    scored = []
    for fault in MOVING:
        learnt = table.motion_of(fault, kind)
        if learnt is None or not problem(fault).concerns(instrument):
            continue
        threshold = table.threshold(fault, kind)
        score = motion_score(moved, learnt)
        if score >= threshold:
            scored.append((score / threshold, fault, learnt, score, threshold))
    if not scored:
        return []
    # One fault of movement explains the others: a squashed sound also has no spikes, a pumping one is uneven.
    _, fault, learnt, score, threshold = max(scored)
    row = problem(fault)
    severity = 0.5 + 0.5 * (score - threshold) / max(2 * learnt.plain - threshold, threshold)
    told = float(moved[learnt.told])
    expected = (
        f"0 +- 1, stated above {threshold:.1f}; {MOTION[learnt.told]} is {told:.1f} {MOTION_UNITS[learnt.told]}, "
        f"{learnt.usual[0]:.1f} to {learnt.usual[1]:.1f} in 9 of 10 recordings"
    )
    return [row.finding((name,), score, expected, severity)]
