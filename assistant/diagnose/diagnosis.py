"""Everything that is wrong with a song, worst first."""

from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

from assistant.diagnose.alignment import find_alignment
from assistant.diagnose.balance import find_balance
from assistant.diagnose.bandwidth import find_bandwidth
from assistant.diagnose.dynamics import find_dynamics
from assistant.diagnose.finding import Finding
from assistant.diagnose.image import find_image
from assistant.diagnose.listening import Hearing, Recording, Reference, hear, inspect
from assistant.diagnose.noise import find_noise
from assistant.diagnose.problems import problems
from assistant.diagnose.reference import find_against
from assistant.diagnose.sections import find_sections
from assistant.diagnose.technical import find_technical
from assistant.diagnose.tone import find_tone
from assistant.request import MIX
from assistant.session import Session
from exchange import Song

__all__ = ["DETECTORS", "Ear", "findings_of"]

DETECTORS: tuple[Callable[[Hearing], list[Finding]], ...] = (
    find_technical,
    find_bandwidth,
    find_noise,
    find_alignment,
    find_tone,
    find_balance,
    find_dynamics,
    find_image,
    find_against,
    find_sections,
)
"""One a family of problems; each a pure function of what was measured."""


_ROOM_DBTP = -0.9
_FOUND: WeakKeyDictionary[Hearing, tuple[Finding, ...]] = WeakKeyDictionary()


def findings_of(hearing: Hearing) -> tuple[Finding, ...]:
    """Return every finding, the most noticeable first; a fact before a suggestion of the same severity."""
    if hearing not in _FOUND:
        found = [_with_room(finding, hearing) for finding in _chosen(hearing)]
        found.sort(key=lambda finding: (-finding.severity, not finding.fact, finding.problem))
        _FOUND[hearing] = tuple(found)
    return _FOUND[hearing]


def _chosen(hearing: Hearing) -> list[Finding]:
    """Return what the detectors find: where a reference is given it decides about the tone of the mix, not other music;
    what the whole song has is not told of a stretch of it.
    """
    found = [finding for detect in DETECTORS for finding in detect(hearing)]
    if hearing.reference is not None:
        toned = {row.id for row in problems().values() if row.shape}
        found = [one for one in found if one.against == "reference" or one.tracks != (MIX,) or one.problem not in toned]
    whole = {(one.problem, one.tracks[0]) for one in found if one.against != "song"}
    return [one for one in found if one.against != "song" or (one.problem, one.tracks[0]) not in whole]


def _with_room(finding: Finding, hearing: Hearing) -> Finding:
    """Let the remedy leave room where the mix stands at the ceiling: any filter moves its peaks."""
    full = hearing.true_peak_dbtp > _ROOM_DBTP and hearing.mix.peak <= 1.0
    if not full or not finding.mendable or finding.say.startswith("turn "):
        return finding
    return finding.model_copy(update={"say": f"{finding.say} and turn the mix down by 1.5 dB"})


class Ear:
    """Listens to a session's song once for each stand of the knobs, and remembers the last few."""

    _MOST = 4

    def __init__(self) -> None:
        self._recordings: WeakKeyDictionary[Session, tuple[Song, Recording]] = WeakKeyDictionary()
        self._hearings: WeakKeyDictionary[Session, list[Hearing]] = WeakKeyDictionary()
        self._references: WeakKeyDictionary[Session, Reference] = WeakKeyDictionary()

    def compare_with(self, session: Session, reference: Reference) -> None:
        """Set what a session's song is to sound like."""
        self._references[session] = reference
        self._hearings[session] = [replace(one, reference=reference) for one in self._hearings.get(session, [])]

    def listen(self, session: Session, progress: Callable[[float], None] | None = None) -> Hearing:
        """Return the measurements of a session's song as its knobs stand now."""
        song = session.song
        known = self._recordings.get(session)
        if known is None or known[0] is not song:
            known = (song, inspect(song))
            self._recordings[session] = known
            self._hearings[session] = []
        hearings = self._hearings[session]
        for hearing in hearings:
            if hearing.settings == session.settings:
                return hearing
        hearing = hear(song, session.settings, known[1], progress)
        hearing = replace(hearing, reference=self._references.get(session))
        hearings.append(hearing)
        del hearings[: -self._MOST]
        return hearing
