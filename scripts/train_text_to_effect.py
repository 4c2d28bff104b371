"""Build the word directions of an encoder from people's settings.

    python scripts/train_text_to_effect.py --data DIR --corpus DIR --encoder fx

Reads the human data (never copied), the ontology as the books have it, and a few sounds of a corpus; writes one
safetensors file. Rendered parts are kept in the work folder: run it again and it goes on where it was stopped.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from console.errors import StudiospeakError  # noqa: E402
from models.load_encoder import ENCODER_NAMES, load_encoder  # noqa: E402
from models.text_encoder import TextEncoder  # noqa: E402
from models.text_to_effect.building import build  # noqa: E402
from models.text_to_effect.lexicon import Effect, lexicon_of, read_associations  # noqa: E402
from models.text_to_effect.material import Material  # noqa: E402
from models.text_to_effect.pairs import read_pairs  # noqa: E402
from models.text_to_effect.people import read_curves  # noqa: E402
from models.text_to_effect.rendering import choose_contents  # noqa: E402
from models.text_to_effect.store import file_of, write  # noqa: E402
from models.text_to_effect.studies import PROCESSORS, read_study  # noqa: E402
from models.training.corpus import open_corpus  # noqa: E402
from ontology.load import load_ontology, read_literature  # noqa: E402

_EACH, _SECONDS = 2, 5.0


def read_material(data: Path, corpus: Path, each: int = _EACH, seconds: float = _SECONDS) -> Material:
    """Gather words, people and sounds.

    Args:
        data: folder of the human data.
        corpus: folder that scripts/build_corpus.py built.
        each: sounds of every instrument group.
        seconds: of every sound.
    """
    lexicon = lexicon_of(read_literature().values(), read_associations())
    effects = {
        word.id: tuple(Effect(e.name, dict(e.values), e.type) for e in word.senses[0].effects)
        for word in load_ontology().values()
    }
    return Material(
        lexicon,
        effects,
        read_curves(data, lexicon),
        [read_study(data, lexicon, processor) for processor in PROCESSORS],
        choose_contents(open_corpus(corpus), each, seconds),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with social_eq, social_reverb, social_comp, safe"
    )
    parser.add_argument("--corpus", type=Path, required=True, help="folder that scripts/build_corpus.py built")
    parser.add_argument("--encoder", default="fx", help=f"one of {', '.join(ENCODER_NAMES)}")
    parser.add_argument("--out", type=Path, help="file to write (default: where the product looks)")
    parser.add_argument("--work", type=Path, help="folder for rendered parts (default: beside the corpus)")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    began = time.monotonic()
    try:
        encoder = load_encoder(options.encoder)
        material = read_material(options.data, options.corpus)
        work = options.work or options.corpus / "text-to-effect"
        tables, about = build(encoder, material, TextEncoder.load(), work, pairs=read_pairs(), progress=_say)
    except StudiospeakError as error:
        print(f"train_text_to_effect: {error}", file=sys.stderr)
        return 1
    out = options.out or file_of(encoder.name)
    write(out, tables, about)
    spent = time.monotonic() - began
    size = out.stat().st_size / 1e6
    print(f"{out}: {size:.2f} MB, {len(about.words)} words, {about.figures['acts']} acts, {spent:.0f} s")
    return 0


def _say(what: str, share: float) -> None:
    if share in (0.0, 1.0) or sys.stderr.isatty():
        print(f"{what}: {share:.0%}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
