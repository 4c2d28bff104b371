"""`studiospeak bench text`: do the words' directions hold for people nobody heard, and for words nobody set?

Meanings are cross-validated here, on the human data: by person and by word, with the mean of the other people as the
ceiling and a flat curve as the floor. What needs sound (pairs of words, processors in the embedding, the joint space)
was measured when the weights were built, with the pairs and the people it is judged by left out, and is read from them.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from console.errors import ModelError, StudiospeakError
from models.text_encoder import TextEncoder, as_sound
from models.text_to_effect.held_out import meanings_report
from models.text_to_effect.lexicon import Lexicon, lexicon_of, read_associations
from models.text_to_effect.pairs import read_pairs
from models.text_to_effect.people import read_curves
from models.text_to_effect.store import file_of, read
from models.text_to_effect.studies import PROCESSORS, read_study
from ontology.load import read_literature

__all__ = ["DATA_VARIABLE", "main", "run", "show"]

DATA_VARIABLE = "STUDIOSPEAK_HUMAN_DATA"
_TARGETS = {
    "seen": ("words seen, part of the ceiling", 0.95),
    "never_seen": ("words never seen, part of the ceiling", 0.6),
    "opposites": ("opposites of the ontology apart, pair left out", 0.95),
    "antonyms": ("antonyms of the independent list apart, pair left out", 0.95),
    "synonyms": ("synonyms of the independent list above .5, pair left out", 0.9),
}
_WORDS_SHOWN = 16
_QUICK_CURVES = 120


def run(quick: bool = False, data: Path | None = None, encoder: str = "fx") -> dict[str, Any]:
    """Measure.

    Args:
        quick: a few people, no sentence encoder, no processors; to see that it works.
        data: folder of the human data; None: what STUDIOSPEAK_HUMAN_DATA names.
        encoder: whose weights tell what was measured when they were built.
    Returns:
        {"benchmark", "quick", "meanings", "built" (figures in the weights, or None), "sentences" (what a sentence
        encoder makes of the pairs, or None), "targets", "notes"}, ready for JSON.
    Raises:
        ModelError: no data, or damaged tables.
    """
    named = data or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if named is None:
        raise ModelError(
            "The text benchmark needs the human data (SocialEQ, SocialReverb, SocialFX, SAFE). "
            f"Set {DATA_VARIABLE}=DIR."
        )
    lexicon = lexicon_of(read_literature().values(), read_associations())
    curves = read_curves(named, lexicon)
    notes = ["A correlation is between 40-band curves; a flat curve has 0. By person: every person counts once."]
    sentences = None
    if quick:
        curves = curves[:_QUICK_CURVES]
    elif TextEncoder.available():
        sentences = TextEncoder.load()
    else:
        notes.append("all-MiniLM-L6-v2 is not on this machine: what it alone knows was left out.")
    studies = [] if quick else [read_study(named, lexicon, processor) for processor in PROCESSORS]
    meanings = meanings_report(lexicon, curves, studies, sentences)
    path = file_of(encoder)
    built = dict(read(path)[1].figures) if path.is_file() else None
    if built is None:
        notes.append(f"No weights for the encoder '{encoder}': figures that need sound are missing.")
    return {
        "benchmark": "text",
        "quick": quick,
        "meanings": meanings,
        "built": built,
        "sentences": _sentence_pairs(lexicon, sentences) if sentences is not None else None,
        "targets": _targets(meanings, built),
        "notes": notes,
    }


def _targets(meanings: Mapping[str, Any], built: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    rows = []
    for key, (what, wanted) in _TARGETS.items():
        if key in ("seen", "never_seen"):
            reached = meanings[key]["part_of_ceiling_by_person"]
        elif built is not None and key in built.get("pairs", {}):
            reached = built["pairs"][key]["change"]
        else:
            continue
        rows.append({"what": what, "wanted": wanted, "reached": reached, "passed": bool(reached >= wanted)})
    return rows


def _sentence_pairs(lexicon: Lexicon, sentences: TextEncoder) -> dict[str, float]:
    """Return the mean cosine a general sentence encoder gives synonyms and antonyms: hardly apart."""
    pairs = {"opposites": [(lexicon.ids[a], lexicon.ids[b]) for a, b in lexicon.pairs("opposites")], **read_pairs()}
    means = {}
    for kind, listed in pairs.items():
        first, second = (
            sentences.embed([as_sound(pair[side].replace("-", " ")) for pair in listed]) for side in (0, 1)
        )
        means[kind] = float((first * second).sum(dim=-1).mean())
    return means


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print everything as tables."""
    console = console or Console()
    meanings = result["meanings"]
    table = Table(title="The 40-band change predicted for a word, against people it was not fitted to")
    for heading in ("", "by person", "of the ceiling", "by word", "of the ceiling"):
        table.add_column(heading, justify="left" if not heading else "right")
    seen = meanings["seen"]
    table.add_row(
        "the other people's mean (ceiling)",
        _two(seen["ceiling_by_person"]),
        "1.00",
        _two(seen["ceiling_by_word"]),
        "1.00",
    )
    named = {
        "seen": "words seen, this person left out",
        "never_seen": "words nobody set (books and relatives)",
        "sentence_alone": "words not in the ontology either (sentence encoder)",
    }
    for key, name in named.items():
        row = meanings[key]
        if row is not None:
            parts = [row[f"{what}_by_{by}"] for by in ("person", "word") for what in ("reached", "part_of_ceiling")]
            table.add_row(name, *map(_two, parts))
    table.add_row("the books alone", _two(seen["books_by_person"]), "", _two(seen["books_by_word"]), "")
    table.add_row("a flat curve", "0.00", "", "0.00", "")
    console.print(table)
    _show_confidence(meanings, console)
    if meanings["processors"]:
        _show_processors(meanings["processors"], result["built"], console)
    if result["built"] and "pairs" in result["built"]:
        _show_pairs(result["built"]["pairs"], result["sentences"], console)
    targets = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        targets.add_column(heading)
    for target in result["targets"]:
        verdict = "[green]pass[/]" if target["passed"] else "[red]miss[/]"
        targets.add_row(target["what"], _two(target["reached"]), f">= {target['wanted']:g}", verdict)
    console.print(targets)
    for note in result["notes"]:
        console.print(note, style="dim")


