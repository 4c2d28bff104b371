"""Where a match turns knobs: the chain of strips a sound runs through, and that chain on an excerpt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assistant.listen import active_start
from assistant.request import MIX
from console.desk import Overrides, mix
from console.settings import Settings
from exchange import Song

__all__ = ["MIX_BUS", "Bench", "bench_for", "chain_of", "settings_for_match"]

MIX_BUS = "mix bus"
_FED = "fed"
_EXCERPT_S = 5.0


def settings_for_match(song: Song) -> Settings:
    """Return an untouched console; several tracks run through one group, so that two equalisers are at hand."""
    names = [track.name for track in song.tracks]
    return Settings.neutral(names, dict.fromkeys(names, MIX_BUS) if len(names) > 1 else None)


def chain_of(settings: Settings, target: str) -> tuple[str, ...]:
    """Return the channels that the whole of a target runs through, in signal order.

    For a track its own strip. For the mix the only track's strip or the group that all tracks feed, then the master.
    """
    if target != MIX:
        return (target,)
    tracks = list(settings.tracks)
    if len(tracks) == 1:
        return (tracks[0], "master")
    groups = {settings.routing.get(name) for name in tracks}
    only = groups.pop() if len(groups) == 1 else None
    return ("master",) if only is None else (f"group:{only}", "master")


@dataclass(frozen=True)
class Bench:
    """A chain at work on an excerpt.

    Attributes:
        chain: as the session's settings name it.
        audio, settings: what the desk is given; without limiter, whose ceiling has no part in the shape of the sound.
        sample_rate: Hz.
        start_s: where in the song the excerpt begins.
    """

    chain: tuple[str, ...]
    audio: dict[str, Tensor]
    settings: Settings
    sample_rate: int
    start_s: float

    def hear(self, settings: Settings | None = None, overrides: Overrides | None = None) -> Tensor:
        """Return (1, 2, samples): the target as it sounds."""
        return mix(self.audio, settings or self.settings, self.sample_rate, overrides).master[None]

    def turned(self, changes: dict) -> Settings:
        """Return the bench's settings with the chain's knobs turned; other channels are ignored."""
        here = {
            key: value for key, value in changes.items() if key[0] in self.chain and not key[1].startswith("limiter.")
        }
        return self.settings.turned(here)


def bench_for(song: Song, settings: Settings, target: str, chain: Sequence[str], seconds: float = _EXCERPT_S) -> Bench:
    """Return the chain of a target on the most active stretch of the song."""
    rate = song.sample_rate
    signals = [track.audio for track in song.tracks if target in (MIX, track.name)]
    start = active_start(signals, rate, seconds)

    def cut(audio: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(audio[:, start : start + int(seconds * rate)]))

    parts = {track.name: cut(track.audio) for track in song.tracks if target in (MIX, track.name)}
    if target != MIX:
        alone = Settings(tracks={target: dict(settings.channel(target))}, reverb=settings.reverb, delay=settings.delay)
        return Bench(tuple(chain), parts, alone, rate, start / rate)
    off = {**settings.master, "limiter.on": 0.0}
    if len(parts) == 1:
        return Bench(tuple(chain), parts, settings.model_copy(update={"master": off}), rate, start / rate)
    groups = {name: {} if f"group:{name}" in chain else dict(channel) for name, channel in settings.groups.items()}
    before = settings.model_copy(update={"master": {}, "groups": groups})
    with torch.no_grad():
        fed = mix(parts, before, rate).master
    group = next((address[6:] for address in chain if address.startswith("group:")), None)
    kept = Settings(
        tracks={_FED: {}},
        groups={} if group is None else {group: dict(settings.groups[group])},
        routing={} if group is None else {_FED: group},
        master=off,
    )
    return Bench(tuple(chain), {_FED: fed}, kept, rate, start / rate)
