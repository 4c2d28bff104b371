"""The talk as HTML: what was said, what is being done, what could be said next."""

import re

from assistant.events import Chip
from assistant.request import MIX, Request
from assistant.tell import name_channel
from assistant.web.dialogs_view import fetchable
from assistant.web.markup import button, text
from assistant.web.state import Workbench

__all__ = ["EXAMPLES", "describe_request", "doing", "in_lines", "talk"]

EXAMPLES = tuple(
    Chip(words, words, "next")
    for words in (
        "make the lead warmer and bring it forward, and tame the boomy bass",
        "the keys are muddy",
        "more punch on the kick",
        "what is wrong with this mix?",
        "show me options for 80s vibes",
    )
)
"""Sentences offered before anything was said."""

_STEPS = {
    "aim": "Working out where the sound should go",
    "tune": "Turning knobs",
    "render": "Rendering",
    "check": "Measuring",
    "listen": "Listening",
    "look": "Looking for readings that differ",
}


def doing(step: str, share: float, note: str = "") -> str:
    """Return what is being done, in words: "Turning knobs: Lead Vox"."""
    words = _STEPS.get(step, step.capitalize())
    part = f" ({100 * share:.0f} %)" if 0.0 < share < 1.0 else ""
    return f"{words}: {note}{part}" if note else f"{words}{part}"


def describe_request(request: Request) -> str:
    """Return a request in a few words: "Lead Vox: more warm"."""
    if request.intent != "edit":
        return request.intent
    where = ", ".join(name_channel(target) for target in request.targets or (MIX,))
    parts = []
    if request.descriptor:
        sign = {"+": "more ", "-": "less ", "=": ""}[request.direction]
        size = "" if abs(request.amount - 1.0) < 0.05 else f" (x {request.amount:.2g})"
        parts.append(f"{sign}{request.descriptor.replace('_', ' ')}{size}")
    parts += [f"{name.replace('_', ' ')} {value:g}" for name, value in request.numbers.items()]
    parts += [constraint.replace(":", " ") for constraint in request.constraints]
    return f"{where}: {', '.join(parts)}" if parts else where


def talk(bench: Workbench, url: str) -> str:
    """Return the log, the work in progress and the chips; `url` is where the session's files are served."""
    lines = "".join(_line(bench, index) for index in range(len(bench.lines)))
    work = ""
    if bench.work.busy:
        draft = (
            f'<button type="button" id="draft" data-draft="{url}{text(bench.draft)}">Hear it</button>'
            if bench.draft
            else ""
        )
        work = (
            f'<div class="line working"><span class="spinner" aria-hidden="true"></span>'
            f"<p>{text(bench.work.doing)}</p>{draft}"
            f"{button('Stop', 'stop', name='Stop and keep the best so far', kind='quiet', ident='stop')}</div>"
        )
    files = fetchable(bench, url) if bench.exported else ""
    notice = f'<p class="notice" role="alert">{text(bench.notice)}</p>' if bench.notice else ""
    return (
        f'<div class="log" id="log" role="log" aria-live="polite" aria-label="Talk" tabindex="0"'
        f' data-busy="{int(bench.work.busy)}">{lines or _EMPTY}{files}{work}</div>{notice}{_chips(bench)}'
    )


_EMPTY = '<p class="empty">Nothing was said yet. Say what you want, as you would to an engineer.</p>'


def _line(bench: Workbench, index: int) -> str:
    line = bench.lines[index]
    who = {"you": "You", "studio": "Studiospeak", "fault": "Studiospeak could not"}[line.who]
    words = line.text if line.who == "you" else in_lines(line.text)
    last = index == len(bench.lines) - 1
    after = ""
    if line.version is not None and line.version < len(bench.session.versions):
        after = (
            f'<span class="of">{button(f"version {line.version}", "show", kind="link", version=line.version)}</span>'
        )
    asked = ""
    choices = [chip for chip in bench.chips if chip.kind == "answer"]
    if last and choices and not bench.work.busy:
        answers = "".join(button(chip.label, "say", text=chip.say) for chip in choices)
        asked = f'<div class="answers" role="group" aria-label="Answers">{answers}</div>'
    words = f'<p dir="auto">{text(words)}</p>'
    return f'<div class="line {line.who}"><span class="sr">{who}: </span>{words}{after}{asked}</div>'


def _chips(bench: Workbench) -> str:
    if bench.work.busy:
        return ""
    chips = "".join(
        button(chip.label, "flip" if chip.kind == "a/b" else "say", text=chip.say)
        for chip in bench.chips
        if chip.kind != "answer"
    )
    return f'<div class="chips" role="group" aria-label="What you could say next">{chips}</div>' if chips else ""


def in_lines(reply: str) -> str:
    """Put every sentence on a line of its own and a blank line between paragraphs.

    A sentence starts with a capital or a digit.
    """
    return re.sub(r'(?<=[.!?"]) (?=[A-Z0-9])', "\n", reply.replace("\n", "\n\n"))
