"""What studio words mean, as data: senses, bands, effects, opposites, sources."""

from ontology.load import load_ontology
from ontology.lookup import Match, Ontology
from ontology.model import BANDS_HZ, EFFECT_RANGES, INSTRUMENTS, Band, Confusion, Effect, Sense, Source, Word
from ontology.render import render, to_json

__all__ = [
    "BANDS_HZ",
    "EFFECT_RANGES",
    "INSTRUMENTS",
    "Band",
    "Confusion",
    "Effect",
    "Match",
    "Ontology",
    "Sense",
    "Source",
    "Word",
    "load_ontology",
    "render",
    "to_json",
]
