"""The deed of starting: a first mix from raw tracks, every move explained."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from assistant.request import MIX, Request
from assistant.start import Started, start_mix
from assistant.start.words import sentences
from assistant.studio.background import Tell, progressing
from assistant.studio.carrying import stand
from assistant.studio.deed import Doing

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["starting"]


def starting(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def start(
        balance: Annotated[bool, Field(description="set the levels by what plays")] = True,
        panning: Annotated[bool, Field(description="place mono tracks between the speakers")] = True,
        tone: Annotated[bool, Field(description="high-pass, gentle compression, reverb sends")] = True,
    ) -> Doing:
        """Make a first mix of raw tracks: levels by role, panning, high-passes, gentle treatment, headroom."""
        session = studio.session

        def work(tell: Tell) -> Started:
            return start_mix(session.song, session.settings, balance, panning, tone, tell)

        started = yield from progressing(work)
        session.heard = [started.sound, *session.heard][:3]
        measured = tuple(entry for entry in started.measured if entry.track != MIX)
        request = Request(intent="start", targets=(MIX,), direction="=")
        return (yield from stand(studio, started.settings, (request,), sentences(started), measured))

    return (start,)
