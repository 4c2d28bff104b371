"""A reference mix as the expectation: tone against its spectrum."""

import numpy as np

from assistant.diagnose.contrast import compared, severity
from assistant.diagnose.expectations import Expectations, expectations
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing, Reference
from assistant.diagnose.problems import Problem, problems
from assistant.diagnose.tone import fault_shape_db
from assistant.request import MIX

__all__ = ["against_reference_db", "find_against"]

_MOST = 3
_LEAST_SHARE = 0.4  # of what is gross: less is taste


def against_reference_db(hearing: Hearing, name: str) -> float | None:
    """Return how much more of a fault of tone is in the mix than in its reference, dB; None where it has none."""
    if hearing.reference is None:
        return None
    return compared(_off_db(hearing, hearing.reference), expectations().contrast, name)[0]


def find_against(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return faults of tone of the mix that its reference does not have, the most certain first; none without one.

    What one fault explains is taken off before the next is looked for; where the two mixes differ in more than a
    fault's shape the estimate is less certain, and less is stated.
    """
    table = table or expectations()
    reference = hearing.reference
    if reference is None or hearing.mix.silent or reference.hearing.mix.silent:
        return []
    limits = table.contrast.thresholds["reference"]
    off = _off_db(hearing, reference)
    left = [row for row in problems().values() if row.shape and row.concerns("mix") and row.id in limits]
    findings: list[Finding] = []
    while left and len(findings) < _MOST:
        pairs = {row.id: compared(off, table.contrast, row.id) for row in left}
        best = max(left, key=lambda row: pairs[row.id][0] / pairs[row.id][1] / limits[row.id][0])
        amount, uncertainty = pairs[best.id]
        if amount < _LEAST_SHARE * best.full or amount / uncertainty < limits[best.id][0]:
            break
        findings.append(_finding(best, amount, uncertainty, limits[best.id], reference))
        off = off - amount * fault_shape_db(best.shape)
        left.remove(best)
    return findings


def _finding(
    row: Problem, amount: float, uncertainty: float, limits: tuple[float, float], reference: Reference
) -> Finding:
    finding = row.finding(
        (MIX,),
        amount,
        f"within {limits[0] * uncertainty:.1f} dB: the reference {reference.name}",
        severity(amount / uncertainty, limits, amount / row.full),
        amount=f"{min(18.0, amount):.1f}",
    )
    measure = f"{row.measure.split(' against')[0]} against the reference"
    evidence = finding.evidence.model_copy(update={"measure": measure})
    return finding.model_copy(update={"evidence": evidence, "against": "reference"})


def _off_db(hearing: Hearing, reference: Reference) -> np.ndarray:
    return hearing.mix.spectrum_db() - reference.hearing.mix.spectrum_db()
