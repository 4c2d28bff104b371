"""Random effect chains on our console, over ranges that music is mixed in.

A chain is knob values for one strip (`console.strip`), the two effect buses behind it (`console.space`), and a
decorrelated side for widening sounds that have none. `Chain.scaled` gives the same chain at part of its strength.
"""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from console.errors import AudioShapeError, ParameterError
from console.filters import BANDS
from console.loudness import integrated_lufs
from console.parameters import SATURATION_TYPES, Value, spec
from console.space import delay, reverb
from console.strip import strip

__all__ = ["EFFECTS", "REFERENCE_LUFS", "Chain", "draw_chain", "render_chains", "to_loudness"]

REFERENCE_LUFS = -20.0
"""Where contents stand before a chain, so that thresholds and drives mean the same for all."""

_QUIETEST_SEND_DB = -60.0
_SPREAD_S = 0.03
_SPREAD_PULSES_HZ = 1200
_SPREAD_SEED = 20261122
_NO_VALUES: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True)
class Chain:
    """What is done to one sound.

    Attributes:
        effects: names from EFFECTS, in signal order.
        values: strip knobs by name; those left out are neutral.
        reverb, delay: bus knobs by their full names; read only where the send is open.
        reverb_send_db, delay_send_db: level into the buses, dB; None is off.
        spread: gain of the decorrelated side, of the mid; 0 is off.
    """

    effects: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=lambda: _NO_VALUES)
    reverb: Mapping[str, float] = field(default_factory=lambda: _NO_VALUES)  # type: ignore[assignment]
    delay: Mapping[str, float] = field(default_factory=lambda: _NO_VALUES)  # type: ignore[assignment]
    reverb_send_db: float | None = None
    delay_send_db: float | None = None
    spread: float = 0.0

    def scaled(self, strength: float) -> "Chain":
        """Return the chain at part of its strength: 0 changes nothing, 1 is the chain itself.

        EQ gains, drive and saturation mix, ranges and the logarithms of ratios go in proportion; sends and spread
        in amplitude; thresholds, frequencies and times stay.
        """
        if not 0.0 <= strength <= 1.0:
            raise ParameterError(f"strength={strength} is outside 0 to 1. Use a value inside.")
        values = {name: _scaled(name, value, strength) for name, value in self.values.items()}
        sends = [_quieter(send, strength) for send in (self.reverb_send_db, self.delay_send_db)]
        return replace(
            self, values=values, reverb_send_db=sends[0], delay_send_db=sends[1], spread=self.spread * strength
        )


def _scaled(name: str, value: Value, strength: float) -> Value:
    if isinstance(value, str):
        return value
    if name.endswith(".ratio"):
        return float(value**strength)
    if name == "stereo.width":
        return 1.0 + (value - 1.0) * strength
    if name.endswith(("_gain_db", ".range_db", ".drive_db", ".makeup_db", "saturation.mix")):
        return value * strength
    return value


def _quieter(send_db: float | None, strength: float) -> float | None:
    if send_db is None or strength == 0.0:
        return None
    return max(send_db + 20.0 * float(np.log10(strength)), _QUIETEST_SEND_DB)


Draw = Callable[[np.random.Generator], Chain]


def _between(generator: np.random.Generator, low: float, high: float) -> float:
    return float(generator.uniform(low, high))


def _octaves(generator: np.random.Generator, low: float, high: float) -> float:
    return float(low * (high / low) ** generator.random())


def _draw_eq(generator: np.random.Generator) -> Chain:
    """Two to six bands; bells are drawn in ascending frequency, one to each stretch of the spectrum."""
    used = generator.choice(len(BANDS), size=int(generator.integers(2, len(BANDS) + 1)), replace=False)
    stretches = {
        "low_shelf": (60.0, 320.0),
        "bell_1": (80.0, 400.0),
        "bell_2": (250.0, 1200.0),
        "bell_3": (700.0, 4000.0),
        "bell_4": (2500.0, 12000.0),
        "high_shelf": (2500.0, 12000.0),
    }
    values: dict[str, Value] = {}
    for index in sorted(used):
        band = BANDS[index]
        size = float(generator.choice((6.0, 9.0, 12.0)))
        gain_db = float(generator.choice((-1.0, 1.0))) * _between(generator, 0.3, 1.0) * size
        q = (0.4, 1.0) if band.endswith("shelf") else (0.5, 3.0)
        values[f"eq.{band}_gain_db"] = gain_db
        values[f"eq.{band}_freq_hz"] = _octaves(generator, *stretches[band])
        values[f"eq.{band}_q"] = _octaves(generator, *q)
    return Chain(("eq",), values)


def _draw_compressor(generator: np.random.Generator) -> Chain:
    return Chain(
        ("compressor",),
        {
            "compressor.threshold_db": _between(generator, -42.0, -22.0),
            "compressor.ratio": _octaves(generator, 2.0, 16.0),
            "compressor.knee_db": _between(generator, 0.0, 12.0),
            "compressor.attack_ms": _octaves(generator, 0.1, 60.0),
            "compressor.release_ms": _octaves(generator, 25.0, 800.0),
        },
    )


