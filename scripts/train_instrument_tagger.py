"""Train the instrument tagger: render what it learns from, fit it, report how often it is right.

`python scripts/train_instrument_tagger.py render --corpus DIR --out RENDERS` plays and cuts the sounds of every split
(soundfonts, drum samples, speech, effects, finished music, all from the packages that `scripts/build_corpus.py`
unpacked) and keeps their statistics; several may run side by side (`--first 0 --every 2`), what is there is kept.
`... fit --renders RENDERS` fits the network and writes the weights. `... report --renders RENDERS` prints the figures
of CARD.md. `... demo` says what it takes the demo song's stems for, their names unread.
"""

import argparse
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from exchange import load_tracks  # noqa: E402
from models.instruments.classes import class_of_instrument  # noqa: E402
from models.instruments.tagger import SHIPPED_WEIGHTS, load_tagger  # noqa: E402
from scripts.instrument_tagger.fitting import Recipe, fit  # noqa: E402
from scripts.instrument_tagger.renders import read_renders, render  # noqa: E402
from scripts.instrument_tagger.report import report  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done."""
    parser = argparse.ArgumentParser(description="Train the instrument tagger.")
    commands = parser.add_subparsers(dest="command", required=True)
    renders = commands.add_parser("render", help="render the sounds of every split")
    renders.add_argument("--corpus", type=Path, required=True)
    renders.add_argument("--out", type=Path, required=True)
    renders.add_argument("--first", type=int, default=0)
    renders.add_argument("--every", type=int, default=1, help="with several processes: how many")
    fitting = commands.add_parser("fit", help="fit, calibrate, write the weights")
    fitting.add_argument("--renders", type=Path, required=True)
    fitting.add_argument("--out", type=Path, default=SHIPPED_WEIGHTS)
    fitting.add_argument("--steps", type=int, default=Recipe.steps)
    figures = commands.add_parser("report", help="print the figures of the card")
    figures.add_argument("--renders", type=Path, required=True)
    figures.add_argument("--weights", type=Path, default=SHIPPED_WEIGHTS)
    demo = commands.add_parser("demo", help="tag the demo song's stems")
    demo.add_argument("--weights", type=Path, default=SHIPPED_WEIGHTS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.command == "render":
        render(options.corpus, options.out, options.first, options.every)
    elif options.command == "fit":
        fit(
            read_renders(options.renders, "train"),
            read_renders(options.renders, "valid"),
            options.out,
            Recipe(options.steps),
        )
    elif options.command == "report":
        print("\n".join(report(load_tagger(options.weights), options.renders)))
    else:
        _demo(options.weights)
    return 0


def _demo(weights: Path) -> None:
    tagger = load_tagger(weights)
    song = load_tracks(sorted((ROOT / "exchange/demo").glob("*.ogg")))
    for track in song.tracks:
        tag = tagger.tag(track.audio, song.sample_rate)
        shares = sorted(tag.shares.items(), key=lambda item: -item[1])[:3]
        best = ", ".join(f"{name} {share:.2f}" for name, share in shares)
        print(f"{track.name:20s} is {class_of_instrument(track.instrument)!s:16s} heard {tag.instrument:16s} ({best})")


if __name__ == "__main__":
    sys.exit(main())
