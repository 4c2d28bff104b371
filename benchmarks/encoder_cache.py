"""What was computed before for the same encoder and the same sounds: embeddings and results, kept on disk."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assistant.one_thread import one_thread
from benchmarks.material import bursts
from models.encoder import Encoder
from models.training.corpus import SAMPLE_RATE

__all__ = ["fingerprint", "kept_arrays", "kept_result"]

_PROBE_S = 1.5
Arrays = dict[str, np.ndarray]


def fingerprint(encoder: Encoder) -> str:
    """Name an encoder by what it says of a known sound: other weights, another name.

    What a second and a half of bursts does not show (a change in how long sounds are cut) needs the cache deleted.
    """
    probe = bursts(2, _PROBE_S, seed=7)
    with torch.no_grad(), one_thread():
        numbers = encoder.embed(probe, SAMPLE_RATE).flatten().tolist()
    text = f"{encoder.name} {encoder.dimensions} " + " ".join(f"{number:.3e}" for number in numbers)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_arrays(path: Path, make: Callable[[], Arrays]) -> Arrays:
    """Return arrays from a file, or make them and write it."""
    if path.is_file():
        with np.load(path) as file:
            return dict(file)
    arrays = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.part.npz")
    np.savez(beside, **arrays)  # type: ignore[arg-type]
    os.replace(beside, path)
    return arrays


def kept_result(path: Path, make: Callable[[], Any]) -> Any:
    """Return a result from a JSON file, or make it and write it."""
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    result = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.part")
    beside.write_text(json.dumps(result), encoding="utf-8")
    os.replace(beside, path)
    return result
