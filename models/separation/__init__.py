"""Taking a finished stereo mix apart: Hybrid Transformer Demucs, where its package and weights are here."""

from models.separation.demucs import SOURCES, WEIGHTS, Separator, load_separator, separation_available

__all__ = ["SOURCES", "WEIGHTS", "Separator", "load_separator", "separation_available"]
