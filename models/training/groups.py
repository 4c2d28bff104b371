"""Groups of chains to learn from: every chain of a group is put on every one of the group's contents.

A group is open (any effects), of one effect throughout, or of the same two: the last two leave nothing but the settings
to tell its chains apart. All hold hard negatives: a chain at part of its strength, a chain with one effect set anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.training.chains import EFFECTS, Chain, draw_chain, joined
from models.training.human import HumanSettings, draw_human_chain

__all__ = ["CHAINS_IN_GROUP", "chain_from_json", "chain_to_json", "draw_group"]

CHAINS_IN_GROUP = 8
_KINDS = {"open": 0.4, "one effect": 0.38, "two effects": 0.22}
_HOW_MANY = (0.2, 0.45, 0.2, 0.15)  # of one to four effects
_ONE_EFFECT = {
    "eq": 0.08,
    "gate": 0.03,
    "deesser": 0.03,
    "compressor": 0.4,
    "saturation": 0.18,
    "width": 0.08,
    "reverb": 0.17,
    "delay": 0.03,
}


def draw_group(generator: np.random.Generator, human: HumanSettings | None) -> list[Chain]:
    """Return CHAINS_IN_GROUP chains; one of an open group is a person's, if people's settings are given."""
    kind = generator.choice(list(_KINDS), p=list(_KINDS.values()))
    if kind == "open":
        chains = [draw_chain(generator, int(generator.choice(4, p=_HOW_MANY)) + 1) for _ in range(5)]
        if human is None:
            chains.append(draw_chain(generator, 2))
        else:
            chains.append(draw_human_chain(generator, human, int(generator.integers(1, 3))))
    else:
        shares = np.array([_ONE_EFFECT[name] for name in EFFECTS])
        count = 1 if kind == "one effect" else 2
        names = [EFFECTS[index] for index in generator.choice(len(EFFECTS), size=count, replace=False, p=shares)]
        chains = [draw_chain(generator, count, names) for _ in range(6)]
    weaker = chains[0].scaled(float(generator.uniform(0.35, 0.65)))
    return [*chains, weaker, _one_anew(generator, chains[1])]


def _one_anew(generator: np.random.Generator, chain: Chain) -> Chain:
    """Return the chain with one of its effects set anew."""
    name = chain.effects[int(generator.integers(len(chain.effects)))]
    anew = draw_chain(generator, 1, [name])
    rest = replace(
        chain,
        effects=tuple(effect for effect in chain.effects if effect != name),
        values={knob: value for knob, value in chain.values.items() if knob.split(".")[0] != _PROCESSORS[name]},
        spread=0.0 if name == "width" else chain.spread,
    )
    if name == "reverb":
        rest = replace(rest, reverb={}, reverb_send_db=None)
    if name == "delay":
        rest = replace(rest, delay={}, delay_send_db=None)
    return joined(rest, anew)


_PROCESSORS = {**{name: name for name in EFFECTS}, "width": "stereo"}


def chain_to_json(chain: Chain) -> dict[str, Any]:
    """Return a chain as plain values."""
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in _fields(chain).items()}


def chain_from_json(values: Mapping[str, Any]) -> Chain:
    """Return the chain of `chain_to_json`."""
    return Chain(**{**values, "effects": tuple(values["effects"])})


def _fields(chain: Chain) -> dict[str, Any]:
    return {name: getattr(chain, name) for name in Chain.__dataclass_fields__}
