"""How often the tagger is right on packages it was not trained on."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch

from models.instruments.classes import OTHER, load_classes
from models.instruments.tagger import Tagger
from scripts.instrument_tagger.renders import Renders, read_renders

__all__ = ["report"]

_PAIRS = 12
_UNSEEN = ("unseen", "noise")


def report(tagger: Tagger, folder: Path) -> list[str]:
    """Return lines of figures on test: what is shipped was fitted on train and valid."""
    return [f"## test, threshold {tagger.threshold:.2f}", *_figures(tagger, read_renders(folder, "test")), ""]


def _figures(tagger: Tagger, renders: Renders) -> list[str]:
    names = list(load_classes())
    tags = [tagger.judge(torch.from_numpy(numbers)) for numbers in renders.numbers]
    shares = np.array([[tag.shares[name] for name in names] for tag in tags])
    best = shares.argmax(axis=1)
    given = np.array([tag.instrument != "unknown" for tag in tags])
    truly_other = renders.labels == names.index(OTHER)
    seen = ~truly_other & np.array([kind not in _UNSEEN for kind in renders.kinds])
    lines = [_line("everything that has a class", seen, best, given, renders.labels)]
    for kind in sorted(set(renders.kinds)):
        rows = seen & np.array([entry == kind for entry in renders.kinds])
        if rows.any():
            lines.append(_line(f"source {kind}", rows, best, given, renders.labels))
    lines.append("")
    for label, name in enumerate(names):
        rows = seen & (renders.labels == label)
        if rows.any():
            lines.append(_line(name, rows, best, given, renders.labels))
    lines.append("")
    for name in sorted({what for what, other in zip(_kinds_of_other(renders), truly_other, strict=True) if other}):
        rows = truly_other & np.array([what == name for what in _kinds_of_other(renders)])
        taken = Counter(names[label] for label in best[rows & given]).most_common(3)
        said = ", ".join(f"{name} {count}" for name, count in taken)
        lines.append(f"{name:28s} n={rows.sum():4d}  unknown {1 - given[rows].mean():.2f}  else: {said}")
    wrong = seen & given & (best != renders.labels)
    pairs = Counter(zip(renders.labels[wrong].tolist(), best[wrong].tolist(), strict=True)).most_common(_PAIRS)
    said = ", ".join(f"{names[true]} as {names[heard]} {count}" for (true, heard), count in pairs)
    return [*lines, "", f"wrong tags: {said or 'none'}"]


def _kinds_of_other(renders: Renders) -> list[str]:
    return [
        f"{kind}: {what}" if kind == "noise" else f"{kind}: instruments of no class"
        for kind, what in zip(renders.kinds, renders.whats, strict=True)
    ]


def _line(name: str, rows: np.ndarray, best: np.ndarray, given: np.ndarray, labels: np.ndarray) -> str:
    right = best == labels
    tags = rows & given
    of_given = f"{right[tags].mean():.2f}" if tags.any() else "none"
    return (
        f"{name:28s} n={rows.sum():4d}  right {right[rows].mean():.2f}  "
        f"tagged {given[rows].mean():.2f}  of those right {of_given}"
    )
