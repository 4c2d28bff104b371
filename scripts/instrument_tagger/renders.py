"""Render sounds to the tagger's numbers, in shards on disk: a shard is complete or absent, so work can stop and go on.

SPLIT-KIND-NUMBER.npy (sounds, columns) float16, and .json with the class, kind and description of each.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.fx_encoder.front_end import SAMPLE_RATE
from models.instruments.classes import load_classes
from models.instruments.listen import mono, numbers_of_windows
from models.training.chains import draw_chain, render_chains, to_loudness
from models.training.corpus import Corpus, open_corpus
from scripts.instrument_tagger import sounds
from scripts.instrument_tagger.sounds import Sound

__all__ = ["Renders", "joined", "read_renders", "render"]

_EFFECTS = ("eq", "compressor", "saturation", "reverb")
_DRESSED = 0.6
_SILENT = 1e-4
# (split, kind): (shards, sounds in a shard where that can be chosen)
_PLAN = {
    ("valid", "song"): (40, 0),
    ("valid", "samples"): (2, 60),
    ("valid", "finished"): (2, 50),
    ("valid", "effects"): (1, 40),
    ("valid", "noise"): (1, 15),
    ("train", "song"): (100, 0),
    ("train", "samples"): (8, 60),
    ("train", "finished"): (8, 60),
    ("train", "voice"): (8, 50),
    ("train", "shouts"): (3, 60),
    ("train", "stem"): (6, 60),
    ("train", "effects"): (5, 50),
    ("train", "noise"): (2, 40),
    ("test", "song"): (16, 0),
    ("test", "finished"): (3, 60),
    ("test", "voice"): (1, 39),
    ("test", "shouts"): (1, 60),
    ("test", "stem"): (1, 60),
    ("test", "effects"): (1, 50),
    ("test", "noise"): (1, 30),
    ("test", "unseen"): (4, 0),
}


@dataclass(frozen=True)
class Renders:
    """Sounds of a split.

    Attributes:
        numbers: (sounds, columns) float32.
        labels: (sounds,) place of the class in classes.yaml.
        kinds, whats: of each, where it comes from and what it is.
    """

    numbers: np.ndarray
    labels: np.ndarray
    kinds: list[str]
    whats: list[str]


def render(corpus_folder: Path, out: Path, first: int, every: int) -> None:
    """Render every shard that is not there; of several processes each takes its share."""
    out.mkdir(parents=True, exist_ok=True)
    corpus = open_corpus(corpus_folder)
    shards = [(number, split, kind, size) for (split, kind), (most, size) in _PLAN.items() for number in range(most)]
    # Round by round, so that what is there at any time holds something of everything.
    for number, split, kind, size in sorted(shards, key=lambda shard: shard[0])[first::every]:
        path = out / f"{split}-{kind}-{number:03d}.npy"
        if path.is_file():
            continue
        started = time.monotonic()
        generator = np.random.default_rng([number, *f"{split}-{kind}".encode()])
        made = _sounds(generator, corpus, split, kind, size)
        numbers, about = [], []
        for name, what, audio in made:
            if float(np.abs(audio).max()) < _SILENT:
                continue
            numbers.append(_numbers(generator, audio))
            about.append({"class": name, "what": what})
        path.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
        beside = path.with_suffix(f".{os.getpid()}.part")
        with beside.open("wb") as file:
            np.save(file, np.stack(numbers).astype(np.float16))
        os.replace(beside, path)
        print(f"{path.stem}: {len(about)} in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def read_renders(folder: Path, split: str) -> Renders:
    """Return the shards of a split together.

    Raises:
        FileNotFoundError: there are none.
    """
    paths = sorted(folder.glob(f"{split}-*.npy"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no {split} shards. Render some first.")
    names = list(load_classes())
    labels, kinds, whats = [], [], []
    for path in paths:
        for row in json.loads(path.with_suffix(".json").read_text(encoding="utf-8")):
            labels.append(names.index(row["class"]))
            kinds.append(path.stem.split("-")[1])
            whats.append(row["what"])
    numbers = np.concatenate([np.load(path) for path in paths]).astype(np.float32)
    return Renders(numbers, np.array(labels), kinds, whats)


def joined(first: Renders, second: Renders) -> Renders:
    """Return the sounds of both."""
    return Renders(
        np.concatenate([first.numbers, second.numbers]),
        np.concatenate([first.labels, second.labels]),
        [*(f"{kind} of train" for kind in first.kinds), *(f"{kind} of valid" for kind in second.kinds)],
        [*first.whats, *second.whats],
    )


def _sounds(generator: np.random.Generator, corpus: Corpus, split: str, kind: str, size: int) -> Iterator[Sound]:
    packages = corpus.folder / "packages"
    if kind in ("song", "unseen"):
        return sounds.song(generator, packages, split, kind == "unseen")
    if kind == "samples":
        return sounds.drum_samples(generator, packages, split, size)
    if kind == "effects":
        return sounds.effect_files(generator, packages, split, size)
    if kind == "shouts":
        return sounds.voice_files(generator, packages, split, size)
    if kind == "noise":
        return sounds.noises(generator, split, size)
    return sounds.clips(generator, corpus, split, kind, size)


def _numbers(generator: np.random.Generator, audio: np.ndarray) -> np.ndarray:
    """Return (columns,) of (2, samples), often through a chain of one to three effects at half strength."""
    with torch.inference_mode():
        batch = torch.from_numpy(np.ascontiguousarray(audio, dtype=np.float32))[None]
        if generator.random() < _DRESSED:
            chain = draw_chain(generator, int(generator.integers(1, 4)), _EFFECTS).scaled(0.5)
            batch = render_chains(to_loudness(batch, SAMPLE_RATE), SAMPLE_RATE, [chain])
        window = batch[0] - batch[0].mean(dim=-1, keepdim=True)
        numbers: np.ndarray = numbers_of_windows(mono(window)[None])[0].numpy()
    return numbers
