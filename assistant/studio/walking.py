"""Deeds that go back and forth between versions, and give names to versions and to sections of the song."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from assistant.request import Request
from assistant.sections import Place
from assistant.studio.carrying import carry_out
from assistant.studio.deed import Doing
from assistant.studio.forms import Part, targets_of
from assistant.studio.outcome import Outcome
from assistant.tell import say

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["walking"]


def walking(studio: "Studio") -> Sequence[Callable[..., Doing | Outcome]]:
    """Return the deeds."""

    def undo(
        steps: Annotated[int, Field(ge=1, le=100)] = 1,
        only: Part | None = None,
        targets: Annotated[list[str], Field(description="only on these tracks; empty: all of the last change")] = [],  # noqa: B006
    ) -> Doing:
        """Take the last changes back, or only one processor's part, or only on some tracks."""
        names = targets_of(targets, studio.session.song.tracks) if targets else ()
        parts = (f"only:{only}",) if only else ()
        request = Request(intent="undo", targets=names, constraints=parts, numbers={"versions": float(steps)})
        return (yield from carry_out(studio, [request]))

    def redo(steps: Annotated[int, Field(ge=1, le=100)] = 1) -> Doing:
        """Put back what was undone."""
        return (yield from carry_out(studio, [Request(intent="redo", numbers={"versions": float(steps)})]))

    def restore(
        version: Annotated[int | str, Field(description="its number, 0 is the mix as it was loaded; or its name")],
    ) -> Doing:
        """Go to a version of the mix."""
        number = studio.session.number_of(version)
        return (yield from carry_out(studio, [Request(intent="undo", numbers={"version": float(number)})]))

    def name(
        name: Annotated[str, Field(min_length=1, max_length=60)],
        version: Annotated[int | None, Field(ge=0, description="null: the one that is heard now")] = None,
    ) -> Outcome:
        """Give a version of the mix a name, so that it can be found again."""
        number = studio.session.current if version is None else version
        studio.session.name_version(number, name)
        return Outcome(say("version_named", number=number, name=name))

    def section(
        name: Annotated[str, Field(max_length=40, description='"chorus", "verse", "bridge"')],
        stretches_s: Annotated[list[tuple[float, float]], Field(min_length=1, description="from and to, seconds")],
    ) -> Outcome:
        """Remember where a section of the song is."""
        studio.session.name_section(name, stretches_s)
        return Outcome(say("section_named", where=str(Place(name, tuple(stretches_s)))))

    return undo, redo, restore, name, section
