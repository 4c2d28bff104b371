"""The studio: one session being worked on, the deeds that can be done in it, and words turned into deeds."""

from assistant.studio.deed import Deed
from assistant.studio.outcome import Outcome
from assistant.studio.plan import Plan
from assistant.studio.references import References
from assistant.studio.studio import Studio

__all__ = ["Deed", "Outcome", "Plan", "References", "Studio"]
