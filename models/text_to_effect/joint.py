"""The joint space: words and changes of an embedding as points of one sphere, trained until those that belong meet.

A change is mapped linearly (so that its negative is the opposite point), a word is a point of its own. Contrastive:
a change that somebody made for a word is to be nearer that word than to any other word and to any word's mirror image,
which stands for less of it. Relatives are pulled together and opposites apart, heard or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["Joint", "JointRecipe", "fit_joint"]


@dataclass(frozen=True)
class JointRecipe:
    """How the space is trained.

    Attributes:
        dimensions: of the space.
        temperature: of the contrast.
        steps, learning_rate: of Adam.
        batch: changes in a step, drawn as often as they count; if there are no more than that, all in every step.
        relatives: weight of the links against the contrast; `related_cos` and `opposite_cos` what they aim at.
        likeness: weight of the likeness of whole meanings.
        ridge: share of the mean variance added before changes are whitened.
        seed: of the words' first places and of what is drawn.
    """

    dimensions: int = 48
    temperature: float = 0.1
    steps: int = 300
    learning_rate: float = 0.02
    batch: int = 384
    relatives: float = 4.0
    likeness: float = 4.0
    related_cos: float = 0.75
    opposite_cos: float = -0.75
    ridge: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Joint:
    """The trained space.

    Attributes:
        words: (words, dimensions) of length 1.
        map: (dimensions, embedding) linear, of changes.
    """

    words: np.ndarray
    map: np.ndarray

    def place(self, changes: np.ndarray) -> np.ndarray:
        """Return (..., dimensions) of length 1 for (..., embedding) changes; no change stays 0."""
        mapped = changes @ self.map.T
        return mapped / np.maximum(np.linalg.norm(mapped, axis=-1, keepdims=True), 1e-9)


def fit_joint(
    changes: np.ndarray,
    belongs: np.ndarray,
    weights: np.ndarray,
    likeness: np.ndarray,
    related: Sequence[tuple[int, int]],
    opposites: Sequence[tuple[int, int]],
    recipe: JointRecipe = JointRecipe(),
) -> Joint:
    """Train the space.

    Args:
        changes: (changes, embedding) of the embedding.
        belongs: (changes, words), rows sum to 1: the words each was made for.
        weights: (changes,) how much each counts.
        likeness: (words, words) cosines of what words are expected to mean.
        related, opposites: places of linked words.
        recipe: how.
    """
    torch.manual_seed(recipe.seed)
    whiten = _whitening(changes, weights, recipe)
    inputs = torch.tensor(changes @ whiten.T, dtype=torch.float32)
    inputs = functional.normalize(inputs, dim=-1)
    target = torch.tensor(belongs, dtype=torch.float32)
    weight = torch.tensor(weights / weights.sum(), dtype=torch.float32)
    alike = torch.tensor(likeness, dtype=torch.float32)
    size = inputs.shape[-1]
    start = functional.normalize(
        target.T @ (weight[:, None] * inputs) + 1e-3 * torch.randn(target.shape[1], size), dim=-1
    )
    words = start.clone().requires_grad_()
    turn = torch.eye(size).requires_grad_()
    links, wanted = _links(related, opposites, recipe)
    adam = torch.optim.Adam([words, turn], lr=recipe.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, recipe.steps)
    for _ in range(recipe.steps):
        points = functional.normalize(words, dim=-1)
        heard, meant, counts = inputs, target, weight
        if len(inputs) > recipe.batch:
            drawn = torch.multinomial(weight, recipe.batch, replacement=True)
            heard, meant = inputs[drawn], target[drawn]
            counts = torch.full((recipe.batch,), 1.0 / recipe.batch)
        cosines = functional.normalize(heard @ turn.T, dim=-1) @ points.T  # (changes, words)
        logits = torch.cat((cosines, -cosines), dim=-1) / recipe.temperature
        contrast = -(counts[:, None] * meant * logits.log_softmax(dim=-1)[:, : target.shape[1]]).sum()
        between = points @ points.T
        loss = contrast + recipe.likeness * (between - alike).square().mean()
        if len(links):
            loss = loss + recipe.relatives * (between[links[:, 0], links[:, 1]] - wanted).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
    points = functional.normalize(words, dim=-1).detach().numpy()
    return Joint(points.astype(np.float32), (turn.detach().numpy() @ whiten).astype(np.float32))


def _whitening(changes: np.ndarray, weights: np.ndarray, recipe: JointRecipe) -> np.ndarray:
    """Return (dimensions, embedding): the largest directions of change, evened out."""
    second = (changes * (weights / weights.sum())[:, None]).T @ changes
    values, vectors = np.linalg.eigh(second)
    order = np.argsort(values)[::-1][: recipe.dimensions]
    return (vectors[:, order] / np.sqrt(values[order] + recipe.ridge * values.mean())).T


def _links(
    related: Sequence[tuple[int, int]], opposites: Sequence[tuple[int, int]], recipe: JointRecipe
) -> tuple[Tensor, Tensor]:
    wanted = [recipe.related_cos] * len(related) + [recipe.opposite_cos] * len(opposites)
    return torch.tensor([*related, *opposites], dtype=torch.long).reshape(-1, 2), torch.tensor(wanted)
