"""Takes: what one version of a session sounds like, rendered once, on disk to play and measured to draw."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.hearing import hear
from assistant.measure import SongSound
from assistant.request import MIX
from assistant.session import Session
from console.measures import sample_peak_dbfs, third_octave_spectrum
from exchange import write_audio

__all__ = ["Take", "Takes", "waveform"]

_KEPT = 16
_COLUMNS = 480


@dataclass(frozen=True)
class Take:
    """One version of the mix, or of one track in it after its fader.

    Attributes:
        file: the WAV that plays; 24 bit, float where a sample exceeds full scale, so nothing is clipped.
        loudness_lufs: integrated; -inf for silence.
        true_peak_dbtp: of the mix, or the sample peak of a track.
        duration_s: seconds.
        waveform: (columns,) greatest magnitude in each stretch of time, 0..1 and above where it would clip.
        centre_hz, level_db: (bands,) third-octave spectrum, dBFS; -inf where nothing sounds.
    """

    file: Path
    loudness_lufs: float
    true_peak_dbtp: float
    duration_s: float
    waveform: np.ndarray
    centre_hz: np.ndarray
    level_db: np.ndarray


class Takes:
    """Renders takes of one session into a folder and keeps the last ones."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._kept: dict[tuple[int, str], Take] = {}

    def get(self, session: Session, number: int, target: str = MIX) -> Take:
        """Return a version's take of the mix or of a track, rendered on first use."""
        key = (number, target)
        if key not in self._kept:
            sound = hear(session, session.versions[number].settings, [target])
            if (number, MIX) not in self._kept:
                self._keep((number, MIX), self._write(sound, MIX, session.song.sample_rate))
            if target != MIX:
                self._keep(key, self._write(sound, target, session.song.sample_rate))
        self._kept[key] = self._kept.pop(key)  # the one used last goes last
        return self._kept[key]

    def clear(self) -> None:
        """Forget every take and remove its file."""
        for take in self._kept.values():
            take.file.unlink(missing_ok=True)
        self._kept.clear()

    def _keep(self, key: tuple[int, str], take: Take) -> None:
        self._kept[key] = take
        while len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept))).file.unlink(missing_ok=True)

    def _write(self, sound: SongSound, target: str, sample_rate: int) -> Take:
        audio = sound.audio(target)
        peak_dbfs = sample_peak_dbfs(audio)
        file = self.folder / f"{secrets.token_hex(8)}.wav"
        write_audio(file, audio, sample_rate, "pcm24" if peak_dbfs < 0 else "float")
        spectrum = third_octave_spectrum(audio, sample_rate)
        return Take(
            file,
            sound.loudness_lufs if target == MIX else sound.track_lufs[target],
            sound.true_peak_dbtp if target == MIX else peak_dbfs,
            audio.shape[1] / sample_rate,
            waveform(audio),
            np.asarray(spectrum.centre_hz),
            np.asarray(spectrum.level_db),
        )


def waveform(audio: np.ndarray, columns: int = _COLUMNS) -> np.ndarray:
    """Return (columns,) greatest magnitude of (channels, samples) in equal stretches of time; fewer if it is short."""
    samples = audio.shape[1]
    edges = np.linspace(0, samples, min(columns, samples), endpoint=False).astype(np.int64)
    return np.maximum.reduceat(np.abs(audio).max(axis=0), edges)
