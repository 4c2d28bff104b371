"""What the assistant listens to while it tunes: the console as far as one channel sounds, on an active excerpt.

A scene holds a short stretch of audio and the settings that matter for it, so that `console.desk.mix` renders just
what is tuned: a track with its own effect returns, or the master fed by everything before it.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from assistant.request import MIX
from console.desk import Overrides, mix
from console.settings import Settings
from exchange import Song

__all__ = ["EXCERPT_S", "Scene", "active_start", "scene_for"]

EXCERPT_S = 6.0
_HOP_S = 0.5
_PRE_MASTER = "pre-master"


@dataclass(frozen=True)
class Scene:
    """One channel at work on an excerpt.

    Attributes:
        address: the channel whose knobs may turn, as the session's settings name it.
        audio: what the desk is fed, by track name.
        settings: settings of just those tracks.
        sample_rate: Hz.
        start_s: where in the song the excerpt begins.
    """

    address: str
    audio: dict[str, Tensor]
    settings: Settings
    sample_rate: int
    start_s: float

    @property
    def seconds(self) -> float:
        """Length of the excerpt."""
        return next(iter(self.audio.values())).shape[-1] / self.sample_rate

    def hear(self, settings: Settings | None = None, overrides: Overrides | None = None) -> Tensor:
        """Return (1, 2, samples): the channel as it sounds."""
        return mix(self.audio, settings or self.settings, self.sample_rate, overrides).master[None]

    def turned(self, changes: dict) -> Settings:
        """Return the scene's settings with knobs turned; keys as in `Settings.turned`, other channels ignored."""
        here = self.settings.addresses()
        return self.settings.turned({key: value for key, value in changes.items() if key[0] in here})

    def standing(self, settings: Settings) -> Settings:
        """Return the scene with its channel as the console stands now, and the effects a track sends into."""
        settings = settings.whole()
        if self.address not in self.audio:
            return self.settings.model_copy(update={"master": {**settings.master, "limiter.on": 0.0}})
        channel = dict(settings.channel(self.address))
        return Settings(tracks={self.address: channel}, reverb=settings.reverb, delay=settings.delay)


def scene_for(song: Song, settings: Settings, target: str, seconds: float = EXCERPT_S) -> Scene:
    """Return the scene in which `target` (a track's name or "mix") is tuned, on its most active stretch."""
    rate = song.sample_rate
    settings = settings.whole()
    by_name = {track.name: track.audio for track in song.tracks}
    if target != MIX:
        start = active_start([by_name[target]], rate, seconds)
        audio = {target: _cut(by_name[target], start, rate, seconds)}
        scene = Scene(target, audio, settings, rate, start / rate)
        return replace(scene, settings=scene.standing(settings))
    start = active_start(list(by_name.values()), rate, seconds)
    parts = {name: _cut(audio, start, rate, seconds) for name, audio in by_name.items()}
    before_master = settings.model_copy(update={"master": {}})
    with torch.no_grad():
        fed = mix(parts, before_master, rate).master
    scene = Scene("master", {_PRE_MASTER: fed}, Settings(tracks={_PRE_MASTER: {}}), rate, start / rate)
    return replace(scene, settings=scene.standing(settings))


def active_start(signals: list[np.ndarray], sample_rate: int, seconds: float) -> int:
    """Return the first sample of the stretch in which most half-seconds are loud; signals are (channels, samples).

    Loudness is capped at its 90th percentile, so that a stretch that plays throughout beats one loud hit.
    """
    hop = int(_HOP_S * sample_rate)
    length = signals[0].shape[-1]
    count = max(1, length // hop)
    power = np.zeros(count)
    for signal in signals:
        used = signal[:, : count * hop] if length >= hop else signal
        power += np.square(used, dtype=np.float64).reshape(signal.shape[0], count, -1).mean(axis=(0, 2))
    level = np.sqrt(np.minimum(power, np.quantile(power, 0.9)))
    span = min(count, max(1, round(seconds / _HOP_S)))
    sums = np.convolve(level, np.ones(span), mode="valid")
    return int(np.argmax(sums)) * hop


def _cut(audio: np.ndarray, start: int, sample_rate: int, seconds: float) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(audio[:, start : start + int(seconds * sample_rate)]))
