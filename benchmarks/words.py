"""`studiospeak bench words`: are words found, are their entries sound, and do their curves hold for unheard people?

Lookup is judged by `words.yaml`, written before the lookup was tuned, one half set aside. Entries are checked one by
one. Curves are cross-validated by person on the human data, where STUDIOSPEAK_HUMAN_DATA names its folder: fitted on
the others, asked about this one, with the mean of the others as the ceiling and a flat curve as the floor.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from console.errors import OntologyError
from ontology import Ontology, load_ontology, look_up
from ontology.load import read_literature, read_sources

__all__ = ["DATA_VARIABLE", "lookup_figures", "run", "show"]

DATA_VARIABLE = "STUDIOSPEAK_HUMAN_DATA"
_TABLE = Path(__file__).parent / "words.yaml"
_ROOT = Path(__file__).resolve().parent.parent
_FOLDS = 10
_HALVES_SURROGATES = 20
_LEAST_PEOPLE = 3


def run(quick: bool = False, data: Path | None = None) -> dict[str, Any]:
    """Measure.

    Args:
        quick: leave the human data out.
        data: folder of the human data; None: what STUDIOSPEAK_HUMAN_DATA names, without one it is left out.
    Returns:
        {"benchmark", "lookup", "entries", "people" (or None), "targets", "notes"}, ready for JSON.
    """
    ontology = load_ontology()
    named = data or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    notes = []
    people = None
    if named is not None and not quick:
        people = _people(named)
    else:
        notes.append(f"No human data: curves were not judged. Set {DATA_VARIABLE}=DIR.")
    lookup, entries = lookup_figures(ontology), _entries(ontology)
    return {
        "benchmark": "words",
        "lookup": lookup,
        "entries": entries,
        "people": people,
        "targets": _targets(lookup, entries),
        "notes": notes,
    }


def lookup_figures(ontology: Ontology, table: Path = _TABLE) -> dict[str, Any]:
    """Look every text of the table up, without the text model.

    Returns:
        "tuned" and "aside" -> {"rows", "right", "unknown", "wrong" (text, taken for), "share": right or honestly
        unknown, "milliseconds": median CPU time of one}.
    """
    parts = yaml.safe_load(table.read_text(encoding="utf-8"))
    ontology.find("warm up the index")
    figures = {}
    for part, groups in parts.items():
        right, unknown, wrong, spent = 0, [], [], []
        for rows in groups.values():
            for text, wanted in rows.items():
                start = time.process_time()
                found = look_up(str(text), ontology, by_meaning=False)
                spent.append(1000 * (time.process_time() - start))
                if found.word_id is None and wanted is not None:
                    unknown.append(text)
                elif (found.word_id in wanted) if wanted else found.word_id is None:
                    right += 1
                else:
                    wrong.append((text, found.word_id))
        rows_count = sum(len(rows) for rows in groups.values())
        figures[part] = {
            "rows": rows_count,
            "right": right,
            "unknown": unknown,
            "wrong": wrong,
            "share": (right + len(unknown)) / rows_count,
            "milliseconds": float(np.median(spent)),
        }
    return figures


def _entries(ontology: Ontology) -> dict[str, Any]:
    """Check every entry again, and list where people turn against the books."""
    one_sided = [
        word.id for word in ontology.values() for other in word.opposites if word.id not in ontology[other].opposites
    ]
    unsourced = [word.id for word in ontology.values() if not all(sense.sources for sense in word.senses)]
    infinite = [word.id for word in ontology.values() if not np.all(np.isfinite([s.eq_db for s in word.senses]))]
    compared = [
        (word.id, sense.literature_r, sense.people)
        for word in ontology.values()
        for sense in word.senses[:1]
        if sense.literature_r is not None and sense.people >= _LEAST_PEOPLE
    ]
    return {
        "words": len(ontology),
        "labels": len(ontology.labels) - sum(not word.listening_only for word in ontology.values()),
        "everyday": len(ontology.everyday),
        "with_people": sum(any(sense.people for sense in word.senses) for word in ontology.values()),
        "several_senses": sum(len(word.senses) > 1 for word in ontology.values()),
        "problems_with_remedies": sum(bool(word.remedies) for word in ontology.values() if word.problem),
        "problems": sum(word.problem for word in ontology.values()),
        "one_sided_opposites": one_sided,
        "without_source": unsourced,
        "not_finite": infinite,
        "compared_with_books": len(compared),
        "against_books": [(word, r, people) for word, r, people in compared if r < 0],
    }


def _people(data: Path) -> dict[str, Any]:
    """Cross-validate by person; the fit itself lives in scripts/ontology."""
    sys.path.insert(0, str(_ROOT))
    try:
        from scripts.ontology.people import read_curves
        from scripts.ontology.tone import ToneFit, correlation, stack
    except ImportError as error:
        raise OntologyError("The fit of words is in scripts/ontology: run this in a checkout.") from error
    words = read_literature()
    curves = read_curves(data, Ontology(words, read_sources()))
    persons = sorted({curve.person for rows in curves.values() for curve in rows})
    order = np.random.default_rng(0).permutation(persons)
    fold = {person: place % _FOLDS for place, person in enumerate(order)}
    found: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    error_db: dict[str, list[float]] = defaultdict(list)
    for at in range(_FOLDS):
        kept = {word: [c for c in rows if fold[c.person] != at] for word, rows in curves.items()}
        fit = ToneFit(words, {word: rows for word, rows in kept.items() if rows})
        for word, rows in curves.items():
            held = [curve for curve in rows if fold[curve.person] == at]
            if not held:
                continue
            shape, _ = fit.shape(word, kept[word])
            alone = np.average(*_split(stack(kept[word]))) if kept[word] else np.zeros_like(shape)
            unheard, _ = fit.shape(word, [])
            books = fit.literature(word)
            drawn = np.array(fit.to_db(word, shape, kept[word]))
            for curve in held:
                size = "1 to 3" if len(rows) <= 3 else "4 to 15" if len(rows) < 16 else "16 or more"
                for name, guess in (("fit", shape), ("others", alone), ("word unheard", unheard), ("books", books)):
                    found[name].append((word, size, 0.0 if guess is None else correlation(guess, curve.shape)))
                if curve.rms_db is not None:
                    truth = curve.shape * curve.rms_db
                    error_db["ours"].append(float(np.sqrt(np.mean((truth - drawn + drawn.mean()) ** 2))))
                    error_db["flat"].append(float(np.sqrt(np.mean(truth**2))))
    return {
        "people": len(persons),
        "curves": len(found["fit"]),
        "words": len(curves),
        "correlation": {name: _averages(rows) for name, rows in found.items()},
        "rmse_db": {name: float(np.mean(rows)) for name, rows in error_db.items()} | {"curves": len(error_db["ours"])},
        "senses": _halves(words, curves),
    }


def _split(stacked: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, int, np.ndarray]:
    shapes, weights = stacked
    return shapes, 0, weights


def _averages(rows: Sequence[tuple[str, str, float]]) -> dict[str, float]:
    words: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, list[float]] = defaultdict(list)
    for word, size, value in rows:
        words[word].append(value)
        sizes[size].append(value)
    return {
        "by person": float(np.mean([value for _, _, value in rows])),
        "by word": float(np.mean([np.mean(values) for values in words.values()])),
        **{size: float(np.mean(values)) for size, values in sorted(sizes.items())},
    }


def _halves(words: Mapping[str, Any], curves: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    """Split the people of well-known words into senses on one half, and ask the other half."""
    from scripts.ontology import senses
    from scripts.ontology.tone import ToneFit, correlation, stack

    rng = np.random.default_rng(1)
    found: dict[str, list[float]] = defaultdict(list)
    for word, rows in curves.items():
        if len(rows) < 2 * senses.MIN_PEOPLE:
            continue
        order = rng.permutation(len(rows))
        for half in (order[::2], order[1::2]):
            mine = [rows[place] for place in half]
            fit = ToneFit(dict(words), {**curves, word: mine})
            groups, _ = senses.split(stack(mine)[0], surrogates=_HALVES_SURROGATES)
            shapes = [fit.shape(word, [mine[place] for place in group])[0] for group in groups]
            shares = [len(group) / len(mine) for group in groups]
            mean = np.sum([share * shape for share, shape in zip(shares, shapes, strict=True)], axis=0)
            for place in set(order.tolist()) - set(half.tolist()):
                truth = rows[place].shape
                found["one sense"].append(correlation(fit.shape(word, mine)[0], truth))
                found["main sense"].append(correlation(shapes[0], truth))
                found["senses by share"].append(correlation(mean, truth))
                found["the person's own sense"].append(max(correlation(shape, truth) for shape in shapes))
    return {name: float(np.mean(values)) for name, values in found.items()}


def _targets(lookup: Mapping[str, Any], entries: Mapping[str, Any]) -> list[dict[str, Any]]:
    sound = entries["one_sided_opposites"] + entries["without_source"] + entries["not_finite"]
    rows: list[tuple[str, float, str, bool]] = [
        (f"lookup right or honestly unknown, {part}", row["share"], ">= 0.95", row["share"] >= 0.95)
        for part, row in lookup.items()
    ]
    rows += [
        ("words", entries["words"], ">= 200", entries["words"] >= 200),
        ("further labels", entries["labels"], ">= 400", entries["labels"] >= 400),
        ("entries with a one-sided opposite, no source or no finite curve", len(sound), "0", not sound),
    ]
    return [{"what": what, "reached": float(value), "wanted": wanted, "passed": ok} for what, value, wanted, ok in rows]


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print everything as tables."""
    console = console or Console()
    table = Table(title="Misspelt, inflected and slang words, and words that mean nothing here")
    for heading in ("part", "texts", "right", "honestly unknown", "wrong", "ms"):
        table.add_column(heading)
    for part, row in result["lookup"].items():
        wrong = ", ".join(f"{text} ({taken or 'nothing'})" for text, taken in row["wrong"]) or "-"
        unknown = f"{len(row['unknown'])}: {', '.join(row['unknown'])}" if row["unknown"] else "0"
        table.add_row(part, str(row["rows"]), str(row["right"]), unknown, wrong, f"{row['milliseconds']:.2f}")
    console.print(table)
    entries = result["entries"]
    against = ", ".join(f"{word} ({r:+.2f}, {people})" for word, r, people in entries["against_books"])
    console.print(
        f"{entries['words']} words, {entries['labels']} further labels, {entries['everyday']} everyday words; "
        f"{entries['with_people']} words with people, {entries['several_senses']} with several senses; "
        f"{entries['problems_with_remedies']} of {entries['problems']} problems with causes and remedies.\n"
        f"People against the books (correlation, people) in {len(entries['against_books'])} of "
        f"{entries['compared_with_books']} words: {against or 'none'}."
    )
    if result["people"]:
        _show_people(result["people"], console)
    targets = Table(title="Targets")
    for heading in ("", "reached", "wanted", ""):
        targets.add_column(heading)
    for target in result["targets"]:
        verdict = "[green]pass[/]" if target["passed"] else "[red]miss[/]"
        targets.add_row(target["what"], f"{target['reached']:g}", target["wanted"], verdict)
    console.print(targets)
    for note in result["notes"]:
        console.print(note, style="dim")


def _show_people(people: Mapping[str, Any], console: Console) -> None:
    names = {
        "others": "mean of the word's other people (ceiling)",
        "fit": "the entry's curve, this person left out",
        "word unheard": "the same, none of the word's people heard",
        "books": "the books alone",
    }
    table = Table(
        title=f"Correlation with an unheard person: {people['curves']} curves of {people['people']} people, "
        f"{people['words']} words"
    )
    headings = list(people["correlation"]["fit"])
    for heading in ("", *headings):
        table.add_column(heading, justify="left" if not heading else "right")
    for key, name in names.items():
        table.add_row(name, *(f"{people['correlation'][key][heading]:.3f}" for heading in headings))
    console.print(table)
    rmse = people["rmse_db"]
    console.print(
        f"dB on {rmse['curves']} SAFE curves, rms error: {rmse['ours']:.2f} (a flat curve: {rmse['flat']:.2f})"
    )
    senses = ", ".join(f"{name} {value:.3f}" for name, value in people["senses"].items())
    console.print(f"Words of at least 24 people, fitted on one half and asked of the other: {senses}")
