"""The protocols: retrieval and direction (P1, P2), single effects (P2s) and strength (P3), on embeddings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.encoder_cache import fingerprint, kept_arrays
from benchmarks.encoder_material import Renders, in_threads
from benchmarks.encoder_metrics import (
    cosines,
    jackknife_error,
    mean_average_precision,
    monotone_share,
    pair_auc,
    recall_at_1,
    spearman,
)
from models.encoder import Encoder
from models.training.corpus import SAMPLE_RATE

__all__ = ["Embedded", "embed", "embed_all", "retrieval", "settings", "strength"]

_BATCH = 4  # 10 s each: more at once is slower, memory is then fetched anew for every spectrum
_FIGURES = ("recall_at_1", "map_at_10", "direction_auc", "delta_recall_at_1")


@dataclass(frozen=True)
class Embedded:
    """Embeddings of one set.

    Attributes:
        dry: (contents, dimensions).
        wet: (contents, styles, dimensions).
    """

    dry: np.ndarray
    wet: np.ndarray

    @property
    def changes(self) -> np.ndarray:
        """(contents, styles, dimensions) wet less dry."""
        return self.wet - self.dry[:, None]


def embed(encoder: Encoder, audio: torch.Tensor) -> np.ndarray:
    """Return (items, dimensions) float64 of (items, 2, samples), a few at a time."""
    batches = [audio] if len(audio) <= _BATCH else audio.split(_BATCH)  # itself, so that baselines know it again
    with torch.no_grad():
        parts = [encoder.embed(batch, SAMPLE_RATE) for batch in batches]
    return torch.cat(parts).double().numpy()


def embed_all(
    encoders: Sequence[Encoder], contents: np.ndarray, renders: Renders, cache: Path | None = None, workers: int = 1
) -> list[Embedded]:
    """Embed contents and renders by every encoder, or read what was embedded before.

    Args:
        encoders: those unknown to the cache share one pass over the renders.
        contents: (contents, 2, samples).
        renders: of these contents.
        cache: folder of embeddings; None: nothing is kept.
        workers: threads.
    """
    paths = [cache / f"{renders.key}.{fingerprint(encoder)}.npz" for encoder in encoders] if cache is not None else []
    missing = [place for place in range(len(encoders)) if not paths or not paths[place].is_file()]
    count, styles = renders.scale.shape

    def one_content(content: int) -> list[tuple[np.ndarray, np.ndarray]]:
        dry_audio = torch.from_numpy(contents[content : content + 1])
        parts: list[list[np.ndarray]] = [[embed(encoders[place], dry_audio)] for place in missing]
        for start in range(0, styles, _BATCH):
            audio = renders.audio(content, slice(start, min(start + _BATCH, styles)))
            for mine, place in zip(parts, missing, strict=True):
                mine.append(embed(encoders[place], audio))
        return [(mine[0][0], np.concatenate(mine[1:])) for mine in parts]

    by_content = in_threads(one_content, range(count), workers) if missing else []
    found = {}
    for number, place in enumerate(missing):
        rows = [row[number] for row in by_content]
        found[place] = {"dry": np.stack([dry for dry, _ in rows]), "wet": np.stack([wet for _, wet in rows])}
    results = []
    for place in range(len(encoders)):
        arrays = found.get(place, {})
        results.append(Embedded(**(kept_arrays(paths[place], lambda made=arrays: made) if paths else arrays)))
    return results


def retrieval(
    embedded: Embedded,
    draws: int,
    seed: int = 0,
    styles: int = 5,
    contents: int = 10,
    pools: Sequence[Sequence[int]] = (),
) -> dict[str, float]:
    """P1 and P2: the mean over draws of `styles` styles on `contents` contents.

    Args:
        embedded: of one set.
        draws: how many.
        seed: of the draws.
        styles, contents: in each.
        pools: places of styles; the styles of a draw come from one of them. Empty: from all.
    Returns:
        recall_at_1, map_at_10: of embeddings. direction_auc, delta_recall_at_1: of their changes. recall_at_1_error,
        direction_auc_error: standard errors, from blocks of styles that share none.
    """
    generator = np.random.default_rng(seed)
    count = embedded.wet.shape[0]
    pools = pools or [range(embedded.wet.shape[1])]
    figures = []
    for draw in range(draws):
        used = generator.choice(np.array(pools[draw % len(pools)]), size=styles, replace=False)
        figures.append(_figures(embedded, generator.choice(count, size=contents, replace=False), used))
    result = dict(zip(_FIGURES, np.mean(figures, axis=0).tolist(), strict=True))
    blocks = [pool[start : start + styles] for pool in pools for start in range(0, len(pool) - styles + 1, styles)]
    apart = []
    for block in blocks:
        drawn = [generator.choice(count, size=contents, replace=False) for _ in range(6)]
        apart.append(np.mean([_figures(embedded, chosen, np.array(block)) for chosen in drawn], axis=0))
    errors = np.std(apart, axis=0, ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.full(4, np.nan)
    return {**result, "recall_at_1_error": float(errors[0]), "direction_auc_error": float(errors[2])}


def settings(embedded: Embedded, types: Sequence[str], groups: Mapping[str, Sequence[str]]) -> dict[str, dict]:
    """P2s: settings of one effect each.

    Args:
        embedded: styles are the settings.
        types: the effect of each setting.
        groups: types by what they are reported as together ("console", "unseen").
    Returns:
        by_type: {type: {"auc", "error"}} against other settings of the same effect. groups: {group: {"auc": against
        all other settings of the group, "within_type_auc": mean over its types, "error": of that}}. Errors are
        standard errors by leaving out settings and contents.
    """
    contents, count, dimensions = embedded.wet.shape
    labels = np.tile(np.arange(count), contents)
    content_labels = np.repeat(np.arange(contents), count)
    type_labels = np.tile(np.array(types), contents)
    changes = embedded.changes.reshape(-1, dimensions)
    by_type = {}
    for effect in dict.fromkeys(types):
        mine = np.flatnonzero(type_labels == effect)
        along, styles, sounds = cosines(changes[mine]), labels[mine], content_labels[mine]

        def figure(kept: np.ndarray, along=along, styles=styles, sounds=sounds) -> float:  # type: ignore[no-untyped-def]
            return pair_auc(along[np.ix_(kept, kept)], styles[kept], sounds[kept])

        able = list(types).count(effect) > 2 and contents > 2
        error = jackknife_error(figure, (styles, sounds)) if able else float("nan")
        by_type[effect] = {"auc": figure(np.arange(mine.size)), "error": error}
    together = {}
    for group, names in groups.items():
        mine = np.flatnonzero(np.isin(type_labels, list(names)))
        errors = np.array([by_type[name]["error"] for name in names])
        together[group] = {
            "auc": pair_auc(cosines(changes[mine]), labels[mine], content_labels[mine]),
            "within_type_auc": float(np.mean([by_type[name]["auc"] for name in names])),
            "error": float(np.sqrt(np.square(errors).sum()) / len(names)),
        }
    return {"by_type": by_type, "groups": together}


def strength(embedded: Embedded, strengths: int) -> dict[str, float]:
    """P3: settings at rising strengths.

    Args:
        embedded: styles are settings x strengths, strengths innermost and ascending, the last of them the whole.
        strengths: how many.
    Returns:
        spearman, monotone: of the change projected on the mean direction that the setting takes on the *other*
        contents, over no effect and all strengths; monotone is the share that rises at every step.
    """
    contents, styles, dimensions = embedded.wet.shape
    changes = embedded.changes.reshape(contents, styles // strengths, strengths, dimensions)
    whole = changes[:, :, -1]
    lengths = np.linalg.norm(whole, axis=-1, keepdims=True)
    unit = np.divide(whole, lengths, out=np.zeros_like(whole), where=lengths > 0)
    others = (unit.sum(axis=0, keepdims=True) - unit) / (contents - 1)
    way = np.einsum("cskd,csd->csk", changes, others).reshape(-1, strengths)
    curves = np.pad(way, ((0, 0), (1, 0)))  # strength 0 is no change
    return {"spearman": float(spearman(curves).mean()), "monotone": monotone_share(curves)}


def _figures(embedded: Embedded, chosen: np.ndarray, used: np.ndarray) -> tuple[float, ...]:
    """Return the four figures of one draw."""
    place = np.ix_(chosen, used)
    styles = np.tile(np.arange(used.size), chosen.size)
    contents = np.repeat(np.arange(chosen.size), used.size)
    near = cosines(embedded.wet[place].reshape(styles.size, -1))
    along = cosines(embedded.changes[place].reshape(styles.size, -1))
    return (
        recall_at_1(near, styles, contents),
        mean_average_precision(near, styles, contents),
        pair_auc(along, styles, contents),
        recall_at_1(along, styles, contents),
    )
