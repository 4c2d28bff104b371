"""Sections of the song: where "the chorus" or "0:45-1:10" is, and edits that live there.

A section is where the person said it is; where nobody said, where `assistant.structure` hears it, and the reply says
so; where that is not installed or hears none, the person is asked. Nothing is guessed in silence.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from assistant.eq_fit import current_curve_db, fit_eq
from assistant.session import Session
from assistant.structure import heard_sections
from console.errors import RequestError
from console.parameters import spec
from console.settings import Region, Settings, Stretch
from exchange import Song
from ontology.language import load_language

__all__ = ["Place", "carried", "clock", "cut", "find", "named_in"]

_SHORTEST_S = 0.25
_TIME = r"(\d+(?::\d{1,2})?(?:\.\d+)?)\s*(?:s|sec|seconds)?"
_SPAN = rf"(?:from\s+|at\s+|between\s+)?{_TIME}\s*(?:to|-|–|until|till|through|and)\s*{_TIME}"
_DEFINITION = re.compile(
    r"^(?:(?:so|ok|okay|and)[\s,]+)?(?:(?:the|my|our|a)\s+)?(?P<name>[a-z][a-z0-9 \-]*?)\s+"
    r"(?:is|are|runs|goes|lasts)\s+"
    rf"(?P<spans>{_SPAN}(?:\s*(?:,|and|,\s*and)\s*{_SPAN})*)\s*[.!]?$"
)
_RIDDEN = ("fader.gain_db", "trim.gain_db", "compressor.makeup_db")
"""Levels that, turned for the whole song, move in sections by as much."""
_HEARD_AS = {"hook": "chorus", "refrain": "chorus", "coda": "outro", "ending": "outro"}
_POINTS = 60


@dataclass(frozen=True)
class Place:
    """Where a section is: its stretches in seconds, and if nobody said so but it was heard."""

    name: str
    stretches: tuple[Stretch, ...]
    heard: bool = False

    @property
    def longest(self) -> Stretch:
        return max(self.stretches, key=lambda stretch: stretch[1] - stretch[0])

    def __str__(self) -> str:
        times = " and ".join(f"{clock(start)}-{clock(end)}" for start, end in self.stretches)
        return times if self.name[0].isdigit() or self.name.startswith("-") else f"the {self.name} ({times})"


def named_in(text: str) -> tuple[str, tuple[Stretch, ...]] | None:
    """Return the section that a sentence names ("the chorus is 0:45 to 1:10 and 2:00 to 2:25"), or None."""
    found = _DEFINITION.match(" ".join(text.lower().split()))
    if found is None:
        return None
    name = _plain(found["name"])
    if _base(name)[0] not in load_language().sections:
        return None
    times = [_seconds(time) for span in re.findall(_SPAN, found["spans"]) for time in span]
    return name, tuple(zip(times[::2], times[1::2], strict=True))


def find(session: Session, section: str) -> Place:
    """Return where a section is.

    Args:
        session: its song, and the sections that were named.
        section: as `Request.section` writes it: "chorus", "verse 2", "last chorus", "0:45-1:10", "0:45-", "-0:30".
    Raises:
        RequestError: a time outside the song, or nobody said where the section is and it cannot be heard.
    """
    end_s = session.song.duration_s
    times = re.fullmatch(r"(\d[\d:.]*)?\s*-\s*(\d[\d:.]*)?", section)
    if times is not None and (times[1] or times[2]):
        start, end = _seconds(times[1] or "0"), _seconds(times[2]) if times[2] else end_s
        if not 0.0 <= start < end_s or end - start < _SHORTEST_S:
            raise RequestError(
                f"{section} is no stretch of this song, which lasts {clock(end_s)}. Say from when to when, in order."
            )
        return Place(section, ((start, min(end, end_s)),))
    name = _plain(section)
    known = _among(name, session.sections)
    if known:
        return Place(name, known)
    if session.heard_sections is None:
        session.heard_sections = heard_sections(session.song)
    heard = _among(_HEARD_AS.get(name, name), session.heard_sections)
    if heard:
        return Place(name, heard, heard=True)
    raise RequestError(
        f'Where the {name} is was not said and cannot be heard here. Say, for example, "the {name} is 0:45 to 1:10".'
    )


def cut(song: Song, stretch: Stretch) -> Song:
    """Return a song of one stretch of another."""
    start, stop = (round(at * song.sample_rate) for at in stretch)
    stop = min(stop, song.length)
    tracks = tuple(replace(track, audio=track.audio[:, start:stop]) for track in song.tracks)
    return replace(song, tracks=tracks, length=stop - start)


def carried(before: Settings, after: Settings, sample_rate: int) -> Settings:
    """Return `after` with what was turned for the whole song turned in its sections too, as far as they hold it.

    Levels move there by as much. An equaliser band that the section holds does not follow: where one such turned, the
    section's curve gets the same change on top and is fitted anew.
    """
    was = {region.time_s: region for region in before.regions}
    for region in after.regions:
        if was.get(region.time_s) == region:
            for address, channel in region.channels.items():
                changes = _levels(before, after, region, address)
                held = {name for name in channel if name.startswith("eq.")}
                if any(before.get(address, name) != after.get(address, name) for name in held):
                    changes |= _curve(before, after, region, address, sample_rate)
                if changes:
                    after = after.turned({(address, name): value for name, value in changes.items()}, region.time_s)
    return after


def _levels(before: Settings, after: Settings, region: Region, address: str) -> dict[str, float]:
    changes = {}
    for name in _RIDDEN:
        held = region.channels[address].get(name)
        change = after.number(address, name) - before.number(address, name) if held is not None else 0.0
        if change:
            changes[name] = spec(name).round(spec(name).clip(float(held or 0.0) + change))
    return changes


def _curve(before: Settings, after: Settings, region: Region, address: str, rate: int) -> dict[str, float | str]:
    freqs = np.geomspace(25.0, min(18000.0, 0.45 * rate), _POINTS)
    was, now = (current_curve_db(settings.whole(), address, freqs, rate) for settings in (before, after))
    if np.allclose(was, now):
        return {}
    there = before.within(region.time_s)
    wanted = current_curve_db(there, address, freqs, rate) + now - was
    return fit_eq(wanted, freqs, np.ones_like(freqs), rate, there.channel(address))


def _among(name: str, sections: dict[str, tuple[Stretch, ...]]) -> tuple[Stretch, ...]:
    """Return the stretches a name means: its own, the one it counts to, or all that are numbered under it."""
    if name in sections:
        return sections[name]
    base, number = _base(name)
    numbered = [stretch for known, stretches in sections.items() if _base(known)[0] == base for stretch in stretches]
    numbered = sorted(set(numbered))
    if number is None:
        return tuple(numbered)
    at = number - 1 if number > 0 else len(numbered) - 1
    return (numbered[at],) if 0 <= at < len(numbered) else ()


def _plain(name: str) -> str:
    """Return a name as `Request.section` writes it: "second chorus" is "chorus 2", "hooks" is "hook"."""
    language = load_language()
    words = name.lower().replace("-", " ").split()
    number = next((language.ordinals[word] for word in words if word in language.ordinals), None)
    words = [word for word in words if word not in language.ordinals]
    text = " ".join(words)
    if text not in language.sections and text.removesuffix("es") in language.sections:
        text = text.removesuffix("es")
    elif text not in language.sections and text.removesuffix("s") in language.sections:
        text = text.removesuffix("s")
    return text if number is None else f"last {text}" if number == -1 else f"{text} {number}"


def _base(name: str) -> tuple[str, int | None]:
    """Return ("chorus", 2) of "chorus 2", ("chorus", -1) of "last chorus", ("chorus", None) of "chorus"."""
    if name.startswith("last "):
        return name[5:], -1
    base, _, number = name.rpartition(" ")
    return (base, int(number)) if base and number.isdigit() else (name, None)


def _seconds(time: str) -> float:
    minutes, _, rest = time.rpartition(":")
    return 60.0 * float(minutes or 0) + float(rest)


def clock(seconds: float) -> str:
    """Return a time as people write it: "1:05", "0:12.5"."""
    minutes, rest = divmod(round(float(seconds), 1), 60)
    text = f"{rest:04.1f}".removesuffix(".0")
    return f"{int(minutes)}:{text}"
