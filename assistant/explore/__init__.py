"""Explore: several different mixes for one prompt, a map of them, and real settings between them."""

from assistant.explore.explorer import DEFAULT_COUNT, Explorer, option_of
from assistant.explore.followups import FollowUp, follow_up_of
from assistant.explore.map import Arrow, Point, SoundMap, sound_map
from assistant.explore.options import Option, Options
from assistant.explore.readings import OneSense, Reading, readings_of

__all__ = [
    "DEFAULT_COUNT",
    "Arrow",
    "Explorer",
    "FollowUp",
    "OneSense",
    "Option",
    "Options",
    "Point",
    "Reading",
    "SoundMap",
    "follow_up_of",
    "option_of",
    "readings_of",
    "sound_map",
]
