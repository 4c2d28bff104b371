"""Put trained members together into the encoder that is shipped: one scale, heads, and a way to compare changes."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.fx_encoder.encoder import FxEncoder
from models.fx_encoder.network import FxNetwork
from models.training.fit import target_matrix
from models.training.renders import Shard
from models.training.targets import TARGETS

__all__ = ["assemble"]

_GROUPS = 400
_RIDGE = 1e-3
_PLACE_WEIGHT = 1.0
"""Of what the heads do not read, against what they do: squared distances, each in units of its usual size."""


@torch.inference_mode()
def assemble(members: Sequence[FxNetwork], shard: Shard) -> FxEncoder:
    """Scale members so that a chain of two effects typically moves the encoder by 1, and fit heads to their changes.

    Args:
        members: trained networks; their last layers are scaled in place.
        shard: what they were trained on; some of it is used.
    """
    step = max(1, len(shard.numbers) // _GROUPS)
    numbers = torch.from_numpy(shard.numbers[::step]).float()
    pairs = [[len(chain.effects) == 2 for chain in chains] for chains in shard.chains[::step]]
    two_effects = torch.tensor(pairs)[:, None].expand(-1, numbers.shape[1], -1)
    changes = []
    for member in members:
        change = _changes(member, numbers)
        typical = float(change[two_effects].square().sum(dim=-1).median().sqrt()) * len(members) ** 0.5
        last = member.inner[-1]
        for tensor in (member.skip.weight, last.weight, last.bias):
            tensor.div_(typical)
        changes.append(change / typical)
    together = torch.cat(changes, dim=-1)
    targets = torch.from_numpy(target_matrix(shard)[::step])[:, None].expand(-1, numbers.shape[1], -1, -1)
    heads = _ridge(together.flatten(0, 2), targets.flatten(0, 2))
    usual = targets.flatten(0, 2).std(dim=0).clamp(min=1e-3)
    return FxEncoder(members, heads, dict(TARGETS), _comparison(together, heads / usual[:, None]))


def _comparison(changes: Tensor, heads: Tensor) -> Tensor:
    """Return the symmetric root of a metric: what heads read, and the rest with the spread over contents taken out.

    Args:
        changes: (groups, contents, chains, dimensions).
        heads: (targets, dimensions), over the targets' usual sizes.
    """
    contents = changes.shape[1]
    apart = (changes - changes.mean(dim=1, keepdim=True)).flatten(0, 2).double()
    spread = apart.T @ apart / len(apart) * contents / (contents - 1)
    size = spread.trace() / len(spread)
    metric = heads.double().T @ heads.double() + _PLACE_WEIGHT * torch.linalg.inv(
        spread + size * torch.eye(len(spread))
    )
    values, vectors = torch.linalg.eigh(metric)
    return (vectors @ torch.diag(values.clamp(min=0.0).sqrt()) @ vectors.T).float()


def _changes(member: FxNetwork, numbers: Tensor) -> Tensor:
    flat = torch.cat([member(part) for part in numbers.flatten(0, 2).split(4096)])
    place = flat.unflatten(0, numbers.shape[:3])
    return place[:, :, 1:] - place[:, :, :1]


def _ridge(changes: Tensor, targets: Tensor) -> Tensor:
    """Return (targets, dimensions) by least squares through the origin."""
    x, y = changes.double().numpy(), targets.double().numpy()
    gram = x.T @ x
    gram += _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    return torch.from_numpy(np.linalg.solve(gram, x.T @ y).T.astype(np.float32))
