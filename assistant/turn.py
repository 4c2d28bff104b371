"""One turn: hear -> understand -> aim -> tune -> check -> tell.

Each step takes and returns typed values; this file only strings them together and yields what happens. Nothing moves
unless an edit was understood, and the session gets its new version only when everything went well.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from assistant.aim import Target, aim, instrument_of
from assistant.cancel import cancelled
from assistant.check import Checked, check, check_kept, overall
from assistant.diagnose.consult import Consultant
from assistant.events import (
    Asked,
    Event,
    Failed,
    Heard,
    Measured,
    Measurement,
    Moved,
    Progress,
    Said,
    Understood,
)  # fmt: skip
from assistant.excerpt import working_session
from assistant.guards import guard
from assistant.learn import keep_word
from assistant.measure import SongSound, hear_song
from assistant.numbers import number_changes
from assistant.orders import carry_out, is_order
from assistant.regions import region_of
from assistant.request import MIX, Request
from assistant.second_opinion import second_opinion
from assistant.section_turn import edit_in_sections
from assistant.sections import Place, carried, named_in
from assistant.session import Session
from assistant.settle import hold_mix, hold_tracks
from assistant.share_out import share_out
from assistant.switches import is_switch, switch_changes
from assistant.tell import kept_notes, name_channel, reply, say
from assistant.tones import Tones, tone_of
from assistant.tune import Tuned, tune
from assistant.understand import Context, understand, words
from console.errors import StudiospeakError
from console.settings import Settings, Stretch, moves
from exchange import Track
from models import Encoder, ProductionFeatures
from ontology import Ontology

__all__ = ["Assistant", "Clock"]

_LOUDEST_CORRECTION = 2.0
_KEPT_LOSS_DB = 0.7
_TIMES = {"decay_s", "delay_time_ms"}  # set how long; the word beside them says how much
_log = logging.getLogger(__name__)


@dataclass
class Clock:
    """CPU seconds by step."""

    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("understand", "aim", "tune", "render", "check"), 0.0)
    )
    _since: float = field(default_factory=time.process_time)

    def lap(self, step: str) -> None:
        """Charge the time since the last lap to a step."""
        now = time.process_time()
        self.seconds[step] += now - self._since
        self._since = now

    def report(self) -> dict[str, float]:
        """Return the seconds of every step and their total, rounded."""
        rounded = {step: round(value, 3) for step, value in self.seconds.items()}
        return {**rounded, "total": round(sum(self.seconds.values()), 3)}


class Assistant:
    """What turns words into moves on a session. Holds no song: one assistant serves many sessions."""

    def __init__(
        self,
        ontology: Ontology | None = None,
        encoder: Encoder | None = None,
        framed: bool = True,
        tones: Tones = tone_of,
    ):
        self.ontology = ontology or words().ontology
        self.encoder = encoder or ProductionFeatures()
        self.framed, self.tones = framed, tones
        self._heard: WeakKeyDictionary[Session, SongSound] = WeakKeyDictionary()
        self._left_open: WeakKeyDictionary[Session, Request | None] = WeakKeyDictionary()
        self._spoken: WeakKeyDictionary[Session, tuple[str, ...]] = WeakKeyDictionary()
        self.consultant = Consultant()

    def take_turn(
        self, session: Session, text: str, amount: float = 1.0, clock: Clock | None = None
    ) -> Iterator[Event]:
        """Carry out what was said, yielding what happens; the last event is `Said`.

        Args:
            session: gets a new version if something moved.
            text: what the person said.
            amount: multiplies how far every change goes (DESIGN's `--amount`).
            clock: collects CPU seconds.
        """
        clock = clock or Clock()
        yield Heard(text)
        section = named_in(text)
        if section is not None:
            yield from _named_section(session, *section)
            return
        spoken = self._spoken.get(session, ())
        context = _context(session, self._left_open.get(session), spoken)
        requests = understand(text, _tracks_of(session), context)
        self._spoken[session] = next((r.targets for r in reversed(requests) if r.targets), spoken)
        self._left_open[session] = next((r for r in requests if r.intent in ("clarify", "diagnose")), None)
        clock.lap("understand")
        yield Understood(requests)
        question = self.consultant.question(session, text, requests)
        try:
            if question is not None:
                yield from self.consultant.reply(session, question, self.take_turn)
            else:
                yield from self._carry_out(session, text, requests, amount, clock)
        except StudiospeakError as error:
            yield Failed(str(error))
            yield Said(say("nothing", why=str(error)))
        except Exception as error:  # the page must live on; the traceback goes to the log
            _log.exception("turn failed: %r", text)
            yield Failed(f"{type(error).__name__}: {error}")
            yield Said(say("nothing", why=f"something broke here ({type(error).__name__}). The log has the details."))

    def _carry_out(
        self, session: Session, text: str, requests: Sequence[Request], amount: float, clock: Clock
    ) -> Iterator[Event]:
        for request in requests:
            if request.intent == "teach" and request.word is not None:
                text_back, self.ontology = keep_word(request)
                yield Said(text_back)
                return
            if request.intent == "clarify":
                yield Asked(request.question or "", request.choices)
                yield Said(request.question or "")
                return
        said: list[str] = []
        for request in requests:
            if is_order(request):
                said.append((yield from carry_out(session, text, request)))
        edits = [
            _stronger(request, amount) for request in requests if request.intent == "edit" and not is_order(request)
        ]
        if said and not edits:
            yield Said(" ".join(said))
            return
        if not edits:
            yield Said(say("not_yet"))
            return
        if all(request.section is None for request in edits):
            yield from self._edit(session, text, edits, clock)
        else:
            yield from edit_in_sections(session, text, edits, lambda s, e: self._edit(s, text, e, clock))

    def _edit(self, session: Session, text: str, edits: list[Request], clock: Clock) -> Iterator[Event]:
        back = cancelled(session, edits)
        if back is not None:
            yield from self._take_back(session, text, edits, back, clock)
            return
        plan, notes = _by_target(edits, session)
        work, watched = working_session(session, list(plan)), _watched(plan, edits, session)
        before = self._before(work, watched)
        clock.lap("render")
        levels = {MIX: before.loudness_lufs, **before.track_lufs}
        silent = [name for name in plan if not np.isfinite(levels[name])]
        notes += [say("silent", track=name_channel(name)) for name in silent]
        plan = {name: wanted for name, wanted in plan.items() if name not in silent}
        if not plan:
            yield Said(" ".join(notes) or say("nothing", why="no track was named that is here."))
            return
        settings = session.settings
        plan = share_out(plan, work, settings, self.ontology)
        if not set(plan) <= {MIX, *before.tracks}:
            watched = _watched(plan, edits, session)
            before = self._before(work, watched)
        aimed: dict[str, tuple[Target, Tuned]] = {}
        for target, wanted in plan.items():
            settings, found = yield from self._turn_knobs(work, settings, target, wanted, clock)
            if found is not None:
                aimed[target] = found
        after = _settled(work, before, settings, aimed, clock)
        yield Progress("tune", 1.0, "an excerpt can be heard")
        checks = {name: check(target, before, after) for name, (target, _) in aimed.items()}
        short = [name for name, result in checks.items() if not result.there]
        if short:
            yield Progress("check", 0.5, "not there yet: once more")
            settings = after.settings
            for name in short:
                stronger = [_stronger(request, _correction(checks[name])) for request in plan[name]]
                back = _channel_back(session.settings, settings, name)
                settings, again = yield from self._turn_knobs(work, back, name, stronger, clock)
                if again is not None:
                    aimed[name] = (aimed[name][0], again[1])
            after = _settled(work, before, settings, aimed, clock)
        lost_db = max((before.presence_db[name] - after.presence_db[name] for name in _named(edits, "keep")
                       if name in before.presence_db), default=0.0)  # fmt: skip
        if lost_db > _KEPT_LOSS_DB:
            yield Progress("check", 0.5, "less of it, so that what was to stay clear does")
            settings = session.settings
            for name, wanted in plan.items():
                weaker = [_stronger(request, _KEPT_LOSS_DB / lost_db) for request in wanted]
                settings, again = yield from self._turn_knobs(work, settings, name, weaker, clock)
                if again is not None:
                    aimed[name] = again
            after = _settled(work, before, settings, aimed, clock)
        clock.lap("check")
        if work is not session:
            yield Progress("render", 0.0, "the whole song")
            before = self._before(session, watched)
            after = _whole(session, before, after.settings, aimed, clock)
        checks = {name: check(target, before, after) for name, (target, _) in aimed.items()}
        self._heard[session] = after
        session.heard = [after]
        heard = [
            opinion
            for name in aimed
            for opinion in second_opinion(
                plan[name], name, instrument_of(session.song, name), before, after, session.song.sample_rate
            )
        ]
        instruments = {name: instrument_of(session.song, name) for name in plan}
        guarded = guard(plan, before, after, session.song.sample_rate, self.ontology, instruments)
        heard += guarded.measurements
        notes += guarded.notes
        yield from self._conclude(session, text, edits, aimed, checks, before, after, notes, tuple(heard), clock)

    def _take_back(
        self, session: Session, text: str, edits: list[Request], settings: Settings, clock: Clock
    ) -> Iterator[Event]:
        """Go back to the settings before the last edit, as a version of its own."""
        before = self._before(session, [])
        after = hear_song(session.song, session.held(settings), [], kept=session.kept)
        self._heard[session] = after
        session.heard = [after]
        clock.lap("render")
        notes = [say("cancelled", said=session.version.said)]
        yield from self._conclude(session, text, edits, {}, {}, before, after, notes, (), clock)

    def _before(self, session: Session, targets: list[str]) -> SongSound:
        """Return the song as it is now, from the last turn if that heard what is needed."""
        last = self._heard.get(session)
        wanted = [name for name in targets if name != MIX]
        if last is None or last.settings != session.settings or not set(wanted) <= set(last.tracks):
            last = hear_song(session.song, session.settings, targets, kept=session.kept)
        return last

    def _turn_knobs(
        self,
        session: Session,
        settings: Settings,
        target: str,
        wanted: Sequence[Request],
        clock: Clock,
    ) -> Iterator[Event]:
        """Yield progress; return (settings with this target's knobs turned, (target, tuned) or None)."""
        numbers = [request for request in wanted if request.numbers]
        words = [request for request in wanted if request.descriptor is not None and not set(request.numbers) - _TIMES]
        for request in filter(is_switch, words):
            settings = settings.turned(switch_changes(request, settings, target))
        words = [request for request in words if not is_switch(request)]
        for request in numbers:
            settings = settings.turned(number_changes(request, settings, target, _peak_dbfs(session, target)))
        if not words:
            return settings, None
        yield Progress("aim", 0.0, name_channel(target))
        goal = aim(words, target, session.song, settings, self.ontology, self.encoder, self.framed, self.tones)
        clock.lap("aim")
        yield Progress("tune", 0.0, name_channel(target))
        found = tune(goal, self.encoder)
        clock.lap("tune")
        yield Progress("tune", 1.0, name_channel(target))
        return settings.turned(found.changes), (goal, found)

    def _conclude(
        self,
        session: Session,
        text: str,
        edits: list[Request],
        aimed: dict[str, tuple[Target, Tuned]],
        checks: dict[str, Checked],
        before: SongSound,
        after: SongSound,
        notes: list[str],
        opinions: tuple[Measurement, ...],
        clock: Clock,
    ) -> Iterator[Event]:
        turned = moves(session.settings, after.settings)
        kept = check_kept(_named(edits, "keep"), before, after)
        measurements = tuple(m for result in checks.values() for m in result.measurements) + kept
        whole = overall(before, after)
        measurements += (*opinions, *whole)
        confident = _confident(aimed, checks)
        targets = {name: target for name, (target, _) in aimed.items()}
        unmeasured = [name for name in _named(edits, "keep") if name not in before.presence_db]
        notes = [*notes, *kept_notes(kept), *(say("unmeasured", words=name) for name in unmeasured)]
        text_back = reply(turned, targets, checks, whole, notes, after)
        clock.lap("check")
        if turned:
            version = session.add(text, after.settings, tuple(edits), measurements, text_back)
            yield Moved(tuple(turned), version.number)
        yield Measured(measurements, confident)
        yield Said(text_back)


def _tracks_of(session: Session) -> Sequence[Track]:
    """Return the tracks to name; none where the song is one finished mix, whose parts are reached by their bands."""
    tracks = session.song.tracks
    return () if len(tracks) == 1 and tracks[0].instrument == MIX else tracks


def _context(session: Session, left_open: Request | None, spoken: tuple[str, ...]) -> Context:
    return Context(
        asked=left_open,
        spoken=spoken,
        requests=session.version.requests,
        undoable=session.undoable,
        redoable=session.redoable,
        version=session.current,
    )


def _named_section(session: Session, name: str, stretches: tuple[Stretch, ...]) -> Iterator[Event]:
    """Remember where the person says a section is."""
    yield Understood(())
    try:
        session.name_section(name, stretches)
        yield Said(say("section_named", where=str(Place(name, stretches))))
    except StudiospeakError as error:
        yield Failed(str(error))
        yield Said(say("nothing", why=str(error)))


def _settled(
    session: Session,
    before: SongSound,
    settings: Settings,
    aimed: dict[str, tuple[Target, Tuned]],
    clock: Clock,
) -> SongSound:
    """Hold the levels of what was turned and hear the whole song."""
    wishes = {name: target.wished for name, (target, _) in aimed.items()}
    settings = session.held(hold_tracks(session.song, before, settings, wishes))
    settings = carried(session.settings, settings, session.song.sample_rate)
    clock.lap("tune")
    after = hear_song(session.song, settings, list(before.tracks), kept=session.kept)
    held = session.held(hold_mix(before, after, wishes))
    if held != settings:
        after = hear_song(session.song, held, list(before.tracks), kept=session.kept)
    clock.lap("render")
    return after


def _whole(
    session: Session,
    before: SongSound,
    settings: Settings,
    aimed: dict[str, tuple[Target, Tuned]],
    clock: Clock,
) -> SongSound:
    """Hear the whole song with what was tuned on a stretch of it, as loud as it was."""
    after = hear_song(session.song, settings, list(before.tracks), kept=session.kept)
    held = session.held(hold_mix(before, after, {name: target.wished for name, (target, _) in aimed.items()}))
    if held != settings:
        after = hear_song(session.song, held, list(before.tracks), kept=session.kept)
    clock.lap("render")
    return after


def _channel_back(start: Settings, settings: Settings, target: str) -> Settings:
    """Return `settings` with one channel as it was at the start of the turn."""
    address = "master" if target == MIX else target
    names = {*start.channel(address), *settings.channel(address)}
    return settings.turned({(address, name): start.get(address, name) for name in names})


def _stronger(request: Request, factor: float) -> Request:
    amount = min(4.0, max(0.05, request.amount * factor))
    return request.model_copy(update={"amount": amount})


def _correction(checked: Checked) -> float:
    return float(np.clip(1.0 / max(checked.reached, 0.5), 1.0, _LOUDEST_CORRECTION))


def _by_target(edits: Sequence[Request], session: Session) -> tuple[dict[str, list[Request]], list[str]]:
    """Sort requests by the channel they move; with locks, "mix" means every track that is not locked."""
    names = [track.name for track in session.song.tracks]
    locked = [*_named(edits, "lock"), *(name for name in (*names, "master") if session.is_locked(name))]
    locked += [MIX] if "master" in locked else []
    plan: dict[str, list[Request]] = {}
    for request in edits:
        targets: Sequence[str] = request.targets or (MIX,)
        if MIX in targets and locked:
            targets = names
        for target in targets:
            if len(names) == 1 and target not in names and region_of((target,)) is not None:
                target = MIX  # a part of one stereo mix is reached by its band
            if target not in locked and (target == MIX or target in names):
                plan.setdefault(target, []).append(request)
    parts = [lock for lock in session.locks if lock.what is not None and lock.track in (*plan, MIX)]
    notes = [say("locked", track=name) for name in names if name in locked]
    return plan, [*notes, *(say("locked_part", what=str(lock)) for lock in parts)]


def _named(edits: Sequence[Request], constraint: str) -> list[str]:
    """Return the tracks that a constraint ("keep", "lock") names."""
    found = [entry for request in edits for entry in request.constraints]
    return list(dict.fromkeys(entry[5:] for entry in found if entry.startswith(f"{constraint}:")))


def _watched(plan: dict[str, list[Request]], edits: Sequence[Request], session: Session) -> list[str]:
    kept = _named(edits, "keep")
    names = {track.name for track in session.song.tracks}
    return list(dict.fromkeys([*plan, *(name for name in kept if name in names)]))


def _confident(aimed: dict[str, tuple[Target, Tuned]], checks: dict[str, Checked]) -> float:
    if not aimed:
        return 1.0
    values = [target.wished.confident * min(1.0, max(0.0, checks[name].reached)) for name, (target, _) in aimed.items()]
    return round(float(np.mean(values)), 3)


def _peak_dbfs(session: Session, target: str) -> float:
    tracks = [track.audio for track in session.song.tracks if target in (MIX, track.name)]
    peak = max(float(np.abs(audio).max()) for audio in tracks)
    return 20 * float(np.log10(max(peak, 1e-4)))
