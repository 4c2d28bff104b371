"""What the FX encoder is trained on: statistics of sounds through groups of chains, in shards on disk.

A shard holds `groups` of CONTENTS_IN_GROUP contents, each dry (place 0) and through CHAINS_IN_GROUP chains:
NAME.npy (groups, contents, 1 + chains, STATISTICS) float16 and NAME.json with the chains and clips. A shard is complete
or absent, so that rendering can stop and go on, and several processes can work side by side.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.fx_encoder.front_end import hear
from models.fx_encoder.statistics import STATISTICS, statistics
from models.training.chains import Chain, render_chains, to_loudness
from models.training.contents import Contents
from models.training.corpus import SAMPLE_RATE
from models.training.groups import CHAINS_IN_GROUP, chain_from_json, chain_to_json, draw_group
from models.training.human import HumanSettings

__all__ = ["CONTENTS_IN_GROUP", "Shard", "read_shards", "render_shard"]

CONTENTS_IN_GROUP = 4
GROUPS_IN_SHARD = 16
_BATCH = 4
Normalise = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Shard:
    """Groups in memory.

    Attributes:
        numbers: (groups, contents, 1 + chains, STATISTICS) float16; place 0 is dry.
        chains: of each group, CHAINS_IN_GROUP.
        kinds: of each group's contents.
    """

    numbers: np.ndarray
    chains: list[list[Chain]]
    kinds: list[list[str]]


def render_shard(
    folder: Path,
    number: int,
    draw: Contents,
    human: HumanSettings | None,
    normalise: Normalise | None = None,
) -> bool:
    """Render one shard unless it is there.

    Args:
        folder: where to.
        number: of the shard; it decides everything drawn.
        draw: what the contents are drawn from.
        human: people's settings; None: only drawn chains.
        normalise: applied to contents (batch, 2, samples) before the chains; None: as they are.
    Returns:
        Whether it was rendered now.
    """
    path = folder / f"{number:05d}.npy"
    if path.is_file():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(number)
    numbers = np.zeros((GROUPS_IN_SHARD, CONTENTS_IN_GROUP, 1 + CHAINS_IN_GROUP, STATISTICS), np.float16)
    about = []
    with torch.inference_mode():
        for group in range(GROUPS_IN_SHARD):
            chosen, contents = draw.draw(generator, CONTENTS_IN_GROUP)
            contents = to_loudness(contents if normalise is None else normalise(contents), SAMPLE_RATE)
            chains = draw_group(generator, human)
            numbers[group] = _measure(contents, chains)
            about.append(
                {
                    "clips": [clip.clip for clip in chosen],
                    "kinds": [clip.kind for clip in chosen],
                    "chains": [chain_to_json(chain) for chain in chains],
                }
            )
    path.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
    beside = path.with_suffix(f".{os.getpid()}.part")
    with beside.open("wb") as file:
        np.save(file, numbers)
    os.replace(beside, path)
    return True


def read_shards(folder: Path, most: int | None = None) -> Shard:
    """Return the shards of a folder together.

    Raises:
        FileNotFoundError: there are none.
    """
    paths = sorted(folder.glob("*.npy"))[:most]
    if not paths:
        raise FileNotFoundError(f"{folder} holds no shards. Render some first.")
    about = [group for path in paths for group in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))]
    return Shard(
        np.concatenate([np.load(path) for path in paths]),
        [[chain_from_json(chain) for chain in group["chains"]] for group in about],
        [group["kinds"] for group in about],
    )


def _measure(contents: Tensor, chains: Sequence[Chain]) -> np.ndarray:
    """Return (contents, 1 + chains, STATISTICS)."""
    count = len(contents)
    each = [chain for chain in chains for _ in range(count)]
    wet = render_chains(contents.repeat(len(chains), 1, 1), SAMPLE_RATE, each)
    audio = torch.cat((contents, wet))  # chains outermost
    parts = [statistics(hear(audio[start : start + _BATCH])) for start in range(0, len(audio), _BATCH)]
    return torch.cat(parts).unflatten(0, (1 + len(chains), count)).transpose(0, 1).numpy()
