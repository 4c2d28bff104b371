"""Match a mix or one track to references: first knobs by formula, the gradient, then the whole song until it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assistant.between import between_sounds
from assistant.check import overall
from assistant.events import Measurement, reading
from assistant.match.bus import bench_for, chain_of
from assistant.match.goal import Goal, Missing, Reference, goal_of
from assistant.match.knobs import Changes, compress, equalise, more_room, place
from assistant.match.peaks import held_loudness, limited
from assistant.match.profile import Profile, profile_of
from assistant.match.tuning import tune_match
from assistant.measure import SongSound, hear_song
from assistant.one_thread import one_thread
from assistant.request import MIX
from console.errors import RequestError
from console.filters import BANDS
from console.settings import Settings
from exchange import Song
from models import Encoder

__all__ = ["Matched", "blend", "match"]

_ROUNDS = 2
_LEAST_FILL_DB = 1.0
_LEAST_GAIN = 0.01  # of the distance: a correction that brings less is left
_UNITS_DB = {"tone": 3.0, "crest": 3.0, "width": 4.0, "lean": 2.0, "fill": 4.0}
"""What counts as one step of distance, per aspect."""


@dataclass(frozen=True, eq=False)
class Matched:
    """What a match came to.

    Attributes:
        target: the track's name, or "mix".
        settings: where the knobs stand now.
        goal: what was to be reached.
        before, after: how the target sounded and sounds.
        sound: the whole song as it sounds now.
        measured: every aspect in units, before, after and wanted.
        notes: sentences on what could not be done.
    """

    target: str
    settings: Settings
    goal: Goal
    before: Profile
    after: Profile
    sound: SongSound
    measured: tuple[Measurement, ...]
    notes: tuple[str, ...] = field(default=())

    def at(self, settings: Settings, sound: SongSound, after: Profile) -> "Matched":
        """Return the same match with the knobs elsewhere, as measured there."""
        watched = tuple(entry for entry in self.measured if entry.what in ("loudness", "true peak"))
        finals = {"loudness": sound.loudness_lufs, "true peak": sound.true_peak_dbtp}
        watched = tuple(entry.model_copy(update={"after": reading(finals[entry.what])}) for entry in watched)
        measured = (*_measured(self.target, self.goal, self.before, after), *watched)
        return replace(self, settings=settings, after=after, sound=sound, measured=measured)


def match(
    song: Song,
    settings: Settings,
    references: Sequence[Reference],
    target: str = MIX,
    amount: float = 1.0,
    loudness: bool = False,
    encoder: Encoder | None = None,
    progress: Callable[[str, float], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Matched:
    """Turn knobs until a target sounds like its references.

    Args:
        song: the audio.
        settings: where the console stands; `settings_for_match` for a song just loaded.
        references: each with its weight and the aspects it is taken for.
        target: "mix" or a track's name.
        amount: 0 to 1.5.
        loudness: also take the references' loudness; otherwise the target stays as loud as it is.
        encoder: the FX encoder, when the references' profiles were made with it.
        progress: told the step ("listen", "tune", "check") and its share done.
        stop: asked before each correction whether the best so far is enough.
    Raises:
        RequestError: no such track, no reference, an amount outside 0..1.5.
        AudioFileError: the target is silent.
    """
    if target != MIX and target not in settings.tracks:
        raise RequestError(f"There is no track {target!r}. Tracks: {', '.join(settings.tracks)}.")
    tell = progress or (lambda *_: None)
    with one_thread():
        return _match(song, settings, references, target, amount, loudness, encoder, tell, stop)


def _match(
    song: Song,
    settings: Settings,
    references: Sequence[Reference],
    target: str,
    amount: float,
    loudness: bool,
    encoder: Encoder | None,
    tell: Callable[[str, float], None],
    stop: Callable[[], bool],
) -> Matched:
    tell("listen", 0.0)
    before = hear_song(song, settings, [target])
    now = profile_of(before.audio(target), song.sample_rate, target, encoder)
    goal = goal_of(now, references, amount, loudness)
    missing = goal.missing(now)
    chain = chain_of(settings, target)
    rate = song.sample_rate
    start: Changes = {}
    if missing.mid_db is not None:
        start |= equalise(missing, goal.heard, settings, chain, rate)
    start |= place(missing, settings, chain)
    if missing.crest_db is not None:
        start |= compress(missing, settings, chain[0], _level_dbfs(before.audio(target)))
    wet = list(settings.tracks) if target == MIX else [target]
    if "space" in goal.aspects and abs(missing.part("fill")) > _LEAST_FILL_DB:
        start |= more_room(missing.part("fill"), song, settings, wet)
    bench = bench_for(song, settings, target, chain)
    found = tune_match(bench, start, missing, encoder, lambda share: tell("tune", share))
    tell("check", 0.0)

    def hear(trial: Settings) -> tuple[Settings, SongSound, Profile]:
        """Hold the loudness, and hear and measure the whole song."""
        sound = hear_song(song, trial, [target])
        held = held_loudness(trial, chain[-1], sound, target, goal.loudness_lufs)
        if held != trial:
            sound = hear_song(song, held, [target])
        return held, sound, profile_of(sound.audio(target), rate, target, encoder)

    trials = [hear(_tidy(settings.turned(changes), settings, chain)) for changes in (found, start)]
    best = min(trials, key=lambda trial: distance(goal, trial[2]))
    for turn in range(_ROUNDS):
        if stop():
            break
        short, there = goal.missing(best[2]), distance(goal, best[2])
        again: Changes = {}
        if short.mid_db is not None:
            again |= equalise(short, goal.heard, best[0], chain, rate)
        again |= place(short, best[0], chain)
        if "space" in goal.aspects and abs(short.part("fill")) > _LEAST_FILL_DB:
            again |= more_room(short.part("fill"), song, best[0], wet)
        trial = hear(_tidy(best[0].turned(again), settings, chain))
        tell("check", (turn + 1) / (_ROUNDS + 1))
        if distance(goal, trial[2]) > (1.0 - _LEAST_GAIN) * there:
            break
        best = trial
    if target == MIX and goal.crest_db is not None and best[2].crest_db > goal.crest_db:
        trial_settings, trial_sound = limited(song, best[0], best[1], goal.crest_db, goal.loudness_lufs)
        trial = (trial_settings, trial_sound, profile_of(trial_sound.master, rate, target, encoder))
        if distance(goal, trial[2]) < distance(goal, best[2]):
            best = trial
    tell("check", 1.0)
    reached, sound, after = best
    measured = (*_measured(target, goal, now, after), *overall(before, sound))
    return Matched(target, reached, goal, now, after, sound, measured, tuple(_notes(goal, now, after, len(wet))))


def blend(
    song: Song,
    settings: Settings,
    ends: tuple[Reference, Reference],
    share: float,
    encoder: Encoder,
    target: str = MIX,
    amount: float = 1.0,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Settings, Matched, Matched]:
    """Match towards a place between two references, on the way of the knobs and of the sound.

    Args:
        song, settings, encoder, target, amount, progress: as for `match`.
        ends: the references at share 0 and at share 1.
        share: 0..1.
    Returns:
        The settings there, and the matches of both ends.
    """
    first, last = (match(song, settings, [end], target, amount, False, encoder, progress) for end in ends)
    place_of = places(song, target, encoder)
    found, _ = between_sounds(first.settings, last.settings, share, place_of, song.sample_rate)
    return found, first, last


def places(song: Song, target: str, encoder: Encoder) -> Callable[[Settings], np.ndarray]:
    """Return the function that tells where a target's sound lies under some settings, (D,)."""

    def place_of(settings: Settings) -> np.ndarray:
        sound = hear_song(song, settings, [target])
        return profile_of(sound.audio(target), song.sample_rate, target, encoder).embedding

    return place_of


