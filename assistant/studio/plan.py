"""From words to deeds: which forms a sentence fills, in the order it asks for them. No language model takes part."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.explore import DEFAULT_COUNT, FollowUp, follow_up_of
from assistant.request import MIX, Request
from assistant.sections import named_in
from assistant.studio.cues import (
    asked_export,
    asked_knob,
    asked_match,
    asked_start,
    asked_versions,
    asks_to_sound_like_the_reference,
    count_of,
    has,
)
from assistant.studio.forms import Change
from assistant.studio.references import named_recordings
from assistant.tell import say

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["Call", "Plan", "calls_of", "plan_of"]

Call = tuple[str, dict[str, Any]]
"""The name of a deed and its filled form."""

_PICK = re.compile(r"\b(?:options?|pick)\b")
_COMPARE = re.compile(r"\b(?:compare|comparison|difference|differences|differs?|versus|vs|what changed)\b|\ba ?/ ?b\b")
_FIND = re.compile(r"\b(?:find|search|look)\b.*\b(?:references?|songs?|records?|recordings|music)\b(?P<rest>.*)")
_NAME = re.compile(r"^(?:please )?(?:call|name) (?:this|that|it|the mix|version (\d+)|this version)(?: version)?,? "
                   r"[\"“']?(.+?)[\"”']?[.!]?$", re.I)  # fmt: skip
_GO = re.compile(r"^(?:please )?(?:go |take me |bring me )?(?:back )?to (?:version )?[\"“']?(.+?)[\"”']?[.!]?$", re.I)
_FORGET = re.compile(r"^(?:please )?forget (?:the word |what i mean by |my )?[\"“']?([\w -]+?)[\"”']?[.!]?$", re.I)
_POINTS_BACK = ("it", "that", "this", "about it", "about that", "the last one")
_SHEET = re.compile(r"\brecall sheet\b")
_OPTION_WORDS = re.compile(
    r"^(?:please )?(?:can you |could you )?(?:show|give|play|make|offer) (?:me |us )?(?:a |some )?(?:\w+ )?(?:of )?"
    r"(?:different |other )?(?:options|mixes|ideas|alternatives|variations|takes)\b(?: (?:for|of|on|with))?[ ,:]*", re.I
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a sentence comes to.

    Attributes:
        calls: deeds with their forms filled, in order.
        requests: what the sentence was understood as, where it went through the grammar of changes.
        question: what has to be asked first; then there are no calls.
        choices: answers to it.
    """

    calls: tuple[Call, ...] = ()
    requests: tuple[Request, ...] = ()
    question: str | None = None
    choices: tuple[str, ...] = ()


def plan_of(studio: "Studio", text: str) -> Plan:
    """Return what a text asks to be done in a studio."""
    special = _special(studio, text)
    if special is not None:
        return Plan((special,))
    requests = studio.understand(text)
    asks = next((request for request in requests if request.intent == "clarify"), None)
    if asks is not None and _SHEET.search(text.lower()):
        return Plan((("export_mix", asked_export(text)),), requests)
    if any(request.intent == "compare" for request in requests):
        versions = asked_versions(text, studio.session)
        if versions is not None:
            return Plan((("compare", versions),), requests)
    matches = any(request.intent == "match" for request in requests) or asks_to_sound_like_the_reference(text)
    if matches or (named_recordings(text) and not _is_question(requests)):
        form = asked_match(text, studio.target_named_in(text), studio.references.names)
        if form is None:
            return Plan((), requests, say("which_recording"), studio.references.names)
        return Plan((("match_reference", form),), requests)
    if asks is not None:
        return Plan((), requests, asks.question or "", asks.choices)
    return Plan(tuple(calls_of(requests, text)), requests)


def calls_of(requests: Sequence[Request], text: str) -> list[Call]:
    """Return the deeds that carry out requests, in the order they were said; edits go together."""
    calls: list[Call] = []
    for request in requests:
        if request.intent == "edit" and "amount" not in request.numbers:
            change = request.model_dump(mode="json", include=set(Change.model_fields))
            change["targets"] = change["targets"] or [MIX]
            if calls and calls[-1][0] == "edit":
                calls[-1][1]["changes"].append(change)
            else:
                calls.append(("edit", {"changes": [change]}))
        else:
            calls.append(_other(request, text))
    return calls


