"""Questions in a chat: answer them, and carry out "fix the first two" and measure again."""

import re
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from assistant.diagnose.answers import answer
from assistant.diagnose.diagnosis import Ear, findings_of
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Reference
from assistant.diagnose.questions import Question, read_question
from assistant.diagnose.remeasure import Outcome, new_findings, outcome
from assistant.diagnose.wording import FIRST, name_of, say, who
from assistant.events import Diagnosed, Event, Measured, Measurement, Moved, Progress, Said
from assistant.request import Request
from assistant.session import Session

__all__ = ["Consultant"]

Turn = Callable[[Session, str], Iterator[Event]]


class Consultant:
    """Answers questions about sessions; remembers for each what was measured and what was told.

    Attributes:
        experience: of the listener ("amateur", "pro-am", "professional"): sets words and detail, not facts.
    """

    def __init__(self, experience: str = "pro-am"):
        self.experience = experience
        self.ear = Ear()
        self._told: WeakKeyDictionary[Session, tuple[Finding, ...]] = WeakKeyDictionary()
        self._shown: WeakKeyDictionary[Session, int] = WeakKeyDictionary()

    def compare_with(self, session: Session, reference: Reference) -> None:
        """Set the mix that "the reference" means in a session."""
        self.ear.compare_with(session, reference)

    def question(self, session: Session, text: str, requests: tuple[Request, ...]) -> Question | None:
        """Return what is asked about the mix, or None where the sentence is something else."""
        return read_question(text, requests, len(self._told.get(session, ())))

    def reply(self, session: Session, question: Question, turn: Turn) -> Iterator[Event]:
        """Answer a question; the last event is `Said`.

        Args:
            session: whose song is asked about.
            question: what is asked.
            turn: carries out one sentence on the session, for "fix the first two".
        """
        if question.answer == "fix":
            yield from self._fix(session, question.numbers, turn)
            return
        yield Progress("listen", 0.0)
        hearing = self.ear.listen(session)
        yield Progress("listen", 1.0)
        answered = answer(question, hearing, self.experience, self._shown.get(session, 0))
        if answered.findings:
            self._told[session] = answered.findings
            self._shown[session] = len(answered.findings) if question.answer == "rest" else FIRST
        yield Diagnosed(answered.findings, answered.figures)
        yield Said(answered.text)

    def _fix(self, session: Session, numbers: tuple[int, ...], turn: Turn) -> Iterator[Event]:
        told = self._told.get(session, ())
        wanted = numbers or tuple(range(1, min(len(told), FIRST) + 1))
        wrong = [number for number in wanted if not 1 <= number <= len(told)]
        if wrong:
            yield Said(say("fix_which", count=len(told), asked=", ".join(map(str, wrong))))
            return
        before = self.ear.listen(session)
        lines, measured = [], []
        for number in wanted:
            finding = told[number - 1]
            if not finding.mendable:
                names = {"who": who(finding.tracks[0]), "name": name_of(finding)}
                lines.append(say("fix_cannot", number=number, advice=finding.advice, **names))
                continue
            yield from self._mend(session, finding, turn)
            result = outcome(finding, before, self.ear.listen(session))
            lines.append(_told(number, result))
            if result.after is not None:
                measured.append(_measurement(finding, result.after))
        hearing = self.ear.listen(session)
        now = findings_of(hearing)
        new = new_findings(before, hearing)
        names = ", ".join(f"{name_of(one)} ({who(one.tracks[0])})" for one in new)
        lines.append(say("fixed_new", names=names) if new else say("fixed_no_new"))
        self._told[session] = now
        if measured:
            yield Measured(tuple(measured), 1.0)
        yield Diagnosed(now, ())
        yield Said("\n".join(lines))

    def _mend(self, session: Session, finding: Finding, turn: Turn) -> Iterator[Event]:
        """Carry out a finding's sentence; half as much of it where all of it brings another fault and half does not."""
        before, stand = self.ear.listen(session), session.undoable
        yield from _moves(turn(session, finding.say))
        gentler = _gentler(finding.say)
        if gentler is None or not outcome(finding, before, self.ear.listen(session)).new:
            return
        steps = session.undoable - stand
        if steps < 1:
            return
        session.undo(steps)
        moves = list(_moves(turn(session, gentler)))
        result = outcome(finding, before, self.ear.listen(session))
        if result.halved and not result.new:
            yield from moves
            return
        session.undo(session.undoable - stand)
        yield from _moves(turn(session, finding.say))


def _moves(events: Iterator[Event]) -> Iterator[Event]:
    return (event for event in events if isinstance(event, (Moved, Progress)))


def _gentler(sentence: str) -> str | None:
    """Return a sentence with half the decibels, or None where it names none."""
    halved, count = re.subn(r"(\d+(?:\.\d+)?) dB", lambda found: f"{float(found[1]) / 2:.1f} dB", sentence)
    return halved if count else None


def _told(number: int, result: Outcome) -> str:
    finding = result.finding
    verdict = "fixed_gone" if result.gone else "fixed_halved" if result.halved else "fixed_less"
    before = finding.evidence.value
    if not result.gone and result.after is not None and abs(result.after - before) < 0.05 * max(abs(before), 1.0):
        verdict = "fixed_not"
    return say(
        "fixed",
        number=number,
        who=who(finding.tracks[0]),
        name=name_of(finding),
        measure=finding.evidence.measure,
        before=f"{before:.4g}",
        after="-" if result.after is None else f"{result.after:.4g}",
        unit=finding.evidence.unit,
        verdict=say(verdict),
    )


def _measurement(finding: Finding, after: float) -> Measurement:
    return Measurement(
        what=finding.evidence.measure,
        track=finding.tracks[0],
        before=finding.evidence.value,
        after=round(after, 3),
        unit=finding.evidence.unit,
    )
