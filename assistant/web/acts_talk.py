"""Acts of the talk: say something, stop, ask what is wrong, mend it."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from assistant.diagnose import Finding, Question, findings_of
from assistant.diagnose.answers import figure_of
from assistant.diagnose.wording import FIRST, name_of, who
from assistant.events import (
    Diagnosed,
    Drafted,
    Event,
    Failed,
    Moved,
    Offered,
    Progress,
    Said,
    Saying,
    Understood,
    Written,
)
from assistant.explore import Options
from assistant.web.acts import Job
from assistant.web.drawing import draw_map
from assistant.web.handing import handed
from assistant.web.kept import Mended
from assistant.web.state import NOW, OWN_MODEL, Workbench
from assistant.web.talk_view import describe_request, doing
from console.errors import RequestError

__all__ = ["diagnose", "fix", "say", "stop", "take_in"]

WHAT_IS_WRONG = "what is wrong with this mix?"
_LONG = 420
Words = Annotated[str, Field(min_length=1, max_length=1000)]


def say(bench: Workbench, text: Words) -> Job | None:
    """Carry out what was said."""
    words = text.strip()
    return Job("Reading", lambda: take_in(bench, words, _turn(bench, words))) if words else None


def diagnose(bench: Workbench) -> Job:
    """Ask what is wrong with the mix."""
    return Job("Listening", lambda: take_in(bench, WHAT_IS_WRONG, bench.studio.take_turn(WHAT_IS_WRONG)))


def fix(bench: Workbench, number: Annotated[int, Field(ge=1)]) -> Job:
    """Mend one finding and measure it again."""
    if not bench.findings or number > len(bench.findings):
        raise RequestError(f"There is no finding {number}. Listen again.")
    finding = bench.findings[number - 1]

    def run() -> None:
        session, consultant, turn = bench.session, bench.assistant.consultant, bench.assistant.take_turn
        list(consultant.reply(session, Question("all"), turn))  # so that numbers mean places in the whole list
        whole = findings_of(consultant.ear.listen(session))
        place = next((number for number, one in enumerate(whole, 1) if _same(one, finding)), None)
        start, what = session.current, f"{who(finding.tracks[0])}: {name_of(finding)}"
        if place is None:  # an answer to a question found it, the whole list does not hold it
            take_in(bench, f"fix {what}", bench.studio.take_turn(finding.say))
            return
        take_in(bench, f"fix {what}", consultant.reply(session, Question("fix", numbers=(place,)), turn))
        if session.current != start:
            now = next((one for one in bench.findings or () if _same(one, finding)), None)
            after = None if now is None else now.evidence.value
            done = Mended(what=what, before=finding.evidence.value, after=after, unit=finding.evidence.unit)
            bench.mended = (done, *bench.mended)

    return Job(f"Mending {name_of(finding)}", run)


def stop(bench: Workbench) -> None:
    """End the work in progress with the best so far."""
    bench.work.stop.set()
    bench.work.tell("Stopping: keeping the best so far")


def take_in(bench: Workbench, text: str, events: Iterable[Event], aloud: bool = True) -> None:
    """Take in a turn: progress is shown, the reply joins the talk, findings and options become cards.

    Args:
        bench: where it happens.
        text: what the person said or did.
        events: of the turn.
        aloud: whether it is part of the talk; if not, only what failed is told.
    """
    chips_before = bench.chips
    if aloud:
        bench.say("you", text)
        bench.chips = ()
    start = bench.session.current
    reply, found, failed = "", False, ""
    offered: Options | None = None
    written: tuple[str, ...] = ()
    for event in events:
        match event:
            case Understood(requests) if requests:
                bench.work.tell("; ".join(describe_request(request) for request in requests))
            case Progress(step, share, note):
                bench.work.tell(doing(step, share, note))
            case Drafted(audio, sample_rate):
                bench.draft = bench.takes.draft(audio, sample_rate).name
                bench.work.tell("Ten seconds of it can be heard; rendering the whole song")
            case Moved():
                bench.work.tell("Moved; measuring")
            case Diagnosed(findings, figures):
                found = bool(findings)
                _take_findings(bench, findings, figures)
            case Offered(options):
                offered = options
                bench.between = None
                bench.panel, bench.before, bench.after = "options", NOW, "option:1"
                bench.work.tell("Drawing the map")
                draw_map(bench)
            case Written(files):
                written = tuple(path.name for path in handed(files, bench.folder))
                bench.exported = written
            case Failed(what):
                failed = what
            case Saying(words):
                bench.work.tell(words)
            case Said(words, chips):
                reply = words
                bench.chips = chips or chips_before
    bench.draft = ""
    came = bench.session.current != start
    if not aloud:
        bench.notice = failed
    else:
        if found and len(reply) > _LONG:
            reply = f"{reply.splitlines()[0]}\nEvery one has a card with its plot under Diagnosis."
        if offered is not None:
            reply = _offer(offered)
        elif written:
            reply = "\n".join((f"Ready to fetch: {', '.join(written)}.", *reply.splitlines()[1:]))
        bench.say("studio", reply, bench.session.current if came else None)
    if came:
        bench.settled()
        bench.panel = "findings" if found else "reference" if bench.panel == "reference" else "console"
        draw_map(bench)


def _offer(options: Options) -> str:
    """Return what was offered, briefly: each option has a card."""
    lines = [f"{len(options.options)} mixes to choose from, level-matched under Options. Nothing was changed."]
    lines += [f"{option.number}. {option.reading.name}: {option.reading.why}." for option in options.options]
    return "\n".join((*lines, *options.notes))


def _turn(bench: Workbench, text: str) -> Iterable[Event]:
    return bench.studio.take_turn(text) if bench.model == OWN_MODEL else bench.talk.say(text)


def _take_findings(bench: Workbench, findings: Sequence[Finding], figures: Sequence) -> None:
    """Make cards of findings, each of the first few with its plot; plots of an answer stand above them.

    An answer that names no finding leaves the cards as they are, unless nothing at all is wrong.
    """
    bench.work.tell("Drawing what was found")
    hearing = bench.assistant.consultant.ear.listen(bench.session)
    if findings or not findings_of(hearing):
        bench.findings = tuple(findings)
        bench.plots = {number: figure_of(one, hearing) for number, one in enumerate(findings[:FIRST], 1)}
    shown = {one.layout.title.text for one in bench.plots.values()}
    bench.figures = [(str(one.layout.title.text), one) for one in figures if one.layout.title.text not in shown]
    bench.panel = "findings"


def _same(one: Finding, other: Finding) -> bool:
    return (one.problem, one.tracks[0]) == (other.problem, other.tracks[0])
