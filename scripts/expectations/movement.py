"""Learn to tell faults of movement and space from sound material: a small network over `features.motion`.

What it was given with a fault in, it must call so; sound material, and material with faults of another family, it must
call none. Thresholds come from songs or packages that a network did not see.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from assistant.diagnose.dynamics import MOVING
from assistant.diagnose.expectations import Movement, movement_from
from assistant.diagnose.features import MOTION
from scripts.expectations.spoil import Moved

__all__ = ["fit_movement"]

_MEMBERS, _FOLDS = 3, 4
_HIDDEN, _EPOCHS, _BATCH, _RATE = 24, 160, 256, 4e-3
_DECAY, _DROP_IN, _DROP = 0.04, 0.1, 0.2
_TOLD = {
    "squashed": "high peaks over typical ones",
    "pumping": "beat of all bands",
    "uneven": "slow swing of the level",
    "spiky": "attacks over what follows, sharpest",
    "washed-out": "longer falls within bands",
}
"""Which value of `features.motion` is told with a finding."""


def fit_movement(moved: Mapping[str, Moved], false_share: Mapping[str, float]) -> dict:
    """Return the network as JSON.

    Args:
        moved: {song or package: rows}; none of it is in two.
        false_share: {fault: share of sound material that may pass its threshold}.
    """
    groups = np.array([group for group, rows in moved.items() for _ in rows])
    labels = np.array([label for rows in moved.values() for _, label, _ in rows])
    values = np.array([row for rows in moved.values() for _, _, row in rows])
    classes = np.array([MOVING.index(label) if label in MOVING else len(MOVING) for label in labels])
    unseen = np.zeros((len(values), len(MOVING)))
    for inside in _folds(groups):
        held = movement_from({**_network(values[~inside], classes[~inside], labels[~inside]), **_no_thresholds()})
        unseen[inside] = [list(held.scores(row).values()) for row in values[inside]]
    sound = np.isin(labels, ("clean", "other"))
    data = _network(values, classes, labels)
    data["thresholds"] = {
        fault: round(float(np.quantile(unseen[sound, index], 1 - false_share[fault])), 2)
        for index, fault in enumerate(MOVING)
    }
    data["plain"] = {
        fault: round(float(np.median(unseen[labels == fault, index])), 2) for index, fault in enumerate(MOVING)
    }
    data["recall"] = {
        fault: round(float(np.mean(unseen[labels == fault, index] > data["thresholds"][fault])), 3)
        for index, fault in enumerate(MOVING)
    }
    return data


def _no_thresholds() -> dict:
    return {"thresholds": dict.fromkeys(MOVING, 0.0), "plain": dict.fromkeys(MOVING, 1.0)}


def _folds(groups: np.ndarray) -> list[np.ndarray]:
    """Return masks that share the groups out, the largest first, each to the smallest fold."""
    names, sizes = np.unique(groups, return_counts=True)
    folds: list[list[str]] = [[] for _ in range(_FOLDS)]
    weight = [0] * _FOLDS
    for index in np.argsort(-sizes):
        smallest = int(np.argmin(weight))
        folds[smallest].append(names[index])
        weight[smallest] += int(sizes[index])
    return [np.isin(groups, fold) for fold in folds if fold]


def _network(values: np.ndarray, classes: np.ndarray, labels: np.ndarray) -> dict:
    centre = np.median(values, axis=0)
    scale = np.subtract(*np.quantile(values, [0.9, 0.1], axis=0)) / 2.56 + 1e-3
    told = {fault: MOTION.index(name) for fault, name in _TOLD.items()}
    clean = values[labels == "clean"]
    data = {
        "faults": list(MOVING),
        "count": int((labels == "clean").sum()),
        "centre": np.round(centre, 4).tolist(),
        "scale": np.round(scale, 4).tolist(),
        "told": told,
        "usual": {fault: np.round(np.quantile(clean[:, at], [0.05, 0.95]), 2).tolist() for fault, at in told.items()},
    }
    inputs = Movement.standard(values, np.array(data["centre"]), np.array(data["scale"]))
    return {**data, "members": [_member(inputs, classes, seed) for seed in range(_MEMBERS)]}


def _member(inputs: np.ndarray, classes: np.ndarray, seed: int) -> dict[str, Sequence]:
    torch.manual_seed(seed)
    network = torch.nn.Sequential(
        torch.nn.Dropout(_DROP_IN),
        torch.nn.Linear(inputs.shape[1], _HIDDEN),
        torch.nn.Tanh(),
        torch.nn.Dropout(_DROP),
        torch.nn.Linear(_HIDDEN, len(MOVING) + 1),
    )
    steps = -(-len(inputs) // _BATCH) * _EPOCHS
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=_DECAY)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    given, wanted = torch.tensor(inputs, dtype=torch.float32), torch.tensor(classes)
    for _ in range(_EPOCHS):
        for batch in torch.randperm(len(given)).split(_BATCH):
            loss = torch.nn.functional.cross_entropy(network(given[batch]), wanted[batch], label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            slower.step()
    hidden, out = network[1], network[4]
    return {
        "hidden": _rounded(hidden.weight), "hidden_bias": _rounded(hidden.bias),
        "out": _rounded(out.weight), "out_bias": _rounded(out.bias),
    }  # fmt: skip


def _rounded(values: torch.Tensor) -> list:
    return [[round(v, 3) for v in row] if isinstance(row, list) else round(row, 3) for row in values.detach().tolist()]
