"""P4 by gradient: find on one sound the setting whose direction was taken from another.

The direction is d = E(fx(a)) - E(a). Console parameters start where nothing (or nearly nothing) happens on another
sound b and follow Adam down the squared distance of E(fx(b)) - E(b) from d, over the square of d's length; of an
encoder that says how changes are compared (`comparable`), there. Cosine and length apart recovered less (EQ curves of
production features: r .79 against .94); its root or a Huber loss, as much.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.encoder_metrics import correlation
from console.dynamics import compressor
from console.filters import eq_sections, parametric_eq, response_db
from console.parameters import spec, specs_of
from console.space import reverb
from models.encoder import Encoder
from models.training.chains import Chain
from models.training.corpus import SAMPLE_RATE

__all__ = ["EFFECTS", "Found", "Tuned", "agreement", "apply", "ascend", "loss_of", "start_of"]

RECOVERY_VERSION = 3
CURVE_HZ = np.geomspace(25.0, 19000.0, 40)
_RATE_START, _RATE_END = 0.2, 0.02  # in units of the logistic; a quarter of it is the share of a knob's range


@dataclass(frozen=True)
class Tuned:
    """A knob that is tuned: its name in the console's table, and where it starts."""

    name: str
    start: float


EFFECTS: Mapping[str, tuple[Tuned, ...]] = {
    "eq": tuple(Tuned(entry.name, float(entry.default)) for entry in specs_of("track") if entry.processor == "eq"),
    "compressor": (
        Tuned("compressor.threshold_db", -24.0),
        Tuned("compressor.ratio", 1.5),
        Tuned("compressor.attack_ms", 10.0),
        Tuned("compressor.release_ms", 150.0),
    ),
    "reverb": (
        Tuned("send.reverb_db", -20.0),
        Tuned("reverb.decay_s", 1.2),
        Tuned("reverb.predelay_ms", 20.0),
        Tuned("reverb.damping_hz", 6000.0),
        Tuned("reverb.size", 0.5),
        Tuned("reverb.colour_db", 0.0),
        Tuned("reverb.lowcut_hz", 150.0),
    ),
}
"""What is tuned for each effect, and where it starts. Flat for the EQ; a compressor and a send that stand at neutral
have no gradient."""


@dataclass(frozen=True)
class Found:
    """What the ascent came to.

    Attributes:
        values: {knob: (cases,)}.
        losses: (steps, cases) on the way.
    """

    values: Mapping[str, np.ndarray]
    losses: np.ndarray


def start_of(effect: str, cases: int) -> Tensor:
    """Return (cases, knobs) where the ascent starts, as logits of the shares of the knobs' ranges."""
    shares = [_share(tuned) for tuned in EFFECTS[effect]]
    return torch.tensor([math.log(share / (1.0 - share)) for share in shares]).expand(cases, -1).clone()


def values_of(effect: str, logits: Tensor) -> dict[str, Tensor]:
    """Return {knob: (cases,)} of (cases, knobs) logits, inside the console's ranges."""
    values = {}
    for tuned, share in zip(EFFECTS[effect], torch.sigmoid(logits.double()).unbind(dim=1), strict=True):
        entry = spec(tuned.name)
        if entry.curve == "log":
            values[tuned.name] = entry.low * (entry.high / entry.low) ** share
        else:
            values[tuned.name] = entry.low + (entry.high - entry.low) * share
    return values


def apply(effect: str, audio: Tensor, values: Mapping[str, Tensor]) -> Tensor:
    """Put (cases, 2, samples) through one effect of the console, (cases,) values each."""
    bare = {name.split(".")[1]: value for name, value in values.items()}
    if effect == "eq":
        return parametric_eq(audio, SAMPLE_RATE, **bare)
    if effect == "compressor":
        return compressor(audio, SAMPLE_RATE, **bare)
    gains = (10.0 ** (bare.pop("reverb_db") / 20.0)).to(audio.dtype)
    rooms = [
        gain * reverb(audio[case][None], SAMPLE_RATE, **{name: value[case][None] for name, value in bare.items()})
        for case, gain in enumerate(gains)
    ]
    return audio + torch.cat(rooms)


