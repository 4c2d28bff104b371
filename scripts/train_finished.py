"""Fit the frame of finished music: `python scripts/train_finished.py --corpus CORPUS`.

Reads finished music of the training packages, measures up to `--clips` clips of every piece, and writes the mean and
the covariance of their spectra, every piece counting once (CARD.md beside the weights). Minutes on one core.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.finished import SHIPPED_WEIGHTS, band_levels  # noqa: E402
from models.training.corpus import SAMPLE_RATE, Clip, Corpus, open_corpus  # noqa: E402

_FULL_BAND_HZ = 40000
_SHRUNK = 0.1  # towards bands that know nothing of each other
_NUGGET = 1.0  # dB^2: what two measurements of one piece differ by


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 done."""
    parser = argparse.ArgumentParser(description="Fit the frame of finished music.")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SHIPPED_WEIGHTS)
    parser.add_argument("--clips", type=int, default=6, help="of every piece (default 6)")
    options = parser.parse_args(arguments)
    levels, pieces = _measure(open_corpus(options.corpus), options.clips)
    mean_db, covariance = fit(levels, pieces)
    save_file({"mean_db": torch.tensor(mean_db), "covariance": torch.tensor(covariance)}, options.out)
    print(f"{len(levels)} clips of {len(set(pieces))} pieces, written to {options.out}")
    return 0


def _measure(corpus: Corpus, each: int) -> tuple[np.ndarray, list[str]]:
    by_piece: dict[str, list[Clip]] = defaultdict(list)
    for clip in corpus.select("train", "finished"):
        if clip.source_rate >= _FULL_BAND_HZ:
            by_piece[f"{clip.package}/{clip.source}"].append(clip)
    levels, pieces = [], []
    for piece, clips in by_piece.items():
        for index in np.unique(np.linspace(0, len(clips) - 1, each).astype(int)):
            level_db = band_levels(corpus.read(clips[index]), SAMPLE_RATE)
            if level_db is not None:
                levels.append(level_db)
                pieces.append(piece)
    return np.array(levels), pieces


def fit(levels: np.ndarray, pieces: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (60,) and the shrunk covariance (60, 60) of spectra (clips, 60), every piece counting once."""
    _, which, counts = np.unique(np.array(pieces), return_inverse=True, return_counts=True)
    weight = 1.0 / counts[which]
    weight /= weight.sum()
    mean_db = weight @ levels
    off = levels - mean_db
    covariance = (off * weight[:, None]).T @ off
    diagonal = np.diag(np.diag(covariance))
    return mean_db, (1 - _SHRUNK) * covariance + _SHRUNK * diagonal + _NUGGET * np.eye(levels.shape[1])


if __name__ == "__main__":
    sys.exit(main())