def _special(studio: "Studio", text: str) -> Call | None:
    """Return the deed of a sentence that is read whole: of a section, of options heard, of versions, of the library."""
    session, said = studio.session, " ".join(text.lower().split())
    section = named_in(text)
    if section is not None:
        name, stretches = section
        return "section", {"name": name, "stretches_s": [list(one) for one in stretches]}
    if _COMPARE.search(said):
        recordings = named_recordings(text) or (studio.references.names[:1] if has(text, ["reference"]) else ())
        if recordings:
            return "compare_reference", {"recording": recordings[0]}
        versions = None if has(text, ["reference"]) else asked_versions(text, session)
        if versions is not None:
            return "compare", versions
    knob = asked_knob(text, session)
    if knob is not None:
        return "knobs", {"settings": [knob]}
    named = _NAME.match(text.strip())
    if named is not None:
        return "name", {"name": named[2], **({"version": int(named[1])} if named[1] else {})}
    back = _GO.match(text.strip())
    if back is not None and back[1].lower() in {name.lower() for name in session.names.values()}:
        return "restore", {"version": back[1]}
    gone = _FORGET.match(text.strip())
    if gone is not None and gone[1].lower() not in _POINTS_BACK:
        return "forget", {"word": gone[1]}
    found = _FIND.search(said)
    if found is not None:
        return "find_references", {"description": text.strip(), **_like(text)}
    follow = follow_up_of(text)
    if follow is not None:
        surely = follow.kind in ("like", "between") or _PICK.search(said) is not None
        waits = follow.kind == "pick" and studio.assistant.awaits_answer(session)
        if surely or (studio.options is not None and not waits):
            return _followed(follow)
    return None


def _followed(said: FollowUp) -> Call:
    if said.kind == "pick":
        return "pick", {"number": said.numbers[0]}
    if said.kind == "like":
        return "more_options", {"like": said.numbers[0], "but": said.rest}
    if said.kind == "between":
        return "more_options", {"between": list(said.numbers)}
    return "more_options", {}


def _other(request: Request, text: str) -> Call:
    numbers, targets = request.numbers, list(request.targets)
    kept = {kind: part for kind, _, part in (entry.partition(":") for entry in request.constraints)}
    if request.intent == "edit":
        return "amount", {"share": numbers["amount"], **_parts(only=kept.get("only"), but=kept.get("except"))}
    if request.intent == "undo" and "version" in numbers:
        return "restore", {"version": int(numbers["version"])}
    if request.intent == "undo":
        return "undo", {"steps": int(numbers.get("versions", 1)), **_parts(only=kept.get("only")), "targets": targets}
    if request.intent == "redo":
        return "redo", {"steps": int(numbers.get("versions", 1))}
    if request.intent == "lock":
        locked = "unlock" not in request.constraints
        return "lock", {"targets": targets or [MIX], "locked": locked, **_parts(only=kept.get("only"))}
    if request.intent == "teach" and request.word is not None:
        return "learn", {"word": request.word, "means": list(request.means)}
    if request.intent == "explore":
        prompt = _OPTION_WORDS.sub("", text.strip())
        return "explore", {"prompt": prompt, "count": count_of(text, DEFAULT_COUNT)}
    if request.intent == "export":
        return "export_mix", asked_export(text)
    if request.intent == "start":
        return "start", dict(asked_start(text))
    if request.intent == "compare":
        return "ask", {"about": "diagnose", "targets": targets, "descriptor": request.descriptor}
    return "ask", {"about": request.intent, "targets": targets, "descriptor": request.descriptor}


def _parts(**parts: str | None) -> dict[str, str]:
    return {name: part for name, part in parts.items() if part}


def _like(text: str) -> dict[str, str]:
    recordings = named_recordings(text)
    return {"like": recordings[0]} if recordings else {}


def _is_question(requests: Sequence[Request]) -> bool:
    return any(request.intent in ("diagnose", "compare", "explain", "teach", "export") for request in requests)
