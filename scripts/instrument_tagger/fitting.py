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
from scripts.instrument_tagger.renders import Renders

__all__ = ["WANTED", "Recipe", "choose_threshold", "fit"]

WANTED = 0.9
"""How many of the tags that are given should be right."""
_TEMPERATURES = np.geomspace(0.5, 5.0, 60)
_FEWEST = 20


@dataclass(frozen=True)
class Recipe:
    """How the network is fitted.

    Attributes:
        epochs, batch, learning_rate, weight_decay: of AdamW under a cosine schedule.
        dropout: share of inputs and of hidden values left out.
        jitter: of inputs, in standard deviations.
        mixing: Beta parameter of mixup; sounds and labels are blended in pairs.
        smoothing: share of a label spread over all classes.
        seed: of everything drawn.
    """

    epochs: int = 60
    batch: int = 128
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    jitter: float = 0.3
    mixing: float = 0.2
    smoothing: float = 0.03
    seed: int = 0


def fit(train: Renders, valid: Renders, out: Path, recipe: Recipe) -> None:
    """Fit on train, keep the epoch that is best on valid, calibrate there, write the weights in half precision."""
    torch.manual_seed(recipe.seed)
    network = TagNetwork(recipe.dropout)
    numbers, labels = torch.from_numpy(train.numbers), torch.from_numpy(train.labels)
    network.mean.copy_(numbers.mean(dim=0).half())
    network.scale.copy_(numbers.std(dim=0).clamp(min=1e-2).half())
    chances = _chances(train)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * (len(numbers) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, total_steps=steps)
    best, kept = float("inf"), copy.deepcopy(network.state_dict())
    for step in range(steps):
        network.train()
        chosen = torch.multinomial(chances, recipe.batch, replacement=True)
        loss = _loss(network, numbers[chosen], labels[chosen], recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 49 or step == steps - 1:
            now, right = _judge(network, valid)
            if now < best:
                best, kept = now, copy.deepcopy(network.state_dict())
            if step % 250 == 249 or step == steps - 1:
                print(f"step {step + 1}: loss {loss.item():.3f}, valid {now:.3f}, right {right:.3f}", flush=True)
    network.load_state_dict({name: tensor.half().float() for name, tensor in kept.items()})
    _calibrate(network, valid)
    tensors = {name: tensor.to(torch.float16).contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, out, metadata={"trained_on": f"{len(numbers)} sounds", "recipe": str(recipe)})
    print(f"temperature {float(network.temperature):.2f}, threshold {float(network.threshold):.2f}: {out}")


def choose_threshold(shares: np.ndarray, labels: np.ndarray, kinds: list[str]) -> float:
    """Return the least share at which WANTED of the tags given are right, over all and on every kind of source.

    Args:
        shares: (sounds, classes).
        labels: (sounds,).
        kinds: of source, a sound each; kinds with fewer than 20 tags given count only in the whole.
    """
    other = list(load_classes()).index(OTHER)
    best, confidence = shares.argmax(axis=1), shares.max(axis=1)
    groups = [np.ones(len(labels), bool), *(np.array([kind == name for kind in kinds]) for name in set(kinds))]
    for threshold in np.arange(0.2, 0.99, 0.01):
        given = (confidence >= threshold) & (best != other)
        counted = [given & group for group in groups]
        if all((best == labels)[rows].mean() >= WANTED for rows in counted if rows.sum() >= _FEWEST):
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
