"""Fit the tagger's network, calibrate its shares, and choose below which share it says unknown."""

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from models.instruments.classes import OTHER, load_classes
from models.instruments.tagger import TagNetwork
from scripts.instrument_tagger.renders import Renders, joined

__all__ = ["WANTED", "WANTED_EVERYWHERE", "Recipe", "choose_threshold", "fit"]

WANTED = 0.9
"""How many of the tags that are given should be right."""
WANTED_EVERYWHERE = 0.8
"""And on every kind of source: one soundfont, related to that of training, must not decide alone."""
_TEMPERATURES = np.geomspace(0.5, 5.0, 60)
_FEWEST = 20


@dataclass(frozen=True)
class Recipe:
    """How the network is fitted.

    Attributes:
        steps, batch, learning_rate, weight_decay: of AdamW under a cosine schedule.
        dropout: share of inputs and of hidden values left out.
        jitter: of inputs, in standard deviations.
        mixing: Beta parameter of mixup; sounds and labels are blended in pairs.
        smoothing: share of a label spread over all classes.
        seed: of everything drawn.
    """

    steps: int = 900
    batch: int = 128
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    jitter: float = 0.3
    mixing: float = 0.2
    smoothing: float = 0.03
    seed: int = 0


def fit(train: Renders, valid: Renders, out: Path, recipe: Recipe) -> None:
    """Fit on train, choose when to stop and calibrate on valid, fit on both for as long, write in half precision.

    The calibration is that of the first fit: of instruments the network had never heard.
    """
    first, steps = _train(train, recipe, valid)
    _calibrate(first, valid)
    network, _ = _train(joined(train, valid), recipe, most=steps)
    network.temperature.copy_(first.temperature)
    network.threshold.copy_(first.threshold)
    tensors = {name: tensor.to(torch.float16).contiguous() for name, tensor in network.state_dict().items()}
    count = len(train.labels) + len(valid.labels)
    save_file(tensors, out, metadata={"trained_on": f"{count} sounds", "recipe": str(recipe)})
    print(f"{steps} steps, temperature {float(first.temperature):.2f}, threshold {float(first.threshold):.2f}: {out}")


def _train(
    train: Renders, recipe: Recipe, valid: Renders | None = None, most: int | None = None
) -> tuple[TagNetwork, int]:
    """Return a network and its steps: the best on valid, or, without valid, the `most` first of the schedule."""
    torch.manual_seed(recipe.seed)
    network = TagNetwork(recipe.dropout)
    numbers, labels = torch.from_numpy(train.numbers), torch.from_numpy(train.labels)
    network.mean.copy_(numbers.mean(dim=0).half())
    network.scale.copy_(numbers.std(dim=0).clamp(min=1e-2).half())
    chances = _chances(train)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    total = recipe.steps
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, total_steps=total)
    best, kept, kept_steps = float("inf"), network.state_dict(), 0
    for step in range(min(most or total, total)):
        network.train()
        chosen = torch.multinomial(chances, recipe.batch, replacement=True)
        loss = _loss(network, numbers[chosen], labels[chosen], recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if valid is not None and (step % 50 == 49 or step == total - 1):
            now, right = _judge(network, valid)
            if now < best:
                best, kept, kept_steps = now, copy.deepcopy(network.state_dict()), step + 1
            if step % 250 == 249 or step == total - 1:
                print(f"step {step + 1}: loss {loss.item():.3f}, valid {now:.3f}, right {right:.3f}", flush=True)
    if valid is None:
        kept, kept_steps = network.state_dict(), min(most or total, total)
    network.load_state_dict({name: tensor.half().float() for name, tensor in kept.items()})
    return network, kept_steps


def choose_threshold(shares: np.ndarray, labels: np.ndarray, kinds: list[str]) -> float:
    """Return the least share at which WANTED of the tags are right, and WANTED_EVERYWHERE on every kind of source.

    Args:
        shares: (sounds, classes).
        labels: (sounds,).
        kinds: of source, a sound each; those with fewer than 20 tags given count only in the whole.
    """
    other = list(load_classes()).index(OTHER)
    best, confidence = shares.argmax(axis=1), shares.max(axis=1)
    groups = [np.array([kind == name for kind in kinds]) for name in sorted(set(kinds))]
    for threshold in np.arange(0.2, 0.99, 0.01):
        given = (confidence >= threshold) & (best != other)
        right = best == labels
        if not given.any() or right[given].mean() < WANTED:
            continue
        counted = [given & group for group in groups if (given & group).sum() >= _FEWEST]
        if all(right[rows].mean() >= WANTED_EVERYWHERE for rows in counted):
            return float(threshold)
    return 0.99


def _chances(train: Renders) -> Tensor:
    """Return how often each sound is drawn: classes alike; within one, kinds of source by the root of their size."""
    keys = list(zip(train.labels.tolist(), train.kinds, strict=True))
    sizes = {key: keys.count(key) for key in set(keys)}
    of_class: dict[int, float] = {}
    for (label, _), size in sizes.items():
        of_class[label] = of_class.get(label, 0.0) + size**0.5
    return torch.tensor([sizes[key] ** -0.5 / of_class[key[0]] for key in keys])


def _loss(network: TagNetwork, numbers: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    share = np.random.default_rng(int(torch.randint(1 << 30, ()))).beta(recipe.mixing, recipe.mixing)
    order = torch.randperm(len(numbers))
    blended = share * numbers + (1 - share) * numbers[order]
    blended = blended + recipe.jitter * network.scale * torch.randn_like(blended)
    logits = network(blended)
    loss = torch.nn.functional.cross_entropy
    first = loss(logits, labels, label_smoothing=recipe.smoothing)
    second = loss(logits, labels[order], label_smoothing=recipe.smoothing)
    return share * first + (1 - share) * second


def _judge(network: TagNetwork, valid: Renders) -> tuple[float, float]:
    network.eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(valid.numbers))
        labels = torch.from_numpy(valid.labels)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        return float(loss), float((logits.argmax(dim=1) == labels).float().mean())


def _calibrate(network: TagNetwork, valid: Renders) -> None:
    network.eval()
    with torch.inference_mode():
        logits, labels = network(torch.from_numpy(valid.numbers)), torch.from_numpy(valid.labels)
        losses = [float(torch.nn.functional.cross_entropy(logits / value, labels)) for value in _TEMPERATURES]
        network.temperature.fill_(float(_TEMPERATURES[int(np.argmin(losses))]))
        shares = torch.softmax(logits / network.temperature, dim=1).numpy()
    network.threshold.fill_(choose_threshold(shares, valid.labels, valid.kinds))
