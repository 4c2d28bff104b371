"""One edit: aim, tune, settle, check, correct, and the version that comes of it.

The console moves on a stretch of a long song first; then the whole song is heard, and everything that is said of the
edit is measured on it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.aim import Target, aim, instrument_of
from assistant.cancel import cancelled
from assistant.carve import carve, crowded, is_apart, overlap_measurements
from assistant.check import Checked, check, check_kept, overall
from assistant.clock import Clock
from assistant.events import Drafted, Event, Measured, Measurement, Moved, Progress, Said
from assistant.excerpt import working_session
from assistant.guards import guard
from assistant.hearing import hear
from assistant.measure import SongSound, hear_song
from assistant.numbers import number_changes
from assistant.plan import by_target, named, stronger, to_watch
from assistant.request import MIX, Request
from assistant.second_opinion import second_opinion
from assistant.sections import carried
from assistant.session import Session
from assistant.settle import hold_mix, hold_tracks
from assistant.share_out import share_out
from assistant.switches import is_switch, switch_changes
from assistant.tell import kept_notes, name_channel, reply, say
from assistant.tones import Tones, tone_of
from assistant.tune import Tuned, tune
from console.settings import Settings, moves
from models import Encoder
from ontology import Ontology

__all__ = ["Editor"]

_LOUDEST_CORRECTION = 2.0
_KEPT_LOSS_DB = 0.7
_TIMES = {"decay_s", "delay_time_ms"}  # set how long; the word beside them says how much


class Editor:
    """Carries out edits on sessions."""

    def __init__(self, ontology: Ontology, encoder: Encoder, framed: bool = True, tones: Tones = tone_of):
        self.ontology = ontology
        self.encoder = encoder
        self.framed, self.tones = framed, tones

    def edit(self, session: Session, text: str, edits: list[Request], clock: Clock) -> Iterator[Event]:
        """Carry out the edits of one text, yielding what happens; the last event is `Said`.

        Args:
            session: gets a version if anything moved.
            text: what the person said.
            edits: without sections.
            clock: collects CPU seconds.
        """
        back = cancelled(session, edits)
        if back is not None:
            yield from self._take_back(session, text, edits, back, clock)
            return
        plan, notes = by_target(edits, session)
        work, watched = working_session(session, list(plan)), to_watch(plan, edits, session)
        before = hear(work, work.settings, watched)
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
            watched = to_watch(plan, edits, session)
            before = hear(work, work.settings, watched)
        crowd = crowded(plan)
        room = carve(before, crowd, work.song.sample_rate)
        aimed: dict[str, tuple[Target, Tuned]] = {}
        for number, (target, wanted) in enumerate(plan.items()):
            if number and session.stop.is_set():
                notes += [say("stopped", track=name_channel(name)) for name in list(plan)[number:]]
                plan = dict(list(plan.items())[:number])
                break
            settings, found = yield from self._turn_knobs(work, settings, target, wanted, clock, room.get(target))
            if found is not None:
                aimed[target] = found
        after = _settled(work, before, settings, aimed, clock)
        yield Progress("tune", 1.0, "an excerpt can be heard")
        if work is not session:
            yield Drafted(after.master, work.song.sample_rate)
        checks = {name: check(target, before, after) for name, (target, _) in aimed.items()}
        short = [name for name, result in checks.items() if not result.there]
        if short and not session.stop.is_set():
            yield Progress("check", 0.5, "not there yet: once more")
            settings = after.settings
            for name in short:
                firmer = [stronger(request, _correction(checks[name])) for request in plan[name]]
                back = _channel_back(session.settings, settings, name)
                settings, again = yield from self._turn_knobs(work, back, name, firmer, clock, room.get(name))
                if again is not None:
                    aimed[name] = (aimed[name][0], again[1])
            after = _settled(work, before, settings, aimed, clock)
        lost_db = max((before.presence_db[name] - after.presence_db[name] for name in named(edits, "keep")
                       if name in before.presence_db), default=0.0)  # fmt: skip
        if lost_db > _KEPT_LOSS_DB:
            yield Progress("check", 0.5, "less of it, so that what was to stay clear does")
            settings = session.settings
            for name, wanted in plan.items():
                weaker = [stronger(request, _KEPT_LOSS_DB / lost_db) for request in wanted]
                settings, again = yield from self._turn_knobs(work, settings, name, weaker, clock, room.get(name))
                if again is not None:
                    aimed[name] = again
            after = _settled(work, before, settings, aimed, clock)
        clock.lap("check")
        if work is not session:
            yield Progress("render", 0.0, "the whole song")
            before = hear(session, session.settings, watched)
            after = _as_loud(session, before, after.settings, aimed, clock)
        checks = {name: check(target, before, after) for name, (target, _) in aimed.items()}
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
        if crowd:
            heard += overlap_measurements(before, after, crowd, session.song.sample_rate)
            notes += [] if room else [say("no_overlap", tracks=", ".join(crowd))]
        yield from self._conclude(session, text, edits, aimed, checks, before, after, notes, tuple(heard), clock)

    def _take_back(
        self, session: Session, text: str, edits: list[Request], settings: Settings, clock: Clock
    ) -> Iterator[Event]:
        """Go back to the settings before the last edit, as a version of its own."""
        before = hear(session, session.settings)
        after = hear_song(session.song, session.held(settings), [], kept=session.kept)
        session.heard = [after]
        clock.lap("render")
        notes = [say("cancelled", said=session.version.said)]
        yield from self._conclude(session, text, edits, {}, {}, before, after, notes, (), clock)

    def _turn_knobs(
        self,
        session: Session,
        settings: Settings,
        target: str,
        wanted: Sequence[Request],
        clock: Clock,
        room_db: np.ndarray | None = None,
    ) -> Iterator[Event]:
        """Yield progress; return (settings with this target's knobs turned, (target, tuned) or None).

        `room_db` (40,) is what it gives up so that other tracks are heard.
        """
        numbers = [request for request in wanted if request.numbers]
        words = [request for request in wanted if request.descriptor is not None and not set(request.numbers) - _TIMES]
        for request in filter(is_switch, words):
            settings = settings.turned(switch_changes(request, settings, target))
        asked = [request for request in words if not is_switch(request)]
        words = [request for request in asked if not is_apart(request)]
        if room_db is not None:
            room_db = room_db * max(request.amount for request in asked if is_apart(request))
        for request in numbers:
            settings = settings.turned(number_changes(request, settings, target, _peak_dbfs(session, target)))
        if not words and room_db is None:
            return settings, None
        yield Progress("aim", 0.0, name_channel(target))
        goal = aim(words, target, session.song, settings, self.ontology, self.encoder, self.framed, self.tones, room_db)
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
        kept = check_kept(named(edits, "keep"), before, after)
        measurements = tuple(m for result in checks.values() for m in result.measurements) + kept
        whole = overall(before, after)
        measurements += (*opinions, *whole)
        confident = _confident(aimed, checks)
        targets = {name: target for name, (target, _) in aimed.items()}
        unmeasured = [name for name in named(edits, "keep") if name not in before.presence_db]
        notes = [*notes, *kept_notes(kept), *(say("unmeasured", words=name) for name in unmeasured)]
        text_back = reply(turned, targets, checks, whole, notes, after)
        clock.lap("check")
        if turned:
            version = session.add(text, after.settings, tuple(edits), measurements, text_back)
            yield Moved(tuple(turned), version.number)
        yield Measured(measurements, confident)
        yield Said(text_back)


def _settled(
    session: Session,
    before: SongSound,
    settings: Settings,
    aimed: dict[str, tuple[Target, Tuned]],
    clock: Clock,
) -> SongSound:
    """Hold the levels of what was turned and hear the whole song."""
    wishes = {name: target.wished for name, (target, _) in aimed.items()}
    settings = session.held(hold_tracks(session.song, before, settings, wishes, session.kept))
    settings = carried(session.settings, settings, session.song.sample_rate)
    clock.lap("tune")
    return _as_loud(session, before, settings, aimed, clock)


def _as_loud(
    session: Session,
    before: SongSound,
    settings: Settings,
    aimed: dict[str, tuple[Target, Tuned]],
    clock: Clock,
) -> SongSound:
    """Hear the session's song with these settings, as loud as it was."""
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


def _correction(checked: Checked) -> float:
    return float(np.clip(1.0 / max(checked.reached, 0.5), 1.0, _LOUDEST_CORRECTION))


def _confident(aimed: dict[str, tuple[Target, Tuned]], checks: dict[str, Checked]) -> float:
    if not aimed:
        return 1.0
    values = [target.wished.confident * min(1.0, max(0.0, checks[name].reached)) for name, (target, _) in aimed.items()]
    return round(float(np.mean(values)), 3)


def _peak_dbfs(session: Session, target: str) -> float:
    tracks = [track.audio for track in session.song.tracks if target in (MIX, track.name)]
    peak = max(float(np.abs(audio).max()) for audio in tracks)
    return 20 * float(np.log10(max(peak, 1e-4)))
