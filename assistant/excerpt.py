"""Work on a stretch of a long song: aiming, tuning and checking cost the same however long the song is.

The whole song is rendered once when the edit is done; what its loudness then differs by is taken back with the master
fader.
"""

from collections.abc import Sequence

import numpy as np

from assistant.listen import active_start
from assistant.request import MIX
from assistant.sections import cut
from assistant.session import Session

__all__ = ["WORK_S", "working_session"]

WORK_S = 10.0
_LONG_S = 25.0  # a shorter song is worked on as it is


def working_session(session: Session, targets: Sequence[str]) -> Session:
    """Return a session of the stretch in which the targets play most, or the session itself where the song is short.

    Args:
        session: of the whole song.
        targets: track names, or "mix".
    """
    song = session.song
    if song.duration_s <= _LONG_S or session.settings.regions:
        return session
    wanted = [track.audio for track in song.tracks if track.name in targets]
    if not wanted or MIX in targets:
        wanted = [track.audio for track in song.tracks]
    start_s = active_start(_alike(wanted), song.sample_rate, WORK_S) / song.sample_rate
    stretch = (start_s, min(start_s + WORK_S, song.duration_s))
    work = Session(cut(song, stretch), session.settings)
    work.locks = session.locks
    return work


def _alike(signals: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return signals that count alike however loud they are, so that all targets play; a whole mix counts as it is."""
    if len(signals) == 1:
        return list(signals)
    every = max(1, signals[0].shape[-1] // 4096)
    sizes = [float(np.sqrt(np.mean(np.square(signal[:, ::every])))) for signal in signals]
    return [signal / max(size, 1e-6) for signal, size in zip(signals, sizes, strict=True)]
