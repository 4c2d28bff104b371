"""Sounds for the encoder benchmark, and their renders through chains, kept in memory-mapped files."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch

from benchmarks.material import bursts
from benchmarks.unseen import UnseenChain, render_unseen
from console.errors import StudiospeakError
from models.training.chains import Chain, render_chains, to_loudness
from models.training.corpus import SAMPLE_RATE, Clip, Corpus

__all__ = ["CACHE_FOLDER", "AnyChain", "Renders", "choose_clips", "contents_of", "render_all", "synthetic_contents"]

AnyChain = Chain | UnseenChain

CACHE_FOLDER = Path(platformdirs.user_cache_dir("studiospeak", appauthor=False)) / "encoder_benchmark"
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
    """

    samples: np.ndarray
    scale: np.ndarray

    def audio(self, content: int, chains: slice) -> torch.Tensor:
        """Return (chains, 2, samples) float32 of one content."""
        scale = self.scale[content, chains].astype(np.float32)
        return torch.from_numpy(self.samples[content, chains] * scale[:, None, None])


def choose_clips(corpus: Corpus, kind: str, count: int, seed: int = 0) -> list[Clip]:
    """Choose test clips, as many packages and sources as there are before any comes twice.

    Returns:
        At most `count`.
    """
    generator = np.random.default_rng([seed, len(kind)])
    clips = corpus.select("test", kind)
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


def synthetic_contents(count: int, seconds: float) -> np.ndarray:
    """Return (count, 2, samples) of seeded bursts, each filtered its own way: for tests, not for figures."""
    generator = np.random.default_rng(0)
    audio = bursts(count, seconds).numpy()
    for item in audio:
        a = generator.uniform(-0.9, 0.9)
        item[:, 1:] += np.float32(a) * item[:, :-1]
    return to_loudness(torch.from_numpy(audio), SAMPLE_RATE).numpy()


def render_all(
    contents: np.ndarray,
    chains: Sequence[AnyChain],
    cache: Path = CACHE_FOLDER,
    progress: Callable[[float], None] | None = None,
) -> Renders:
    """Render every content through every chain, or read what was rendered before.

    Args:
        contents: (contents, 2, samples) float32 at SAMPLE_RATE.
        chains: the styles.
        cache: folder of the renders; a file is complete or absent.
        progress: called with the share done.
    Raises:
        StudiospeakError: not enough room on the disk.
    """
    mark = hashlib.sha256(np.ascontiguousarray(contents).tobytes())
    mark.update(f"{RENDER_VERSION} {contents.shape} {[_plain(chain) for chain in chains]}".encode())
    path = cache / f"{mark.hexdigest()[:32]}.npy"
    scales = path.with_suffix(".scale.npy")
    if not (path.is_file() and scales.is_file()):
        shape = (contents.shape[0], len(chains), *contents.shape[1:])
        _check_room(cache, 2 * int(np.prod(shape, dtype=np.int64)))
        beside = path.with_suffix(".part")
        samples = np.lib.format.open_memmap(beside, mode="w+", dtype=np.int16, shape=shape)
        scale = np.zeros(shape[:2])
        for index, content in enumerate(contents):
            for number, audio in enumerate(_rendered(content, chains)):
                peak = max(float(np.abs(audio).max()), 1e-9)
                scale[index, number] = peak / _INT16
                samples[index, number] = np.rint(audio * (_INT16 / peak)).astype(np.int16)
            if progress is not None:
                progress((index + 1) / shape[0])
        samples.flush()
        del samples
        np.save(scales, scale)
        os.replace(beside, path)
    return Renders(np.load(path, mmap_mode="r"), np.load(scales))


def _rendered(content: np.ndarray, chains: Sequence[AnyChain]) -> np.ndarray:
    """Return (chains, 2, samples) of (2, samples), level-matched."""
    out = torch.empty((len(chains), *content.shape))
    ours = [index for index, chain in enumerate(chains) if isinstance(chain, Chain)]
    with torch.inference_mode():
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
