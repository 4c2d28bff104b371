"""What a command listens to: stems, a folder of them, or one mix, taken apart first if that is asked for."""

import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.recognise import recognised
from assistant.separation import stems_of
from exchange import Song, load_tracks

__all__ = ["load_song"]


def load_song(audio: Sequence[str], apart_in: Path | None = None) -> Song:
    """Read a song and tell its notes on stderr.

    Args:
        audio: as on the command line.
        apart_in: take a stereo mix apart and keep its stems in this folder; None leaves it as it is.
    Raises:
        AudioFileError: it cannot be read.
        ModelError, RequestError: it cannot be taken apart.
    """
    song = recognised(load_tracks(audio[0] if len(audio) == 1 else list(audio)))
    if apart_in is not None:
        song = stems_of(song, apart_in)
    for note in song.notes:
        print(f"note: {note}", file=sys.stderr)
    return song
