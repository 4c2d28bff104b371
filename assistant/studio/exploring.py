"""Deeds of exploring: mixes to choose from, going on from them, and the one that is picked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from assistant.events import Offered, Written
from assistant.explore import DEFAULT_COUNT, FollowUp, Options, option_of
from assistant.explore.pick import picked
from assistant.hearing import hear
from assistant.studio.background import Tell, progressing
from assistant.studio.carrying import described, stand
from assistant.studio.deed import Doing
from assistant.studio.outcome import Outcome
from assistant.tell import say
from console.errors import RequestError
from exchange import write_audio
from exchange.destination import file_names

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["exploring"]

Count = Annotated[int, Field(ge=2, le=8, description="how many mixes")]
Number = Annotated[int, Field(ge=1, le=8, description="of an option as it was told")]


def exploring(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def explore(
        prompt: Annotated[str, Field(max_length=400, description='"warmer vocal", "80s vibes"; "" leaves it open')],
        count: Count = DEFAULT_COUNT,
    ) -> Doing:
        """Offer several different mixes for a prompt, without moving anything; the person picks one by its number."""
        session = studio.session

        def work(tell: Tell) -> Options:
            explorer = studio.assistant.explorer
            return explorer.explore(
                session.song, session.settings, prompt, count, (), session.held, tell, session.stop.is_set
            )

        return (yield from _offered(studio, work))

    def more_options(
        like: Annotated[Number | None, Field(description="more like this one")] = None,
        but: Annotated[str, Field(max_length=200, description='with `like`: what should differ, "wider"')] = "",
        between: Annotated[tuple[Number, Number] | None, Field(description="between these two")] = None,
        count: Count = DEFAULT_COUNT,
    ) -> Doing:
        """Go on from the options offered last: more like one, between two; with neither, none of them was right."""
        options = _heard(studio)
        if like is not None and between is not None:
            raise RequestError("More like one and between two cannot both be meant. Say one of them.")
        said = FollowUp("none")
        if like is not None:
            said = FollowUp("like", (like,), but)
        elif between is not None:
            said = FollowUp("between", between)
        session = studio.session

        def work(tell: Tell) -> Options:
            explorer = studio.assistant.explorer
            if said.kind == "none":  # from where the mix stands by now
                taken = [options.here, *(option.place for option in options.options)]
                return explorer.explore(
                    session.song,
                    session.settings,
                    options.prompt,
                    count,
                    taken,
                    session.held,
                    tell,
                    session.stop.is_set,
                )
            return explorer.follow(
                session.song, options, said, studio.said, count, session.held, tell, session.stop.is_set
            )

        return (yield from _offered(studio, work))

    def pick(number: Number) -> Doing:
        """Let an option that was offered stand: its knobs, as they were heard. Its word is learnt from that."""
        options = _heard(studio)
        option = option_of(options, number)
        session = studio.session
        settings = session.held(option.settings)
        if settings == session.settings:
            why = say("same") if settings == option.settings else say("option_locked")
            return Outcome(say("nothing", why=why))
        notes = []
        if options.began not in _settings_on_the_way(studio, options):
            notes.append(say("option_from_before", version=session.current))
        if settings != option.settings:
            notes.append(f"But {say('option_locked')}")
        told = picked(options, option, studio.assistant.dictionary)
        studio.assistant.read_words()
        return (yield from stand(studio, settings, option.reading.requests, told, notes=notes))

    return explore, more_options, pick


def _offered(studio: "Studio", work: Callable[[Tell], Options]) -> Doing:
    options = yield from progressing(work)
    if not options.options:
        return Outcome(" ".join(options.notes))
    studio.offer(options)
    yield Offered(options)
    lines = [say("offered", count=len(options.options))]
    for option in options.options:
        turned = " ".join(line[0].upper() + line[1:] for line in described(option.moves))
        lines.append(f"{option.number}. {option.reading.name} ({option.reading.why}). {turned}")
    files: tuple[Path, ...] = ()
    if studio.renders and studio.folder is not None:
        files = yield from progressing(lambda tell: _written(studio, options, tell))
        yield Written(files)
        lines.append(say("to_hear", folder=files[0].parent))
    lines.append(say("offered_next"))
    return Outcome("\n".join([*lines, *options.notes]), options=options, files=files)


def _written(studio: "Studio", options: Options, tell: Tell) -> tuple[Path, ...]:
    """Write the mix as it is and every option, all equally loud, into a new folder of the session."""
    folder = studio.new_place("renders", "options")
    folder.mkdir(parents=True)
    song, files = studio.session.song, []
    mixes: list[tuple[str, Any, float]] = [("0 as it is", options.before, 0.0)]
    mixes += [(f"{o.number} {o.reading.name}", o.settings, o.gain_db) for o in options.options]
    safe = file_names(name for name, *_ in mixes)
    for number, (name, settings, gain_db) in enumerate(mixes):
        tell("render", number / len(mixes))
        audio = hear(studio.session, settings).master * 10 ** (gain_db / 20)
        path = folder / f"{safe[name]}.wav"
        write_audio(path, audio.astype("float32"), song.sample_rate, "float")
        files.append(path)
    return tuple(files)


def _heard(studio: "Studio") -> Options:
    if studio.options is None:
        raise RequestError('No options were offered yet. Say what to explore: "show me options for a warmer vocal".')
    return studio.options


def _settings_on_the_way(studio: "Studio", options: Options) -> list:
    """Return the settings behind this version as long as only options of this offer were picked."""
    offered = [option.settings for option in options.options]
    found = []
    for version in studio.session.path():
        found.append(version.settings)
        if version.settings not in offered:
            break
    return found
