"""Acts of the console and the history: turn, reset and lock knobs, set amounts, walk, name and compare versions."""

from typing import Annotated, Any

from pydantic import Field

from assistant.orders import set_amount
from assistant.request import MIX
from assistant.tell import name_channel
from assistant.web.acts import Job
from assistant.web.acts_talk import take_in
from assistant.web.knobs import format_value, parse_value
from assistant.web.state import FIRST, NOW, PREVIOUS, Workbench
from console.parameters import Value, spec

__all__ = [
    "amount",
    "audition",
    "channel",
    "compare",
    "listen_to",
    "lock",
    "name",
    "redo",
    "reset",
    "restore",
    "show",
    "turn",
    "undo",
]

Name = Annotated[str, Field(max_length=200)]


def turn(
    bench: Workbench, track: Name, parameter: Name, typed: Name | None = None, value: float | None = None
) -> Job | None:
    """Turn one knob by hand: to what was typed, to a value in its unit, or back to its default."""
    entry = spec(parameter)
    if value is not None:
        wanted: Value = entry.round(entry.clip(value))
    else:
        wanted = entry.default if typed is None else parse_value(parameter, typed)
    if bench.session.settings.get(track, parameter) == wanted:
        return None
    said = f"{name_channel(track)}: {entry.label.lower()} {format_value(parameter, wanted)}, by hand"
    return _by_hand(bench, said, {(track, parameter): wanted})


def reset(bench: Workbench, track: Name) -> Job | None:
    """Put every knob of a channel back to its default."""
    changes = {(track, knob): spec(knob).default for knob in bench.session.settings.channel(track)}
    if not changes:
        bench.notice = f"Every knob of {name_channel(track)} is at its default already."
        return None
    return _by_hand(bench, f"{name_channel(track)}: reset, by hand", changes)


def lock(bench: Workbench, track: Name, on: bool, what: Name | None = None) -> None:
    """Lock a channel or one of its knobs, or take the lock off."""
    if on:
        bench.session.lock(track, what)
        return
    bench.session.unlock(track, what)
    if bench.session.is_locked(track, what):
        bench.notice = f"{name_channel(track)} is locked as a whole or in part. Take that lock off first."


def amount(
    bench: Workbench,
    percent: Annotated[float, Field(ge=0, le=150)],
    part: Name | None = None,
    track: Name | None = None,
) -> Job:
    """Put the last edit, or what it did to one part of one channel, at so many per cent of itself."""
    if part is None or track is None:
        return _doing(bench, f"amount {percent:.0f} %", "amount", share=percent / 100)
    said = f"amount {percent:.0f} % of the {part.replace('_', '-')} of {name_channel(track)}"

    def run() -> None:
        for _ in set_amount(bench.session, said, percent / 100, (part,), (track,)):
            bench.work.tell()
        bench.settled()
        bench.channel = track

    return Job(said.capitalize(), run)


def undo(bench: Workbench) -> Job:
    """Go back one version."""
    return _doing(bench, "undo", "undo")


def redo(bench: Workbench) -> Job:
    """Go forward over what was undone."""
    return _doing(bench, "redo", "redo")


def restore(bench: Workbench, version: int) -> Job:
    """Go to any version."""
    return _doing(bench, f"back to version {version}", "restore", version=version)


def name(bench: Workbench, version: int, name: Annotated[str, Field(max_length=80)]) -> None:
    """Name a version; an empty name takes the name away."""
    session, plain = bench.session, " ".join(name.split())
    if not 0 <= version < len(session.versions):
        return
    if plain and plain != session.versions[version].said:
        session.name_version(version, plain)
    else:
        session.names.pop(version, None)


def compare(bench: Workbench, before: Name | None = None, after: Name | None = None) -> None:
    """Set what is A, what is B."""
    bench.before = bench.before if before is None else bench.side(before).key
    bench.after = bench.after if after is None else bench.side(after).key


def audition(bench: Workbench, key: Name) -> None:
    """Hear a sound against the mix as it is now."""
    bench.before, bench.after = NOW, bench.side(key).key


def show(bench: Workbench, version: int) -> None:
    """Compare a version with the one it came from."""
    if 0 <= version < len(bench.session.versions):
        parent = bench.session.versions[version].parent
        bench.before, bench.after = f"v:{version if parent is None else parent}", f"v:{version}"


def listen_to(bench: Workbench, target: Name) -> None:
    """Hear one track of both sides alone, or the mix."""
    bench.hear = target if target in bench.tracks() else MIX
    if bench.hear != MIX:
        bench.channel = bench.hear


def channel(bench: Workbench, address: Name) -> None:
    """Show a channel's strip."""
    if address in bench.channels():
        bench.channel = address


def _by_hand(bench: Workbench, said: str, changes: dict[tuple[str, str], Value]) -> Job:
    """Return the job that makes a version of knobs turned by hand, measured like any other; the talk stays quiet."""
    knobs = [{"channel": track, "parameter": knob, "value": value} for (track, knob), value in changes.items()]

    def run() -> None:
        shown = bench.channel
        take_in(bench, said, bench.studio.doing("knobs", said, settings=knobs), aloud=False)
        bench.channel = shown

    return Job(said, run)


def _doing(bench: Workbench, said: str, deed: str, **arguments: Any) -> Job:
    """Return the job of a deed that is part of the talk, after which now is compared with the version before."""

    def run() -> None:
        take_in(bench, said, bench.studio.doing(deed, said, **arguments))
        bench.before, bench.after = (FIRST if bench.session.version.parent is None else PREVIOUS), NOW

    return Job(said.capitalize(), run)