def _draw_saturation(generator: np.random.Generator) -> Chain:
    return Chain(
        ("saturation",),
        {
            "saturation.type": str(generator.choice(SATURATION_TYPES)),
            "saturation.drive_db": _between(generator, 6.0, 30.0),
            "saturation.mix": _between(generator, 0.5, 1.0),
        },
    )


def _draw_reverb(generator: np.random.Generator) -> Chain:
    room = {
        "reverb.decay_s": _octaves(generator, 0.3, 5.0),
        "reverb.predelay_ms": _between(generator, 0.0, 80.0),
        "reverb.damping_hz": _octaves(generator, 1200.0, 14000.0),
        "reverb.size": _between(generator, 0.0, 1.0),
        "reverb.colour_db": _between(generator, -8.0, 8.0),
        "reverb.lowcut_hz": _octaves(generator, 40.0, 500.0),
    }
    return Chain(("reverb",), reverb=room, reverb_send_db=_between(generator, -16.0, 2.0))


def _draw_width(generator: np.random.Generator) -> Chain:
    """Narrower, or wider; wider adds a side of its own, so that a mono sound widens as well."""
    if generator.random() < 0.4:
        return Chain(("width",), {"stereo.width": _between(generator, 0.0, 0.6)})
    wider = _between(generator, 1.2, 2.0)
    return Chain(("width",), {"stereo.width": wider}, spread=_between(generator, 0.15, 0.8))


def _draw_gate(generator: np.random.Generator) -> Chain:
    return Chain(
        ("gate",),
        {
            "gate.threshold_db": _between(generator, -40.0, -20.0),
            "gate.ratio": _octaves(generator, 2.0, 10.0),
            "gate.range_db": _between(generator, 10.0, 50.0),
            "gate.attack_ms": _octaves(generator, 0.1, 10.0),
            "gate.release_ms": _octaves(generator, 30.0, 400.0),
        },
    )


def _draw_deesser(generator: np.random.Generator) -> Chain:
    return Chain(
        ("deesser",),
        {
            "deesser.threshold_db": _between(generator, -50.0, -32.0),
            "deesser.ratio": _octaves(generator, 2.0, 10.0),
            "deesser.freq_hz": _octaves(generator, 3000.0, 9000.0),
            "deesser.range_db": _between(generator, 6.0, 24.0),
            "deesser.attack_ms": _octaves(generator, 0.1, 10.0),
            "deesser.release_ms": _octaves(generator, 20.0, 200.0),
        },
    )


def _draw_delay(generator: np.random.Generator) -> Chain:
    echo = {
        "delay.time_ms": _octaves(generator, 40.0, 600.0),
        "delay.feedback": _between(generator, 0.0, 0.7),
        "delay.damping_hz": _octaves(generator, 1500.0, 15000.0),
        "delay.ping_pong": _between(generator, 0.0, 1.0),
    }
    return Chain(("delay",), delay=echo, delay_send_db=_between(generator, -14.0, 0.0))


_DRAWS: Mapping[str, Draw] = MappingProxyType(
    {
        "eq": _draw_eq,
        "gate": _draw_gate,
        "deesser": _draw_deesser,
        "compressor": _draw_compressor,
        "saturation": _draw_saturation,
        "width": _draw_width,
        "reverb": _draw_reverb,
        "delay": _draw_delay,
    }
)
EFFECTS = tuple(_DRAWS)
"""Every effect a chain can hold, in signal order."""

_SHARES = {"gate": 0.3, "deesser": 0.2, "delay": 0.5}
"""How often an effect is drawn against the others' 1."""


def draw_chain(generator: np.random.Generator, n_effects: int, effects: Sequence[str] = EFFECTS) -> Chain:
    """Draw a chain of different effects.

    Args:
        generator: the only source of chance.
        n_effects: how many, 1 to len(effects).
        effects: which may be drawn; gate, de-esser and delay come up more seldom than the rest.
    Returns:
        Chain; its knobs are inside the console's ranges.
    Raises:
        ParameterError: an unknown effect, or more than there are.
    """
    unknown = sorted(set(effects) - set(EFFECTS))
    if unknown:
        raise ParameterError(f"No effect is called {unknown[0]!r}. Use {', '.join(EFFECTS)}.")
    if not 1 <= n_effects <= len(effects):
        raise ParameterError(f"n_effects={n_effects} is outside 1 to {len(effects)}. Use a number inside.")
    shares = np.array([_SHARES.get(name, 1.0) for name in effects])
    chosen = generator.choice(len(effects), size=n_effects, replace=False, p=shares / shares.sum())
    names = sorted((effects[index] for index in chosen), key=EFFECTS.index)
    return functools.reduce(joined, (_DRAWS[name](generator) for name in names))


