"""What somebody said, as requests: a small grammar over the tables of `ontology/`."""

from assistant.understand.refer import Context
from assistant.understand.tracks import NamedTrack, TrackName
from assistant.understand.turn import explain, trace, understand
from assistant.understand.vocabulary import words

__all__ = ["Context", "NamedTrack", "TrackName", "explain", "trace", "understand", "words"]
