"""How an encoder's gradient behaves: is what it finds seen by others, and is its landscape smooth?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.encoder_metrics import auc
from benchmarks.encoder_recovery import loss_of, start_of
from models.encoder import Encoder

__all__ = ["rises", "seen_by", "smoothness"]

_NOISE_DB = -50.0
_STEP = 0.02  # of a logit: at most 0.18 dB of an EQ gain


def seen_by(found: np.ndarray, true: np.ndarray, directions: np.ndarray) -> dict[str, float]:
    """Say whether moves found through one encoder go the true way in the embedding of another.

    Args:
        found: (cases, dimensions) changes of the sound by the setting found, in the other embedding.
        true: (cases, dimensions) changes of the same sound by the true setting.
        directions: (cases, dimensions) changes of the first sound by the true setting.
    Returns:
        cosine_found, cosine_true: means of the cosine with the case's own direction. auc_found, auc_true: own direction
        against the directions of other cases. What a found move lacks against a true one is what only the encoder it
        was found through believes.
    """
    result = {}
    for name, changes in (("found", found), ("true", true)):
        along = _unit(changes) @ _unit(directions).T
        own = np.eye(len(along), dtype=bool)
        result[f"cosine_{name}"] = float(along[own].mean())
        result[f"auc_{name}"] = auc(along[own], along[~own]) if len(along) > 1 else float("nan")
    return result


def rises(losses: np.ndarray) -> float:
    """Return the share of steps after which (steps, cases) losses are greater than before."""
    return float(np.mean(np.diff(losses, axis=0) > 0)) if len(losses) > 1 else 0.0


def smoothness(encoder: Encoder, audio: Tensor, dry: Tensor, direction: Tensor, seed: int = 0) -> dict[str, Any]:
    """Measure the gradient in the EQ's knobs, somewhere between flat and strong.

    Args:
        encoder: differentiable.
        audio: (cases, 2, samples); dry: (cases, dimensions) its embedding; direction: (cases, dimensions) the aim.
        seed: of the places and the noise.
    Returns:
        gradient_change: median over cases of |g(x + noise) - g(x)| / |g(x)|, noise 50 dB below the sound.
        difference_error: median of |g v - (L(+h v) - L(-h v)) / 2 h| over |g v| in random directions v of length 1.
        difference_correlation: of the two over cases and directions.
    """
    generator = torch.Generator().manual_seed(seed)
    place = start_of("eq", len(audio)) + 0.4 * torch.randn(start_of("eq", len(audio)).shape, generator=generator)
    level = audio.square().mean(dim=(1, 2), keepdim=True).sqrt()
    noise = torch.randn(audio.shape, generator=generator) * level * 10 ** (_NOISE_DB / 20)
    clean, noisy = (_gradient(encoder, heard, dry, direction, place) for heard in (audio, audio + noise))
    change = (noisy - clean).norm(dim=1) / clean.norm(dim=1).clamp(min=1e-12)
    slopes, differences = [], []
    for _ in range(3):
        way = torch.nn.functional.normalize(torch.randn(place.shape, generator=generator), dim=1)
        with torch.no_grad():
            ahead, behind = (
                _losses(encoder, audio, dry, direction, place + sign * _STEP * way) for sign in (1.0, -1.0)
            )
        slopes.append((clean * way).sum(dim=1))
        differences.append((ahead - behind) / (2 * _STEP))
    slope, difference = torch.cat(slopes).double().numpy(), torch.cat(differences).double().numpy()
    error = np.abs(slope - difference) / np.maximum(np.abs(slope), 1e-9)
    return {
        "gradient_change": float(change.median()),
        "difference_error": float(np.median(error)),
        "difference_correlation": float(np.corrcoef(slope, difference)[0, 1]) if slope.std() > 0 else float("nan"),
    }


def _gradient(encoder: Encoder, audio: Tensor, dry: Tensor, direction: Tensor, place: Tensor) -> Tensor:
    rows = []
    for one in _parts(len(audio)):
        logits = place[one].clone().requires_grad_()
        loss_of(encoder, "eq", audio[one], dry[one], direction[one], logits).sum().backward()
        assert logits.grad is not None
        rows.append(logits.grad)
    return torch.cat(rows)


def _losses(encoder: Encoder, audio: Tensor, dry: Tensor, direction: Tensor, place: Tensor) -> Tensor:
    return torch.cat(
        [loss_of(encoder, "eq", audio[one], dry[one], direction[one], place[one]) for one in _parts(len(audio))]
    )


def _parts(count: int, size: int = 4) -> Sequence[slice]:
    return [slice(start, start + size) for start in range(0, count, size)]


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
