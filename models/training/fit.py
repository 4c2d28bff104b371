"""Fit the FX encoder's network to rendered groups."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from models.fx_encoder.front_end import TONE_BANDS
from models.fx_encoder.network import FxNetwork, Shape
from models.fx_encoder.statistics import TONE_EACH, TONE_LEVELS
from models.training.losses import contrast
from models.training.renders import Shard
from models.training.targets import TARGETS, chain_targets

__all__ = ["Recipe", "fit", "target_matrix"]

TARGET_SIZE = sum(TARGETS.values())


@dataclass(frozen=True)
class Recipe:
    """How a network is fitted.

    Attributes:
        shape: of the network.
        steps, groups_in_batch, learning_rate, weight_decay: of AdamW under a cosine schedule.
        temperature, change_temperature: of the two contrasts.
        place_weight, change_weight, head_weight: of the losses: where a sound lies, which way a chain moves it, and
            what linear heads read from the move.
        colour_db: contents are coloured at random by this much, all chains of a content alike; 0 leaves them.
        content_share: contents are moved up to this share of the way to others, all chains of a content alike.
        noise: standard deviation of what is added to every statistic, over the statistic's own.
        averaging: decay of the running mean of weights that is kept; 0 keeps the last.
        seed: of everything drawn.
    """

    shape: Shape = field(default_factory=Shape)
    steps: int = 2500
    groups_in_batch: int = 14
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    temperature: float = 0.1
    change_temperature: float = 0.1
    place_weight: float = 1.0
    change_weight: float = 1.0
    head_weight: float = 1.0
    colour_db: float = 0.0
    content_share: float = 0.0
    noise: float = 0.0
    averaging: float = 0.998
    seed: int = 0


def target_matrix(shard: Shard) -> np.ndarray:
    """Return (groups, chains, TARGET_SIZE) of what every chain amounts to."""
    return np.array(
        [[np.concatenate(list(chain_targets(chain).values())) for chain in chains] for chains in shard.chains],
        dtype=np.float32,
    )


def fit(
    shard: Shard,
    recipe: Recipe,
    report: Callable[[int, FxNetwork, dict[str, float]], None] | None = None,
    every: int = 500,
    columns: np.ndarray | None = None,
    start: FxNetwork | None = None,
) -> tuple[FxNetwork, nn.Linear, Tensor]:
    """Fit a network.

    Args:
        shard: all groups to learn from.
        recipe: how.
        report: called every so many steps with the step, a copy of the averaged network, and mean losses.
        every: that many.
        columns: (STATISTICS,) bool, which statistics are used; the others are held at their mean. None: all.
        start: a network to go on from, of the recipe's shape; it is not changed. None: from nothing.
    Returns:
        The network, heads (change -> targets over their scales), and the (TARGET_SIZE,) scales.
    """
    torch.manual_seed(recipe.seed)
    generator = np.random.default_rng(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    groups, contents, places, _ = shard.numbers.shape
    network = FxNetwork(recipe.shape) if start is None else copy.deepcopy(start).requires_grad_()
    if start is None:
        _standardise(network, shard.numbers, columns)
    targets = target_matrix(shard)
    scales = torch.from_numpy(np.maximum(targets.std(axis=(0, 1)), 1e-3))
    heads = nn.Linear(recipe.shape.dimensions, TARGET_SIZE, bias=False)
    network.to(device), heads.to(device)
    kept, kept_heads = copy.deepcopy(network), copy.deepcopy(heads)
    parameters = [*network.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    labels = torch.arange(recipe.groups_in_batch * places, device=device).reshape(-1, 1, places)
    labels = labels.expand(-1, contents, -1)
    all_numbers = torch.from_numpy(shard.numbers).to(device)
    all_wanted = (torch.from_numpy(targets) / scales).to(device)
    queue: list[int] = []
    sums: dict[str, float] = {}
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step, recipe.steps)
        while len(queue) < recipe.groups_in_batch:
            queue += generator.permutation(groups).tolist()
        chosen, queue = queue[: recipe.groups_in_batch], queue[recipe.groups_in_batch :]
        numbers = all_numbers[chosen].float()
        if recipe.colour_db:
            numbers = _coloured(numbers, recipe.colour_db, generator)
        if recipe.content_share:
            numbers = _moved(numbers, recipe.content_share, generator)
        if recipe.noise:
            numbers = numbers + recipe.noise * network.scale * torch.randn_like(numbers)
        network.train()
        place = network(numbers.flatten(0, 2)).unflatten(0, numbers.shape[:3])  # (groups, contents, places, D)
        change = place[:, :, 1:] - place[:, :, :1]
        losses = {
            "place": contrast(place.flatten(0, 2), labels.flatten(), recipe.temperature),
            "change": contrast(change.flatten(0, 2), labels[:, :, 1:].flatten(), recipe.change_temperature),
        }
        losses["head"] = (heads(change) - all_wanted[chosen][:, None]).square().mean()
        weights = {"place": recipe.place_weight, "change": recipe.change_weight, "head": recipe.head_weight}
        loss = sum(weights[name] * value for name, value in losses.items())
        assert isinstance(loss, Tensor)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        decay = min(recipe.averaging, (1 + step) / (10 + step))
        _follow(kept, network, decay)
        _follow(kept_heads, heads, decay)
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) / every
        if report is not None and ((step + 1) % every == 0 or step + 1 == recipe.steps):
            report(step + 1, copy.deepcopy(kept).eval().cpu(), sums)
            sums = {}
    return kept.eval().cpu(), kept_heads.cpu(), scales


def _standardise(network: FxNetwork, numbers: np.ndarray, columns: np.ndarray | None) -> None:
    sample = numbers[:: max(1, len(numbers) // 500)].reshape(-1, numbers.shape[-1]).astype(np.float32)
    scale = np.maximum(sample.std(axis=0), 0.05)
    if columns is not None:
        scale[~columns] = 1e9
    network.mean.copy_(torch.from_numpy(sample.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(scale))


def _coloured(numbers: Tensor, colour_db: float, generator: np.random.Generator) -> Tensor:
    """Add a smooth random curve to the levels of every content's tone rows, dry and processed alike.

    What a linear filter on the content before the chain would do to them, but for the floor and for chains that are not
    linear.
    """
    groups, contents = numbers.shape[:2]
    at = np.arange(TONE_BANDS)
    centres = generator.uniform(-10, TONE_BANDS + 10, size=(groups, contents, 4, 1))
    widths = generator.uniform(5, 30, size=centres.shape)
    heights = generator.normal(0.0, colour_db, size=centres.shape)
    curves = (heights * np.exp(-0.5 * ((at - centres) / widths) ** 2)).sum(axis=2)
    curves -= curves.mean(axis=-1, keepdims=True)
    curve = torch.from_numpy(curves.astype(np.float32)).to(numbers.device)[:, :, None, None, :, None]
    tone = numbers[..., : 2 * TONE_BANDS * TONE_EACH].unflatten(-1, (2, TONE_BANDS, TONE_EACH))
    tone = tone + curve * torch.tensor(TONE_LEVELS, device=numbers.device)
    return torch.cat((tone.flatten(-3), numbers[..., 2 * TONE_BANDS * TONE_EACH :]), dim=-1)


def _moved(numbers: Tensor, share: float, generator: np.random.Generator) -> Tensor:
    """Add to all that was made of a content a part of what lies between it and another content, both dry."""
    dry = numbers[:, :, 0].flatten(0, 1)
    others = dry[torch.from_numpy(generator.permutation(len(dry))).to(dry.device)]
    parts = torch.from_numpy(generator.uniform(0.0, share, size=(len(dry), 1)).astype(np.float32)).to(dry.device)
    return numbers + (parts * (others - dry)).reshape(*numbers.shape[:2], 1, -1)


def _schedule(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / 100)
    return warm * 0.5 * (1.0 + math.cos(math.pi * step / steps))


@torch.no_grad()
def _follow(kept: nn.Module, module: nn.Module, decay: float) -> None:
    for mine, other in zip(kept.parameters(), module.parameters(), strict=True):
        mine.lerp_(other.detach(), 1.0 - decay)
