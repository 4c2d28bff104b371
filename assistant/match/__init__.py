"""Match: a mix or one track made to sound like references, each for the aspects it is taken for."""

from assistant.match.bus import settings_for_match
from assistant.match.goal import ASPECTS, Goal, Missing, Reference, goal_of
from assistant.match.matching import Matched, blend, match
from assistant.match.profile import Profile, profile_of, read_reference

__all__ = [
    "ASPECTS",
    "Goal",
    "Matched",
    "Missing",
    "Profile",
    "Reference",
    "blend",
    "goal_of",
    "match",
    "profile_of",
    "read_reference",
    "settings_for_match",
]
