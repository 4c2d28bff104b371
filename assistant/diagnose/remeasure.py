"""Measure again what a finding measured, after something was turned."""

from dataclasses import dataclass

import numpy as np

from assistant.diagnose.balance import level_against_rest_db, masking
from assistant.diagnose.bandwidth import wall
from assistant.diagnose.contrast import contrast_db
from assistant.diagnose.diagnosis import findings_of
from assistant.diagnose.dynamics import MOVING, sure_percent
from assistant.diagnose.expectations import expectations, kind_of_sound
from assistant.diagnose.finding import Finding
from assistant.diagnose.image import balance_db, low_width_db, width_db
from assistant.diagnose.listening import Hearing
from assistant.diagnose.noise import mains_hum, resonance
from assistant.diagnose.problems import row_of
from assistant.diagnose.reference import against_reference_db
from assistant.diagnose.sections import change_name
from assistant.diagnose.technical import USUAL_LUFS
from assistant.diagnose.tone import tone_scores
from assistant.request import MIX

__all__ = ["Outcome", "new_findings", "outcome", "reading_again"]

_STIR = 0.1
_FAINT_WALL_DB = 16.0


@dataclass(frozen=True)
class Outcome:
    """What became of a finding.

    Attributes:
        finding: as it was.
        after: the same measurement now; None where what was measured is no longer there to measure.
        gone: it is no longer found.
        halved: gone, or at most half of it is left.
        new: problems that were not found before.
    """

    finding: Finding
    after: float | None
    gone: bool
    halved: bool
    new: tuple[Finding, ...]


def outcome(finding: Finding, before: Hearing, hearing: Hearing) -> Outcome:
    """Compare a finding with how the song measures now.

    Args:
        finding: what was to be mended.
        before: the song at that time.
        hearing: the song now.
    """
    now = findings_of(hearing)
    still = [one for one in now if one.problem == finding.problem and one.tracks[0] == finding.tracks[0]]
    after = reading_again(finding, hearing)
    gone = not still
    was = _excess(finding, finding.evidence.value)
    left = _excess(finding, after) if after is not None else (still[0].severity - 0.4 if still else 0.0)
    halved = gone or (after is not None and was > 0 and left <= was / 2)
    return Outcome(finding, after, gone, halved, new_findings(before, hearing))


def new_findings(before: Hearing, now: Hearing) -> tuple[Finding, ...]:
    """Return what is found now and was clearly absent before: not what stood just under its threshold all along."""
    known = {(one.problem, one.tracks[0]) for one in findings_of(before)}
    mix_had = {problem for problem, _ in known}
    new = []
    for one in findings_of(now):
        if (one.problem, one.tracks[0]) in known or (one.tracks[0] == MIX and one.problem in mix_had):
            continue
        was = reading_again(one, before)
        if was is None or _excess(one, one.evidence.value) - _excess(one, was) > _stir(one):
            new.append(one)
    return tuple(new)


def _stir(finding: Finding) -> float:
    """Return by how much a reading may grow, in its unit, without being another: a share of fault to gross fault."""
    row = row_of(finding.problem)
    return _STIR * abs(row.full - row.start)


def reading_again(finding: Finding, hearing: Hearing) -> float | None:
    """Return what the finding's measurement reads now, or None where it can only be found again, not read."""
    name, track = finding.problem, finding.tracks[0]
    signal = hearing.signal(track)
    row = row_of(name)
    if finding.against == "reference":
        return against_reference_db(hearing, name)
    if finding.against == "song" and finding.time_s:
        grown = contrast_db(signal, expectations().contrast, change_name(name), finding.time_s[0])
        return -grown if grown is not None and name == "buried" else grown
    if row.shape:
        kind = kind_of_sound("mix" if track == MIX else hearing.instruments[track])
        spectra = expectations().spectra_of(kind)
        return tone_scores(signal.spectrum_db(), spectra, (name,))[name][0]
    if name in ("buried", "overpowering"):
        return level_against_rest_db(hearing, track)
    if name == "masked":
        pairs = [one for one in masking(hearing) if (one.hidden, one.masker) == finding.tracks]
        return 100 * pairs[0].share if pairs else None
    if name in MOVING:
        return sure_percent(signal, "mix" if track == MIX else hearing.instruments[track], name)
    if name == "hum":
        hum = mains_hum(signal)
        return hum[1][0][1] if hum else 0.0
    if name == "ringing":
        ring = resonance(signal)
        return ring[1] if ring else 0.0
    peak_dbfs = 20 * float(np.log10(max(signal.peak, 1e-9)))
    simple = {
        "lossy": lambda: (wall(signal, _FAINT_WALL_DB) or signal.sample_rate / 2) / 1000,
        "dc-offset": lambda: 100 * float(np.abs(signal.mean).max()),
        "off-target": lambda: hearing.loudness_lufs,
        "low-headroom": lambda: peak_dbfs,
        "gain-staging": lambda: peak_dbfs,
        "silent-track": lambda: peak_dbfs,
        "phasey": lambda: signal.correlation,
        "lopsided": lambda: balance_db(signal),
        "narrow": lambda: width_db(signal),
        "wide-lows": lambda: low_width_db(signal) or -90.0,
    }
    return simple[name]() if name in simple else None


def _excess(finding: Finding, value: float) -> float:
    """Return how far a reading is on the wrong side, in its unit; 0 where it is fine."""
    row = row_of(finding.problem)
    if finding.problem in ("buried", "overpowering"):
        return max(0.0, value if finding.problem == "overpowering" else -value)
    if finding.problem == "lopsided":
        return abs(value)
    if finding.problem == "off-target":
        return max(USUAL_LUFS[0] - value, value - USUAL_LUFS[1], 0.0)
    if row.shape or row.full > row.start:
        return max(0.0, value - (0.0 if row.shape else row.start))
    return max(0.0, row.start - value)
