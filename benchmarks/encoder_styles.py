"""What is done to the sounds of the encoder benchmark: how many styles and settings of which effects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.encoder_material import AnyChain
from benchmarks.unseen import UNSEEN, draw_unseen_chain
from models.training.chains import Chain, draw_chain

__all__ = [
    "CONTENTS",
    "PROTOCOL_EFFECTS",
    "QUICK",
    "SMALL",
    "STYLES",
    "Size",
    "StyleSet",
    "single_settings",
    "style_sets",
]

STYLES, CONTENTS = 5, 10
"""How many of each make one draw."""
PROTOCOL_EFFECTS = ("eq", "compressor", "saturation", "width", "reverb")
_FAMILY_PAIRS = (
    ("eq", "dynamics"),
    ("saturation", "space"),
    ("dynamics", "space"),
    ("eq", "modulation"),
    ("saturation", "modulation"),
)
_HARD_TO_TELL = ("compressor", "reverb")
"""Effects whose settings are drawn twice as often: that is where encoders differ."""


@dataclass(frozen=True)
class Size:
    """How much is rendered and how often it is drawn from.

    Attributes:
        contents, styles: of the sets that targets are read from (console, two effects).
        other_contents, other_styles: of all other sets.
        draws: of 5 styles and 10 contents out of them.
        settings: of each single effect, twice as many of compressor and reverb; `single_contents` they are put on.
        strength_settings: of each effect at four parts of its strength; on `strength_contents`.
        head_contents, head_chains: sounds of the training split and chains on each, to fit linear heads on.
        cases, steps: of recovery by gradient, for each of three effects.
    """

    contents: int = 16
    styles: int = 30
    other_contents: int = 12
    other_styles: int = 20
    draws: int = 200
    settings: int = 10
    single_contents: int = 10
    strength_settings: int = 5
    strength_contents: int = 5
    strengths: int = 5
    head_contents: int = 60
    head_chains: int = 10
    cases: int = 12
    steps: int = 30


SMALL = Size(
    contents=12,
    styles=10,
    other_contents=10,
    other_styles=10,
    draws=50,
    settings=4,
    single_contents=6,
    strength_settings=2,
    strength_contents=4,
    head_contents=20,
    head_chains=6,
    cases=6,
    steps=20,
)
QUICK = Size(
    contents=10,
    styles=5,
    other_contents=10,
    other_styles=5,
    draws=2,
    settings=2,
    single_contents=3,
    strength_settings=1,
    strength_contents=2,
    strengths=2,
    head_contents=4,
    head_chains=3,
    cases=2,
    steps=2,
)


@dataclass(frozen=True)
class StyleSet:
    """Styles that all contents of a group are put through.

    Attributes:
        group: "mix", "stem", "voice" or "both" (mixes and stems in turn).
        kind: "console", "unseen", or "unseen, same families".
        effects: how many in a style, in words.
        chains: the styles.
        pools: places of styles; a draw takes its five from one pool. Empty: from all.
    """

    group: str
    kind: str
    effects: str
    chains: tuple[AnyChain, ...]
    pools: tuple[tuple[int, ...], ...] = ()


def style_sets(group: str, size: Size, seed: int, effects: Sequence[str] = PROTOCOL_EFFECTS) -> list[StyleSet]:
    """Return a group's sets: two and one to four effects of the console, two of unseen processors.

    "both" gets the hard set: all five styles of a draw are of the same two families of unseen processors.
    """
    generator = np.random.default_rng([seed, sum(map(ord, group))])
    if group == "both":
        return [_same_families(generator)]
    count = size.styles if group != "voice" else size.other_styles
    two = tuple(draw_chain(generator, 2, effects) for _ in range(count))
    sets = [StyleSet(group, "console", "2", two)]
    if group != "voice":
        numbers = generator.integers(1, min(4, len(effects)) + 1, size=size.other_styles)
        sets.append(StyleSet(group, "console", "1-4", tuple(draw_chain(generator, int(n), effects) for n in numbers)))
    unseen = tuple(draw_unseen_chain(generator, 2) for _ in range(size.other_styles))
    return [*sets, StyleSet(group, "unseen", "2", unseen)]


def single_settings(
    size: Size, seed: int, effects: Sequence[str] = PROTOCOL_EFFECTS
) -> tuple[list[AnyChain], list[str], list[Chain]]:
    """Return settings of one effect each, what each is, and those of them (the first of each effect) for strengths.

    Types are our effects by name, and "unseen FAMILY".
    """
    generator = np.random.default_rng([seed, 1])
    chains: list[AnyChain] = []
    types: list[str] = []
    stepped: list[Chain] = []
    for effect in effects:
        count = size.settings * (2 if effect in _HARD_TO_TELL else 1)
        drawn = [draw_chain(generator, 1, [effect]) for _ in range(count)]
        chains += drawn
        stepped += drawn[: size.strength_settings]
        types += [effect] * count
    for family in dict.fromkeys(effect.family for effect in UNSEEN.values()):
        chains += [draw_unseen_chain(generator, 1, [family]) for _ in range(size.settings)]
        types += [f"unseen {family}"] * size.settings
    return chains, types, stepped


def _same_families(generator: np.random.Generator) -> StyleSet:
    chains: list[AnyChain] = []
    pools = []
    for pair in _FAMILY_PAIRS:
        pools.append(tuple(range(len(chains), len(chains) + STYLES)))
        chains += [draw_unseen_chain(generator, len(pair), pair) for _ in range(STYLES)]
    return StyleSet("both", "unseen, same families", "2", tuple(chains), tuple(pools))
