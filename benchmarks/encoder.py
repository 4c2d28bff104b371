"""`studiospeak bench encoder`: does an embedding tell how a sound was processed, whatever the sound?

P1 retrieval: 5 styles on 10 contents; is the nearest of other contents of the same style? P2 direction: does a style
move all contents the same way? P2s: the same with one effect at a time. P3: do stronger settings go further? On test
packages of a corpus that nothing was trained on; effects of our console, and effects it shares no code with.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from benchmarks.encoder_baselines import LogMel, Mfcc, UntrainedNetwork
from benchmarks.encoder_material import (
    CACHE_FOLDER,
    AnyChain,
    choose_clips,
    contents_of,
    render_all,
    synthetic_contents,
)
from benchmarks.encoder_protocols import embed_renders, retrieval, single_effects
from benchmarks.peers import peer
from benchmarks.unseen import UNSEEN, draw_unseen_chain
from console.errors import ModelError, StudiospeakError
from models import ProductionFeatures
from models.encoder import Encoder
from models.training.chains import Chain, draw_chain
from models.training.corpus import open_corpus

__all__ = ["CORPUS_VARIABLE", "Size", "baselines", "main", "run", "show"]

CORPUS_VARIABLE = "STUDIOSPEAK_CORPUS"
_STYLES, _CONTENTS = 5, 10
_PROTOCOL_EFFECTS = ("eq", "compressor", "saturation", "width", "reverb")
_KINDS = {"mix": "finished", "stem": "stem", "voice": "voice"}
_CHANCE = {"recall_at_1": 0.2, "map_at_10": 0.09, "direction_auc": 0.5, "delta_recall_at_1": 0.2}


@dataclass(frozen=True)
class Size:
    """How much is rendered and how often it is drawn from.

    Attributes:
        contents, styles: rendered in every set, all through all.
        draws: of 5 styles and 10 contents out of them.
        settings: of each single effect; `single_contents` they are put on; `strengths` of each.
        effects: numbers of effects in a console style. Voices and unseen effects come with two.
    """

    contents: int = 20
    styles: int = 30
    draws: int = 200
    settings: int = 12
    single_contents: int = 6
    strengths: int = 5
    effects: tuple[int, ...] = (2,)


SMALL = Size(contents=12, styles=10, draws=20, settings=4, single_contents=4, strengths=5)
QUICK = Size(contents=10, styles=5, draws=2, settings=2, single_contents=2, strengths=2)
_QUICK_S = 0.5


class RandomEmbedding:
    """Numbers that have nothing to do with the sound: what chance gives."""

    name = "chance"
    dimensions = 32

    def __init__(self) -> None:
        self._generator = torch.Generator().manual_seed(0)

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Return (batch, dimensions) of noise."""
        del sample_rate
        return torch.randn((audio.shape[0], self.dimensions), generator=self._generator)


def baselines() -> list[Encoder]:
    """Return what every encoder is compared with."""
    return [RandomEmbedding(), Mfcc(), LogMel(), UntrainedNetwork(), ProductionFeatures()]


