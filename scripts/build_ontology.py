"""Fit the word tables to people's settings: `python scripts/build_ontology.py --data DIR`.

Reads the hand-written entries (ontology/data/words) and the data sets (see the README beside them), writes
ontology/data/fitted.yaml - derived figures only, no rows - and prints what it found: agreement of people, how
well the fit predicts a person it has not seen, and where people contradict the books. `--check` writes
nothing and fails where the committed file differs from what the data give.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ontology.load import DATA_DIR, read_literature, read_sources  # noqa: E402
from ontology.lookup import Ontology  # noqa: E402
from ontology.model import Word  # noqa: E402
from scripts.ontology import senses  # noqa: E402
from scripts.ontology.people import Curve, read_curves  # noqa: E402
from scripts.ontology.processors import ProcessorFit, read_settings  # noqa: E402
from scripts.ontology.tone import (  # noqa: E402
    ENOUGH_PEOPLE,
    ToneFit,
    agreement,
    beats_chance,
    correlation,
    describe,
    stack,
)

FITTED = DATA_DIR / "fitted.yaml"
HEADER = """\
# Written by scripts/build_ontology.py from people's settings (SocialEQ, SocialReverb, SocialFX, SAFE).
# Do not edit: change ontology/data/words and run the script. Figures derived from the data, no rows of it.
#   senses     what groups of people mean; without one the books' sense stands
#     people       distinct people counted          share          part of the people of this word
#     agreement    correlation of one person with the mean of the others in the sense
#     literature_r correlation of the people's mean with the books' curve
#     tone_only    the sense is an EQ curve and nothing else
#     eq_db        dB on the 40 bands; without it the books' curve stands
#   effects    terms in which the word's people differ from all people more than chance
words:
"""


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _eq_sense(fit: ToneFit, word: str, curves: Sequence[Curve], everyone: int) -> dict[str, Any]:
    """One group of people as an entry of fitted.yaml."""
    shape, leans_on = fit.shape(word, curves)
    eq_db = fit.to_db(word, shape, curves)
    books = fit.literature(word)
    few = bool(leans_on) and len(curves) < ENOUGH_PEOPLE
    sense: dict[str, Any] = {
        "name": describe(eq_db),
        "share": round(len(curves) / everyone, 2) if everyone else 1.0,
        "people": len(curves),
        "agreement": _round(agreement(curves)) if curves else None,
        "origin": "both" if few and "literature" in leans_on else "people",
        "sources": sorted({curve.source for curve in curves}) or ["safe-eq", "social-eq"],
    }
    if few:
        sense["shrunk_towards"] = list(leans_on)
        if "literature" in leans_on:
            sense["sources"] += [s for s in fit.words[word].senses[0].sources if s not in sense["sources"]]
    if books is not None and curves:
        shapes, weights = stack(curves)
        sense["literature_r"] = _round(correlation(np.average(shapes, axis=0, weights=weights), books))
    sense["eq_db"] = eq_db
    return sense


def _tone_entry(fit: ToneFit, word: Word, everyone: np.ndarray, others: Sequence[ProcessorFit]) -> list[dict[str, Any]]:
    """Senses of one word, empty where the books' sense stands.

    Args:
        everyone: (people, 40) shapes of all words, what chance agreement looks like.
        others: processors other than EQ, whose people may have used the word as well.
    """
    curves = fit.curves.get(word.id, [])
    books = fit.literature(word.id) is not None
    # A tone word that nobody set is foretold better by its relatives' people and the books than by the books alone
    # (correlation .37 against .26 over tone words whose people were left out; .28 against .25 for character).
    if word.kind == "mood" or (books and (curves or word.kind == "tone")):
        shapes = stack(curves)[0] if curves else np.zeros((0, everyone.shape[1]))
        groups, _ = senses.split(shapes)
        return [_eq_sense(fit, word.id, [curves[i] for i in group], len(curves)) for group in groups]
    if len(curves) >= 4 and beats_chance(curves, everyone):
        # A word of level, time or space to which people who only had an equaliser gave a tone all the same.
        count = sum(processor.people(word.id) for processor in others)
        if count == 0:
            return []
        tone = _eq_sense(fit, word.id, curves, len(curves) + count)
        tone |= {"name": f"as a tone: {tone['name']}", "tone_only": True}
        first = {
            "name": f"as {word.kind}",
            "share": round(1 - tone["share"], 2),
            "people": count,
            "origin": "both",
            "sources": [
                *word.senses[0].sources,
                *sorted({source for processor in others for source in processor.sources(word.id)}),
            ],
        }
        return sorted([first, tone], key=lambda row: -row["share"])
    return []


def fit_words(data: Path) -> tuple[dict[str, Any], ToneFit]:
    """Every word's entry of fitted.yaml, and the tone fit for the report."""
    words = read_literature()
    ontology = Ontology(words, read_sources())
    fit = ToneFit(words, read_curves(data, ontology))
    processors = {name: ProcessorFit(name, rows) for name, rows in read_settings(data, ontology).items()}
    everyone = np.array([curve.shape for curves in fit.curves.values() for curve in curves])
    entries: dict[str, Any] = {}
    for word in words.values():
        entry: dict[str, Any] = {}
        if found := _tone_entry(fit, word, everyone, [processors["compression"], processors["reverb"]]):
            entry["senses"] = found
        effects = {}
        for effect in word.senses[0].effects:  # people refine the processors that the entry names
            tendency = processors[effect.name].tendency(word.id) if effect.name in processors else None
            if tendency is not None:
                effects[effect.name] = {
                    **tendency.values,
                    "people": tendency.people,
                    "agreement": tendency.agreement,
                    "sources": list(tendency.sources),
                }
        if effects:
            entry["effects"] = effects
        if entry:
            entries[word.id] = entry
    return entries, fit


