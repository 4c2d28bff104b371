"""What studio words mean, as data: senses, bands, effects, opposites, sources."""

from ontology.load import load_ontology
from ontology.lookup import Match, Ontology
from ontology.meaning import Found, look_up
from ontology.model import BANDS_HZ, EFFECT_RANGES, INSTRUMENTS, Band, Confusion, Effect, Sense, Source, Word
from ontology.personal import PersonalDictionary
from ontology.practice import load_practice
from ontology.render import render, to_json

__all__ = [
    "BANDS_HZ",
    "EFFECT_RANGES",
    "INSTRUMENTS",
    "Band",
    "Confusion",
    "Effect",
    "Found",
    "Match",
    "Ontology",
    "PersonalDictionary",
    "Sense",
    "Source",
    "Word",
    "load_ontology",
    "load_practice",
    "look_up",
    "render",
    "to_json",
]
