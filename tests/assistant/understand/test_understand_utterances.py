"""Sentences of our own and what they must become; half were set aside before tuning."""

import re
from pathlib import Path

import pytest
import yaml

from assistant.request import Request
from assistant.understand import Context, NamedTrack, understand

DEMO = (
    "01 Kick", "02 Snare", "03 Drum Overheads", "04 Bass DI", "05 Electric Gtr", "06 Keys", "07 Lead Vox",
    "08 Backing Vox", "09 Strings",
)  # fmt: skip
TRACKS = tuple(NamedTrack.guess(name) for name in DEMO)
TABLE = yaml.safe_load(Path(__file__).with_name("utterances.yaml").read_text(encoding="utf-8"))


def names(numbers: str) -> tuple[str, ...]:
    """ "1,mix" -> ("01 Kick", "mix")."""
    return tuple(DEMO[int(part) - 1] if part.isdigit() else part for part in numbers.split(","))


def misses(request: Request, want: str) -> list[str]:
    """What the request lacks of one wanted request."""
    intent, *terms = want.split()
    wrong = [] if request.intent == intent else [f"intent {request.intent}"]
    if intent == "edit" and not any(re.fullmatch(r"[a-z][a-z-]*[-+=]", term) for term in terms) and request.descriptor:
        wrong.append(f"word {request.descriptor}")
    constraints: list[str] = []
    for term in terms:
        if re.fullmatch(r"(\d+|mix)(,\d+)*", term):
            ok = set(request.targets) == set(names(term))
        elif re.fullmatch(r"x[\d.]+", term):
            ok = request.amount == pytest.approx(float(term[1:]))
        elif "=" in term[:-1]:
            name, value = term.split("=")
            ok = request.numbers.get(name) == pytest.approx(float(value))
        elif ":" in term and not term.startswith("@"):
            kind, value = term.split(":")
            constraints += [f"{kind}:{name}" for name in names(value)]
            ok = True
        elif term.startswith("@"):
            ok = (request.section or "").replace(" ", "") == term[1:]
        elif term in "+-=":
            ok = request.direction == term
        else:
            ok = (request.descriptor, request.direction) == (term[:-1], term[-1])
        if not ok:
            wrong.append(term)
    if set(constraints) != set(request.constraints):
        wrong.append(f"constraints {request.constraints}")
    return wrong


def failures(entry: dict) -> list[str]:
    """Why an utterance is not understood as wanted; empty when it is."""
    context = None
    if "after" in entry:
        context = Context(requests=understand(entry["after"], TRACKS), undoable=1, version=1)
    requests = understand(entry["say"], TRACKS, context)
    wants = [want.strip() for want in entry["want"].split(";")]
    if len(requests) != len(wants):
        return [f"{len(requests)} requests: {requests}"]
    return [miss for request, want in zip(requests, wants, strict=True) for miss in misses(request, want)]


@pytest.mark.parametrize("entry", TABLE["tuned"], ids=lambda entry: entry["say"])
def test_sentences_used_for_tuning(entry):
    assert failures(entry) == []


def test_sentences_set_aside():
    missed = [entry["say"] for entry in TABLE["held"] if failures(entry)]
    assert len(missed) <= 0.08 * len(TABLE["held"]), missed


def test_no_question_or_report_edits():
    asked = [
        e
        for e in (*TABLE["tuned"], *TABLE["held"])
        if e["want"].split()[0] in ("diagnose", "explore", "teach", "explain")
    ]
    assert asked
    for entry in asked:
        context = Context(requests=understand(entry["after"], TRACKS)) if "after" in entry else None
        assert "edit" not in {request.intent for request in understand(entry["say"], TRACKS, context)}, entry["say"]
