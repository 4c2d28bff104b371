"""Balance: "vocals forward" on multitracks, measured from the stems after their faders."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from scipy.signal import butter, sosfilt

from assistant.session import Session
from assistant.turn import Assistant
from benchmarks.edits_material import say_to
from console.loudness import integrated_lufs
from console.render import render
from exchange import Song
from models.training.corpus import SAMPLE_RATE

__all__ = ["balance"]

_VOCAL = "Lead Vocal"
_VOCAL_HZ, _CLARITY_HZ = (350.0, 3500.0), (1000.0, 4000.0)
_RISE_DB, _MIX_LU, _CLARITY_DB = (1.0, 3.0), 0.5, 1.0


def balance(songs: Sequence[Song], progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Bring the vocal of every song forward.

    Returns:
        {"songs", "rise_db": a value a song (the vocal's 350-3500 Hz over that of the others), "mix_lu": change of the
        mix's loudness, "lost_db": the most that another part lost of its own clarity (its 1-4 kHz against its own
        whole), "lost_to_rest_db": the same against everything else, "hold": share of songs that keep all three}.
    """
    assistant = Assistant()
    rises, loudness, own, rest = [], [], [], []
    for number, song in enumerate(songs):
        session = Session(song)
        before = _stems(session)
        done = say_to(session, "bring the vocals forward", assistant)
        after = _stems(session)
        rises.append(_over_rest(after, _VOCAL, _VOCAL_HZ) - _over_rest(before, _VOCAL, _VOCAL_HZ))
        loudness.append(integrated_lufs(done.after, SAMPLE_RATE) - integrated_lufs(done.before, SAMPLE_RATE))
        others = [name for name in before if name != _VOCAL]
        own.append(max(_clarity(before[name]) - _clarity(after[name]) for name in others))
        rest.append(
            max(_over_rest(before, name, _CLARITY_HZ) - _over_rest(after, name, _CLARITY_HZ) for name in others)
        )
        if progress is not None:
            progress(f"balance: {number + 1} of {len(songs)}")
    hold = [
        _RISE_DB[0] <= rise <= _RISE_DB[1] and abs(lu) <= _MIX_LU and lost <= _CLARITY_DB
        for rise, lu, lost in zip(rises, loudness, own, strict=True)
    ]
    figures = {"rise_db": rises, "mix_lu": loudness, "lost_db": own, "lost_to_rest_db": rest}
    return {"songs": len(songs), "hold": float(np.mean(hold)), **figures}


def _stems(session: Session) -> dict[str, np.ndarray]:
    tracks = {track.name: torch.from_numpy(track.audio) for track in session.song.tracks}
    mixed = render(tracks, session.settings, session.song.sample_rate)
    return {name: audio.numpy() for name, audio in mixed.tracks.items()}


def _over_rest(stems: dict[str, np.ndarray], name: str, band_hz: tuple[float, float]) -> float:
    rest = sum(audio for other, audio in stems.items() if other != name)
    return _level_db(stems[name], band_hz) - _level_db(np.asarray(rest), band_hz)


def _clarity(audio: np.ndarray) -> float:
    return _level_db(audio, _CLARITY_HZ) - _level_db(audio, (20.0, 20000.0))


def _level_db(audio: np.ndarray, band_hz: tuple[float, float]) -> float:
    inside = sosfilt(butter(2, band_hz, "bandpass", fs=SAMPLE_RATE, output="sos"), audio.astype(np.float64), axis=1)
    return 10 * float(np.log10(np.mean(np.square(inside)) + 1e-15))