def _show_confidence(meanings: Mapping[str, Any], console: Console) -> None:
    error, never = meanings["calibration"], meanings["calibration_never_seen"]
    table = Table(
        title="Confidence: the correlation expected with the next person, and the one found",
        caption=f"words seen: ECE {error['ece']:.3f}, rank correlation over words {error['rank']:.2f}; "
        f"never seen: {never['ece']:.3f}, {never['rank']:.2f}",
    )
    for heading in ("word", "people", "expected", "found"):
        table.add_column(heading, justify="left" if heading == "word" else "right")
    often = sorted(meanings["confidence"].items(), key=lambda item: -item[1]["people"])[:_WORDS_SHOWN]
    for word, row in sorted(often, key=lambda item: -item[1]["expected"]):
        table.add_row(word, f"{row['people']:.0f}", _two(row["expected"]), _two(row["reached"]))
    console.print(table)


def _show_processors(processors: Mapping[str, Any], built: Mapping[str, Any] | None, console: Console) -> None:
    table = Table(title="Is the right word's direction nearer to an unseen person's setting than another word's? AUC")
    for heading in ("processor", "measured in", "words seen", "by word", "never seen", "by word"):
        table.add_column(heading)
    for processor, row in processors.items():
        numbers = [row[part][name] for part in ("seen", "never_seen") for name in ("auc", "auc_by_word")]
        table.add_row(processor, "measures of the setting", *map(_two, numbers))
        for space, figures in ((built or {}).get("processors", {}).get(processor, {})).items():
            numbers = [
                figures[part][name]
                for part in ("seen", "never_seen")
                for name in ("auc", "auc_by_word")
                if part in figures
            ]
            table.add_row(processor, space, *map(_two, numbers))
    console.print(table)


def _show_pairs(pairs: Mapping[str, Any], sentences: Mapping[str, float] | None, console: Console) -> None:
    table = Table(title="Pairs of words, each left out of the training it is judged by: part that is right")
    for heading in ("pairs", "number", "wanted", "changes of the embedding", "joint space", "mean cosine of MiniLM"):
        table.add_column(heading)
    for kind, row in pairs.items():
        wanted = "below 0" if kind in ("opposites", "antonyms") else "above .5"
        general = _two(sentences[kind]) if sentences and kind in sentences else ""
        table.add_row(kind, f"{row['pairs']:.0f}", wanted, _two(row["change"]), _two(row["joint"]), general)
    console.print(table)


def _two(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with choices the command line of `studiospeak` does not have: `python -m benchmarks.text`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help=f"folder of the human data (default: {DATA_VARIABLE})")
    parser.add_argument("--encoder", default="fx", help="whose weights to read figures from")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        result = run(data=options.data, encoder=options.encoder)
    except StudiospeakError as error:
        print(f"benchmarks.text: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
