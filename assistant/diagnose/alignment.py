"""Microphones that work against each other: one upside down, or one late."""

from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.pairs import Pair
from assistant.diagnose.problems import problem

__all__ = ["find_alignment"]

_LIKE, _COHERENT = 0.30, 0.40
_LIKE_SAME, _COHERENT_SAME = 0.15, 0.25
"""Microphones on one instrument differ more than copies do; other instruments may share a sample or bleed a little."""
_LEAST_LAG_MS = 0.15
_ROOM = ("overhead", "room")
_ROOM_LAG_MS, _SPACED_LAG_MS = 8.0, 1.5
"""Overheads and rooms stand away from the source: so much later they may be (2.7 m); so much two of them differ."""
_TALLEST_SWAP_DB = 1.5
_LITTLE_ROOM = 0.6


def find_alignment(hearing: Hearing) -> list[Finding]:
    """Return pairs of tracks that hear one source with opposite polarity or at different times."""
    findings: list[Finding] = []
    blamed: set[str] = set()
    for pair in sorted(hearing.pairs, key=lambda pair: -pair.likeness):
        if not _one_source(pair, hearing):
            continue
        if pair.inverted and not {pair.first, pair.second} & blamed:
            blamed.add(_second(pair, hearing))
            findings.append(_inverted(pair, hearing))
        late = abs(pair.lag_ms)
        if late >= _least_lag_ms(pair, hearing):
            findings.append(_misaligned(pair, hearing))
    return findings


def _one_source(pair: Pair, hearing: Hearing) -> bool:
    same = hearing.instruments[pair.first] == hearing.instruments[pair.second]
    like, coherent = (_LIKE_SAME, _COHERENT_SAME) if same else (_LIKE, _COHERENT)
    return pair.likeness >= like and pair.coherence >= coherent


def _least_lag_ms(pair: Pair, hearing: Hearing) -> float:
    distant = sum(hearing.instruments[name] in _ROOM for name in (pair.first, pair.second))
    return (_LEAST_LAG_MS, _ROOM_LAG_MS, _SPACED_LAG_MS)[distant]


def _second(pair: Pair, hearing: Hearing) -> str:
    """Return the one to turn over: the softer of the two (the bottom of a snare, the outside of a kick)."""
    del hearing
    return pair.second if pair.level_db < _TALLEST_SWAP_DB else pair.first


def _inverted(pair: Pair, hearing: Hearing) -> Finding:
    row = problem("polarity")
    turn = _second(pair, hearing)
    other = pair.first if turn == pair.second else pair.second
    value = -(pair.coherence**0.5)
    expected = "above 0 for two microphones on one source"
    # What cancelled before adds up to 6 dB after.
    room = " and turn the mix down by 3 dB" if hearing.mix.peak > _LITTLE_ROOM else ""
    return row.finding((turn, other), value, expected, max(0.6, row.severity(value)), room=room)


def _misaligned(pair: Pair, hearing: Hearing) -> Finding:
    row = problem("misaligned")
    early, late = (pair.first, pair.second) if pair.lag_ms > 0 else (pair.second, pair.first)
    amount = abs(pair.lag_ms)
    expected = f"below {_least_lag_ms(pair, hearing):g} ms for these two"
    return row.finding((early, late), amount, expected, max(0.5, row.severity(amount)), amount=f"{amount:.2f}")
