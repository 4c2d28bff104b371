"""How loud one track is after its fader, without effect returns."""

import numpy as np
import torch

from console.kept import KeptStrips
from console.loudness import integrated_lufs
from console.render import render_blocks
from console.settings import Settings, Stretch
from exchange import Song

__all__ = ["track_loudness_lufs"]


def track_loudness_lufs(
    song: Song, settings: Settings, name: str, time_s: Stretch | None = None, kept: KeptStrips | None = None
) -> float:
    """Return a track's integrated loudness, -inf where it is silent.

    Args:
        song: the song.
        settings: where the console stands.
        name: the track's.
        time_s: the stretch of the song to measure; None: all of it, as it stands outside sections.
        kept: the song's strips from renders before.
    """
    there = settings.whole() if time_s is None else settings.within(time_s)
    values = {key: value for key, value in there.channel(name).items() if not key.startswith("send.")}
    kept = kept or KeptStrips(most_bytes=0)
    key = (name, tuple(sorted(values.items())), time_s)
    return kept.figure(key, lambda: _measured(song, Settings(tracks={name: values}), name, time_s, kept))


def _measured(song: Song, settings: Settings, name: str, time_s: Stretch | None, kept: KeptStrips) -> float:
    track = next(entry for entry in song.tracks if entry.name == name)

    def read(start: int, stop: int) -> dict[str, torch.Tensor]:
        return {name: torch.from_numpy(track.audio[:, start:stop])}

    blocks = render_blocks(read, song.length, settings, song.sample_rate, kept=kept)
    audio = np.concatenate([block.tracks[name].numpy() for block in blocks], axis=1)
    if time_s is not None:
        start, stop = (round(at * song.sample_rate) for at in time_s)
        audio = audio[:, start:stop]
    return integrated_lufs(audio, song.sample_rate)
