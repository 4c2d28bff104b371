"""Tone: how much of each known fault of tone stands in a spectrum, given how finished music varies.

A fault is a shape (a bell, a shelf) in dB. How much of it is in a spectrum is estimated by generalised least squares
with the covariance between bands learnt from finished music: the bands around a bell tell what the bell's band should
hold, so 6 dB too much at 300 Hz shows where the whole spectrum differs by 10 dB from song to song. Faults are found one
after another; what one explains is taken off before the next is looked for, so that mud is not also called boxy.

Source: generalised least squares as in S. M. Kay, "Fundamentals of Statistical Signal Processing: Estimation", 4.5.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.diagnose.expectations import Expectations, Spectra, expectations, kind_of_sound
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import Problem, problem, problems
from assistant.diagnose.statistics import BAND_HZ, Signal
from assistant.request import MIX

__all__ = ["ToneFault", "fault_shape_db", "find_tone", "tone_faults", "tone_scores"]

_MOST = 3
_OWN_NOISE_DB = 1.5
_LEVEL_FREE_DB = 30.0
_UNHEARD_DB = -55.0
_SMALLEST_DB = 2.0
_NATURE = 2.0
"""More than twice what is gross is not a fault but the nature of the sound."""


@dataclass(frozen=True)
class ToneFault:
    """A fault of tone in one signal.

    Attributes:
        problem: its row.
        amount_db: how much of its shape is there, dB; always positive.
        uncertainty_db: standard deviation of that, from how music varies.
        score: amount over uncertainty.
    """

    problem: Problem
    amount_db: float
    uncertainty_db: float
    score: float


def fault_shape_db(shape: dict[str, float], freqs_hz: np.ndarray = BAND_HZ) -> np.ndarray:
    """Return what one dB of a fault does at `freqs_hz`: a bell or shelf as the Audio EQ Cookbook has it, small gains.

    A peaking filter of small gain is 1 dB times (1/Q)^2 / ((f/f0 - f0/f)^2 + (1/Q)^2); a second-order shelf of
    Q 0.71 follows x^4 / (1 + x^4).
    """
    sign = shape.get("sign", 1.0)
    if "bell" in shape:
        ratio = freqs_hz / shape["bell"]
        inverse = 1.0 / shape["q"] ** 2
        return sign * inverse / (np.square(ratio - 1 / ratio) + inverse)
    if "low_shelf" in shape:
        return sign / (1.0 + (freqs_hz / shape["low_shelf"]) ** 4)
    return sign / (1.0 + (shape["high_shelf"] / freqs_hz) ** 4)


def tone_scores(spectrum_db: np.ndarray, expected: Spectra, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Return (amount, uncertainty) in dB of every named fault taken alone; spectrum is (40,) dB."""
    weight = _precision(expected, spectrum_db)
    off = spectrum_db - expected.mean_db
    return {name: _estimate(off, weight, _shape(name)) for name in names}


def tone_faults(
    signal: Signal, instrument: str, table: Expectations, spectra: Spectra | None = None
) -> list[ToneFault]:
    """Return the faults of one signal, the most certain first.

    Args:
        signal: what was measured.
        instrument: what plays, or "mix".
        table: what is usual.
        spectra: instead of the table's: a reference's, say.
    """
    kind = kind_of_sound(instrument)
    expected = spectra or table.spectra_of(kind)
    spectrum = signal.spectrum_db()
    off = spectrum - expected.mean_db
    weight = _precision(expected, spectrum)
    left = [row for row in problems().values() if row.shape and row.concerns(instrument)]
    if not spectra:
        left = [row for row in left if _estimate(off, weight, _shape(row.id))[0] < _NATURE * row.full]
    found: list[ToneFault] = []
    while left and len(found) < _MOST:
        estimates = {row.id: _estimate(off, weight, _shape(row.id)) for row in left}
        best = max(left, key=lambda row: _excess(estimates[row.id], table.threshold(row.id, kind)))
        amount, uncertainty = estimates[best.id]
        score = amount / uncertainty
        if score < table.threshold(best.id, kind) or amount < _SMALLEST_DB:
            break
        found.append(ToneFault(best, amount, uncertainty, score))
        off = off - amount * _shape(best.id)
        left.remove(best)
    return found


def find_tone(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Find faults of tone in the mix and in every track against others of its kind."""
    table = table or expectations()
    named = [(MIX, "mix", hearing.mix)]
    named += [(name, hearing.instruments[name], signal) for name, signal in hearing.tracks.items()]
    findings = []
    for name, instrument, signal in named:
        if signal.silent:
            continue
        kind = kind_of_sound(instrument)
        spectra = table.spectra_of(kind)
        for fault in tone_faults(signal, instrument, table):
            findings.append(_finding(fault, name, table.threshold(fault.problem.id, kind), spectra))
    return _on_the_track_that_makes_it(findings)


def _finding(fault: ToneFault, name: str, threshold: float, spectra: Spectra) -> Finding:
    certain = 0.5 + 0.5 * (fault.score - threshold) / max(threshold, 1.0)
    audible = fault.amount_db / fault.problem.full
    reach = 1.645 * fault.uncertainty_db
    return fault.problem.finding(
        (name,),
        fault.amount_db,
        f"{-reach:.1f} to {reach:.1f} dB in 9 of 10 ({spectra.count} {spectra.source})",
        plain_severity(certain, audible),
        amount=f"{min(18.0, fault.amount_db):.1f}",
    )


def plain_severity(certain: float, audible: float) -> float:
    """Return the severity, 0.5 or more, of what is stated plainly: as much as it is both certain and audible.

    Args:
        certain: 0.5 at the threshold, more beyond.
        audible: its amount, as a share of what is gross.
    """
    return max(0.5, min(certain, 0.25 + 0.75 * audible))


def _on_the_track_that_makes_it(findings: list[Finding]) -> list[Finding]:
    """Where a track and the mix have the same fault, keep the track's: mending it there mends the mix."""
    tracks = [finding for finding in findings if finding.tracks != (MIX,)]
    kept = list(tracks)
    for finding in findings:
        if finding.tracks == (MIX,) and not any(same.problem == finding.problem for same in tracks):
            kept.append(finding)
    return kept


def _excess(estimate: tuple[float, float], threshold: float) -> float:
    amount, uncertainty = estimate
    return amount / uncertainty / threshold


@lru_cache(maxsize=64)
def _shape(name: str) -> np.ndarray:
    return fault_shape_db(problem(name).shape)


def _precision(expected: Spectra, spectrum_db: np.ndarray) -> np.ndarray:
    """Return the inverse covariance; bands that hold nothing tell nothing, and level tells nothing."""
    unheard = np.clip((_UNHEARD_DB - np.minimum(spectrum_db, expected.mean_db)) / 5.0, 0.0, 8.0)
    own = np.square(_OWN_NOISE_DB + 2.0 * unheard)
    return np.linalg.inv(expected.covariance + np.diag(own) + _LEVEL_FREE_DB**2)


def _estimate(off: np.ndarray, weight: np.ndarray, shape: np.ndarray) -> tuple[float, float]:
    information = float(shape @ weight @ shape)
    return float(shape @ weight @ off) / information, information**-0.5
