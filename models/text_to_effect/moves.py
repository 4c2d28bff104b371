"""What a word asks the console for: an equaliser curve and chains, some of them backwards.

A change of an embedding can be subtracted where a processor cannot run backwards: "dry" is less of what a reverb adds,
"dynamic" less of what a compressor does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from console.parameters import Value, spec
from models.text_to_effect.lexicon import Effect
from models.training.chains import Chain, joined

__all__ = ["Move", "moves_of"]

_COMPRESSOR = {"threshold_db": -26.0, "ratio": 4.0, "knee_db": 6.0, "attack_ms": 10.0, "release_ms": 120.0}
_CATCHES_ATTACKS = {"threshold_db": -30.0, "ratio": 8.0, "knee_db": 3.0, "attack_ms": 0.5, "release_ms": 60.0}
_GATE = {"threshold_db": -32.0, "ratio": 8.0, "range_db": 20.0, "attack_ms": 0.5, "release_ms": 100.0}
_DEESSER = {"threshold_db": -45.0, "ratio": 6.0, "freq_hz": 6500.0, "range_db": 12.0}
_REVERB = {"decay_s": 1.6, "predelay_ms": 15.0, "damping_hz": 6000.0, "size": 0.6}
_DELAY = {"time_ms": 350.0, "feedback": 0.3}
_FULL_DE_ESS_DB = 12.0
_SPREAD = 0.8  # gain of the added side at the widest


@dataclass(frozen=True)
class Move:
    """A curve and a chain, and how much of the change they make counts; below 0: backwards.

    Attributes:
        amount: factor on the change of the embedding.
        curve_db: (40,) or None.
        chain: or None.
    """

    amount: float
    curve_db: np.ndarray | None = None
    chain: Chain | None = None


def moves_of(curve_db: np.ndarray | None, effects: Sequence[Effect]) -> list[Move]:
    """Lay out a meaning as moves; what goes forwards is one move, as it would be mixed.

    Args:
        curve_db: (40,) dB; None or zeros: no tone.
        effects: processors in the ontology's terms. Level moves nothing: embeddings do not hear it.
    """
    forward: dict[str, Chain] = {}
    backward: list[Move] = []
    for effect in effects:
        for amount, chain in _chains(effect):
            taken = set(chain.effects) & forward.keys()
            if amount > 0 and not taken:
                forward |= {chain.effects[0]: chain if amount == 1.0 else chain.scaled(min(amount, 1.0))}
            else:
                backward.append(Move(amount, chain=chain))
    curve = curve_db if curve_db is not None and np.any(curve_db) else None
    together = reduce(joined, forward.values()) if forward else None
    front = [Move(1.0, curve, together)] if curve is not None or together is not None else []
    return [*front, *backward]


def _chains(effect: Effect) -> list[tuple[float, Chain]]:
    """Return (amount, chain) of one effect; an amount below 0 takes away what the chain does."""
    values = effect.values
    if effect.name == "compression":
        if values.get("ratio", 4.0) <= 1.0:
            return [(-1.0, _strip("compressor", _COMPRESSOR))]
        return [(1.0, _strip("compressor", {**_COMPRESSOR, **values}))]
    if effect.name == "transients":
        return [(-values["punch"], _strip("compressor", _CATCHES_ATTACKS))]
    if effect.name == "saturation":
        drive = values["drive_db"]
        kind: dict[str, Value] = {"saturation.type": effect.type or "tape", "saturation.mix": 1.0}
        return [
            (
                math.copysign(1.0, drive),
                Chain(("saturation",), {**kind, **_knobs("saturation", {"drive_db": abs(drive)})}),
            )
        ]
    if effect.name == "gate":
        return [(1.0, _strip("gate", {**_GATE, **{k: v for k, v in values.items() if k != "threshold_db"}}))]
    if effect.name == "de_ess":
        knobs = {**_DEESSER, "freq_hz": values.get("freq_hz", _DEESSER["freq_hz"])}
        return [(values["amount_db"] / _FULL_DE_ESS_DB, _strip("deesser", knobs))]
    if effect.name == "width":
        change = values["change"]
        spread = _SPREAD * change if change > 0 else 0.0
        return [(1.0, Chain(("width",), _knobs("stereo", {"width": 1.0 + change}), spread=spread))]
    if effect.name in ("reverb", "delay"):
        return _send(effect.name, values)
    return []


def _send(name: str, values: Mapping[str, float]) -> list[tuple[float, Chain]]:
    wet = values.get("wet", 0.2)
    base = _REVERB if name == "reverb" else _DELAY
    knobs = {**base, **{term: value for term, value in values.items() if term != "wet"}}
    if wet < 0:  # what is to be taken away is an ordinary room, whatever is to be left
        knobs = dict(base)
    share = min(abs(wet), 0.9)
    send_db = spec(f"send.{name}_db").clip(20.0 * math.log10(share / (1.0 - share)))
    bus = {key: float(value) for key, value in _knobs(name, knobs).items()}
    chain = (
        Chain((name,), reverb=bus, reverb_send_db=send_db)
        if name == "reverb"
        else Chain((name,), delay=bus, delay_send_db=send_db)
    )
    return [(math.copysign(1.0, wet), chain)]


def _strip(processor: str, values: Mapping[str, float]) -> Chain:
    return Chain((processor,), _knobs(processor, values))


def _knobs(processor: str, values: Mapping[str, float]) -> dict[str, Value]:
    return {f"{processor}.{term}": spec(f"{processor}.{term}").clip(value) for term, value in values.items()}
