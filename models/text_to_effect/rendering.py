"""What moves do to an encoder's embedding: contents chosen from a corpus, rendered, embedded, and the change kept."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from console.errors import ModelError
from models.encoder import Encoder
from models.text_to_effect.lexicon import BANDS_HZ
from models.text_to_effect.moves import Move
from models.training.chains import render_chains, to_loudness
from models.training.corpus import SAMPLE_RATE, Clip, Corpus

__all__ = ["GROUPS", "Contents", "apply_curve", "changes", "choose_contents"]

GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mix": ("finished", ()),
    "vocal": ("voice", ()),
    "drums": ("stem", ("drums", "loops")),
    "bass": ("stem", ("bass",)),
    "guitar": ("stem", ("guitar", "electric guitar")),
    "keys": ("stem", ("piano", "organ")),
    "synth": ("stem", ("synth lead", "synth pad")),
    "strings": ("stem", ("strings", "ensemble")),
    "winds": ("stem", ("brass", "reed", "pipe")),
}
"""Instrument groups: kind of clip in the corpus and the instruments that count."""

_BATCH = 12
_SILENT = 1e-3


@dataclass(frozen=True)
class Contents:
    """Sounds to try moves on.

    Attributes:
        audio: (contents, 2, samples) at SAMPLE_RATE, all at the chains' reference loudness.
        groups: (contents,) which of GROUPS each belongs to.
    """

    audio: Tensor
    groups: tuple[str, ...]


def choose_contents(corpus: Corpus, each: int, seconds: float) -> Contents:
    """Choose the same sounds every time: training clips of every group, from as many packages as there are.

    Args:
        corpus: an opened corpus.
        each: how many a group.
        seconds: from the middle of every clip.
    Raises:
        ModelError: the corpus holds nothing of any group.
    """
    chosen: list[np.ndarray] = []
    groups: list[str] = []
    size = min(round(seconds * SAMPLE_RATE), corpus.clip_samples)
    start = (corpus.clip_samples - size) // 2
    for group, (kind, instruments) in GROUPS.items():
        clips = [c for c in corpus.select("train", kind) if not instruments or c.instrument in instruments]
        sounds = (corpus.read(clip)[:, start : start + size] for clip in _in_turn(clips))
        audible = (sound for sound in sounds if float(np.sqrt(np.mean(np.square(sound)))) > _SILENT)
        for _, sound in zip(range(each), audible, strict=False):
            chosen.append(sound)
            groups.append(group)
    if not chosen:
        raise ModelError(f"{corpus.folder} holds no training clips. Build it: python scripts/build_corpus.py --out DIR")
    return Contents(to_loudness(torch.tensor(np.stack(chosen)), SAMPLE_RATE), tuple(groups))


def _in_turn(clips: Sequence[Clip]) -> list[Clip]:
    """Order clips package by package in turn, the middle one of each first."""
    packages: dict[str, list[Clip]] = {}
    for clip in clips:
        packages.setdefault(clip.package, []).append(clip)
    for package, mine in packages.items():
        packages[package] = mine[len(mine) // 2 :] + mine[: len(mine) // 2]
    longest = max(map(len, packages.values()), default=0)
    return [mine[turn] for turn in range(longest) for _, mine in sorted(packages.items()) if turn < len(mine)]


def apply_curve(audio: Tensor, sample_rate: int, curve_db: Tensor) -> Tensor:
    """Filter with a curve, without phase.

    Args:
        audio: (batch, 2, samples).
        sample_rate: Hz.
        curve_db: (batch, 40) on BANDS_HZ, dB; level outside the bands is that of the outermost.
    Returns:
        (batch, 2, samples).
    """
    size = 1 << (audio.shape[-1] + sample_rate // 4 - 1).bit_length()
    gain_db = curve_db.to(audio.dtype) @ _onto_bins(size, sample_rate)  # (batch, bins)
    spectrum = torch.fft.rfft(audio, n=size) * 10 ** (gain_db / 20)[:, None]
    return torch.fft.irfft(spectrum, n=size)[..., : audio.shape[-1]]


@functools.lru_cache(maxsize=4)
def _onto_bins(size: int, sample_rate: int) -> Tensor:
    """Return (40, bins): straight lines between the bands in log frequency."""
    bins_hz = np.maximum(np.fft.rfftfreq(size, 1.0 / sample_rate), 1.0)
    place = np.interp(np.log(bins_hz), np.log(BANDS_HZ), np.arange(len(BANDS_HZ)))
    return torch.tensor(np.maximum(1.0 - np.abs(place - np.arange(len(BANDS_HZ))[:, None]), 0.0), dtype=torch.float32)


@torch.no_grad()
def changes(
    encoder: Encoder,
    contents: Contents,
    moves: Sequence[Move],
    per_move: Sequence[Sequence[int]] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> list[np.ndarray]:
    """Measure what each move does to the embedding.

    Args:
        encoder: whose embedding.
        contents: what the moves are put on.
        moves: their `amount` is not applied here.
        per_move: which contents each move is put on; None: all.
        progress: told the share done.
    Returns:
        One (contents of the move, dimensions) array a move.
    """
    everything = range(len(contents.groups))
    per_move = per_move if per_move is not None else [everything] * len(moves)
    jobs = [(move, content) for move, chosen in enumerate(per_move) for content in chosen]
    dry = torch.cat([encoder.embed(item[None], SAMPLE_RATE) for item in contents.audio])
    rows: list[Tensor] = []
    for start in range(0, len(jobs), _BATCH):
        batch = jobs[start : start + _BATCH]
        audio = _render(contents.audio[[content for _, content in batch]], [moves[move] for move, _ in batch])
        rows.append(encoder.embed(audio, SAMPLE_RATE) - dry[[content for _, content in batch]])
        progress(min(start + _BATCH, len(jobs)) / len(jobs))
    flat = torch.cat(rows).numpy() if rows else np.zeros((0, encoder.dimensions))
    ends = np.cumsum([len(chosen) for chosen in per_move])[:-1]
    return np.split(flat, ends)


def _render(audio: Tensor, moves: Sequence[Move]) -> Tensor:
    curved = [index for index, move in enumerate(moves) if move.curve_db is not None]
    chained = [index for index, move in enumerate(moves) if move.chain is not None]
    audio = audio.clone()
    if curved:
        curves = torch.tensor(np.stack([moves[index].curve_db for index in curved]), dtype=torch.float32)
        audio[curved] = apply_curve(audio[curved], SAMPLE_RATE, curves)
    if chained:
        chains = [moves[index].chain for index in chained]
        audio[chained] = render_chains(audio[chained], SAMPLE_RATE, [chain for chain in chains if chain is not None])
    return audio
