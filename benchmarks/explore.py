"""Exploring, matching and the library, measured: `studiospeak bench explore`.

The demo song serves for options; a corpus (STUDIOSPEAK_CORPUS) for matches and the library, of its test packages alone;
the human data (STUDIOSPEAK_HUMAN_DATA) for senses. What is not there is left out with a note.
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from assistant.explore import Explorer
from assistant.recognise import recognised
from benchmarks.encoder_sounds import CORPUS_VARIABLE
from benchmarks.explore_library import measure_library
from benchmarks.explore_match import measure_blend, measure_match
from benchmarks.explore_options import PROMPTS, measure_options
from benchmarks.explore_senses import measure_senses
from benchmarks.text import DATA_VARIABLE
from console.errors import StudiospeakError
from exchange import Song, demo_folder, load_tracks
from models.training.corpus import Corpus, open_corpus

__all__ = ["PARTS", "run", "show"]

_STEMS = 8
_PAIRS, _BLENDS = 8, 2
_CLIPS, _SOURCES = 1000, 40
_SEEDS = 3
PARTS = ("options", "senses", "match", "blend", "library")


def run(quick: bool = False, parts: tuple[str, ...] = PARTS) -> dict[str, Any]:
    """Measure.

    Args:
        quick: one prompt, one pair, few clips; to see that it works.
        parts: of `PARTS`.
    Returns:
        {"benchmark", "quick", a key a part that could be measured, "targets", "notes"}, ready for JSON.
    """
    torch.set_num_threads(1)
    song = recognised(load_tracks(demo_folder()))
    song = Song(song.tracks[:_STEMS], song.sample_rate, song.length, song.source, ())
    explorer = Explorer()
    notes: list[str] = []
    corpus = _corpus(notes)
    data = os.environ.get(DATA_VARIABLE)
    if data is None:
        notes.append(f"Senses were left out: set {DATA_VARIABLE}=DIR.")
    encoder, model = explorer.encoder, explorer.model
    jobs: dict[str, Callable[[], Any] | None] = {
        "options": lambda: measure_options(explorer, song, PROMPTS[:1] if quick else PROMPTS),
        "senses": None if data is None else lambda: measure_senses(
            Path(data), song, explorer.ontology, 1 if quick else _SEEDS),
        "match": None if corpus is None else lambda: measure_match(corpus, encoder, 1 if quick else _PAIRS),
        "blend": None if corpus is None else lambda: measure_blend(corpus, encoder, 1 if quick else _BLENDS),
        "library": None if corpus is None else lambda: measure_library(
            corpus, encoder, model, *((30, 3) if quick else (_CLIPS, _SOURCES))),
    }  # fmt: skip
    result: dict[str, Any] = {"benchmark": "explore", "quick": quick}
    for name in parts:
        job = jobs[name]
        if job is None:
            continue
        try:
            result[name] = job()
        except StudiospeakError as error:
            notes.append(f"{name} was left out: {error}")
    result["targets"] = _targets(result)
    result["notes"] = notes
    return result


def _corpus(notes: list[str]) -> Corpus | None:
    named = os.environ.get(CORPUS_VARIABLE)
    if named is None:
        notes.append(f"Matches and the library were left out: set {CORPUS_VARIABLE}=DIR (scripts/build_corpus.py).")
        return None
    return open_corpus(Path(named))


def _targets(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[tuple[str, float, float, bool]] = []
    if "options" in result:
        part = result["options"]
        rows += [
            ("nearest two options against a re-run", part["least_ratio"], 3.0, part["least_ratio"] >= 3.0),
            ("options that go the way they mean", part["positive"], 0.95, part["positive"] >= 0.95),
            ("CPU seconds for four options on eight stems", part["cpu_s"], 15.0, part["cpu_s"] <= 15.0),
        ]
    if "senses" in result:
        own = result["senses"]["own"]
        rows.append(("senses nearer to their own people held out", own, 0.8, own >= 0.8))
    if "match" in result:
        loss = result["match"]["loss"]
        ours, theirs = loss["ours"]["total"], loss["matchering"]["total"]
        rows.append(("audio-feature loss after, below Matchering's", ours, theirs, ours < theirs))
        exact = result["match"]["undone_bit_exact"]
        rows.append(("undone bit-exact", float(exact), 1.0, exact))
    if "blend" in result:
        least = result["blend"]["least"]
        rows.append(("A to B in 11 steps, least Spearman", least, 0.95, least >= 0.95))
    if "library" in result:
        part = result["library"]
        rows.append(
            ("library search, median ms", part["search_ms"]["median"], 50.0, part["search_ms"]["median"] < 50.0)
        )
    return [dict(zip(("what", "reached", "wanted", "passed"), row, strict=True)) for row in rows]


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print everything as tables."""
    console = console or Console()
    if "options" in result:
        table = Table(title=f"Options on {result['options']['tracks']} stems, {result['options']['seconds']:.0f} s")
        for heading in ("prompt", "options", "nearest", "1 dB shelf", "other stretch", "cosine", "CPU s"):
            table.add_column(heading, justify="left" if heading == "prompt" else "right")
        for row in result["options"]["prompts"]:
            figures = [
                f"{row[key]:.2f}" if key in row else "" for key in ("nearest", "audible", "other_stretch", "cosine")
            ]
            table.add_row(row["prompt"], str(row["options"]), *figures, f"{row['cpu_s']:.1f}")
        console.print(table)
    if "senses" in result:
        table = Table(title="Options of senses against people held out")
        for heading in ("word", "options", "own nearer", "r own", "r other"):
            table.add_column(heading, justify="left" if heading == "word" else "right")
        for word, row in result["senses"]["words"].items():
            figures = (f"{row[key]:.2f}" for key in ("own", "r_own", "r_other"))
            table.add_row(word, str(row["options"]), *figures)
        console.print(table)
    if "match" in result:
        table = Table(title=f"Audio-feature loss to the reference, {result['match']['pairs']} pairs of test packages")
        for heading in ("", "total", "spectrum", "crest", "width", "imbalance", "CPU s"):
            table.add_column(heading, justify="right" if heading else "left")
        for name, terms in result["match"]["loss"].items():
            seconds = result["match"]["cpu_s"].get(name)
            table.add_row(
                name, *(f"{value:.4f}" for value in terms.values()), "" if seconds is None else f"{seconds:.1f}"
            )
        console.print(table)
    if "library" in result:
        part = result["library"]
        console.print(
            f"Library of {part['clips']} clips, {part['planted']} planted: by words R@1 {part['words_r1']:.2f}, "
            f"R@10 {part['words_r10']:.2f}; by sound R@1 {part['source_r1']:.2f}, R@10 {part['source_r10']:.2f}; "
            f"{part['index_cpu_s_per_song']:.2f} CPU s and {part['index_bytes_per_song']:.0f} bytes a song."
        )
    table = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        table.add_column(heading)
    for target in result["targets"]:
        verdict = "[green]pass[/]" if target["passed"] else "[red]miss[/]"
        table.add_row(target["what"], f"{target['reached']:.3f}", f"{target['wanted']:.3f}", verdict)
    console.print(table)
    for note in result["notes"]:
        console.print(note, style="dim")


def main() -> None:
    """Measure some parts alone: `python -m benchmarks.explore match blend --out FILE`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result = run(options.quick, tuple(options.parts))
    show(result)
    if options.out is not None:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