def joined(first: Chain, second: Chain) -> Chain:
    """Return one chain of two that share no effect."""
    assert not set(first.effects) & set(second.effects), "an effect twice"
    return Chain(
        tuple(sorted((*first.effects, *second.effects), key=EFFECTS.index)),
        {**first.values, **second.values},
        {**first.reverb, **second.reverb},
        {**first.delay, **second.delay},
        first.reverb_send_db if second.reverb_send_db is None else second.reverb_send_db,
        first.delay_send_db if second.delay_send_db is None else second.delay_send_db,
        max(first.spread, second.spread),
    )


def render_chains(audio: Tensor, sample_rate: int, chains: Sequence[Chain]) -> Tensor:
    """Put every item of a batch through its own chain.

    Args:
        audio: (batch, 2, samples).
        sample_rate: Hz.
        chains: one an item. Items whose chains use the same processors are rendered together.
    Returns:
        (batch, 2, samples); an item whose chain is neutral comes back exactly.
    Raises:
        AudioShapeError: not stereo, or not as many chains as items.
        ParameterError: a knob is outside its range.
    """
    if audio.ndim != 3 or audio.shape[1] != 2 or audio.shape[0] != len(chains):
        raise AudioShapeError(
            f"Audio of shape {tuple(audio.shape)} for {len(chains)} chains is not (chains, 2, samples). Use one each."
        )
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, chain in enumerate(chains):
        choices = tuple(f"{name}={value}" for name, value in sorted(chain.values.items()) if isinstance(value, str))
        processors = sorted({name.split(".")[0] for name in chain.values})
        groups.setdefault((*processors, *choices), []).append(index)
    out = torch.empty_like(audio)
    for members in groups.values():
        out[members] = _render_group(audio[members], sample_rate, [chains[index] for index in members])
    return out


def to_loudness(audio: Tensor, sample_rate: int, lufs: float = REFERENCE_LUFS) -> Tensor:
    """Scale every item of (batch, channels, samples) to an integrated loudness; silence stays silent."""
    scaled = []
    for item in audio:
        now = integrated_lufs(item.detach().cpu().numpy(), sample_rate)
        scaled.append(item * 10 ** ((lufs - now) / 20) if np.isfinite(now) else item)
    return torch.stack(scaled)


def _render_group(audio: Tensor, sample_rate: int, chains: Sequence[Chain]) -> Tensor:
    values: dict[str, Tensor | str] = {}
    for name in sorted({name for chain in chains for name in chain.values}):
        column = [chain.values.get(name, spec(name).default) for chain in chains]
        first = column[0]
        values[name] = first if isinstance(first, str) else torch.tensor(column, dtype=torch.float64)
    if any(chain.spread for chain in chains):
        audio = _spread(audio, sample_rate, torch.tensor([chain.spread for chain in chains]))
    dry = strip(audio, sample_rate, values)
    rows = []
    start = 0
    for _, same in itertools.groupby(chains, key=id):  # one response serves all items of a chain
        count = len(list(same))
        rows.append(_with_rooms(dry[start : start + count], sample_rate, chains[start]))
        start += count
    return torch.cat(rows)


def _with_rooms(audio: Tensor, sample_rate: int, chain: Chain) -> Tensor:
    """Add what comes back from the buses to (batch, 2, samples)."""
    whole = audio
    if chain.reverb_send_db is not None:
        whole = whole + 10 ** (chain.reverb_send_db / 20) * reverb(audio, sample_rate, **_bare(chain.reverb))
    if chain.delay_send_db is not None:
        whole = whole + 10 ** (chain.delay_send_db / 20) * delay(audio, sample_rate, **_bare(chain.delay))
    return whole


def _bare(values: Mapping[str, float]) -> dict[str, float]:
    return {name.split(".")[1]: value for name, value in values.items()}


def _spread(audio: Tensor, sample_rate: int, gain: Tensor) -> Tensor:
    """Add a side made from the mid through sparse decaying pulses: it sums to nothing in mono."""
    noise = _velvet_noise(sample_rate)
    size = audio.shape[-1] + noise.shape[0] - 1
    size = 1 << (size - 1).bit_length()
    mid = audio.mean(dim=1)
    side = torch.fft.irfft(torch.fft.rfft(mid, n=size) * torch.fft.rfft(noise, n=size), n=size)
    side = gain.to(audio.dtype)[:, None] * side[:, : audio.shape[-1]]
    return torch.stack((audio[:, 0] + side, audio[:, 1] - side), dim=1)


@functools.lru_cache(maxsize=4)
def _velvet_noise(sample_rate: int) -> Tensor:
    """Return (samples,) of unit energy: one pulse of random sign and place in every stretch, decaying by 30 dB."""
    generator = np.random.default_rng(_SPREAD_SEED)
    count = round(_SPREAD_S * _SPREAD_PULSES_HZ)
    stretch = sample_rate / _SPREAD_PULSES_HZ
    places = ((np.arange(count) + generator.random(count)) * stretch).astype(int)
    noise = np.zeros(round(_SPREAD_S * sample_rate) + 1)
    noise[places] = generator.choice((-1.0, 1.0), size=count) * 10 ** (-3.0 * np.arange(count) / count / 2)
    return torch.tensor(noise / np.sqrt(np.square(noise).sum()), dtype=torch.float32)