def distance(goal: Goal, now: Profile) -> float:
    """Return how far a sound is from a goal: the mean over what is asked of squared differences, in `_UNITS_DB`."""
    missing = goal.missing(now)
    weights = np.sqrt(goal.heard / goal.heard.max()).clip(0.05)
    parts = [
        (np.average(np.square(curve), weights=weights) / _UNITS_DB["tone"] ** 2)
        for curve in (missing.mid_db, missing.side_db)
        if curve is not None
    ]
    for value, unit in ((missing.crest_db, "crest"), (missing.width_db, "width"), (missing.lean_db, "lean")):
        if value is not None:
            parts.append((value / _UNITS_DB[unit]) ** 2)
    if "space" in goal.aspects:
        parts.append((missing.part("fill") / _UNITS_DB["fill"]) ** 2)
    return float(np.mean(parts)) if parts else 0.0


def tone_off_db(missing: Missing, goal: Goal) -> float:
    """Return how far the spectrum is from the goal: root mean square over the bands of the mid, dB."""
    weights = np.sqrt(goal.heard / goal.heard.max()).clip(0.05)
    return float(np.sqrt(np.average(np.square(missing.mid_db), weights=weights)))


def _tidy(settings: Settings, before: Settings, chain: Sequence[str]) -> Settings:
    """Put the frequency and width of bands that came to 0 dB back where they were: they are no moves."""
    back = {
        (address, f"eq.{band}_{part}"): before.get(address, f"eq.{band}_{part}")
        for address in chain
        for band in BANDS
        if settings.number(address, f"eq.{band}_gain_db") == 0.0
        for part in ("freq_hz", "q")
    }
    return settings.turned(back)


