"""Listen once: a song goes past in chunks, and everything the detectors ask is measured on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch

from assistant.diagnose.damage import Damage, DamageFinder
from assistant.diagnose.pairs import Pair, PairStatistics
from assistant.diagnose.statistics import CHUNK, CONTEXT, Signal, SignalStatistics
from assistant.request import MIX
from console.loudness import LoudnessMeter
from console.render import BLOCK_SAMPLES, render_blocks
from console.settings import Settings
from exchange import Song, Track

__all__ = ["Hearing", "Recording", "Reference", "chunks", "hear", "inspect", "is_one_mix"]


@dataclass(frozen=True)
class Recording:
    """Damage in the files themselves, whatever the console does: by track."""

    damage: dict[str, Damage]


@dataclass(frozen=True, eq=False)
class Hearing:
    """A song as it sounds under given settings.

    Attributes:
        settings: what it was rendered with.
        mix: the master.
        tracks: by name, after their faders; empty where the song is one stereo mix.
        instruments, groups: by track name, ids of exchange/names.yaml.
        pairs: every two tracks, compared.
        loudness_lufs, true_peak_dbtp, loudness_range_lu: of the mix.
        momentary_lufs, short_term_lufs: of the mix over time, a value every `loudness_step_s`.
        damage: of the tracks' files and of the mix ("mix").
        reference: another mix that it is to sound like, or None.
    """

    settings: Settings
    mix: Signal
    tracks: dict[str, Signal]
    instruments: dict[str, str]
    groups: dict[str, str]
    pairs: tuple[Pair, ...]
    loudness_lufs: float
    true_peak_dbtp: float
    loudness_range_lu: float
    short_term_lufs: np.ndarray
    short_term_s: np.ndarray
    damage: dict[str, Damage] = field(default_factory=dict)
    reference: "Reference | None" = None

    @property
    def stems(self) -> bool:
        """Whether there are tracks to speak of, not one finished mix."""
        return bool(self.tracks)

    def signal(self, name: str) -> Signal:
        """Return the measurements of a track or the mix."""
        return self.mix if name == MIX else self.tracks[name]


@dataclass(frozen=True, eq=False)
class Reference:
    """A mix to compare with: its name and what it measures."""

    name: str
    hearing: Hearing


def is_one_mix(song: Song) -> bool:
    """Say whether the song is one finished mix, not stems."""
    return len(song.tracks) == 1


def inspect(song: Song) -> Recording:
    """Look for damage in the files of a song."""
    return Recording({track.name: _damage(track, song) for track in song.tracks})


def hear(
    song: Song, settings: Settings, recording: Recording, progress: Callable[[float], None] | None = None
) -> Hearing:
    """Render a song and measure the mix and every track of it.

    Args:
        song: stems or one mix.
        settings: every knob.
        recording: what `inspect` found in the same song.
        progress: called with the share done, 0..1.
    """
    rate = song.sample_rate
    names = [] if is_one_mix(song) else [track.name for track in song.tracks]
    whole = SignalStatistics(MIX, rate)
    parts = {name: SignalStatistics(name, rate) for name in names}
    pairs = PairStatistics(names, rate)
    meter = LoudnessMeter(rate, 2)

    def read(start: int, stop: int) -> dict[str, torch.Tensor]:
        return {track.name: torch.from_numpy(track.audio[:, start:stop]) for track in song.tracks}

    def blocks() -> Iterator[list[np.ndarray]]:
        for part in render_blocks(read, song.length, settings, rate, BLOCK_SAMPLES):
            yield [part.master.numpy(), *(part.tracks[name].numpy() for name in names)]

    done = 0
    for chunk, valid in chunks(blocks(), 1 + len(names)):
        meter.add(np.ascontiguousarray(chunk[0][:, CONTEXT : CONTEXT + valid]))
        whole.add(chunk[0], valid)
        spectra = [parts[name].add(audio, valid) for name, audio in zip(names, chunk[1:], strict=True)]
        if len(names) > 1:
            pairs.add(spectra)
        done += valid
        if progress is not None:
            progress(done / max(song.length, 1))
    series = meter.series()
    return Hearing(
        settings=settings,
        mix=whole.result(),
        tracks={name: part.result() for name, part in parts.items()},
        instruments={track.name: track.instrument for track in song.tracks},
        groups={track.name: track.group for track in song.tracks},
        pairs=tuple(pairs.result()) if len(names) > 1 else (),
        loudness_lufs=meter.integrated_lufs,
        true_peak_dbtp=meter.true_peak_dbtp,
        loudness_range_lu=meter.range_lu,
        short_term_lufs=series.short_term_lufs,
        short_term_s=series.short_term_times_s,
        damage={MIX: recording.damage[song.tracks[0].name]} if not names else dict(recording.damage),
    )


def chunks(blocks: Iterator[list[np.ndarray]], signals: int) -> Iterator[tuple[list[np.ndarray], int]]:
    """Cut blocks of any size into equal chunks with the end of the last one before them.

    Args:
        blocks: for every block a list of (2, samples), all of one length.
        signals: how many there are in every list.
    Yields:
        ([(2, CONTEXT + CHUNK) float32 ...], samples of the chunk that are not padding).
    """
    waiting = [np.zeros((2, CONTEXT), np.float32) for _ in range(signals)]
    for block in blocks:
        waiting = [np.concatenate([old, new], axis=1) for old, new in zip(waiting, block, strict=True)]
        while waiting[0].shape[1] >= CONTEXT + CHUNK:
            yield [audio[:, : CONTEXT + CHUNK] for audio in waiting], CHUNK
            waiting = [audio[:, CHUNK:] for audio in waiting]
    left = waiting[0].shape[1] - CONTEXT
    if left > 0:
        yield [np.pad(audio, ((0, 0), (0, CHUNK - left))) for audio in waiting], left


def _damage(track: Track, song: Song) -> Damage:
    finder = DamageFinder(song.sample_rate, whole=is_one_mix(song))

    def blocks() -> Iterator[list[np.ndarray]]:
        for start in range(0, song.length, CHUNK):
            part = track.audio[:, start : start + CHUNK]
            yield [np.broadcast_to(part, (2, part.shape[1]))]

    for chunk, valid in chunks(blocks(), 1):
        finder.add(chunk[0], valid)
    return finder.result()