def loss_of(encoder: Encoder, effect: str, audio: Tensor, dry: Tensor, direction: Tensor, logits: Tensor) -> Tensor:
    """Return (cases,) squared distances of the change from the direction, over the direction's squared length.

    Args:
        encoder: differentiable.
        effect: one of EFFECTS.
        audio: (cases, 2, samples).
        dry: (cases, dimensions) its embedding.
        direction: (cases, dimensions).
        logits: (cases, knobs).
    """
    change = encoder.embed(apply(effect, audio, values_of(effect, logits)), SAMPLE_RATE) - dry
    comparable = getattr(encoder, "comparable", None)
    if comparable is not None:
        change, direction = comparable(change), comparable(direction)
    return (change - direction).square().sum(dim=1) / direction.square().sum(dim=1).clamp(min=1e-12)


def ascend(
    encoder: Encoder, effect: str, audio: Tensor, dry: Tensor, direction: Tensor, steps: int, batch: int = 4
) -> Found:
    """Follow Adam for so many steps; arguments as in `loss_of`."""
    values, losses = [], []
    for begin in range(0, len(audio), batch):
        part = slice(begin, begin + batch)
        logits = start_of(effect, len(audio[part])).requires_grad_()
        adam = torch.optim.Adam([logits], lr=_RATE_START, betas=(0.8, 0.95))
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, max(steps, 1), _RATE_END)
        way = []
        for _ in range(steps):
            adam.zero_grad()
            loss = loss_of(encoder, effect, audio[part], dry[part], direction[part], logits)
            loss.sum().backward()  # a case has its own knobs: the sum tunes each for itself
            adam.step()
            falling.step()
            way.append(loss.detach().numpy())
        values.append({name: value.numpy() for name, value in values_of(effect, logits.detach()).items()})
        losses.append(np.stack(way))
    joined = {name: np.concatenate([part[name] for part in values]) for name in values[0]}
    return Found(joined, np.concatenate(losses, axis=1))


def agreement(effect: str, found: Found, chains: Sequence[Chain]) -> dict[str, float]:
    """Return correlations of what was found and what was true.

    Returns:
        eq: {"curve": mean over cases of r over 40 bands, mean removed}. compressor: {"amount": r over cases of dB
        taken off a peak 10 dB above the loudness, "attack": of log times}. reverb: {"send": dB, "decay": log times}.
    """
    if effect == "eq":
        true = {
            tuned.name: torch.tensor([float(chain.values.get(tuned.name, tuned.start)) for chain in chains])
            for tuned in EFFECTS["eq"]
        }
        both = (found.values, true)
        curves = [_curves({name: torch.as_tensor(value) for name, value in each.items()}) for each in both]
        return {"curve": float(np.mean([correlation(a, b) for a, b in zip(*curves, strict=True)]))}
    if effect == "compressor":
        names = ("compressor.threshold_db", "compressor.ratio", "compressor.attack_ms")
        found_numbers = [found.values[name] for name in names]
        true_numbers = [np.array([float(chain.values[name]) for chain in chains]) for name in names]
        return {
            "amount": correlation(_amount(*found_numbers[:2]), _amount(*true_numbers[:2])),
            "attack": correlation(np.log(found_numbers[2]), np.log(true_numbers[2])),
        }
    sends = np.array([float(chain.reverb_send_db or 0.0) for chain in chains])
    decays = np.array([chain.reverb["reverb.decay_s"] for chain in chains])
    return {
        "send": correlation(found.values["send.reverb_db"], sends),
        "decay": correlation(np.log(found.values["reverb.decay_s"]), np.log(decays)),
    }


def _amount(threshold_db: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    return np.maximum(-10.0 - threshold_db, 0.0) * (1.0 - 1.0 / ratio)


def _curves(values: Mapping[str, Tensor]) -> np.ndarray:
    """Return (cases, 40) dB."""
    bare = {name.split(".")[1]: value for name, value in values.items()}
    cases = len(next(iter(bare.values())))
    sections = eq_sections(torch.zeros(cases, 2, 1), SAMPLE_RATE, **bare)
    return response_db(sections, torch.from_numpy(CURVE_HZ), SAMPLE_RATE).numpy()


def _share(tuned: Tuned) -> float:
    entry = spec(tuned.name)
    if entry.curve == "log":
        return math.log(tuned.start / entry.low) / math.log(entry.high / entry.low)
    return (tuned.start - entry.low) / (entry.high - entry.low)
