"""What a diagnosis costs: CPU seconds, and memory beside the audio."""

import time
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np

from assistant.diagnose import Ear, findings_of, read_question
from assistant.diagnose.answers import answer
from assistant.session import Session
from assistant.understand import understand
from exchange import Song

__all__ = ["speed"]

_STEMS = 8


def speed(song: Song, seconds: float) -> dict[str, Any]:
    """Time the first diagnosis and a follow-up question on eight stereo stems; compare memory at 60 and 15 s."""
    long = _repeated(song, seconds)
    session, ear = Session(long), Ear()
    first = _ask("what is wrong with this mix?", session, ear)
    follow_up = _ask("is the vocal too quiet?", session, ear)
    return {
        "stems": len(long.tracks),
        "seconds": seconds,
        "first_cpu_s": first,
        "follow_up_cpu_s": follow_up,
        "memory_ratio": _memory(_repeated(song, 60.0)) / _memory(_repeated(song, 15.0)),
    }


def _ask(text: str, session: Session, ear: Ear) -> float:
    """Return the CPU seconds from a question to its answer."""
    start = time.process_time()
    question = read_question(text, understand(text, session.song.tracks))
    assert question is not None
    answer(question, ear.listen(session))
    return time.process_time() - start


def _memory(song: Song) -> int:
    session, ear = Session(song), Ear()
    tracemalloc.start()
    findings_of(ear.listen(session))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _repeated(song: Song, seconds: float) -> Song:
    """Return a song of eight stereo stems, repeated to a length; sides differ a little, so that none is mono."""
    length = int(seconds * song.sample_rate)
    times = -(-length // song.length)
    sides = np.array([[1.0], [0.98]], np.float32)
    tracks = []
    for index in range(_STEMS):
        track = song.tracks[index % len(song.tracks)]
        audio = np.ascontiguousarray(np.tile(track.audio, (1, times))[:, :length] * sides)
        tracks.append(replace(track, audio=audio, name=f"{index} {track.name}"))
    return replace(song, tracks=tuple(tracks), length=length)
