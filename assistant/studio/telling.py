"""Deeds that only tell: answers from measurements, what words mean, and what a person means by them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from assistant.request import MIX, Request
from assistant.studio.carrying import carry_out
from assistant.studio.deed import Doing
from assistant.studio.forms import targets_of
from assistant.studio.outcome import Outcome
from assistant.tell import name_channel, say
from console.errors import RequestError
from console.parameters import spec
from ontology import PersonalDictionary, render

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["telling"]


def telling(studio: "Studio") -> Sequence[Callable[..., Doing | Outcome]]:
    """Return the deeds."""

    def ask(
        about: Literal["diagnose", "explain", "teach"],
        targets: Annotated[list[str], Field(description="tracks the question is about; empty: the mix")] = [],  # noqa: B006
        descriptor: Annotated[str | None, Field(description='what is suspected or asked about: "muddy"')] = None,
    ) -> Doing:
        """Answer a question: what is wrong with the mix (measured), what was done and why, or what something means."""
        names = targets_of(targets, studio.session.song.tracks) if targets else ()
        word = None
        if descriptor is not None:
            match = studio.assistant.ontology.find(descriptor)
            if match is None:
                raise RequestError(f"{descriptor!r} is not a word known here. Use a common studio word.")
            word = match.word_id
        request = Request(intent=about, targets=names, descriptor=word, direction="=")
        return (yield from carry_out(studio, [request]))

    def word(word: Annotated[str, Field(max_length=60)]) -> Outcome:
        """Say what a studio word means here: what people set for it, how far they agree, what it is mixed up with."""
        ontology = studio.assistant.ontology
        match = ontology.find(word)
        if match is None:
            raise RequestError(f"{word!r} is not a word known here.")
        return Outcome(render(ontology[match.word_id], ontology))

    def learn(
        word: Annotated[str, Field(max_length=40, description="the person's own word")],
        means: Annotated[list[str], Field(min_length=1, description='known words with + or -: ["bright+", "boomy-"]')],
    ) -> Doing:
        """Remember what a person means by a word of their own."""
        return (yield from carry_out(studio, [Request(intent="teach", word=word, means=tuple(means))]))

    def forget(word: Annotated[str, Field(max_length=60, description="a word that was learnt")]) -> Outcome:
        """Forget what a person means by a word: from then on it means what most people mean."""
        dictionary = studio.assistant.dictionary
        (PersonalDictionary() if dictionary is None else dictionary).forget(word)
        studio.assistant.read_words()
        return Outcome(say("forgotten", word=word))

    def look(
        channel: Annotated[
            str | None, Field(description='a track, "master", "reverb", "delay"; null: the session')
        ] = None,
    ) -> Outcome:
        """Read where things stand: the session's tracks, versions, locks and recordings, or the knobs of a channel."""
        if channel is None:
            return Outcome(_session(studio))
        name = channel if channel in studio.session.settings.addresses() else None
        name = name or targets_of([channel], studio.session.song.tracks)[0]
        return Outcome(_knobs(studio, "master" if name == MIX else name))

    return ask, word, learn, forget, look


def _session(studio: "Studio") -> str:
    session = studio.session
    lines = [f"{track.name}: {track.instrument}" for track in session.song.tracks]
    lines.append(f"{session.song.duration_s:.1f} s at {session.song.sample_rate / 1000:g} kHz.")
    for version in session.versions:
        here = " (heard now)" if version.number == session.current else ""
        lines.append(f"Version {version.number}{here}: {session.title_of(version.number)}")
    lines += [f"Locked: {lock}" for lock in session.locks]
    lines += [f"Recording: {name}" for name in studio.references.names]
    if studio.options is not None:
        lines += [f"Option {option.number}: {option.reading.name}" for option in studio.options.options]
    return "\n".join(lines)


def _knobs(studio: "Studio", address: str) -> str:
    """Return every knob of a channel that is off its default."""
    turned = studio.session.settings.channel(address)
    lines = [
        f"{spec(name).label} ({name}): {value if isinstance(value, str) else f'{value:g}'} {spec(name).unit}".rstrip()
        for name, value in turned.items()
    ]
    return "\n".join([f"{name_channel(address)}:", *(lines or ["every knob at its default"])])
