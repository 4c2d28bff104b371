"""Take back what was just asked: "warmer", then "less warm", ends exactly where it began."""

from collections.abc import Sequence

from assistant.request import Request
from assistant.session import Session
from console.settings import Settings

__all__ = ["cancelled"]

_TURNED = {"+": "-", "-": "+", "=": "="}


def cancelled(session: Session, edits: Sequence[Request]) -> Settings | None:
    """Return the settings before the last edit where these edits are its opposite, word for word; else None."""
    last = session.version
    if last.parent is None or last.of is not None or not last.moves or not last.requests or not edits:
        return None
    if any(request.numbers or request.descriptor is None for request in (*last.requests, *edits)):
        return None
    before = sorted(_key(request, _TURNED[request.direction]) for request in last.requests)
    return session.versions[last.parent].settings if before == sorted(_key(r, r.direction) for r in edits) else None


def _key(request: Request, direction: str) -> tuple[str, ...]:
    what = (*sorted(request.targets), str(request.descriptor), direction, f"{request.amount:.3f}")
    return (*what, *sorted(request.constraints), request.section or "")
