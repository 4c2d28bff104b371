"""Everything that can be done in a studio."""

from typing import TYPE_CHECKING

from assistant.studio.comparing import comparing
from assistant.studio.deed import Deed
from assistant.studio.exploring import exploring
from assistant.studio.exporting import exporting
from assistant.studio.finding import finding
from assistant.studio.matching import matching
from assistant.studio.starting import starting
from assistant.studio.telling import telling
from assistant.studio.turning import turning
from assistant.studio.walking import walking

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["all_deeds"]

_MAKERS = (turning, walking, telling, exploring, matching, starting, comparing, finding, exporting)


def all_deeds(studio: "Studio") -> list[Deed]:
    """Return the deeds that work on a studio's session."""
    return [Deed(function) for make in _MAKERS for function in make(studio)]
