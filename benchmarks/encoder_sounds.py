"""The sounds of the encoder benchmark: mixes, stems and voices nothing was trained on, and some that may be."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.encoder_material import choose_clips, contents_of, synthetic_contents
from benchmarks.encoder_styles import CONTENTS, Size
from console.errors import ModelError
from models.training.corpus import Corpus, open_corpus

__all__ = ["CORPUS_VARIABLE", "Sounds", "corpus_sounds", "mixed", "synthetic_sounds"]

CORPUS_VARIABLE = "STUDIOSPEAK_CORPUS"
_KINDS = {"mix": "finished", "stem": "stem", "voice": "voice"}
_QUICK_S = 0.5


@dataclass(frozen=True)
class Sounds:
    """Contents by group, (contents, 2, samples) each, and those of the training split that heads are fitted on."""

    groups: Mapping[str, np.ndarray]
    training: np.ndarray


def synthetic_sounds(size: Size) -> Sounds:
    """Return half seconds of seeded bursts: to see that the benchmark works, not for figures."""
    groups = {"mix": synthetic_contents(size.contents, _QUICK_S)}
    return Sounds(groups, synthetic_contents(size.head_contents, _QUICK_S, seed=1))


def corpus_sounds(folder: Path | None, size: Size, seed: int, notes: list[str]) -> Sounds:
    """Return test contents of a corpus by group; groups with too few clips are left out with a note.

    Raises:
        ModelError: no corpus is named or found, or it has too few test clips.
    """
    named = folder or (Path(os.environ[CORPUS_VARIABLE]) if os.environ.get(CORPUS_VARIABLE) else None)
    if named is None:
        raise ModelError(
            "The encoder benchmark needs a corpus. Build one: python scripts/build_corpus.py --out DIR "
            f"(a small one: --hours 0.5), then set {CORPUS_VARIABLE}=DIR."
        )
    corpus = open_corpus(named)
    groups = {}
    for group, kind in _KINDS.items():
        clips = choose_clips(corpus, kind, max(size.contents, size.cases), seed)
        if len(clips) < CONTENTS:
            notes.append(f"{group}: left out, {len(clips)} test clips are fewer than {CONTENTS}.")
        else:
            groups[group] = contents_of(corpus, clips)
    if not groups:
        raise ModelError(
            f"{named} has fewer than {CONTENTS} test clips of every kind. Build more: "
            f"python scripts/build_corpus.py --out {named} --hours 1"
        )
    return Sounds(groups, _training(corpus, groups, size.head_contents, seed))


def _training(corpus: Corpus, groups: Mapping[str, np.ndarray], count: int, seed: int) -> np.ndarray:
    """Return sounds of the training split, of mixes and stems in turn."""
    kinds = [_KINDS[group] for group in groups if group != "voice"] or ["voice"]
    chosen = {kind: contents_of(corpus, choose_clips(corpus, kind, count, seed, "train")) for kind in kinds}
    return mixed({group: chosen[kind] for group, kind in _KINDS.items() if kind in chosen}, count)


def mixed(groups: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """Return contents of mixes and stems in turn (of whatever there is, if neither)."""
    chosen = [groups[name] for name in ("mix", "stem") if name in groups] or list(groups.values())
    rows = [part[index] for index in range(max(map(len, chosen))) for part in chosen if index < len(part)]
    return np.stack(rows[:count])
