"""Render whole songs of any length in blocks, with carried state and constant memory.

The blocks run through `console.desk.mix`, the function the optimiser calls: what plays, what is tuned and what is
exported are the same audio. Where settings have regions, every state of the console plays beside the others
(`console.sections` says which is heard when); strips that stand alike in two states run once.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from console import desk
from console.desk import Mix
from console.kept import KeptStrips
from console.recursions import Memory
from console.sections import laid_over, layers
from console.settings import Settings

__all__ = ["BLOCK_SAMPLES", "render", "render_blocks"]

BLOCK_SAMPLES = 1 << 18
_THREADS = 2


def render(
    tracks: Mapping[str, Tensor],
    settings: Settings,
    sample_rate: int,
    block_samples: int = BLOCK_SAMPLES,
    progress: Callable[[float], None] | None = None,
    tail_samples: int = 0,
) -> Mix:
    """Render a song that fits in memory.

    Args:
        tracks: by name, (1 or 2, samples) each.
        settings: every knob.
        sample_rate: Hz.
        block_samples: the result does not depend on it.
        progress: called with the share done, 0..1.
        tail_samples: how long to let reverb and delay ring after the tracks end.
    Returns:
        Mix of samples + tail_samples.
    """
    desk.check_tracks(tracks, settings)
    length = next(iter(tracks.values())).shape[-1]

    def read(start: int, stop: int) -> dict[str, Tensor]:
        return {name: audio[:, start:stop] for name, audio in tracks.items()}

    parts = []
    for part in render_blocks(read, length, settings, sample_rate, block_samples, tail_samples):
        parts.append(part)
        if progress is not None:
            done = sum(part.master.shape[-1] for part in parts)
            progress(done / (length + tail_samples))
    return _joined(parts)


def render_blocks(
    read: Callable[[int, int], Mapping[str, Tensor]],
    length: int,
    settings: Settings,
    sample_rate: int,
    block_samples: int = BLOCK_SAMPLES,
    tail_samples: int = 0,
    kept: KeptStrips | None = None,
) -> Iterator[Mix]:
    """Render a song of any length, a block at a time.

    Args:
        read: read(start, stop) returns the tracks' samples by name, (1 or 2, stop - start) each; called in order,
            once for each stretch (once for each state of the console where regions change it), at the end with
            start = stop for the tracks' shapes alone.
        length: samples of the song.
        settings, sample_rate, block_samples, tail_samples: as in `render`.
        kept: strips of this song from renders before; those whose knobs stand as they did are not run again.
    Yields:
        Mix after Mix; joined end to end they are the song, aligned, length + tail_samples long.
    """
    end = length + tail_samples
    over = layers(settings, sample_rate, end)
    states = [_State(settings.whole(), sample_rate, end, end, block_samples, kept)]
    states += [_State(layer.settings, sample_rate, end, layer.end, block_samples, kept) for layer in over]
    done = 0
    with ThreadPoolExecutor(_THREADS, initializer=_work_alone) as workers:
        for number in range(max(state.blocks for state in states) + 1):
            # The workers run this block's strips while groups, effects and master of the last one are done here.
            for index, state in enumerate(states):
                state.begin(number, read, length, workers, states[:index])
            with _alone():
                for state in states:
                    state.finish()
            ready = min(state.ready for state in states if state.ready < state.until or state is states[0])
            if ready > done:
                heard = states[0].take(done, ready)
                for layer, state in zip(over, states[1:], strict=True):
                    heard = laid_over(heard, state.take(done, ready), layer, done)
                yield heard
                done = ready


class _State:
    """One state of the console as a stream, heard no longer than `until`, and what it gave out that waits."""

    def __init__(
        self,
        settings: Settings,
        sample_rate: int,
        end: int,
        until: int,
        block_samples: int,
        kept: KeptStrips | None,
    ):
        self.settings, self.sample_rate, self.until = settings, sample_rate, until
        self.block_samples, self.end = block_samples, end + desk.latency(settings, sample_rate)
        late = self.end - end
        self.blocks = -(-(until + late) // block_samples)
        self.ready = 0
        self.keys = {name: self._key(name) for name in settings.tracks}
        self._drop = late
        self._memory: Memory = {}
        self._begun: desk.Started | None = None
        self._finishing: desk.Started | None = None
        self._parts: list[Mix] = []
        self._kept = kept
        self._found: dict[str, list[Tensor]] = {}
        self._new: dict[str, list[Tensor]] = {}
        for name, key in self.keys.items() if kept is not None else ():
            blocks = kept.find(key) if kept is not None else None
            if blocks is not None:
                self._found[name] = blocks
            elif key[1] and until == end:  # a strip that changes nothing passes its input on
                self._new[name] = []

    def begin(
        self,
        number: int,
        read: Callable[[int, int], Mapping[str, Tensor]],
        length: int,
        workers: ThreadPoolExecutor,
        others: list["_State"],
    ) -> None:
        """Start a block's strips, those left out that are kept or that another state runs alike."""
        self._finishing, self._begun = self._begun, None
        if number >= self.blocks:
            return
        start, stop = number * self.block_samples, min((number + 1) * self.block_samples, self.end)
        audio = read(min(start, length), min(stop, length))
        missing = stop - max(start, min(stop, length))
        if missing:
            audio = {name: torch.nn.functional.pad(part, (0, missing)) for name, part in audio.items()}
        given = {name: blocks[number] for name, blocks in self._found.items()}
        for other in others:
            given |= other.alike(self.keys)
        if self._finishing is not None:
            self._finishing.wait()
        self._begun = desk.Started(
            audio, self.settings, self.sample_rate, memory=self._memory, workers=workers, given=given
        )

    def alike(self, keys: Mapping[str, tuple]) -> dict[str, Tensor]:
        """Return what came out of this block's strips, of those that have the same keys."""
        names = [name for name, key in self.keys.items() if key == keys[name] and key[1]]
        if self._begun is None or not names:
            return {}
        self._begun.wait()
        return {name: self._begun.outputs[name] for name in names}

    def finish(self) -> None:
        """Feed groups, effects and master with the block before the one that was begun."""
        if self._finishing is None:
            return
        mixed = self._finishing.finish()
        for name, blocks in self._new.items():
            blocks.append(self._finishing.outputs[name])
        if self._kept is not None and self._begun is None:
            for name, blocks in self._new.items():
                self._kept.keep(self.keys[name], blocks)
        skip = min(self._drop, mixed.master.shape[-1])
        self._drop -= skip
        self._parts.append(mixed.between(skip, None))
        self.ready += mixed.master.shape[-1] - skip

    def take(self, start: int, stop: int) -> Mix:
        """Return what the state gave out from start to stop of the song, once, silence where it has ended."""
        parts = [part for part in self._parts if part.master.shape[-1]] or self._parts[:1]
        joined = parts[0] if len(parts) == 1 else _joined(parts)
        samples = stop - start
        self._parts = [joined.between(samples, None)]
        missing = samples - joined.master.shape[-1]
        return joined.between(0, samples) if missing <= 0 else _lengthened(joined, missing)

    def _key(self, name: str) -> tuple:
        """Return what a strip's stream depends on: its knobs but the sends, and how the stream is cut and late."""
        knobs = {key: value for key, value in self.settings.channel(name).items() if not key.startswith("send.")}
        late = desk.latency(self.settings, self.sample_rate, "tracks")
        return name, tuple(sorted(knobs.items())), late, self.end, self.block_samples


def _joined(parts: list[Mix]) -> Mix:
    return Mix(
        torch.cat([part.master for part in parts], dim=-1),
        {name: torch.cat([part.tracks[name] for part in parts], dim=-1) for name in parts[0].tracks},
        {name: torch.cat([part.groups[name] for part in parts], dim=-1) for name in parts[0].groups},
        {name: torch.cat([part.buses[name] for part in parts], dim=-1) for name in parts[0].buses},
    )


def _lengthened(part: Mix, samples: int) -> Mix:
    tracks, groups, buses = (
        {name: torch.nn.functional.pad(audio, (0, samples)) for name, audio in parts.items()}
        for parts in (part.tracks, part.groups, part.buses)
    )
    return Mix(torch.nn.functional.pad(part.master, (0, samples)), tracks, groups, buses)


def _work_alone() -> None:
    """Keep a thread to itself: no gradients, and no threads of torch's own, which would only push the others aside."""
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)


@contextmanager
def _alone() -> Iterator[None]:
    """Do the same around a call: a generator must not leave its caller's thread changed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(threads)
