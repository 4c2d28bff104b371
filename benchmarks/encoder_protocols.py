"""The protocols: retrieval and direction (P1, P2), single effects (P2s) and strength (P3), on embeddings."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.encoder_material import Renders
from benchmarks.encoder_metrics import (
    cosines,
    mean_average_precision,
    monotone_share,
    pair_auc,
    recall_at_1,
    spearman,
)
from models.encoder import Encoder
from models.training.corpus import SAMPLE_RATE

__all__ = ["Embedded", "embed_dry", "embed_renders", "retrieval", "single_effects"]

_BATCH = 8


@dataclass(frozen=True)
class Embedded:
    """Embeddings of one set.

    Attributes:
        dry: (contents, dimensions).
        wet: (contents, styles, dimensions).
        cpu_ms: CPU time an item.
    """

    dry: np.ndarray
    wet: np.ndarray
    cpu_ms: float

    @property
    def changes(self) -> np.ndarray:
        """(contents, styles, dimensions) wet less dry."""
        return self.wet - self.dry[:, None]


def embed_dry(encoder: Encoder, contents: np.ndarray) -> np.ndarray:
    """Return (contents, dimensions) of (contents, 2, samples)."""
    parts = [
        encoder.embed(torch.from_numpy(contents[start : start + _BATCH]), SAMPLE_RATE)
        for start in range(0, len(contents), _BATCH)
    ]
    return torch.cat(parts).double().numpy()


def embed_renders(encoder: Encoder, contents: np.ndarray, renders: Renders) -> Embedded:
    """Embed contents and renders, a few at a time."""
    count, styles = renders.scale.shape
    with torch.inference_mode():
        dry = embed_dry(encoder, contents)
        wet = np.zeros((count, styles, dry.shape[1]))
        started = time.process_time()
        for content in range(count):
            for start in range(0, styles, _BATCH):
                part = slice(start, min(start + _BATCH, styles))
                wet[content, part] = encoder.embed(renders.audio(content, part), SAMPLE_RATE).double().numpy()
    return Embedded(dry, wet, 1e3 * (time.process_time() - started) / (count * styles))


def retrieval(embedded: Embedded, draws: int, seed: int = 0, styles: int = 5, contents: int = 10) -> dict[str, float]:
    """P1 and P2: the mean over draws of `styles` styles on `contents` contents.

    Returns:
        recall_at_1, map_at_10: of embeddings. direction_auc, delta_recall_at_1: of their changes.
    """
    generator = np.random.default_rng(seed)
    style_labels = np.tile(np.arange(styles), contents)
    content_labels = np.repeat(np.arange(contents), styles)
    figures = []
    for _ in range(draws):
        chosen = generator.choice(embedded.wet.shape[0], size=contents, replace=False)
        used = generator.choice(embedded.wet.shape[1], size=styles, replace=False)
        wet = embedded.wet[np.ix_(chosen, used)].reshape(styles * contents, -1)
        changes = embedded.changes[np.ix_(chosen, used)].reshape(styles * contents, -1)
        near, along = cosines(wet), cosines(changes)
        figures.append(
            (
                recall_at_1(near, style_labels, content_labels),
                mean_average_precision(near, style_labels, content_labels),
                pair_auc(along, style_labels, content_labels),
                recall_at_1(along, style_labels, content_labels),
            )
        )
    names = ("recall_at_1", "map_at_10", "direction_auc", "delta_recall_at_1")
    return dict(zip(names, np.mean(figures, axis=0).tolist(), strict=True))


def single_effects(embedded: Embedded, types: Sequence[str], strengths: int) -> dict[str, float | Mapping[str, float]]:
    """P2s and P3: settings of one effect each, at rising strengths.

    Args:
        embedded: styles are settings x strengths, strengths innermost and ascending, the last of them the whole.
        types: the effect of each setting.
        strengths: how many.
    Returns:
        auc: same setting against others. within_type_auc: against others of its own effect, mean over effects.
        by_type: the same for each effect. spearman, monotone: the change projected on the mean direction that the
        setting takes on the *other* contents, over no effect and all strengths.
    """
    contents, _, dimensions = embedded.wet.shape
    changes = embedded.changes.reshape(contents, len(types), strengths, dimensions)
    whole = changes[:, :, -1]
    setting_labels = np.tile(np.arange(len(types)), contents)
    content_labels = np.repeat(np.arange(contents), len(types))
    type_labels = np.tile(np.array(types), contents)
    along = cosines(whole.reshape(-1, dimensions))
    by_type = {}
    for effect in dict.fromkeys(types):
        mine = np.flatnonzero(type_labels == effect)
        if types.count(effect) > 1:
            by_type[effect] = pair_auc(along[np.ix_(mine, mine)], setting_labels[mine], content_labels[mine])
    lengths = np.linalg.norm(whole, axis=-1, keepdims=True)
    unit = np.divide(whole, lengths, out=np.zeros_like(whole), where=lengths > 0)
    others = (unit.sum(axis=0, keepdims=True) - unit) / (contents - 1)
    way = np.einsum("cskd,csd->csk", changes, others).reshape(-1, strengths)
    curves = np.pad(way, ((0, 0), (1, 0)))  # strength 0 is no change
    return {
        "auc": pair_auc(along, setting_labels, content_labels),
        "within_type_auc": float(np.mean(list(by_type.values()))) if by_type else float("nan"),
        "by_type": by_type,
        "spearman": float(spearman(curves).mean()),
        "monotone": monotone_share(curves),
    }
