"""Train the FX encoder: render what it learns from, then fit it.

`python scripts/train_fx_encoder.py render --corpus DIR --data DIR --out RENDERS --shards 160` renders groups of chains
on sounds of a corpus (`scripts/build_corpus.py`); several may run side by side, and what is there is kept.
`python scripts/train_fx_encoder.py fit --renders RENDERS --out FILE` fits the network and writes its weights.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.training.corpus import open_corpus  # noqa: E402
from models.training.human import read_human_settings  # noqa: E402
from models.training.renders import render_shard  # noqa: E402
from scripts.fx_encoder.held_out import make_held_out  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done."""
    parser = argparse.ArgumentParser(description="Train the FX encoder.")
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="render shards of groups")
    render.add_argument("--corpus", type=Path, required=True)
    render.add_argument("--data", type=Path, help="people's settings (default: only drawn chains)")
    render.add_argument("--out", type=Path, required=True)
    render.add_argument("--split", choices=("train", "valid"), default="train")
    render.add_argument("--shards", type=int, default=160)
    render.add_argument("--first", type=int, default=0)
    render.add_argument("--every", type=int, default=1, help="with several processes: how many")
    held_out = commands.add_parser("held-out", help="render what recipes are judged by")
    held_out.add_argument("--corpus", type=Path, required=True)
    held_out.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.command == "held-out":
        make_held_out(open_corpus(options.corpus), options.out)
        return 0
    return _render(options)


def _render(options: argparse.Namespace) -> int:
    corpus = open_corpus(options.corpus)
    human = None if options.data is None else read_human_settings(options.data)
    for number in range(options.first, options.shards, options.every):
        started = time.monotonic()
        if render_shard(options.out, number, corpus, options.split, human):
            print(f"{options.split} {number}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
