"""The excerpt on which options are compared: the track that was asked about, or the whole mix, through the console."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assistant.listen import active_start
from assistant.request import MIX
from console.desk import mix
from console.filters import parametric_eq
from console.settings import Settings
from exchange import Song
from models import Encoder

__all__ = ["Stage", "stage_for"]

_EXCERPT_S = 5.0  # one window of the FX encoder
_JND_DB = 1.0
_SHELVES = (("low_shelf", 250.0), ("high_shelf", 4000.0))


@dataclass(frozen=True)
class Stage:
    """An excerpt, the console, and the ears.

    Attributes:
        target: the track's name or "mix".
        audio: (1 or 2, samples) of the tracks that sound, by name.
        sample_rate: Hz.
        encoder: the FX encoder.
    """

    target: str
    audio: dict[str, Tensor]
    sample_rate: int
    encoder: Encoder

    def hear(self, settings: Settings) -> Tensor:
        """Return (1, 2, samples)."""
        settings = settings.whole()
        if self.target != MIX:
            settings = Settings(
                tracks={self.target: dict(settings.channel(self.target))}, reverb=settings.reverb, delay=settings.delay
            )
        with torch.no_grad():
            return mix(self.audio, settings, self.sample_rate).master[None]

    def place(self, settings: Settings) -> np.ndarray:
        """Return (D,): where the excerpt lies in the FX embedding."""
        return self.embed(self.hear(settings))

    def embed(self, audio: Tensor) -> np.ndarray:
        """Return (D,) of (1, 2, samples)."""
        with torch.no_grad():
            return self.encoder.embed(audio, self.sample_rate)[0].numpy()

    def audible(self, settings: Settings) -> float:
        """Return the distance that counts as audible here: the mean over a low and a high shelf of 1 dB.

        A shelf of 1 dB is about what trained listeners just tell apart on music.
        """
        audio = self.hear(settings)
        here = self.embed(audio)
        distances = []
        for shelf, freq_hz in _SHELVES:
            bands = {f"{shelf}_gain_db": _JND_DB, f"{shelf}_freq_hz": min(freq_hz, 0.4 * self.sample_rate)}
            with torch.no_grad():
                turned = parametric_eq(audio, self.sample_rate, **bands)
            distances.append(float(np.linalg.norm(self.embed(turned) - here)))
        return float(np.mean(distances))


def stage_for(song: Song, targets: Sequence[str], encoder: Encoder, start_s: float | None = None) -> Stage:
    """Return the stage of a prompt: its track if it names one, else the mix.

    Args:
        song: the audio.
        targets: what the prompt is about.
        encoder: the FX encoder.
        start_s: where the excerpt begins; None takes the most active stretch.
    """
    target = targets[0] if len(set(targets)) == 1 and targets[0] != MIX else MIX
    tracks = [track for track in song.tracks if target in (MIX, track.name)]
    rate = song.sample_rate
    start = (
        active_start([track.audio for track in tracks], rate, _EXCERPT_S) if start_s is None else int(start_s * rate)
    )
    stop = start + int(_EXCERPT_S * rate)
    audio = {track.name: torch.from_numpy(np.ascontiguousarray(track.audio[:, start:stop])) for track in tracks}
    return Stage(target, audio, rate, encoder)
