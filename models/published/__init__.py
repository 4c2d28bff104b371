"""Encoders of processing that others published, behind `models.encoder.Encoder`: the networks are written here, the
weights are the user's own files. They are never fetched: no public record of their checksums was found."""

from models.published.fxencoder import load_fxencoder
from models.published.fxencoder_plusplus import load_fxencoder_plusplus
from models.published.listening import WindowedEncoder

__all__ = ["WindowedEncoder", "load_fxencoder", "load_fxencoder_plusplus"]