def _flow(value: Any) -> str:
    """One YAML value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str) and any(c in value for c in ":,[]{}#"):
        return f'"{value}"'
    return str(value)


def to_yaml(entries: dict[str, Any]) -> str:
    """fitted.yaml as text: one line a field, one line a curve."""
    lines = []
    for word, entry in entries.items():
        lines.append(f"  {word}:")
        if "effects" in entry:
            lines.append("    effects:")
            lines += [f"      {name}: {_flow(terms)}" for name, terms in entry["effects"].items()]
        if "senses" in entry:
            lines.append("    senses:")
            for sense in entry["senses"]:
                for index, (key, value) in enumerate(sense.items()):
                    lines.append(f"    {'-' if index == 0 else ' '} {key}: {_flow(value)}")
    return HEADER + "\n".join(lines) + "\n"


def report(entries: dict[str, Any], fit: ToneFit) -> None:
    """Print agreement, prediction of unseen people, and quarrels with the books."""
    print(f"{'word':14}{'people':>7}{'senses':>7}{'ceiling':>9}{'fit':>7}{'books':>7}   shares")
    rows = []
    for word, curves in sorted(fit.curves.items(), key=lambda item: -len(item[1])):
        if len(curves) < 3 or "senses" not in entries.get(word, {}):
            continue
        shapes, _ = stack(curves)
        unseen = [correlation(shapes[i], fit.shape(word, curves[:i] + curves[i + 1 :])[0]) for i in range(len(curves))]
        books = fit.literature(word)
        against = float(np.mean([correlation(s, books) for s in shapes])) if books is not None else None
        ceiling, found = agreement(curves), float(np.mean(unseen))
        rows.append((len(curves), ceiling, found, against))
        parts = entries[word]["senses"]
        shares = " / ".join(f"{part['share']:.0%}" for part in parts)
        books_text = f"{against:7.2f}" if against is not None else f"{'-':>7}"
        print(f"{word:14}{len(curves):7}{len(parts):7}{ceiling:9.2f}{found:7.2f}{books_text}   {shares}")
    people = np.array([row[0] for row in rows], dtype=float)
    for name, weights in (("each word once", np.ones(len(rows))), ("by people", people)):
        ceiling = np.average([row[1] for row in rows], weights=weights)
        found = np.average([row[2] for row in rows], weights=weights)
        print(f"unseen person, {name}: ceiling (mean of the others) {ceiling:.3f}, fit {found:.3f}")
    print("\npeople against the books (r < 0 with at least 3 people):")
    for word, entry in entries.items():
        for sense in entry.get("senses", ()):
            r = sense.get("literature_r")
            if r is not None and r < 0 and sense["people"] >= 3:
                print(f"  {word}: r {r:.2f}, {sense['people']} people, {sense['name']}")
    print("\nprocessors:")
    for word, entry in entries.items():
        for name, terms in entry.get("effects", {}).items():
            print(f"  {word:14}{name:12}{_flow(terms)}")


def main() -> int:
    """Run the fit from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with social_eq, social_comp, ...")
    parser.add_argument("--check", action="store_true", help="only compare with the committed file")
    arguments = parser.parse_args()
    if not (arguments.data / "social_eq").is_dir():
        print(f"{arguments.data} has no social_eq folder. Give the folder that holds the data sets.")
        return 2
    entries, fit = fit_words(arguments.data)
    text = to_yaml(entries)
    if arguments.check:
        same = FITTED.read_text(encoding="utf-8") == text
        print("fitted.yaml is what the data give." if same else "fitted.yaml differs: run without --check.")
        return 0 if same else 1
    FITTED.write_text(text, encoding="utf-8")
    report(entries, fit)
    print(f"\n{len(entries)} words fitted, written to {FITTED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
