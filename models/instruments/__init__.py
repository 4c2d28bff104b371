"""What plays on a track: a small tagger for tracks whose file name says nothing. See CARD.md for how often it errs."""

from models.instruments.tagger import Tag, Tagger, load_tagger, tag

__all__ = ["Tag", "Tagger", "load_tagger", "tag"]
