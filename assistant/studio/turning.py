"""Deeds that turn knobs: by words, by numbers, by amount; and locks against all of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from assistant.request import MIX, Request
from assistant.studio.carrying import carry_out, described, stand
from assistant.studio.deed import Doing
from assistant.studio.forms import Change, Knob, Part, Targets, targets_of, to_request
from console.errors import ParameterError, RequestError
from console.parameters import Value, spec, specs_of
from console.settings import BUSES, kind_of, moves

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["turning"]


def turning(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def edit(changes: list[Change]) -> Doing:
        """Change the mix: one or several changes that belong to one wish. Moves the console and measures."""
        notes: list[str] = []
        requests = []
        for change in changes:
            request, clamped = to_request(change, studio.session.song.tracks, studio.assistant.ontology)
            requests.append(request)
            notes += clamped
        return (yield from carry_out(studio, requests, notes))

    def knobs(settings: Annotated[list[Knob], Field(min_length=1)]) -> Doing:
        """Set knobs of the console to values, exactly. Use this for parameters that edit's numbers do not have."""
        notes: list[str] = []
        changes: dict[tuple[str, str], Value] = {}
        for knob in settings:
            address = _address(knob.channel, studio)
            changes[address, knob.parameter] = _value(knob, address, notes)
        now = studio.session.settings
        wanted = now.turned(changes)
        held = studio.session.held(wanted)
        if held != wanted:
            notes.append("What is locked stayed where it was.")
        lines = described(moves(now, held))
        targets = tuple(dict.fromkeys(MIX if address == "master" else address for address, _ in changes))
        request = Request(intent="edit", targets=targets, direction="=")
        return (yield from stand(studio, held, (request,), "\n".join(line[0].upper() + line[1:] for line in lines),
                                 notes=notes))  # fmt: skip

    def amount(
        share: Annotated[float, Field(ge=0, le=1.5, description="0 takes the last edit back, 1 as it was, 1.5 more")],
        only: Part | None = None,
        but: Annotated[Part | None, Field(description="all of it except this processor's part")] = None,
    ) -> Doing:
        """Set how much of the last change is heard, all of it or just one processor's part."""
        parts = tuple(f"{kind}:{part}" for kind, part in (("only", only), ("except", but)) if part)
        request = Request(intent="edit", numbers={"amount": share}, constraints=parts)
        return (yield from carry_out(studio, [request]))

    def lock(targets: Targets, locked: bool = True, only: Part | None = None) -> Doing:
        """Lock tracks, or one part of them, so that no change touches them; or unlock them."""
        names = targets_of(targets, studio.session.song.tracks)
        kept = (*(() if locked else ("unlock",)), *((f"only:{only}",) if only else ()))
        return (yield from carry_out(studio, [Request(intent="lock", targets=names, constraints=kept, direction="=")]))

    return edit, knobs, amount, lock


def _address(channel: str, studio: "Studio") -> str:
    name = channel.strip()
    if name.lower() in BUSES or name in studio.session.settings.addresses():
        return name.lower() if name.lower() in BUSES else name
    found = targets_of([name], studio.session.song.tracks)
    if len(found) != 1:
        raise RequestError(f"{channel!r} is {', '.join(found)}. Name one channel.")
    return "master" if found[0] == MIX else found[0]


def _value(knob: Knob, address: str, notes: list[str]) -> Value:
    """Return the value as the parameter takes it; a number outside its range goes to the end of it, which is noted."""
    kind = kind_of(address)
    if knob.parameter not in {entry.name for entry in specs_of(kind)}:
        processor = knob.parameter.partition(".")[0]
        near = [entry.name for entry in specs_of(kind) if entry.processor == processor] or sorted(
            {entry.processor for entry in specs_of(kind)}
        )
        raise RequestError(f"{address} has no {knob.parameter!r}. It has {', '.join(near)}.")
    entry = spec(knob.parameter)
    if entry.kind == "choice":
        if str(knob.value) not in entry.choices:
            raise ParameterError(f"{entry.label} is one of {', '.join(entry.choices)}, not {knob.value!r}.")
        return str(knob.value)
    try:
        value = float(knob.value)
    except ValueError:
        raise ParameterError(f"{entry.label} is a number, not {knob.value!r}.") from None
    if entry.kind == "switch":
        return 1.0 if value else 0.0
    inside = entry.clip(value)
    if inside != value:
        notes.append(f"{entry.label} goes from {entry.low:g} to {entry.high:g} {entry.unit}; {inside:g} was set.")
    return inside