def run(
    quick: bool = False,
    corpus: Path | None = None,
    encoders: Sequence[Encoder] = (),
    size: Size | None = None,
    cache: Path = CACHE_FOLDER,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure the baselines and the encoders given.

    Args:
        quick: a fraction of a second of synthetic sound, to see that it works; its figures mean nothing.
        corpus: folder; None: what STUDIOSPEAK_CORPUS names.
        encoders: measured beside the baselines.
        size: how much; None: the full protocol.
        cache: where renders are kept.
        seed: decides contents, styles and draws.
    Returns:
        {"benchmark", "quick", "size", "corpus", "sets", "single", "chance", "notes"}, ready for JSON. `sets` has a row
        an encoder, group (mix, stem, voice), kind of effects (console, unseen) and number of effects.
    Raises:
        StudiospeakError: no corpus, too few test clips, pedalboard is missing, or no room for the renders.
    """
    size = size or (QUICK if quick else Size())
    notes: list[str] = []
    peer("pedalboard")
    groups = {"synthetic": synthetic_contents(size.contents, _QUICK_S)} if quick else _groups(corpus, size, seed, notes)
    measured = [*baselines(), *encoders]
    sets, single = [], []
    for group, contents in groups.items():
        for kind, effects in _sets(group, size):
            chains = _styles(kind, effects, size.styles, seed)
            renders = render_all(contents, chains, cache, _progress(f"{group}, {kind}, {effects} effects"))
            for encoder in measured:
                embedded = embed_renders(encoder, contents, renders)
                row = {"encoder": encoder.name, "group": group, "kind": kind, "effects": effects}
                sets.append({**row, **retrieval(embedded, size.draws, seed), "cpu_ms": embedded.cpu_ms})
    contents = _mixed(groups, size.single_contents)
    chains, types = _single_chains(size, seed)
    renders = render_all(contents, chains, cache, _progress("single effects"))
    for encoder in measured:
        embedded = embed_renders(encoder, contents, renders)
        single.append({"encoder": encoder.name, **single_effects(embedded, types, size.strengths)})
    return {
        "benchmark": "encoder",
        "quick": quick,
        "size": asdict(size),
        "corpus": {group: len(contents) for group, contents in groups.items()},
        "sets": sets,
        "single": single,
        "chance": _CHANCE,
        "notes": [
            f"Each draw takes {_STYLES} styles and {_CONTENTS} contents out of {size.styles} and those of its group.",
            f"Unseen effects: {len(UNSEEN)}, of pedalboard, scipy and plain numpy, sharing no code with the console.",
            "P3: projected on the direction the setting takes on the other contents, from no effect to all of it.",
            *notes,
        ],
    }


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the sets and the single effects as tables."""
    console = console or Console()
    sets = Table(title=f"{result['size']['draws']} draws of 5 styles on 10 contents")
    for heading in ("encoder", "group", "effects", "R@1", "mAP@10", "P2 AUC", "R@1 on changes", "CPU ms"):
        sets.add_column(heading)
    for row in result["sets"]:
        numbers = [f"{row[name]:.3f}" for name in _CHANCE]
        sets.add_row(row["encoder"], row["group"], f"{row['effects']} {row['kind']}", *numbers, f"{row['cpu_ms']:.0f}")
    console.print(sets)
    single = Table(title="One effect at a time")
    types = list(result["single"][0]["by_type"])
    for heading in ("encoder", "P2s AUC", "within type", *types, "P3 Spearman", "monotone"):
        single.add_column(heading)
    for row in result["single"]:
        numbers = [row["auc"], row["within_type_auc"], *row["by_type"].values(), row["spearman"], row["monotone"]]
        single.add_row(row["encoder"], *(f"{number:.3f}" for number in numbers))
    console.print(single)
    for note in result["notes"]:
        console.print(note, style="dim")


def _groups(folder: Path | None, size: Size, seed: int, notes: list[str]) -> dict[str, np.ndarray]:
    """Return contents by group; groups with too few test clips are left out with a note."""
    named = folder or (Path(os.environ[CORPUS_VARIABLE]) if os.environ.get(CORPUS_VARIABLE) else None)
    if named is None:
        raise ModelError(
            "The encoder benchmark needs a corpus. Build one: python scripts/build_corpus.py --out DIR "
            f"(a small one: --hours 0.5), then set {CORPUS_VARIABLE}=DIR."
        )
    corpus = open_corpus(named)
    groups = {}
    for group, kind in _KINDS.items():
        clips = choose_clips(corpus, kind, size.contents, seed)
        if len(clips) < _CONTENTS:
            notes.append(f"{group}: left out, {len(clips)} test clips are fewer than {_CONTENTS}.")
        else:
            groups[group] = contents_of(corpus, clips)
    if not groups:
        raise ModelError(
            f"{named} has fewer than {_CONTENTS} test clips of every kind. Build more: "
            f"python scripts/build_corpus.py --out {named} --hours 1"
        )
    return groups


def _sets(group: str, size: Size) -> list[tuple[str, int]]:
    numbers = (2,) if group == "voice" else size.effects
    return [*(("console", number) for number in numbers), ("unseen", 2)]


def _styles(kind: str, effects: int, count: int, seed: int) -> list[AnyChain]:
    generator = np.random.default_rng([seed, effects, len(kind)])
    if kind == "unseen":
        return [draw_unseen_chain(generator, effects) for _ in range(count)]
    return [draw_chain(generator, effects, _PROTOCOL_EFFECTS) for _ in range(count)]


def _single_chains(size: Size, seed: int) -> tuple[list[Chain], list[str]]:
    """Return settings x strengths, strengths innermost, and the effect of each setting."""
    generator = np.random.default_rng([seed, 1])
    types = [effect for effect in _PROTOCOL_EFFECTS for _ in range(size.settings)]
    settings = [draw_chain(generator, 1, [effect]) for effect in types]
    steps = [(step + 1) / size.strengths for step in range(size.strengths)]
    return [setting.scaled(step) for setting in settings for step in steps], types


def _mixed(groups: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """Return contents of mixes and stems in turn (of whatever there is, if neither)."""
    chosen = [groups[name] for name in ("mix", "stem") if name in groups] or list(groups.values())
    rows = [part[index] for index in range(max(map(len, chosen))) for part in chosen if index < len(part)]
    return np.stack(rows[:count])


def _progress(what: str) -> Callable[[float], None] | None:
    """Return a line on the terminal that says how far the renders are; nothing where stderr is none."""
    if not sys.stderr.isatty():
        return None
    return lambda share: print(f"\rrendering {what}: {share:.0%}", end="\n" if share == 1.0 else "", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with choices the command line of `studiospeak` does not have: `python -m benchmarks.encoder`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description="Measure encoders of processing.")
    parser.add_argument("--corpus", type=Path, help=f"corpus folder (default: {CORPUS_VARIABLE})")
    parser.add_argument("--small", action="store_true", help="few renders and draws")
    parser.add_argument("--draws", type=int, help="how many draws")
    parser.add_argument("--effects", type=int, nargs="+", help="numbers of effects in a console style, e.g. 1 2 3 4")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    size = asdict(SMALL if options.small else Size())
    size |= {"draws": options.draws or size["draws"], "effects": tuple(options.effects or size["effects"])}
    try:
        result = run(corpus=options.corpus, size=Size(**size))
    except StudiospeakError as error:
        print(f"benchmarks.encoder: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
