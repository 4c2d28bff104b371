"""Sounds for the encoder benchmark, and their renders through chains, kept in memory-mapped files."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import platformdirs
import torch

from benchmarks.material import bursts
from benchmarks.unseen import UnseenChain, render_unseen
from console.errors import StudiospeakError
from models.training.chains import Chain, render_chains, to_loudness
from models.training.corpus import SAMPLE_RATE, Clip, Corpus

__all__ = [
    "CACHE_BYTES",
    "CACHE_FOLDER",
    "AnyChain",
    "Renders",
    "choose_clips",
    "contents_of",
    "in_threads",
    "render_all",
    "render_each",
    "synthetic_contents",
]

AnyChain = Chain | UnseenChain
Progress = Callable[[float], None]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

CACHE_FOLDER = Path(platformdirs.user_cache_dir("studiospeak", appauthor=False)) / "encoder_benchmark"
CACHE_BYTES = 14_000_000_000
"""How much the renders may take on the disk."""
RENDER_VERSION = 1
"""Raise it when the console or the unseen effects sound different: old renders are then left unread."""

_INT16 = 32767.0
_SPARE_BYTES = 1 << 30


@dataclass(frozen=True)
class Renders:
    """Every content through every chain, level-matched.

    Attributes:
        samples: (contents, chains, 2, samples) int16, memory-mapped.
        scale: (contents, chains) what an integer stands for.
        key: names contents and chains; the same only for the same renders.
    """

    samples: np.ndarray
    scale: np.ndarray
    key: str = ""

    def audio(self, content: int, chains: slice) -> torch.Tensor:
        """Return (chains, 2, samples) float32 of one content."""
        scale = self.scale[content, chains].astype(np.float32)
        return torch.from_numpy(self.samples[content, chains] * scale[:, None, None])


def choose_clips(corpus: Corpus, kind: str, count: int, seed: int = 0, split: str = "test") -> list[Clip]:
    """Choose clips of a split, as many packages and sources as there are before any comes twice.

    Returns:
        At most `count`.
    """
    generator = np.random.default_rng([seed, len(kind)])
    clips = corpus.select(split, kind)
    clips = [clips[index] for index in generator.permutation(len(clips))]
    turn: dict[tuple[str, str, str], int] = {}
    ranked = []
    for clip in clips:  # the n-th clip of its source (and instrument), the m-th source of its package
        source = (clip.package, clip.source, clip.instrument)
        turn[source] = turn.get(source, -1) + 1
        ranked.append((turn[source], clip))
    ranked.sort(key=lambda pair: pair[0])
    queues: dict[tuple[int, str], int] = {}
    order = []
    for place, clip in ranked:
        key = (place, clip.package)
        queues[key] = queues.get(key, -1) + 1
        order.append((place, queues[key], clip))
    order.sort(key=lambda triple: triple[:2])
    return [clip for _, _, clip in order[:count]]


def contents_of(corpus: Corpus, clips: Sequence[Clip]) -> np.ndarray:
    """Return (clips, 2, samples) float32 at the reference loudness."""
    if not clips:
        return np.zeros((0, 2, corpus.clip_samples), np.float32)
    return to_loudness(torch.from_numpy(np.stack([corpus.read(clip) for clip in clips])), SAMPLE_RATE).numpy()


def synthetic_contents(count: int, seconds: float, seed: int = 0) -> np.ndarray:
    """Return (count, 2, samples) of seeded bursts, each filtered its own way: for tests, not for figures."""
    generator = np.random.default_rng(seed)
    audio = bursts(count, seconds, seed).numpy()
    for item in audio:
        a = generator.uniform(-0.9, 0.9)
        item[:, 1:] += np.float32(a) * item[:, :-1]
    return to_loudness(torch.from_numpy(audio), SAMPLE_RATE).numpy()


def render_all(
    contents: np.ndarray,
    chains: Sequence[AnyChain],
    cache: Path = CACHE_FOLDER,
    progress: Progress | None = None,
    workers: int = 1,
) -> Renders:
    """Render every content through every chain, or read what was rendered before; see `render_each`."""
    return render_each(contents, [chains] * len(contents), cache, progress, workers)


def render_each(
    contents: np.ndarray,
    chains: Sequence[Sequence[AnyChain]],
    cache: Path = CACHE_FOLDER,
    progress: Progress | None = None,
    workers: int = 1,
) -> Renders:
    """Render every content through chains of its own, or read what was rendered before.

    Args:
        contents: (contents, 2, samples) float32 at SAMPLE_RATE.
        chains: as many for each content.
        cache: folder of the renders; a file is complete or absent. Those not used for longest make room for new ones.
        progress: called with the share done.
        workers: threads.
    Raises:
        StudiospeakError: not enough room on the disk.
    """
    key = _key(contents, chains)
    path = cache / f"{key}.npy"
    scales = path.with_suffix(".scale.npy")
    if not (path.is_file() and scales.is_file()):
        shape = (contents.shape[0], len(chains[0]), *contents.shape[1:])
        wanted = 2 * int(np.prod(shape, dtype=np.int64))
        _forget_oldest(cache, CACHE_BYTES - wanted)
        _check_room(cache, wanted)
        beside = path.with_suffix(f".{os.getpid()}.part")
        samples = np.lib.format.open_memmap(beside, mode="w+", dtype=np.int16, shape=shape)
        scale = np.zeros(shape[:2])
        done: list[int] = []

        def fill(index: int) -> None:
            for number, audio in enumerate(_rendered(contents[index], chains[index])):
                peak = max(float(np.abs(audio).max()), 1e-9)
                scale[index, number] = peak / _INT16
                samples[index, number] = np.rint(audio * (_INT16 / peak)).astype(np.int16)
            done.append(index)
            if progress is not None:
                progress(len(done) / shape[0])

        in_threads(fill, range(shape[0]), workers)
        samples.flush()
        del samples
        np.save(scales, scale)
        os.replace(beside, path)
    os.utime(path, (time.time(), path.stat().st_mtime))  # read now: the last to be forgotten
    return Renders(np.load(path, mmap_mode="r"), np.load(scales), key)


def in_threads(job: Callable[[_Item], _Result], items: Iterable[_Item], workers: int) -> list[_Result]:
    """Do a job on every item in so many threads, each with one torch thread; results come in order."""
    with ThreadPoolExecutor(workers, initializer=lambda: torch.set_num_threads(1)) as pool:
        return list(pool.map(job, items))


def _key(contents: np.ndarray, chains: Sequence[Sequence[AnyChain]]) -> str:
    mark = hashlib.sha256(np.ascontiguousarray(contents).tobytes())
    plain = [[_plain(chain) for chain in row] for row in chains]
    mark.update(f"{RENDER_VERSION} {contents.shape} {plain}".encode())
    return mark.hexdigest()[:32]


def _forget_oldest(cache: Path, keep_bytes: int) -> None:
    """Delete the renders read longest ago until the others take no more than `keep_bytes`."""
    files = sorted(cache.glob("*.npy"), key=lambda path: path.stat().st_atime)
    taken = sum(path.stat().st_size for path in files)
    for path in files:
        if taken <= keep_bytes:
            return
        taken -= path.stat().st_size
        path.unlink()


def _rendered(content: np.ndarray, chains: Sequence[AnyChain]) -> np.ndarray:
    """Return (chains, 2, samples) of (2, samples), level-matched."""
    out = torch.empty((len(chains), *content.shape))
    ours = [index for index, chain in enumerate(chains) if isinstance(chain, Chain)]
    with torch.no_grad():
        if ours:
            audio = torch.from_numpy(content).expand(len(ours), -1, -1)
            out[ours] = render_chains(audio, SAMPLE_RATE, [chain for chain in chains if isinstance(chain, Chain)])
        for index, chain in enumerate(chains):
            if isinstance(chain, UnseenChain):
                out[index] = torch.from_numpy(render_unseen(content, SAMPLE_RATE, chain))
        return to_loudness(out, SAMPLE_RATE).numpy()


def _check_room(cache: Path, wanted: int) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if free < wanted + _SPARE_BYTES:
        raise StudiospeakError(
            f"The renders take {wanted / 1e9:.1f} GB and {cache} has {free / 1e9:.1f} GB free. "
            "Make room there, or set XDG_CACHE_HOME to a larger disk."
        )


def _plain(chain: AnyChain) -> Any:
    """Return a chain as text that is the same for the same chain, whatever the order it was built in."""
    return sorted((name, dict(value) if hasattr(value, "items") else value) for name, value in vars(chain).items())
