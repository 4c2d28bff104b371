"""Takes: what one stand of the console sounds like, or a recording, rendered once, on disk to play and measured."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.hearing import hear
from assistant.measure import SongSound
from assistant.request import MIX
from assistant.session import Session
from console.loudness import LoudnessMeter
from console.measures import measure_audio, third_octave_spectrum
from console.settings import Settings
from exchange import read_audio, write_audio

__all__ = ["Take", "Takes", "waveform"]

_KEPT = 24
_COLUMNS = 480
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Take:
    """One sound: a mix, one track of it after its fader, or a recording.

    Attributes:
        file: the WAV that plays; 24 bit, float where a sample exceeds full scale, so nothing is clipped.
        loudness_lufs: integrated; -inf for silence.
        short_term_lufs: the loudest 3 s.
        range_lu: loudness range.
        true_peak_dbtp: between the samples too.
        crest_db: peak over RMS.
        correlation: of left and right, -1..1.
        width_db: side over mid; -inf for mono.
        duration_s: seconds.
        waveform: (columns,) greatest magnitude in each stretch of time, 0..1 and above where it would clip.
        centre_hz, level_db: (bands,) third-octave spectrum, dBFS; -inf where nothing sounds.
    """

    file: Path
    loudness_lufs: float
    short_term_lufs: float
    range_lu: float
    true_peak_dbtp: float
    crest_db: float
    correlation: float
    width_db: float
    duration_s: float
    waveform: np.ndarray
    centre_hz: np.ndarray
    level_db: np.ndarray


class Takes:
    """Renders takes of one session into a folder and keeps the last ones."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._kept: dict[tuple[str, str], Take] = {}

    def get(self, session: Session, settings: Settings, target: str = MIX) -> Take:
        """Return how some settings sound on the mix or on a track, rendered on first use."""
        key = (_digest(settings), target)
        if key not in self._kept:
            sound = hear(session, settings, [target])
            self._keep((key[0], MIX), self._of_sound(sound, MIX, session.song.sample_rate))
            if target != MIX:
                self._keep(key, self._of_sound(sound, target, session.song.sample_rate))
        return self._used(key)

    def recording(self, path: Path) -> Take:
        """Return a recording's take, read on first use."""
        key = (f"file:{path}", MIX)
        if key not in self._kept:
            clip = read_audio(path)
            self._keep(key, self._write(clip.audio, clip.sample_rate))
        return self._used(key)

    def draft(self, audio: np.ndarray, sample_rate: int) -> Path:
        """Write (2, samples) that are only heard for a moment, in place of the draft before."""
        for old in self.folder.glob("draft-*.wav"):
            old.unlink(missing_ok=True)
        file = self.folder / f"draft-{secrets.token_hex(8)}.wav"
        write_audio(file, audio, sample_rate, "float")
        return file

    def clear(self) -> None:
        """Forget every take and remove its file."""
        for take in self._kept.values():
            take.file.unlink(missing_ok=True)
        self._kept.clear()

    def _used(self, key: tuple[str, str]) -> Take:
        self._kept[key] = self._kept.pop(key)  # the one used last goes last
        return self._kept[key]

    def _keep(self, key: tuple[str, str], take: Take) -> None:
        if key in self._kept:
            take.file.unlink(missing_ok=True)
            return
        self._kept[key] = take
        while len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept))).file.unlink(missing_ok=True)

    def _of_sound(self, sound: SongSound, target: str, sample_rate: int) -> Take:
        return self._write(sound.audio(target), sample_rate)

    def _write(self, audio: np.ndarray, sample_rate: int) -> Take:
        meter = LoudnessMeter(sample_rate, audio.shape[0])
        for start in range(0, audio.shape[1], _BLOCK):
            meter.add(audio[:, start : start + _BLOCK])
        measured = measure_audio(audio)
        file = self.folder / f"{secrets.token_hex(8)}.wav"
        write_audio(file, audio, sample_rate, "pcm24" if measured.sample_peak_dbfs < 0 else "float")
        spectrum = third_octave_spectrum(audio, sample_rate)
        return Take(
            file,
            meter.integrated_lufs,
            meter.max_short_term_lufs,
            meter.range_lu,
            meter.true_peak_dbtp,
            measured.crest_factor_db,
            measured.correlation,
            measured.width_db,
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


def _digest(settings: Settings) -> str:
    return hashlib.sha256(settings.to_json().encode()).hexdigest()
