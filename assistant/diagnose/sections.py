"""Stretches of a song that differ from the rest of it: a muddy verse, a dull chorus, a take at another level.

The song is its own reference (`contrast`). Where there are tracks, each is compared with itself and the mix is not:
what enters and leaves is an arrangement, no fault. In a mix alone a stretch has to stand out as few do in finished
songs, and is a hint: nobody but the one who made it knows whether it was meant.
"""

from assistant.diagnose.contrast import LOUDER, SOFTER, Change, changes, severity
from assistant.diagnose.expectations import MIX_KIND, PART_KIND, Expectations, expectations
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem, problems
from assistant.diagnose.statistics import Signal
from assistant.request import MIX

__all__ = ["change_name", "find_sections"]

_SHORTEST_S = 34.0
"""A shorter song has no sections to compare."""
_LEAST_SHARE = 0.4  # of what is gross: less is not worth a remedy of its own
_NATURE = 2.0  # more than twice what is gross is not a fault but another sound
_LEAST_LEVEL_DB, _GROSS_LEVEL_DB = 6.0, 15.0
_MIX_MORE = 1.3  # times what 1 song in 200 passes by one problem: there are twelve
_LEVELS = {LOUDER: "overpowering", SOFTER: "buried"}


def change_name(problem_id: str) -> str:
    """Return what a finding's problem is called in `contrast`."""
    return next((name for name, word in _LEVELS.items() if word == problem_id), problem_id)


def find_sections(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return, for every track or for a mix alone, the stretch that stands out most from the rest of the song."""
    table = table or expectations()
    if hearing.mix.silent or hearing.mix.seconds < _SHORTEST_S:
        return []
    named = list(hearing.tracks.items()) or [(MIX, hearing.mix)]
    found = (_of(name, signal, hearing, table) for name, signal in named if not signal.silent)
    return [finding for finding in found if finding is not None]


def _of(name: str, signal: Signal, hearing: Hearing, table: Expectations) -> Finding | None:
    instrument = "mix" if name == MIX else hearing.instruments[name]
    limits = table.contrast.thresholds[MIX_KIND if name == MIX else PART_KIND]
    asked = [row.id for row in problems().values() if row.shape and row.concerns(instrument)]
    asked += [level for level in _LEVELS if level in limits]
    if name == MIX:
        limits = {level: (_MIX_MORE * plain, _MIX_MORE * plain) for level, (_, plain) in limits.items()}
    over = {
        change.score / limits[change.name][0]: change
        for change in changes(signal, table.contrast, tuple(asked)).values()
        if _least_db(change.name) <= change.amount_db <= _NATURE * _gross_db(change.name)
    }
    # One change explains the others: a muddy stretch is also a little boxy.
    best = max(over, default=0.0)
    return _finding(name, over[best], limits[over[best].name]) if best > 1.0 else None


def _least_db(name: str) -> float:
    return _LEAST_LEVEL_DB if name in _LEVELS else _LEAST_SHARE * problem(name).full


def _gross_db(name: str) -> float:
    return _GROSS_LEVEL_DB if name in _LEVELS else problem(name).full


def _finding(name: str, change: Change, limits: tuple[float, float]) -> Finding:
    row = problem(_LEVELS.get(change.name, change.name))
    start, stop = (round(at) for at in change.span_s)
    stretch = f"from {_clock(start)} to {_clock(stop)}"
    usual = limits[0] * change.uncertainty_db
    certain = max(0.6 * change.amount_db, change.amount_db - change.uncertainty_db)  # rather half mended than overdone
    finding = row.finding(
        (name,),
        -change.amount_db if change.name == SOFTER else change.amount_db,
        f"within {usual:.1f} dB: the rest of this song where it is most like it",
        _severity(change, limits, name == MIX),
        time_s=((float(start), float(stop)),),
        amount=f"{min(18.0 if row.shape else 12.0, certain):.1f}",
    )
    measure = f"{row.measure.split(' against')[0]} {stretch} against the rest of this song"
    evidence = finding.evidence.model_copy(update={"measure": measure, "unit": "dB"})
    return finding.model_copy(
        update={"evidence": evidence, "say": f"{finding.say} {stretch}", "against": "song", "causes": _causes(change)}
    )


def _severity(change: Change, limits: tuple[float, float], in_mix: bool) -> float:
    """Return as `severity` does; in a mix alone a hint at most."""
    if in_mix:
        return min(0.49, 0.3 + 0.1 * (change.score - limits[0]) / limits[0])
    return severity(change.score, limits, change.amount_db / _gross_db(change.name))


def _causes(change: Change) -> tuple[str, ...]:
    if change.name in _LEVELS:
        return ("another take, recorded at another level", "automation left behind")
    return ("another take, microphone or room", "an effect or equaliser left on for this part of the song")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
