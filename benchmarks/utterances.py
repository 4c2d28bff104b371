"""Utterances of our own: what is said, turn by turn, and what it must become. `utterances.txt` tells its form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.request import Request
from assistant.understand import Context, NamedTrack, understand
from ontology import load_ontology

__all__ = ["DEMO", "FILE", "TRACKS", "Turn", "conversations", "failures", "parts", "play"]

FILE = Path(__file__).with_name("utterances.txt")
DEMO = (
    "01 Kick", "02 Snare", "03 Drum Overheads", "04 Bass DI", "05 Electric Gtr", "06 Keys", "07 Lead Vox",
    "08 Backing Vox", "09 Strings",
)  # fmt: skip
TRACKS = tuple(NamedTrack.guess(name) for name in DEMO)

Requests = tuple[Request, ...]


@dataclass(frozen=True)
class Turn:
    """One line: what is said and the right answers to it; none: it only sets the scene."""

    say: str
    answers: tuple[str, ...]


def conversations(part: str, file: Path = FILE) -> list[list[Turn]]:
    """Read the conversations of one part of the file.

    Args:
        part: "tuned" or "held", or another part that the file has.
        file: in the form of `utterances.txt`.
    """
    found: list[list[Turn]] = []
    inside, single = False, False
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("== "):
            name, _, form = line[3:].partition(" ")
            inside, single = name == part, form == "singles"
            found.append([])
        elif not line.strip():
            found.append([])
        elif inside and not line.startswith("#"):
            say, _, want = line.partition("=>")
            turn = Turn(say.strip(), tuple(answer.strip() for answer in want.split(" or ") if answer.strip()))
            found.append([turn]) if single else found[-1].append(turn)
    return [conversation for conversation in found if conversation]


def parts(file: Path = FILE) -> tuple[str, ...]:
    """Name the parts of the file, in order."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(dict.fromkeys(line[3:].split()[0] for line in lines if line.startswith("== ")))


def play(conversation: Sequence[Turn]) -> Iterator[tuple[Turn, Requests]]:
    """Say one turn after the other; edits become versions and are taken back as in a session."""
    versions: list[Requests] = [()]
    context = Context(version=0)
    spoken: tuple[str, ...] = ()
    for turn in conversation:
        requests = understand(turn.say, TRACKS, context)
        yield turn, requests
        asked = next((request for request in requests if request.intent in ("clarify", "diagnose")), None)
        clear = not any(request.intent == "clarify" for request in requests)
        for request in (r for r in requests if clear and r.intent == "undo" and not (r.targets or r.constraints)):
            steps = len(versions) - 1 - int(request.numbers.get("version", len(versions) - 2))
            versions = versions[: max(1, len(versions) - int(request.numbers.get("versions", steps)))]
        edits = tuple(request for request in requests if clear and request.intent == "edit")
        versions += [edits] if edits else []
        number = len(versions) - 1
        spoken = next((r.targets for r in reversed(requests) if r.targets), spoken)
        context = Context(requests=versions[-1], undoable=number, version=number, asked=asked, spoken=spoken)


def failures(requests: Requests, answers: Sequence[str]) -> list[str]:
    """Say what is wrong with the requests; empty where one of the right answers was given."""
    wrong = [_against(requests, answer) for answer in answers]
    return min(wrong, key=len) if wrong and all(wrong) else []


def _against(requests: Requests, answer: str) -> list[str]:
    wants = [want.strip() for want in answer.split(";")]
    if len(requests) != len(wants):
        return [f"{len(requests)} requests instead of {len(wants)}"] * 9
    return [miss for request, want in zip(requests, wants, strict=True) for miss in _misses(request, want)]


def _misses(request: Request, want: str) -> list[str]:
    intent, *terms = want.split()
    wrong = [] if request.intent == intent else [f"intent {request.intent}"]
    constraints: set[str] = set()
    named = False
    for term in terms:
        if re.fullmatch(r"(\d+|mix)(,\d+)*", term):
            ok = set(request.targets) == set(_names(term))
        elif re.fullmatch(r"x[\d.]+", term):
            ok = abs(request.amount - float(term[1:])) < 1e-6
        elif re.fullmatch(r"[a-z_]+=[-\d.]+", term):
            name, value = term.split("=")
            ok = abs(request.numbers.get(name, 1e9) - float(value)) < 1e-6
        elif term.startswith("@"):
            ok = (request.section or "").replace(" ", "") == term[1:]
        elif ":" in term or term == "unlock":
            kind, _, value = term.partition(":")
            constraints |= {f"{kind}:{_word(name)}" for name in _names(value)} if value else {term}
            ok = True
        elif term in "+-=":
            ok = request.direction == term
        else:
            named = True
            ok = _same_word(request, term[:-1], term[-1])
        if not ok:
            wrong.append(term)
    if intent == "edit" and not named and request.descriptor:
        wrong.append(f"word {request.descriptor}")
    if constraints != {_canonical(entry) for entry in request.constraints}:
        wrong.append(f"constraints {request.constraints}")
    return wrong


def _names(numbers: str) -> tuple[str, ...]:
    """ "1,mix" -> ("01 Kick", "mix")."""
    return tuple(DEMO[int(part) - 1] if part.isdigit() else part for part in numbers.split(","))


def _word(name: str) -> str:
    match = load_ontology().find(name)
    return match.word_id if match is not None and match.confidence == 1.0 else name


def _same_word(request: Request, word: str, direction: str) -> bool:
    """The word under any of its names; less of its opposite is as good."""
    ontology, wanted = load_ontology(), _word(word)
    if (request.descriptor, request.direction) == (wanted, direction):
        return True
    turned = {"+": "-", "-": "+"}.get(direction)
    return request.descriptor in (ontology[wanted].opposites if wanted in ontology else ()) and (
        request.direction == turned
    )


def _canonical(constraint: str) -> str:
    kind, colon, value = constraint.partition(":")
    return f"{kind}{colon}{_word(value)}"
