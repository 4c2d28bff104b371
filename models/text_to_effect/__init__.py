"""Words on one side, changes of an FX embedding on the other: which way a text points, and what a change is called."""

from models.text_to_effect.lexicon import BANDS_HZ, Effect
from models.text_to_effect.model import INSTRUMENT_GROUPS, Direction, Sense, TextToEffect, load_text_to_effect
from models.text_to_effect.nearest import NearWord

__all__ = [
    "BANDS_HZ",
    "INSTRUMENT_GROUPS",
    "Direction",
    "Effect",
    "NearWord",
    "Sense",
    "TextToEffect",
    "load_text_to_effect",
]
