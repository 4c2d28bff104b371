"""The deed of matching: the mix, or a track, made to sound like recordings the person named."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.match import ASPECTS, Matched, Reference, blend, match, profile_of, read_reference
from assistant.match.words import sentence
from assistant.measure import hear_song
from assistant.request import MIX, Request
from assistant.studio.background import Tell, progressing
from assistant.studio.carrying import stand
from assistant.studio.deed import Doing
from assistant.studio.forms import targets_of
from assistant.studio.outcome import Outcome
from console.errors import RequestError
from console.settings import Settings, moves

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["Like", "matching"]

Aspect = Literal["tone", "dynamics", "space", "width"]


class Like(BaseModel):
    """One recording to sound like, and what it is taken for."""

    model_config = ConfigDict(extra="forbid")

    recording: Annotated[str, Field(description="its name, as the person said it or as listed")]
    aspects: Annotated[list[Aspect], Field(description="what it is taken for; empty: everything")] = []
    weight: Annotated[float, Field(gt=0, le=100, description="against the others")] = 1.0


def matching(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def match_reference(
        references: Annotated[list[Like], Field(min_length=1, max_length=8)],
        target: Annotated[str, Field(description='"mix" or a track')] = MIX,
        amount: Annotated[float, Field(ge=0, le=1.5, description="1 goes all the way")] = 1.0,
        between: Annotated[
            float | None, Field(ge=0, le=1, description="two references: 0 is the first, 1 the second")
        ] = None,
        loudness: Annotated[bool, Field(description="take over how loud it is, too; only if asked for")] = False,
    ) -> Doing:
        """Make the mix, or one track, sound like recordings: their tone, dynamics, space, width, or all of that."""
        names = targets_of([target], studio.session.song.tracks)
        if len(names) != 1:
            raise RequestError(f"{target!r} is {', '.join(names)}. Match the mix, or one track at a time.")
        if between is not None and len(references) != 2:
            raise RequestError(f"Between two references needs two; {len(references)} named. Name two.")
        paths = [studio.references.find(one.recording) for one in references]

        def work(tell: Tell) -> tuple[Settings, Matched]:
            encoder = studio.assistant.explorer.encoder
            taken = [
                Reference(read_reference(path, encoder), one.weight, tuple(one.aspects) or ASPECTS)
                for path, one in zip(paths, references, strict=True)
            ]
            song, now = studio.session.song, studio.session.settings
            if between is None:
                found = match(song, now, taken, names[0], amount, loudness, encoder, tell, studio.session.stop.is_set)
                return found.settings, found
            settings, first, last = blend(song, now, (taken[0], taken[1]), between, encoder, names[0], amount, tell)
            sound = hear_song(song, settings, names)
            profile = profile_of(sound.audio(names[0]), song.sample_rate, names[0], encoder)
            return settings, (last if between >= 0.5 else first).at(settings, sound, profile)

        found = yield from progressing(work)
        return (yield from _standing(studio, found, names[0], [path.name for path in paths], amount))

    return (match_reference,)


def _standing(studio: "Studio", found: tuple[Settings, Matched], target: str, names: list[str], amount: float) -> Doing:
    settings, matched = found
    session = studio.session
    held = session.held(settings)
    if held != settings:  # what is locked stays: measured again as it came out
        sound = hear_song(session.song, held, [target])
        matched = matched.at(held, sound, profile_of(sound.audio(target), session.song.sample_rate, target,
                                                     studio.assistant.explorer.encoder))  # fmt: skip
    turned = moves(session.settings, held)
    text = sentence(matched, turned, names)
    if not turned:
        return Outcome(text)
    request = Request(intent="match", targets=(target,), direction="=", amount=max(amount, 0.05))
    watched = ("loudness", "true peak")
    measured = tuple(entry for entry in matched.measured if not (entry.what in watched and entry.track == MIX))
    lines = [line for line in text.split("\n") if not line.startswith(("Loudness ", "True peak "))]
    return (yield from stand(studio, held, (request,), "\n".join(lines), measured))
