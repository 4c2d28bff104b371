"""A small form of the benchmark on packages kept for choosing recipes, as statistics in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.encoder_material import contents_of
from benchmarks.encoder_metrics import cosines, pair_auc
from benchmarks.encoder_protocols import Embedded, retrieval
from models.fx_encoder.front_end import WINDOW_SAMPLES, hear
from models.fx_encoder.statistics import statistics
from models.training.chains import Chain, draw_chain, render_chains
from models.training.corpus import SAMPLE_RATE, Clip, Corpus
from models.training.targets import TARGETS, chain_targets

__all__ = ["HeldOut", "judge", "make_held_out", "read_held_out"]

_EFFECTS = ("eq", "compressor", "saturation", "width", "reverb")
_STYLES, _SETTINGS, _CONTENTS, _SINGLE_CONTENTS = 30, 12, 16, 8
_SEED = 5
_DRAWS = 150


@dataclass(frozen=True)
class HeldOut:
    """Statistics of dry and processed sounds: (contents, [chains,] windows, STATISTICS) float16, and the targets."""

    arrays: dict[str, np.ndarray]
    targets: np.ndarray
    types: np.ndarray


def make_held_out(corpus: Corpus, path: Path) -> None:
    """Render 30 two-effect chains on 16 mixes and 16 stems, 60 single effects on 8 of both; write them as .npz."""
    generator = np.random.default_rng(_SEED)
    sounds = {
        name: contents_of(corpus, _spread_out(generator, corpus.select("valid", kind)))
        for name, kind in (("mix", "finished"), ("stem", "stem"))
    }
    styles = [draw_chain(generator, 2, _EFFECTS) for _ in range(_STYLES)]
    single = _single_effects(generator)
    half = _SINGLE_CONTENTS // 2
    sounds["single"] = np.concatenate([sounds["mix"][:half], sounds["stem"][:half]])
    arrays = {}
    for name, contents in sounds.items():
        arrays[f"{name}_dry"], arrays[f"{name}_wet"] = _measure(contents, single if name == "single" else styles)
    targets = np.array([np.concatenate(list(chain_targets(chain).values())) for chain in single])
    np.savez(path, **arrays, targets=targets, types=np.array([chain.effects[0] for chain in single]))


def read_held_out(path: Path) -> HeldOut:
    """Read what `make_held_out` wrote."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return HeldOut(arrays, arrays.pop("targets"), arrays.pop("types"))


@torch.inference_mode()
def judge(network: Callable[[Tensor], Tensor], held_out: HeldOut, heads: Tensor | None = None) -> dict[str, float]:
    """Return R@1, mAP@10 and P2 AUC of mixes and stems, P2s AUC in all and within effects, and the heads' r.

    Args:
        network: (items, STATISTICS) -> (items, dimensions).
        held_out: what it is asked about.
        heads: (targets, dimensions) in the targets' units; None: not judged.
    """

    def embed(name: str) -> np.ndarray:
        numbers = held_out.arrays[name]
        flat = torch.from_numpy(numbers.reshape(-1, numbers.shape[-1])).float()
        out = torch.cat([network(part) for part in flat.split(2048)])
        return out.reshape(*numbers.shape[:-1], -1).mean(dim=-2).double().numpy()

    figures = {}
    for name in ("mix", "stem"):
        found = retrieval(Embedded(embed(f"{name}_dry"), embed(f"{name}_wet")), _DRAWS)
        figures |= {
            f"{name} R@1": found["recall_at_1"],
            f"{name} mAP": found["map_at_10"],
            f"{name} P2": found["direction_auc"],
        }
    changes = embed("single_wet") - embed("single_dry")[:, None]
    contents, settings, dimensions = changes.shape
    labels = np.tile(np.arange(settings), contents)
    places = np.repeat(np.arange(contents), settings)
    along = cosines(changes.reshape(-1, dimensions))
    figures["P2s"] = pair_auc(along, labels, places)
    for effect in _EFFECTS:
        mine = np.flatnonzero(np.tile(held_out.types, contents) == effect)
        figures[effect] = pair_auc(along[np.ix_(mine, mine)], labels[mine], places[mine])
    if heads is not None:
        read = np.einsum("csd,td->cst", changes, heads.double().numpy())
        start = 0
        for name, size in TARGETS.items():
            part = slice(start, start + size)
            start += size
            effect = {"eq_db": "eq", "width": "width", "drive_db": "saturation", "delay_db": ""}.get(
                name, "compressor" if name in ("compression_db", "attack", "release") else "reverb"
            )
            mine = held_out.types == effect
            if mine.any():
                wanted = np.broadcast_to(held_out.targets[None, mine, part], read[:, mine, part].shape)
                figures[f"r {name}"] = float(np.corrcoef(read[:, mine, part].ravel(), wanted.ravel())[0, 1])
    return figures


def _single_effects(generator: np.random.Generator) -> list[Chain]:
    return [draw_chain(generator, 1, [effect]) for effect in _EFFECTS for _ in range(_SETTINGS)]


def _spread_out(generator: np.random.Generator, clips: list[Clip]) -> list[Clip]:
    """Return _CONTENTS clips, every source and instrument once before any comes twice."""
    queues: dict[tuple[str, str], list[Clip]] = {}
    for index in generator.permutation(len(clips)):
        queues.setdefault((clips[index].source, clips[index].instrument), []).append(clips[index])
    depth = max(map(len, queues.values()))
    return [queue[place] for place in range(depth) for queue in queues.values() if place < len(queue)][:_CONTENTS]


@torch.inference_mode()
def _measure(contents: np.ndarray, chains: list[Chain]) -> tuple[np.ndarray, np.ndarray]:
    dry = torch.from_numpy(contents)
    wet = [_numbers(render_chains(dry, SAMPLE_RATE, [chain] * len(dry))) for chain in chains]
    return _numbers(dry), np.stack(wet, axis=1)


def _numbers(audio: Tensor) -> np.ndarray:
    """Return (items, windows, STATISTICS) float16 of (items, 2, samples)."""
    count = audio.shape[-1] // WINDOW_SAMPLES
    windows = audio[..., : count * WINDOW_SAMPLES].unflatten(-1, (count, -1)).transpose(1, 2).flatten(0, 1)
    parts = [statistics(hear(part.contiguous())) for part in windows.split(4)]
    numbers: np.ndarray = torch.cat(parts).unflatten(0, (-1, count)).numpy().astype(np.float16)
    return numbers
