"""Train the FX encoder: render what it learns from, then fit it.

`python scripts/train_fx_encoder.py render --corpus DIR --data DIR --out RENDERS --shards 160` renders groups of chains
on sounds of a corpus (`scripts/build_corpus.py`); several may run side by side, and what is there is kept.
`... held-out --corpus DIR --out HELD_OUT.npz` renders what recipes are judged by.
`... fit --renders RENDERS --held-out HELD_OUT.npz --out MEMBER.safetensors` fits one network.
`... assemble --renders RENDERS --held-out HELD_OUT.npz --members MEMBER...` writes the weights that are shipped.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.fx_encoder.encoder import SHIPPED_WEIGHTS, load_fx_encoder  # noqa: E402
from models.fx_encoder.network import FxNetwork, Shape, load_member, save_member  # noqa: E402
from models.training.contents import Contents  # noqa: E402
from models.training.corpus import open_corpus  # noqa: E402
from models.training.fit import Recipe, fit  # noqa: E402
from models.training.human import read_human_settings  # noqa: E402
from models.training.normalise import average_curve_db, to_average  # noqa: E402
from models.training.renders import read_shards, render_shard  # noqa: E402
from scripts.fx_encoder.assemble import assemble  # noqa: E402
from scripts.fx_encoder.held_out import judge, make_held_out, read_held_out  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done."""
    parser = argparse.ArgumentParser(description="Train the FX encoder.")
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="render shards of groups")
    render.add_argument("--corpus", type=Path, required=True)
    render.add_argument("--data", type=Path, help="people's settings (default: only drawn chains)")
    render.add_argument("--out", type=Path, required=True)
    render.add_argument("--splits", nargs="+", choices=("train", "valid"), default=["train"])
    render.add_argument("--as-they-are", action="store_true", help="contents are neither sped up nor layered")
    render.add_argument("--shards", type=int, default=160)
    render.add_argument("--first", type=int, default=0)
    render.add_argument("--every", type=int, default=1, help="with several processes: how many")
    render.add_argument("--normalise", action="store_true", help="bring contents to one average tone first")
    held_out = commands.add_parser("held-out", help="render what recipes are judged by")
    held_out.add_argument("--corpus", type=Path, required=True)
    held_out.add_argument("--out", type=Path, required=True)
    fit_command = commands.add_parser("fit", help="fit a network, or several to be put together")
    fit_command.add_argument("--renders", type=Path, required=True)
    fit_command.add_argument("--held-out", type=Path, required=True)
    fit_command.add_argument("--out", type=Path, required=True, help="one network: a checkpoint for `assemble`")
    fit_command.add_argument("--shards", type=int, help="use so many at most")
    fit_command.add_argument("--threads", type=int, default=1)
    fit_command.add_argument("--go-on-from", type=int, metavar="N", help="start from the N-th network that is shipped")
    fit_command.add_argument("--recipe", default="{}", help="JSON: fields of Recipe that differ, e.g. steps, seed")
    put = commands.add_parser("assemble", help="put fitted networks together into the shipped file")
    put.add_argument("--renders", type=Path, required=True)
    put.add_argument("--held-out", type=Path, required=True)
    put.add_argument("--members", type=Path, nargs="+", required=True)
    put.add_argument("--out", type=Path, default=SHIPPED_WEIGHTS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.command == "fit":
        return _fit(options)
    if options.command == "assemble":
        return _assemble(options)
    if options.command == "held-out":
        make_held_out(open_corpus(options.corpus), options.out)
        return 0
    return _render(options)


def _render(options: argparse.Namespace) -> int:
    corpus = open_corpus(options.corpus)
    human = None if options.data is None else read_human_settings(options.data)
    normalise = to_average(average_curve_db(corpus, corpus.select("train"))) if options.normalise else None
    contents = Contents(corpus, options.splits, not options.as_they_are)
    for number in range(options.first, options.shards, options.every):
        started = time.monotonic()
        if render_shard(options.out, number, contents, human, normalise):
            print(f"{number}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return 0


def _fit(options: argparse.Namespace) -> int:
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")  # of a GPU; a CPU stays exact
    values = json.loads(options.recipe)
    recipe = Recipe(shape=Shape(**values.pop("shape", {})), **values)
    held_out = read_held_out(options.held_out)
    shard = read_shards(options.renders, options.shards)
    print(f"{len(shard.numbers)} groups, {shard.numbers[..., 0].size} clips, {recipe}", flush=True)

    def report(step: int, network: FxNetwork, losses: dict[str, float]) -> None:
        save_member(options.out, network)
        print(f"{step} {_line(losses)} | {_line(judge(network, held_out))}", flush=True)

    start = None if options.go_on_from is None else load_fx_encoder().members[options.go_on_from]
    network, heads, scales = fit(shard, recipe, report, start=start)
    figures = judge(network, held_out, heads.weight.detach() * scales[:, None])
    print(f"end {options.recipe} {time.process_time():.0f} CPU-s | {_line(figures)}", flush=True)
    return 0


def _assemble(options: argparse.Namespace) -> int:
    shard = read_shards(options.renders)
    encoder = assemble([load_member(path) for path in options.members], shard)
    figures = judge(encoder.embed_numbers, read_held_out(options.held_out), encoder.heads)
    print(_line(figures))
    about = {"clips": str(shard.numbers[..., 0].size), "held_out": json.dumps(figures)}
    encoder.save(options.out, about)
    return 0


def _line(figures: dict[str, float]) -> str:
    return " ".join(f"{name}={value:.3f}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
