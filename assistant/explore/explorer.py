"""Explore: a prompt gives mixes that differ audibly and are all plausible; what is said of them leads on."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assistant.between import between_sounds
from assistant.explore.choose import choose_apart, cosine
from assistant.explore.followups import FollowUp
from assistant.explore.meaning import direction_of
from assistant.explore.options import Option, Options
from assistant.explore.readings import Reading, readings_of
from assistant.explore.realise import Aimed, settled, turned
from assistant.explore.stage import Stage, stage_for
from assistant.measure import SongSound, hear_song
from assistant.one_thread import one_thread
from assistant.request import MIX, Request
from assistant.understand import understand
from assistant.wish import Wish
from console.errors import RequestError
from console.kept import KeptStrips
from console.settings import Settings, moves
from exchange import Song
from models import Encoder, ProductionFeatures, load_encoder
from models.text_to_effect import TextToEffect, load_text_to_effect
from ontology import Ontology, PersonalDictionary, load_ontology

__all__ = ["DEFAULT_COUNT", "Explorer"]

DEFAULT_COUNT = 4
_MOST = 8
_POOL = 8
_LEAST_COSINE = 0.05
_SHARES_LIKE = (0.6, 1.0, 1.5)
_STRENGTHS = (
    ("softer", "less far", 0.6),
    ("stronger", "further", 1.5),
    ("a hint", "a touch", 0.35),
    ("all the way", "as far as it goes", 2.2),
)
Progress = Callable[[str, float], None]


class Explorer:
    """What turns prompts into options. Keeps the models; knows no session."""

    def __init__(
        self,
        ontology: Ontology | None = None,
        encoder: Encoder | None = None,
        model: TextToEffect | None = None,
        ears: Encoder | None = None,
    ) -> None:
        """Load what is not given.

        Args:
            ontology: what words mean; None: to this user.
            encoder: the FX encoder, in whose space options are kept apart.
            model: the words' directions in that space.
            ears: what edits are tuned by.
        """
        self.ontology = ontology or PersonalDictionary().over(load_ontology())
        self.encoder = encoder or load_encoder("fx")
        self.model = model or load_text_to_effect(self.encoder.name)
        self.ears = ears or ProductionFeatures()

    def explore(
        self,
        song: Song,
        settings: Settings,
        text: str,
        count: int = DEFAULT_COUNT,
        taken: Sequence[np.ndarray] = (),
        hold: Callable[[Settings], Settings] = lambda settings: settings,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Options:
        """Return different mixes that a prompt may mean.

        Args:
            song, settings: the audio, and where the console stands.
            text: the prompt; without a target it is about the whole mix.
            count: how many, 2 to 8.
            taken: places in the FX embedding of options that were turned down.
            hold: puts back what is locked.
            progress: told the step ("look", "tune") and its share done.
            stop: asked between readings and between options whether those seen so far are enough; one is always made.
        Raises:
            RequestError: a count outside 2..8, or nothing in the song to change.
        """
        if not 2 <= count <= _MOST:
            raise RequestError(f"{count} options cannot be made. Ask for 2 to {_MOST}.")
        requests = understand(text, song.tracks)
        readings = readings_of(requests, text, song, self.ontology, self.model)
        with one_thread():
            return self._among(song, settings, text, readings, count, taken, hold, progress, stop)

    def follow(
        self,
        song: Song,
        options: Options,
        said: FollowUp,
        text: str,
        count: int = DEFAULT_COUNT,
        hold: Callable[[Settings], Settings] = lambda settings: settings,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Options:
        """Go on from options that were heard: more like one of them, between two, or none of them.

        Args:
            song: the audio.
            options: what was heard.
            said: what was said of them, not a pick.
            text: how it was said.
            count, hold, progress, stop: as for `explore`.
        Raises:
            RequestError: no option has that number, or a pick (that is for the session).
        """
        for number in said.numbers:
            option_of(options, number)
        if said.kind == "none":
            heard = [options.here, *(option.place for option in options.options)]
            return self.explore(song, options.before, options.prompt, count, heard, hold, progress, stop)
        if said.kind == "between":
            return replace(self._between(song, options, said, text, count), stood=options.stood)
        if said.kind != "like":
            raise RequestError("A pick ends exploring. Take the option's settings.")
        chosen = option_of(options, said.numbers[0])
        if not said.rest:
            near = self._around(chosen.reading)
            found = self._among(song, options.before, text, near, count, (chosen.place,), hold, progress, stop)
            return replace(found, stood=options.stood)
        requests = [r for r in understand(f"make it {said.rest}", song.tracks) if r.descriptor is not None]
        if not requests:
            raise RequestError(f'{said.rest!r} is no change known here. Say e.g. "more like 2 but wider".')
        target = () if options.target == MIX else (options.target,)
        readings = [
            Reading(f"{chosen.reading.name}, {name}", why, "way", tuple(self._aimed(requests, target, amount)))
            for name, why, amount in (
                (f"a bit {said.rest}", "a smaller step", _SHARES_LIKE[0]),
                (said.rest, "as said", _SHARES_LIKE[1]),
                (f"much {said.rest}", "a larger step", _SHARES_LIKE[2]),
            )
        ]
        more = readings_of(self._aimed(requests, target, 1.0), said.rest, song, self.ontology, self.model)
        readings += [
            replace(r, name=f"{chosen.reading.name}, {r.name}") for r in more if r.kind == "way" and "," in r.name
        ]
        found = self._among(song, chosen.settings, text, readings, count, (), hold, progress, stop)
        return replace(found, stood=options.began)

    @staticmethod
    def _aimed(requests: Sequence[Request], target: tuple[str, ...], amount: float) -> list[Request]:
        return [
            request.model_copy(update={
                "intent": "edit", "targets": request.targets or target or (MIX,), "amount": request.amount * amount,
            })
            for request in requests
        ]  # fmt: skip

    @staticmethod
    def _around(reading: Reading) -> list[Reading]:
        """Return the reading at other strengths."""
        return [
            replace(
                reading,
                name=f"{reading.name}, {name}",
                why=why,
                requests=tuple(r.model_copy(update={"amount": min(4.0, r.amount * factor)}) for r in reading.requests),
            )
            for name, why, factor in _STRENGTHS
        ]

    def _among(
        self,
        song: Song,
        settings: Settings,
        text: str,
        readings: Sequence[Reading],
        count: int,
        taken: Sequence[np.ndarray],
        hold: Callable[[Settings], Settings],
        progress: Progress | None,
        stop: Callable[[], bool],
    ) -> Options:
        """Look at readings quickly, choose those furthest apart, tune them, and keep what is still apart."""
        tell = progress or (lambda *_: None)
        targets = tuple(dict.fromkeys(target for reading in readings for r in reading.requests for target in r.targets))
        stage = stage_for(song, targets, self.encoder)
        here = stage.place(settings)
        audible = stage.audible(settings)
        aimed: Aimed = {}
        kept = KeptStrips()
        pool, places = self._looked_at(song, stage, settings, here, readings, count, aimed, tell, stop)
        known = np.stack([here, *taken])
        first = [row for row, reading in enumerate(pool) if reading.kind == "sense"]
        order = choose_apart(places, first, len(pool), audible, known) if pool else []
        levels = {goal.track for goal in aimed.values() if goal.wished.level_asked}
        before = hear_song(song, settings, [track.name for track in song.tracks if track.name in levels], kept=kept)
        options: list[Option] = []
        heard = list(known)
        for row in order:
            if len(options) == count or (options and stop()):
                break
            tell("tune", len(options) / count)
            option = self._made(song, stage, settings, before, pool[row], here, len(options) + 1, hold, aimed, kept)
            if min(np.linalg.norm(option.place - place) for place in heard) >= audible and option.cosine >= 0.0:
                options.append(option)
                heard.append(option.place)
        tell("tune", 1.0)
        return Options(text, stage.target, settings, here, audible, tuple(options), _notes(len(options), count, stop()))

    def _looked_at(
        self,
        song: Song,
        stage: Stage,
        settings: Settings,
        here: np.ndarray,
        readings: Sequence[Reading],
        count: int,
        aimed: Aimed,
        tell: Progress,
        stop: Callable[[], bool],
    ) -> tuple[list[Reading], np.ndarray]:
        """Return the readings that go the way they mean, and where their first settings lie.

        The first few are looked at, and further ones where too few of them do.
        """
        pool, places = [], []
        for number, reading in enumerate(readings):
            if (pool and stop()) or (number >= _POOL and len(pool) >= max(count, DEFAULT_COUNT)):
                break
            tell("look", number / len(readings))
            first, _ = turned(reading, song, settings, self.ontology, self.ears, follow_gradient=False, aimed=aimed)
            place = stage.place(first)
            wanted = direction_of(reading, song, stage.target, self.ontology, self.model)
            if not wanted.any() or cosine(place - here, wanted) >= _LEAST_COSINE:
                pool.append(reading)
                places.append(place)
        return pool, np.stack(places) if places else np.zeros((0, self.encoder.dimensions))

    def _made(
        self,
        song: Song,
        stage: Stage,
        settings: Settings,
        before: SongSound,
        reading: Reading,
        here: np.ndarray,
        number: int,
        hold: Callable[[Settings], Settings],
        aimed: Aimed,
        kept: KeptStrips,
    ) -> Option:
        wishes: dict[str, Wish]
        knobs, wishes = turned(reading, song, settings, self.ontology, self.ears, follow_gradient=True, aimed=aimed)
        knobs, loudness_lufs = settled(song, before, knobs, wishes, hold, kept)
        place = stage.place(knobs)
        along = cosine(place - here, direction_of(reading, song, stage.target, self.ontology, self.model))
        gain_db = before.loudness_lufs - loudness_lufs
        gain_db = round(gain_db, 2) if np.isfinite(gain_db) else 0.0
        return Option(number, reading, knobs, tuple(moves(settings, knobs)), place, along, gain_db)

    def _between(self, song: Song, options: Options, said: FollowUp, text: str, count: int) -> Options:
        one, other = (option_of(options, number) for number in said.numbers)
        stage = stage_for(song, () if options.target == MIX else (options.target,), self.encoder)
        before = hear_song(song, options.before, [])
        made: list[Option] = []
        for step in range(1, count + 1):
            share = step / (count + 1)
            knobs, _ = between_sounds(one.settings, other.settings, share, stage.place, song.sample_rate)
            place = stage.place(knobs)
            reading = Reading(
                f"{100 * (1 - share):.0f} % {one.reading.name} - {100 * share:.0f} % {other.reading.name}",
                f"{100 * share:.0f} % of the way in sound from option {one.number} to option {other.number}",
                "way",
                one.reading.requests if share < 0.5 else other.reading.requests,
            )
            gain_db = round(before.loudness_lufs - hear_song(song, knobs, []).loudness_lufs, 2)
            along = cosine(place - options.here, (one.place + other.place) / 2 - options.here)
            made.append(Option(step, reading, knobs, tuple(moves(options.before, knobs)), place, along, gain_db))
        return Options(text, options.target, options.before, options.here, options.audible, tuple(made))


def option_of(options: Options, number: int) -> Option:
    """Return an option by its number.

    Raises:
        RequestError: there is none.
    """
    for option in options.options:
        if option.number == number:
            return option
    raise RequestError(f"There is no option {number}. There are 1 to {len(options.options)}.")


def _notes(found: int, count: int, stopped: bool) -> tuple[str, ...]:
    if found >= count:
        return ()
    if stopped:
        return (f"Stopped after {found} of {count}.",)
    if found == 0:
        return ("Nothing that could be heard came of it here.",)
    return (f"Only {found} of {count}: more would not have been audibly different.",)
