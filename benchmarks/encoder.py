"""`studiospeak bench encoder`: does an embedding tell how a sound was processed, whatever the sound?

P1 retrieval: 5 styles on 10 contents; is the nearest of other contents of the same style? P2 direction: does a style
move all contents the same way? P2s: the same with one effect at a time. P3: do stronger settings go further? P4: can a
setting be found again, by gradient or by a linear head? And what it costs. On test packages of a corpus that nothing
was trained on; effects of our console, and effects it shares no code with.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoder_cases import draw_cases, recovery
from benchmarks.encoder_heads import head_chains, head_rows
from benchmarks.encoder_material import (
    CACHE_FOLDER,
    Renders,
    render_all,
    render_each,
)
from benchmarks.encoder_protocols import Embedded, embed_all, retrieval, settings, strength
from benchmarks.encoder_registry import BASELINES, REGISTRY, load_encoders
from benchmarks.encoder_report import show
from benchmarks.encoder_sounds import CORPUS_VARIABLE, Sounds, corpus_sounds, mixed, synthetic_sounds
from benchmarks.encoder_speed import speed_rows
from benchmarks.encoder_styles import PROTOCOL_EFFECTS, QUICK, SMALL, Size, single_settings, style_sets
from benchmarks.peers import peer
from benchmarks.unseen import UNSEEN, UnseenChain
from console.errors import ModelError, StudiospeakError
from models.encoder import Encoder
from models.training.targets import chain_targets

__all__ = ["CORPUS_VARIABLE", "PARTS", "main", "run", "show"]

PARTS = ("sets", "single", "heads", "recovery", "speed")
_CHANCE = {"recall_at_1": 0.2, "map_at_10": 0.09, "direction_auc": 0.5, "delta_recall_at_1": 0.2}
_NO_GRADIENT = ("chance", "MFCC statistics")
"""Baselines that are not ascended: one cannot be, the other is slow and says nothing that log-mel does not."""


def run(
    quick: bool = False,
    corpus: Path | None = None,
    encoders: Sequence[Encoder] = (),
    size: Size | None = None,
    cache: Path = CACHE_FOLDER,
    seed: int = 0,
    baselines: Sequence[Encoder] | None = None,
    parts: Sequence[str] = PARTS,
    workers: int = 2,
) -> dict[str, Any]:
    """Measure the baselines and the encoders given.

    Args:
        quick: a fraction of a second of synthetic sound, to see that it works; its figures mean nothing.
        corpus: folder; None: what STUDIOSPEAK_CORPUS names.
        encoders: measured beside the baselines.
        size: how much; None: the full protocol.
        cache: where renders, embeddings and what was found by gradient are kept.
        seed: decides contents, styles and draws.
        baselines: None: all, and our own encoder where its weights are here and no other encoder is given.
        parts: of PARTS, what is measured.
        workers: threads.
    Returns:
        {"benchmark", "quick", "size", "corpus", "sets", "single", "heads", "recovery", "seen_by", "smoothness",
        "speed", "chance", "unseen_share", "notes"}, ready for JSON; rows of an encoder each.
    Raises:
        StudiospeakError: no corpus, too few test clips, pedalboard is missing, or no room for the renders.
    """
    size = size or (QUICK if quick else Size())
    peer("pedalboard")
    notes: list[str] = []
    sounds = synthetic_sounds(size) if quick else corpus_sounds(corpus, size, seed, notes)
    measured = [*(_default(encoders, notes) if baselines is None else baselines), *encoders]
    work = _Work(measured, size, cache, seed, workers, quick)
    result: dict[str, Any] = {name: [] for name in ("sets", "single", "heads", "recovery", "seen_by", "smoothness")}
    if "sets" in parts:
        result["sets"] = work.sets(sounds.groups)
    if "single" in parts or "heads" in parts:
        single, heads = work.single(sounds, "heads" in parts)
        result |= {"single": single if "single" in parts else [], "heads": heads}
    if "recovery" in parts:
        result |= work.recovery(sounds.groups)
    work.say("speed" if "speed" in parts else "done")
    ours, others = work.rendered
    return {
        "benchmark": "encoder",
        "quick": quick,
        "size": asdict(size),
        "corpus": {group: len(contents) for group, contents in sounds.groups.items()},
        **result,
        "speed": speed_rows(measured, quick) if "speed" in parts else [],
        "chance": _CHANCE,
        "unseen_share": others / max(ours + others, 1),
        "notes": [
            f"{others} of {ours + others} evaluation renders ({others / max(ours + others, 1):.0%}) are by "
            f"{len(UNSEEN)} effects of pedalboard, scipy and plain numpy that share no code with the console.",
            "unseen, same families: the five styles of a draw use the same two families of effects.",
            "P3: projected on the direction the setting takes on the other contents, from no effect to all of it.",
            "±: standard error; of R@1 and P2 from blocks of other styles, within a type by leaving out settings and "
            "contents.",
            *notes,
        ],
    }


class _Work:
    """The parts of one run over the same encoders."""

    def __init__(
        self, encoders: Sequence[Encoder], size: Size, cache: Path, seed: int, workers: int, quick: bool
    ) -> None:
        self._encoders = encoders
        self._size = size
        self._cache = cache
        self._seed = seed
        self._workers = workers
        self._effects = ("eq", "compressor", "width") if quick else PROTOCOL_EFFECTS  # rooms take long
        self._started = time.monotonic()
        self.rendered = [0, 0]  # by our console, by others

    def sets(self, groups: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
        """P1 and P2."""
        rows = []
        both = {"both": mixed(groups, self._size.other_contents)} if {"mix", "stem"} & set(groups) else {}
        for group, sounds in {**groups, **both}.items():
            for styles in style_sets(group, self._size, self._seed, self._effects):
                first = styles.kind == "console" and styles.effects == "2"
                contents = sounds[: self._size.contents if first else self._size.other_contents]
                embedded = self._embedded(contents, [styles.chains] * len(contents), f"{group}, {styles.kind}")
                for encoder, each in zip(self._encoders, embedded, strict=True):
                    row = {"encoder": encoder.name, "group": group, "kind": styles.kind, "effects": styles.effects}
                    figures = retrieval(each, self._size.draws, self._seed, pools=styles.pools)
                    rows.append({**row, **figures})
        return rows

    def single(self, sounds: Sounds, heads: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """P2s and P3, and linear heads read on the same single effects."""
        size = self._size
        contents = mixed(sounds.groups, size.single_contents)
        chains, types, stepped = single_settings(size, self._seed, self._effects)
        whole = self._embedded(contents, [chains] * len(contents), "single effects")
        steps = [(step + 1) / size.strengths for step in range(size.strengths)]
        parts = [setting.scaled(step) for setting in stepped for step in steps]
        few = contents[: size.strength_contents]
        rising = self._embedded(few, [parts] * len(few), "strengths")
        console = [name for name in dict.fromkeys(types) if not name.startswith("unseen")]
        groups = {"console": console, "unseen": [name for name in dict.fromkeys(types) if name not in console]}
        rows = [
            {"encoder": encoder.name, **settings(one, types, groups), **strength(steps_of, size.strengths)}
            for encoder, one, steps_of in zip(self._encoders, whole, rising, strict=True)
        ]
        if not heads:
            return rows, []
        own = head_chains(len(sounds.training), size.head_chains, self._seed, self._effects)
        fitted = self._embedded(sounds.training, own, "sounds of the training split", evaluation=False)
        found = []
        for encoder, train, test in zip(self._encoders, fitted, whole, strict=True):
            found += head_rows(encoder, train, own, test, chains, types, chain_targets)
        return rows, found

    def recovery(self, groups: Mapping[str, np.ndarray]) -> dict[str, list[dict[str, Any]]]:
        """P4 by gradient, and how the gradient behaves."""
        self.say("recovery by gradient")
        contents = mixed(groups, 2 * self._size.cases)
        effects = ("eq", "compressor") if len(self._effects) < len(PROTOCOL_EFFECTS) else ("eq", "compressor", "reverb")
        cases = draw_cases(contents, self._size.cases, self._seed, effects)
        able = [encoder for encoder in self._encoders if encoder.name not in _NO_GRADIENT]
        return recovery(able, cases, self._size.steps, self._cache / "results", self._workers)

    def say(self, what: str) -> None:
        """Say on stderr what begins now."""
        print(f"[{time.monotonic() - self._started:5.0f} s] {what}", file=sys.stderr, flush=True)

    def _embedded(
        self, contents: np.ndarray, chains: Sequence[Sequence[Any]], what: str, evaluation: bool = True
    ) -> list[Embedded]:
        same = all(row is chains[0] for row in chains)
        self.say(f"{what}: {len(contents)} contents x {len(chains[0])}")
        renders: Renders
        if same:
            renders = render_all(contents, chains[0], self._cache, _progress(what), self._workers)
        else:
            renders = render_each(contents, chains, self._cache, _progress(what), self._workers)
        if evaluation:
            others = sum(isinstance(chain, UnseenChain) for row in chains for chain in row)
            self.rendered[1] += others
            self.rendered[0] += sum(len(row) for row in chains) - others
        return embed_all(self._encoders, contents, renders, self._cache / "embeddings", self._workers)


def _default(encoders: Sequence[Encoder], notes: list[str]) -> list[Encoder]:
    """Return the baselines; and our own encoder, if it can be loaded and no other is given."""
    loaded = load_encoders(BASELINES)
    if not encoders:
        try:
            loaded += load_encoders(["fx"])
        except ModelError as error:
            notes.append(f"fx: left out. {error}")
    return loaded


def _progress(what: str) -> Callable[[float], None] | None:
    """Return a line on the terminal that says how far the renders are; nothing where stderr is none."""
    if not sys.stderr.isatty():
        return None
    return lambda share: print(f"\rrendering {what}: {share:.0%}", end="\n" if share == 1.0 else "", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with choices the command line of `studiospeak` does not have: `python -m benchmarks.encoder`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description="Measure encoders of processing.")
    parser.add_argument("--corpus", type=Path, help=f"corpus folder (default: {CORPUS_VARIABLE})")
    parser.add_argument("--encoders", nargs="+", help=f"of {', '.join(REGISTRY)}; fx:FILE for other weights")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what is measured (default: all)")
    parser.add_argument("--small", action="store_true", help="few renders and draws")
    parser.add_argument("--draws", type=int, help="how many draws")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    parser.add_argument("--cache", type=Path, default=CACHE_FOLDER, help="where renders are kept, up to 14 GB")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    size = asdict(SMALL if options.small else Size())
    size |= {"draws": options.draws or size["draws"]}
    try:
        result = run(
            corpus=options.corpus,
            size=Size(**size),
            cache=options.cache,
            baselines=load_encoders(options.encoders) if options.encoders else None,
            parts=options.parts,
            workers=options.workers,
        )
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
