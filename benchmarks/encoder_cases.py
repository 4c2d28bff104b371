"""P4 by gradient for every encoder: the cases, the ascents (kept), and what the others say of the moves found."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.encoder_cache import fingerprint, kept_result
from benchmarks.encoder_gradient import rises, seen_by, smoothness
from benchmarks.encoder_material import in_threads
from benchmarks.encoder_protocols import embed
from benchmarks.encoder_recovery import EFFECTS, RECOVERY_VERSION, Found, agreement, apply, ascend
from models.encoder import Encoder
from models.training.chains import Chain, draw_chain, render_chains
from models.training.corpus import SAMPLE_RATE

__all__ = ["Cases", "draw_cases", "recovery"]

_SECONDS = 4.0


@dataclass(frozen=True)
class Cases:
    """Settings of one effect, the sound each was heard on and the one it is to be found on.

    Attributes:
        effect: one of `EFFECTS`.
        chains: one a case.
        source, processed: (cases, 2, samples) the first sound, dry and through its chain.
        target: (cases, 2, samples) the other sound, dry; `answer` through the same chain.
    """

    effect: str
    chains: tuple[Chain, ...]
    source: Tensor
    processed: Tensor
    target: Tensor
    answer: Tensor


def draw_cases(contents: np.ndarray, count: int, seed: int, effects: Sequence[str] = tuple(EFFECTS)) -> list[Cases]:
    """Draw pairs of (contents, 2, samples) for every effect, and a setting each; the middle 4 s are used."""
    samples = min(round(_SECONDS * SAMPLE_RATE), contents.shape[-1])
    begin = (contents.shape[-1] - samples) // 2
    audio = torch.from_numpy(np.ascontiguousarray(contents[..., begin : begin + samples]))
    cases = []
    for number, effect in enumerate(effects):
        generator = np.random.default_rng([seed, 3, number])
        chains = tuple(draw_chain(generator, 1, [effect]) for _ in range(count))
        pairs = np.array([generator.choice(len(audio), size=2, replace=False) for _ in range(count)])
        first, second = audio[pairs[:, 0]], audio[pairs[:, 1]]
        with torch.no_grad():
            wet = [render_chains(sounds, SAMPLE_RATE, chains) for sounds in (first, second)]
        cases.append(Cases(effect, chains, first, wet[0], second, wet[1]))
    return cases


def recovery(
    encoders: Sequence[Encoder], cases: Sequence[Cases], steps: int, cache: Path | None = None, workers: int = 1
) -> dict[str, list[dict[str, Any]]]:
    """Ascend through every encoder, and let every other one look at what was found.

    Args:
        encoders: differentiable.
        cases: of each effect; those of the EQ also measure smoothness.
        steps: of Adam.
        cache: folder of results; None: nothing is kept.
        workers: threads, one (encoder, effect) each.
    Returns:
        {"recovery": rows of "encoder", "effect", "r", "left" (squared distance, of the direction's), "rises";
        "seen_by": rows of "through", "seen_by", "effect" and `seen_by`'s figures; "smoothness": rows an encoder}.
    """
    marks = {encoder.name: fingerprint(encoder) if cache is not None else "" for encoder in encoders}

    def one(job: tuple[Encoder, Cases]) -> tuple[Found, dict[str, Any]]:
        encoder, these = job
        if cache is None:
            return _unpacked(_ascended(encoder, these, steps))
        path = cache / f"recovery-{marks[encoder.name]}-{these.effect}-{_mark(these, steps)}.json"
        return _unpacked(kept_result(path, lambda: _ascended(encoder, these, steps)))

    jobs = [(encoder, these) for encoder in encoders for these in cases]
    done = dict(
        zip([(encoder.name, these.effect) for encoder, these in jobs], in_threads(one, jobs, workers), strict=True)
    )
    rows: dict[str, list[dict[str, Any]]] = {"recovery": [], "seen_by": [], "smoothness": []}
    for encoder, these in jobs:
        found, extra = done[encoder.name, these.effect]
        row = {"encoder": encoder.name, "effect": these.effect, "r": agreement(these.effect, found, these.chains)}
        rows["recovery"].append({**row, "left": float(found.losses[-1].mean()), "rises": rises(found.losses)})
        if extra:
            rows["smoothness"].append({"encoder": encoder.name, **extra})
    for these in cases:
        moved = {encoder.name: _moved(these, done[encoder.name, these.effect][0]) for encoder in encoders}
        looks = in_threads(lambda encoder, these=these, moved=moved: _look(encoder, these, moved), encoders, workers)
        rows["seen_by"] += [row for some in looks for row in some]
    rows["seen_by"].sort(key=lambda row: [encoder.name for encoder in encoders].index(row["through"]))
    return rows


def _ascended(encoder: Encoder, cases: Cases, steps: int) -> dict[str, Any]:
    """Return the ascent, ready for JSON."""
    dry = torch.from_numpy(embed(encoder, cases.target)).float()
    direction = torch.from_numpy(embed(encoder, cases.processed) - embed(encoder, cases.source)).float()
    found = ascend(encoder, cases.effect, cases.target, dry, direction, steps)
    extra = smoothness(encoder, cases.target, dry, direction) if cases.effect == "eq" else {}
    values = {name: value.tolist() for name, value in found.values.items()}
    return {"values": values, "losses": found.losses.tolist(), "smoothness": extra}


def _unpacked(kept: dict[str, Any]) -> tuple[Found, dict[str, Any]]:
    values = {name: np.array(value) for name, value in kept["values"].items()}
    return Found(values, np.array(kept["losses"])), kept["smoothness"]


def _moved(cases: Cases, found: Found) -> Tensor:
    """Return the target sounds through the settings found."""
    with torch.no_grad():
        return apply(cases.effect, cases.target, {name: torch.from_numpy(v) for name, v in found.values.items()})


def _look(encoder: Encoder, cases: Cases, moved: dict[str, Tensor]) -> list[dict[str, Any]]:
    """Return this encoder's view of what was found through all."""
    dry = embed(encoder, cases.target)
    true = embed(encoder, cases.answer) - dry
    directions = embed(encoder, cases.processed) - embed(encoder, cases.source)
    return [
        {
            "through": through,
            "seen_by": encoder.name,
            "effect": cases.effect,
            **seen_by(embed(encoder, audio) - dry, true, directions),
        }
        for through, audio in moved.items()
    ]


def _mark(cases: Cases, steps: int) -> str:
    mark = hashlib.sha256(f"{RECOVERY_VERSION} {steps}".encode())
    for audio in (cases.processed, cases.target):
        mark.update(audio.numpy().tobytes())
    return mark.hexdigest()[:16]
