"""Render whole songs of any length in blocks, with carried state and constant memory.

The blocks run through `console.desk.mix`, the function the optimiser calls: what plays, what is tuned and what is
exported are the same audio.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from console import desk
from console.desk import Mix
from console.recursions import Memory
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
    return Mix(
        torch.cat([part.master for part in parts], dim=-1),
        {name: torch.cat([part.tracks[name] for part in parts], dim=-1) for name in parts[0].tracks},
        {name: torch.cat([part.groups[name] for part in parts], dim=-1) for name in parts[0].groups},
        {name: torch.cat([part.buses[name] for part in parts], dim=-1) for name in parts[0].buses},
    )


def render_blocks(
    read: Callable[[int, int], Mapping[str, Tensor]],
    length: int,
    settings: Settings,
    sample_rate: int,
    block_samples: int = BLOCK_SAMPLES,
    tail_samples: int = 0,
) -> Iterator[Mix]:
    """Render a song of any length, a block at a time.

    Args:
        read: read(start, stop) returns the tracks' samples by name, (1 or 2, stop - start) each; called in order,
            once for each stretch, at the end with start = stop for the tracks' shapes alone.
        length: samples of the song.
        settings, sample_rate, block_samples, tail_samples: as in `render`.
    Yields:
        Mix after Mix; joined end to end they are the song, aligned, length + tail_samples long.
    """
    late = desk.latency(settings, sample_rate)
    end = length + tail_samples
    memory: Memory = {}
    drop = late
    waiting: desk.Started | None = None
    with ThreadPoolExecutor(_THREADS, initializer=_work_alone) as workers:
        for start in range(0, end + late + block_samples, block_samples):
            stop = min(start + block_samples, end + late)
            started = None
            if start < stop:
                audio = read(min(start, length), min(stop, length))
                missing = stop - max(start, min(stop, length))
                if missing:
                    audio = {name: torch.nn.functional.pad(part, (0, missing)) for name, part in audio.items()}
                if waiting is not None:
                    waiting.wait()
                # The workers run this block's strips while groups, effects and master of the last one are done here.
                started = desk.Started(audio, settings, sample_rate, memory=memory, workers=workers)
            if waiting is not None:
                with _alone():
                    mixed = waiting.finish()
                skip = min(drop, mixed.master.shape[-1])
                drop -= skip
                if skip < mixed.master.shape[-1]:
                    yield mixed.between(skip, None)
            waiting = started


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
