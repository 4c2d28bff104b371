"""P4 by a linear head: can a setting be read off the change of an embedding?

Every encoder gets the same ridge regression, fitted on sounds of the training split and chains of its own; an encoder
that brings heads (`read_changes`) is also measured by those. Read on single effects of the console, test contents.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.encoder_material import AnyChain
from benchmarks.encoder_metrics import correlation
from benchmarks.encoder_protocols import Embedded
from benchmarks.encoder_styles import PROTOCOL_EFFECTS
from models.encoder import Encoder
from models.training.chains import Chain, draw_chain

__all__ = ["EFFECT_OF", "Ridge", "fit_ridge", "head_chains", "head_rows"]

EFFECT_OF: Mapping[str, str] = {
    "eq_db": "eq",
    "compression_db": "compressor",
    "attack": "compressor",
    "release": "compressor",
    "drive_db": "saturation",
    "width": "width",
    "reverb_db": "reverb",
    "decay": "reverb",
}
"""Which single effect each number is read on."""

_PENALTIES = tuple(10.0**power for power in range(-3, 5))
_FOLDS = 5
Targets = Callable[[Chain], Mapping[str, np.ndarray]]
Ridge = Callable[[np.ndarray], np.ndarray]
"""(items, dimensions) changes to (items, numbers)."""


def head_chains(contents: int, each: int, seed: int, effects: Sequence[str] = PROTOCOL_EFFECTS) -> list[list[AnyChain]]:
    """Return for each content chains of its own, of one and two effects in turn."""
    generator = np.random.default_rng([seed, 2])
    return [[draw_chain(generator, 1 + number % 2, effects) for number in range(each)] for _ in range(contents)]


def fit_ridge(changes: np.ndarray, numbers: np.ndarray, folds: np.ndarray) -> Ridge:
    """Fit standardised changes to numbers; the penalty is the best over folds.

    Args:
        changes: (items, dimensions).
        numbers: (items, count).
        folds: (items,) labels; a fold is predicted from the others.
    """
    centre, scale = changes.mean(axis=0), changes.std(axis=0) + 1e-9
    spread = numbers.std(axis=0) + 1e-9
    x, y = (changes - centre) / scale, (numbers - numbers.mean(axis=0)) / spread
    errors = np.zeros(len(_PENALTIES))
    for fold in np.unique(folds):
        train, held = folds != fold, folds == fold
        for place, weights in enumerate(_solutions(x[train], y[train])):
            errors[place] += np.square(x[held] @ weights - y[held]).sum()
    weights = _solutions(x, y)[int(np.argmin(errors))]
    middle = numbers.mean(axis=0)
    return lambda more: (more - centre) / scale @ weights * spread + middle


def head_rows(
    encoder: Encoder,
    train: Embedded,
    train_chains: Sequence[Sequence[AnyChain]],
    test: Embedded,
    test_chains: Sequence[AnyChain],
    types: Sequence[str],
    targets: Targets,
) -> list[dict[str, Any]]:
    """Return a row for the ridge head, and one for the encoder's own heads if it has any.

    Args:
        encoder: that embedded both sets.
        train: (contents, chains) with chains of each content's own; all are Chain.
        test: settings of one effect each; those not of the console are passed over.
        targets: {name: (count,)} of a chain.
    Returns:
        {"encoder", "head": "ridge" or "own", "r": {name: correlation}}. Of a curve: the mean over items of the
        correlation of the two curves; of a number: the correlation over items.
    """
    wanted = _table([[targets(chain) for chain in row if isinstance(chain, Chain)] for row in train_chains])
    folds = np.repeat(np.arange(len(train_chains)) % _FOLDS, len(train_chains[0]))
    changes = train.changes.reshape(folds.size, -1)
    heads = {name: fit_ridge(changes, rows, folds) for name, rows in wanted.items() if name in EFFECT_OF}
    own = getattr(encoder, "read_changes", None)
    result: dict[str, dict[str, float]] = {"ridge": {}} | ({"own": {}} if own is not None else {})
    for name, effect in EFFECT_OF.items():
        places = [place for place, kind in enumerate(types) if kind == effect]
        if not places or name not in heads:
            continue
        true = _table([[targets(test_chains[place]) for place in places]] * len(test.dry))[name]  # type: ignore[arg-type]
        moved = test.changes[:, places].reshape(len(true), -1)
        result["ridge"][name] = _agreement(heads[name](moved), true)
        if own is not None:
            with torch.no_grad():
                read = own(torch.from_numpy(moved).float())
            if name in read:
                result["own"][name] = _agreement(read[name].double().numpy().reshape(true.shape), true)
    return [{"encoder": encoder.name, "head": head, "r": rows} for head, rows in result.items()]


def _solutions(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the ridge weights (dimensions, numbers) for every penalty, from one decomposition."""
    left, values, right = np.linalg.svd(x, full_matrices=False)
    along = left.T @ y
    return [right.T @ (along * (values / (values**2 + penalty * len(x) / 100))[:, None]) for penalty in _PENALTIES]


def _table(rows: Sequence[Sequence[Mapping[str, np.ndarray]]]) -> dict[str, np.ndarray]:
    """Return {name: (items, count)}, contents outermost."""
    flat = [item for row in rows for item in row]
    return {name: np.stack([np.atleast_1d(item[name]) for item in flat]).astype(np.float64) for name in flat[0]}


def _agreement(found: np.ndarray, true: np.ndarray) -> float:
    if true.shape[1] > 1:
        return float(np.mean([correlation(a, b) for a, b in zip(found, true, strict=True)]))
    return correlation(found[:, 0], true[:, 0])
