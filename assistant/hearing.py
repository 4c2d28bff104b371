"""Hear a session's settings, once: the sounds heard last and the strips they were made of are kept with it."""

from collections.abc import Sequence

from assistant.measure import SongSound, hear_song
from assistant.request import MIX
from assistant.session import Session
from console.settings import Settings

__all__ = ["hear"]

_KEPT = 3


def hear(session: Session, settings: Settings, targets: Sequence[str] = ()) -> SongSound:
    """Return how the song sounds with some settings, with the tracks asked for measured ("mix" always is)."""
    wanted = {name for name in targets if name != MIX}
    for sound in session.heard:
        if sound.settings == settings and wanted <= set(sound.tracks):
            return sound
    sound = hear_song(session.song, settings, targets, kept=session.kept)
    session.heard = [sound, *session.heard][:_KEPT]
    return sound
