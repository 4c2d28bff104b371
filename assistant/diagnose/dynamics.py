"""Dynamics and space: squashed, pumping, uneven, spiky, washed out.

Small networks, learnt by putting each fault into sound material, weigh the numbers of `features.motion`; what they say
is told with the number that a listener would name first.
"""

from weakref import WeakKeyDictionary

import numpy as np

from assistant.diagnose.expectations import Expectations, expectations, kind_of_sound
from assistant.diagnose.features import MOTION, MOTION_UNITS, motion
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import Signal
from assistant.request import MIX

__all__ = ["MOVING", "find_dynamics", "sure_percent"]

MOVING = ("squashed", "pumping", "uneven", "spiky", "washed-out")
_OF_A_SUM = ("squashed", "pumping")
"""What a console does to a sum; the others are faults of a track."""
_MOTIONS: WeakKeyDictionary[Signal, np.ndarray] = WeakKeyDictionary()


def sure_percent(signal: Signal, instrument: str, fault: str, table: Expectations | None = None) -> float | None:
    """Return how surely a signal has a fault of movement, 0..100; None where too little plays."""
    moved = _motion(signal)
    if moved is None:
        return None
    return _percent((table or expectations()).movement_of(kind_of_sound(instrument)).scores(moved)[fault])


def find_dynamics(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return faults of dynamics and space of every track and of the mix, where no track has the same."""
    table = table or expectations()
    findings: list[Finding] = []
    for name, signal in hearing.tracks.items():
        if not signal.silent:
            findings += _of(name, hearing.instruments[name], signal, table)
    if not hearing.mix.silent:
        known = {finding.problem for finding in findings}
        asked = _OF_A_SUM if hearing.stems else MOVING
        findings += [one for one in _of(MIX, "mix", hearing.mix, table, asked) if one.problem not in known]
    return findings


def _of(
    name: str, instrument: str, signal: Signal, table: Expectations, asked: tuple[str, ...] = MOVING
) -> list[Finding]:
    moved = _motion(signal)
    if moved is None:
        return []
    learnt = table.movement_of(kind_of_sound(instrument))
    scores = learnt.scores(moved)
    over = {fault: scores[fault] - learnt.thresholds[fault] for fault in asked if problem(fault).concerns(instrument)}
    # One fault of movement explains the others: a squashed sound also has no spikes, a pumping one is uneven.
    fault = max(over, key=lambda one: over[one])
    if over[fault] <= 0:
        return []
    reach = max(learnt.plain[fault] - learnt.thresholds[fault], 1.0)
    at = learnt.told[fault]
    low, high = learnt.usual[fault]
    expected = (
        f"stated above {_percent(learnt.thresholds[fault]):.0f} %; {MOTION[at]} {moved[at]:.1f} {MOTION_UNITS[at]}, "
        f"{low:.1f} to {high:.1f} in 9 of 10 of {learnt.count} recordings"
    )
    severity = 0.5 + 0.25 * min(over[fault] / reach, 2.0)
    return [problem(fault).finding((name,), _percent(scores[fault]), expected, severity)]


def _motion(signal: Signal) -> np.ndarray | None:
    if signal not in _MOTIONS:
        moved = motion(signal)
        if moved is None:
            return None
        _MOTIONS[signal] = moved
    return _MOTIONS[signal]


def _percent(score: float) -> float:
    return float(100 / (1 + np.exp(-score)))
