"""Score understanding on a table of phrases that people wrote: intent, target, word and direction; list the misses.

    python scripts/evaluate_phrases.py --phrases ../shared/data/phrases.csv

How a row is scored:
- intent: the label; "other" is met by anything that edits nothing. Where the page's own remark says to clarify, or the
  row says that its target is missing, a question is right as well as the label.
- target: every track that was chosen must belong to the labelled part. A row whose phrase names no part ("brighter",
  taken from a page about vocals) is met by "mix".
- word: only for edits, where the label is a word of the ontology; a synonym counts ("gongy" is ringing), and "less of
  the opposite" counts as the word.
"""

import argparse
import csv
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.request import Request
from assistant.understand import NamedTrack, understand
from ontology import load_ontology

TRACKS = tuple(
    NamedTrack.guess(name)
    for name in (
        "Lead Vox", "Backing Vox", "Kick", "Snare", "Hi Hat", "Toms", "Overheads", "Bass", "Electric Gtr",
        "Acoustic Gtr", "Piano", "Keys", "Synth", "Strings", "Brass",
    )
)  # fmt: skip
OWNERS = {
    "vocal": {"Lead Vox", "Backing Vox"}, "bgv": {"Backing Vox"}, "bass": {"Bass"}, "kick": {"Kick"},
    "snare": {"Snare"}, "hats": {"Hi Hat"}, "toms": {"Toms"}, "cymbals": {"Overheads"},
    "drums": {"Kick", "Snare", "Hi Hat", "Toms", "Overheads"}, "guitar": {"Electric Gtr", "Acoustic Gtr"},
    "acoustic guitar": {"Acoustic Gtr"}, "piano": {"Piano"}, "keys": {"Keys", "Piano", "Synth"}, "synth": {"Synth"},
    "brass": {"Brass"}, "strings": {"Strings"}, "track 7": {"Overheads"}, "mix (chorus)": {"mix"},
}  # fmt: skip
MENTIONS = {
    "vocal": ("vocal", "voice", "lead", "vox"), "bgv": ("back",), "guitar": ("guitar", "gtr"), "hats": ("hat",),
    "toms": ("tom",), "drums": ("drum", "kit"), "cymbals": ("cymbal",), "track 7": ("7",),
}  # fmt: skip


def target_fits(label: str, phrase: str, found: Iterable[str]) -> bool:
    """Whether the chosen targets are the labelled part, or the phrase names no part at all."""
    found = set(found)
    if label in ("mix", "", "session", "track", "last edit", "reverb"):
        return found <= {"mix"} or label in ("session", "track", "last edit", "reverb", "")
    if not any(word in phrase.lower() for word in MENTIONS.get(label, (label,))):
        return found <= {"mix"} or found <= OWNERS.get(label, set())
    return bool(found) and found <= OWNERS.get(label, set())


def word_fits(label: str, direction: str, requests: Iterable[Request]) -> bool | None:
    """Whether one request asks for the labelled word; None where the label is no word."""
    ontology = load_ontology()
    match = ontology.find(label) if label else None
    if match is None or direction not in "+-":
        return None
    wanted = direction if match.direction == "+" else {"+": "-", "-": "+"}[direction]
    opposite = {"+": "-", "-": "+"}[wanted]
    same = {(match.word_id, wanted)} | {(other, opposite) for other in ontology[match.word_id].opposites}
    if label == "quieter":
        same |= {("quiet", "+"), ("loud", "-")}
    return any(
        (r.descriptor, r.direction) in same or (r.descriptor is None and r.numbers and r.direction == direction)
        for r in requests
    )


def main() -> None:
    """Print the figures and every miss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=Path, required=True)
    arguments = parser.parse_args()
    counts = {name: [0, 0] for name in ("intent", "target", "word")}
    false_edits = 0
    with arguments.phrases.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            requests = understand(row["phrase"], TRACKS)
            intents = {r.intent for r in requests}
            label = row["intent"]
            asks = "clarif" in row["fx"] + row["technical meaning"] or not row["target"]
            intent_ok = (
                label in intents or (label == "other" and "edit" not in intents) or (asks and "clarify" in intents)
            )
            if label != "edit" and "edit" in intents:
                false_edits += 1
                intent_ok = False
            checks: dict[str, bool | None] = {"intent": intent_ok}
            if intent_ok and not intents & {"clarify", "undo"}:
                found = {t for r in requests for t in r.targets}
                checks["target"] = target_fits(row["target"], row["phrase"], found)
            if label == "edit" and "clarify" not in intents:
                checks["word"] = word_fits(row["descriptor"], row["direction"], requests)
            for name, ok in checks.items():
                if ok is not None:
                    counts[name][0] += ok
                    counts[name][1] += 1
            missed = [name for name, ok in checks.items() if ok is False]
            if missed:
                got = "; ".join(f"{r.intent} {'+'.join(r.targets)} {r.descriptor} {r.direction}" for r in requests)
                wanted = f"{label} {row['target']} {row['descriptor']} {row['direction']}"
                print(f"{'/'.join(missed):14} {row['phrase'][:70]!r}\n{'':15}wanted {wanted} | got {got}")
    for name, (right, total) in counts.items():
        print(f"{name}: {right}/{total} = {right / max(total, 1):.3f}")
    print(f"edits where the label is no edit: {false_edits}")


if __name__ == "__main__":
    main()
