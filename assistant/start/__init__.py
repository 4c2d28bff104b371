"""Start: a first mix from raw tracks, with a reason for every knob that was turned."""

from assistant.start.roles import Role, levels_lu, role_of
from assistant.start.starting import Started, start_mix

__all__ = ["Role", "Started", "levels_lu", "role_of", "start_mix"]
