"""Gain reduction: what a channel's gate, compressor and limiter take away over time, as its meter would show it."""

from dataclasses import dataclass

import numpy as np
import torch

from assistant.hearing import hear
from assistant.session import Session
from console.limiter import limiter
from console.parameters import PROCESSORS, spec
from console.settings import BUSES, Settings, kind_of
from console.strip import numbers, strip

__all__ = ["Reduction", "reductions"]

_BLOCK_S = 0.02
_QUIET = 1e-10
_FLOOR_DB = -60.0


@dataclass(frozen=True)
class Reduction:
    """What one processor takes away.

    Attributes:
        processor: "gate", "compressor" or "limiter".
        most_db, mean_db: 0 or below; the mean over the time in which the channel sounds.
        curve_db: (columns,) the greatest reduction in each stretch of the song, dB.
    """

    processor: str
    most_db: float
    mean_db: float
    curve_db: np.ndarray


def reductions(session: Session, settings: Settings, address: str, columns: int = 240) -> tuple[Reduction, ...]:
    """Measure a channel's dynamics processors that are in use, outside sections where knobs stand elsewhere.

    Args:
        session: whose song.
        settings: where the console stands.
        address: a track or "master"; other channels have no audio of their own here.
        columns: points of the curves, at most.
    """
    settings = settings.whole()
    kind = kind_of(address)
    used = [
        name
        for name in ("gate", "compressor", "limiter")
        if name in PROCESSORS[kind] and _used(settings, address, name)
    ]
    if not used or (kind != "track" and address != "master"):
        return ()
    rate = session.song.sample_rate
    channel = settings.channel(address)
    order = PROCESSORS[kind]
    audio = _input(session, settings, address)
    found = []
    for name in used:
        here = order.index(name)
        earlier = {key: value for key, value in channel.items() if order.index(spec(key).processor) < here}
        with torch.no_grad():
            before = strip(audio, rate, {k: v for k, v in earlier.items() if not k.startswith("send.")})
            after, gain = _through(before, rate, channel, name)
        found.append(_reduction(name, before[0].numpy(), after[0].numpy(), gain, rate, columns))
    return tuple(found)


def _through(audio: torch.Tensor, rate: int, channel, name: str) -> tuple[torch.Tensor, float]:
    """Return what comes out of one processor, and the gain it would have if it took nothing away, dB."""
    if name == "limiter":
        values = numbers(channel, "limiter")
        values.pop("on", None)
        return limiter(audio, rate, **values), float(values.get("gain_db", 0.0))
    only = {key: value for key, value in channel.items() if key.startswith(f"{name}.")}
    if name == "compressor":
        only |= {"compressor.makeup_db": 0.0, "compressor.mix": 1.0}
    return strip(audio, rate, only), 0.0


def _input(session: Session, settings: Settings, address: str) -> torch.Tensor:
    """Return (1, channels, samples) that runs into a channel."""
    if address not in BUSES:
        track = next(track for track in session.song.tracks if track.name == address)
        return torch.from_numpy(np.ascontiguousarray(track.audio))[None]
    neutral = settings.turned({(address, name): spec(name).default for name in settings.channel(address)})
    return torch.from_numpy(hear(session, neutral).master)[None]


def _used(settings: Settings, address: str, name: str) -> bool:
    if name == "limiter":
        return bool(settings.get(address, "limiter.on"))
    return settings.number(address, f"{name}.ratio") > 1.0


def _reduction(name: str, before: np.ndarray, after: np.ndarray, gain_db: float, rate: int, columns: int) -> Reduction:
    size = max(1, int(_BLOCK_S * rate))
    count = max(1, before.shape[-1] // size)
    power = [
        np.square(part[:, : count * size]).reshape(part.shape[0], count, -1).mean(axis=(0, 2))
        for part in (before, after)
    ]
    sounds = power[0] > _QUIET
    ratio_db = 10 * np.log10(np.maximum(power[1], _QUIET * 1e-6) / np.maximum(power[0], _QUIET)) - gain_db
    curve = np.where(sounds, np.clip(ratio_db, _FLOOR_DB, 0.0), 0.0)
    edges = np.linspace(0, count, min(columns, count), endpoint=False).astype(int)
    mean = float(curve[sounds].mean()) if sounds.any() else 0.0
    return Reduction(name, float(curve.min()), mean, np.minimum.reduceat(curve, edges))