def _measured(target: str, goal: Goal, before: Profile, after: Profile) -> list[Measurement]:
    was, now = goal.missing(before), goal.missing(after)
    entries: list[tuple[str, float, float, float | None, str]] = []
    if was.mid_db is not None:
        entries.append(("spectrum off the reference", tone_off_db(was, goal), tone_off_db(now, goal), 0.0, "dB"))
    if goal.crest_db is not None:
        entries.append(("crest factor", before.crest_db, after.crest_db, goal.crest_db, "dB"))
        wanted = before.part("spread") + was.part("spread")
        entries.append(("level swing over time", before.part("spread"), after.part("spread"), wanted, "dB"))
    if "space" in goal.aspects:
        wanted = before.part("fill") + was.part("fill")
        entries.append(("level between the notes", before.part("fill"), after.part("fill"), wanted, "dB"))
    if goal.width_db is not None:
        entries.append(("side against mid", before.width_db, after.width_db, goal.width_db, "dB"))
    if goal.lean_db is not None:
        entries.append(("right against left", before.lean_db, after.lean_db, goal.lean_db, "dB"))
    if goal.embedding is not None:
        far = [float(np.linalg.norm(missing.embedding)) for missing in (was, now)]
        entries.append(("distance in the FX embedding", *far, 0.0, "steps"))
    return [Measurement.of(what, target, one, other, unit, aim) for what, one, other, aim, unit in entries]


def _notes(goal: Goal, before: Profile, after: Profile, wet: int) -> list[str]:
    notes = []
    if goal.crest_db is not None and goal.crest_db - after.crest_db > 2.0:
        short = goal.crest_db - after.crest_db
        notes.append(f"The reference has {short:.1f} dB more crest: what a limiter took away cannot be put back.")
    if "width" in goal.aspects and goal.width_db is None:
        notes.append("It is mono: there is no side signal to widen.")
    short = goal.missing(after).part("fill") if "space" in goal.aspects else 0.0
    if short < -2.0:
        notes.append(f"It has {-short:.1f} dB more room than the reference: recorded room cannot be taken out here.")
    if "space" in goal.aspects and wet == 1 and goal.missing(before).part("fill") > _LEAST_FILL_DB:
        notes.append("Its room comes from a send of the whole sound.")
    return notes


def _level_dbfs(audio: np.ndarray) -> float:
    return 10.0 * float(np.log10(max(float(np.square(audio).mean()), 1e-12)))
