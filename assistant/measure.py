"""How a song sounds under given settings: rendered once in blocks, metered on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.signal import butter, sosfilt

from assistant.request import MIX
from console.kept import KeptStrips
from console.loudness import LoudnessMeter
from console.render import BLOCK_SAMPLES, render_blocks
from console.settings import Settings
from exchange import Song

__all__ = ["SongSound", "hear_song"]


@dataclass(frozen=True)
class SongSound:
    """A rendered song.

    Attributes:
        settings: what it was rendered with.
        master: (2, samples) float32.
        tracks: (2, samples) of the tracks that were asked for, after their faders.
        loudness_lufs, true_peak_dbtp: of the master.
        track_lufs: integrated loudness of each track asked for.
        rest_lufs: of everything but that track, before the master.
        presence_db: each such track's 1-4 kHz against that of the rest.
        range_lu: loudness range of the master.
    """

    settings: Settings
    master: np.ndarray
    tracks: dict[str, np.ndarray]
    loudness_lufs: float
    true_peak_dbtp: float
    track_lufs: dict[str, float]
    rest_lufs: dict[str, float]
    presence_db: dict[str, float]
    range_lu: float = 0.0

    def level_lu(self, track: str) -> float:
        """Return a track's loudness against the rest, LU."""
        return self.track_lufs[track] - self.rest_lufs[track]

    def standing_db(self, track: str) -> float:
        """Return how far in front a track stands: the mean of its level and its presence against the rest."""
        return (self.level_lu(track) + self.presence_db[track]) / 2

    def audio(self, target: str) -> np.ndarray:
        """Return (2, samples) of a track that was asked for, or of the mix."""
        return self.master if target == MIX else self.tracks[target]


def hear_song(
    song: Song,
    settings: Settings,
    targets: Sequence[str],
    progress: Callable[[float], None] | None = None,
    kept: KeptStrips | None = None,
) -> SongSound:
    """Render a song and meter the mix and the targets (track names; "mix" is always there).

    `kept` holds the song's strips from renders before.
    """
    names = [name for name in dict.fromkeys(targets) if name != MIX]
    rate = song.sample_rate
    meters = {name: LoudnessMeter(rate, 2) for name in names}
    rests = {name: LoudnessMeter(rate, 2) for name in names}
    presence = {name: (_Presence(rate), _Presence(rate)) for name in names}
    whole = LoudnessMeter(rate, 2)
    master: list[np.ndarray] = []
    tracks: dict[str, list[np.ndarray]] = {name: [] for name in names}

    def read(start: int, stop: int) -> dict[str, torch.Tensor]:
        return {track.name: torch.from_numpy(track.audio[:, start:stop]) for track in song.tracks}

    done = 0
    for part in render_blocks(read, song.length, settings, rate, BLOCK_SAMPLES, kept=kept):
        whole.add(part.master.numpy())
        master.append(part.master.numpy())
        together = torch.zeros_like(part.master)
        for audio in part.tracks.values() if names else ():
            together += audio
        for name in names:
            own, rest = part.tracks[name].numpy(), (together - part.tracks[name]).numpy()
            tracks[name].append(own)
            meters[name].add(own)
            rests[name].add(rest)
            for meter, heard in zip(presence[name], (own, rest), strict=True):
                meter.add(heard)
        done += part.master.shape[-1]
        if progress is not None:
            progress(done / song.length)
    return SongSound(
        settings,
        np.concatenate(master, axis=1),
        {name: np.concatenate(parts, axis=1) for name, parts in tracks.items()},
        whole.integrated_lufs,
        whole.true_peak_dbtp,
        {name: meter.integrated_lufs for name, meter in meters.items()},
        {name: meter.integrated_lufs for name, meter in rests.items()},
        {name: own.level_db - others.level_db for name, (own, others) in presence.items()},
        whole.range_lu,
    )


class _Presence:
    """The power in 1-4 kHz, where voices and leads are understood, block by block."""

    def __init__(self, sample_rate: int):
        high_hz = min(4000.0, 0.45 * sample_rate)
        self._sos = butter(2, (1000.0, high_hz), "bandpass", fs=sample_rate, output="sos")
        self._state = np.zeros((self._sos.shape[0], 2, 2))
        self._energy = 0.0
        self._samples = 0

    def add(self, audio: np.ndarray) -> None:
        """Add (2, samples)."""
        filtered, self._state = sosfilt(self._sos, audio, axis=1, zi=self._state)
        self._energy += float(np.square(filtered).sum())
        self._samples += audio.shape[1]

    @property
    def level_db(self) -> float:
        return 10 * float(np.log10(max(self._energy / max(self._samples, 1), 1e-15)))
