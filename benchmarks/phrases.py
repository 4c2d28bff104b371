"""Score understanding on a table of phrases that people wrote: intent, target, word and direction.

How a row is scored, after `phrases_corrected.csv` has put right what is wrong in its labels:
- intent: the label; "other" is met by anything that edits nothing. Where the page's own remark says to clarify, or the
  row says that its target is missing, a question is right as well as the label.
- target: every track that was chosen must belong to the labelled part. A row whose phrase names no part ("brighter",
  taken from a page about vocals) is met by "mix".
- word: only for edits, where the label is a word of the ontology; a synonym counts ("gongy" is ringing), "less of the
  opposite" counts as the word, and tracks panned to both sides are wide.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.request import Request
from assistant.understand import NamedTrack, understand
from ontology import load_ontology

__all__ = ["CORRECTIONS", "Scored", "Tally", "corrected", "score_phrases"]

CORRECTIONS = Path(__file__).with_name("phrases_corrected.csv")
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
_ANYTHING = ("session", "track", "last edit", "reverb", "")

Row = dict[str, str]


@dataclass(frozen=True)
class Scored:
    """One phrase: what was found, and which checks it met; None where a check does not apply."""

    row: Row
    requests: tuple[Request, ...]
    intent: bool
    target: bool | None
    word: bool | None

    @property
    def false_edit(self) -> bool:
        """An edit where the label is none."""
        edits = any(request.intent == "edit" for request in self.requests)
        return edits and self.row["intent"] not in ("edit", "match")

    @property
    def missed(self) -> tuple[str, ...]:
        """The checks that were not met."""
        return tuple(name for name in ("intent", "target", "word") if getattr(self, name) is False)


@dataclass(frozen=True)
class Tally:
    """Every phrase, scored."""

    scored: tuple[Scored, ...]

    def part(self, check: str) -> tuple[int, int]:
        """Return how many met a check, of how many it applies to."""
        found = [getattr(one, check) for one in self.scored if getattr(one, check) is not None]
        return sum(found), len(found)


def corrected(rows: Iterable[Row], corrections: Path = CORRECTIONS) -> list[Row]:
    """Put right the labels that `corrections` lists; each says what the label was, so that a changed table is noticed.

    Raises:
        ValueError: a correction fits no row.
    """
    rows = [dict(row) for row in rows]
    by_phrase = {row["phrase"]: row for row in rows}
    with corrections.open(encoding="utf-8", newline="") as file:
        for change in csv.DictReader(file):
            row = by_phrase.get(change["phrase"])
            if row is None or row[change["column"]] != change["was"]:
                raise ValueError(f"The correction of '{change['phrase']}' fits no row. Remove it or update it.")
            row[change["column"]] = change["now"]
    return rows


def score_phrases(rows: Sequence[Row]) -> Tally:
    """Understand every phrase and compare."""
    return Tally(tuple(_scored(row) for row in rows))


def _scored(row: Row) -> Scored:
    requests = understand(row["phrase"], TRACKS)
    intents = {request.intent for request in requests}
    label = row["intent"]
    asks = "clarif" in row["fx"] + row["technical meaning"] or not row["target"]
    intent = label in intents or (label == "other" and "edit" not in intents) or (asks and "clarify" in intents)
    intent = intent and not (label not in ("edit", "match") and "edit" in intents)
    target = word = None
    if intent and not intents & {"clarify", "undo"}:
        target = _target_fits(row["target"], row["phrase"], {name for r in requests for name in r.targets})
    if label == "edit" and "clarify" not in intents:
        word = _word_fits(row["descriptor"], row["direction"], requests)
    return Scored(row, requests, intent, target, word)


def _target_fits(label: str, phrase: str, found: set[str]) -> bool:
    """Whether the chosen targets are the labelled part, or the phrase names no part at all."""
    if label == "mix":
        return found <= {"mix"}
    if label in _ANYTHING:
        return True
    if not any(word in phrase.lower() for word in MENTIONS.get(label, (label,))):
        return found <= {"mix"} or found <= OWNERS.get(label, set())
    return bool(found) and found <= OWNERS.get(label, set())


def _word_fits(label: str, direction: str, requests: Sequence[Request]) -> bool | None:
    """Whether one request asks for the labelled word; None where the label is no word."""
    ontology = load_ontology()
    match = ontology.find(label) if label else None
    if match is None or match.confidence < 0.9 or direction not in "+-":
        return None
    turned = {"+": "-", "-": "+"}
    wanted = direction if match.direction == "+" else turned[direction]
    same = {(match.word_id, wanted)} | {(other, turned[wanted]) for other in ontology[match.word_id].opposites}
    if label == "quieter":
        same |= {("quiet", "+"), ("loud", "-")}
    pans = {request.numbers["pan"] > 0 for request in requests if "pan" in request.numbers}
    return (match.word_id == "wide" and pans == {True, False}) or any(
        (r.descriptor, r.direction) in same or (r.descriptor is None and r.numbers and r.direction == direction)
        for r in requests
    )
