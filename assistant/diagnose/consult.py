"""Questions in a chat: answer them, and carry out "fix the first two" and measure again."""

from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from assistant.diagnose.answers import Reference, answer
from assistant.diagnose.diagnosis import Ear, findings_of
from assistant.diagnose.finding import Finding
from assistant.diagnose.questions import Question, read_question
from assistant.diagnose.remeasure import Outcome, outcome
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
        self._references: WeakKeyDictionary[Session, Reference] = WeakKeyDictionary()

    def compare_with(self, session: Session, reference: Reference) -> None:
        """Set the mix that "the reference" means in a session."""
        self._references[session] = reference

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
        reference, shown = self._references.get(session), self._shown.get(session, 0)
        answered = answer(question, hearing, self.experience, reference, shown)
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
        before = findings_of(self.ear.listen(session))
        chosen = [(number, told[number - 1]) for number in wanted]
        for _, finding in chosen:
            if finding.mendable:
                for event in turn(session, finding.say):
                    if isinstance(event, (Moved, Progress)):
                        yield event
        hearing = self.ear.listen(session)
        now = findings_of(hearing)
        lines, measured = [], []
        for number, finding in chosen:
            if not finding.mendable:
                lines.append(
                    say(
                        "fix_cannot",
                        number=number,
                        who=who(finding.tracks[0]),
                        name=name_of(finding),
                        advice=finding.advice,
                    )
                )
                continue
            result = outcome(finding, before, hearing)
            lines.append(_told(number, result))
            if result.after is not None:
                measured.append(_measurement(finding, result.after))
        known = {(one.problem, one.tracks[0]) for one in before}
        new = [one for one in now if (one.problem, one.tracks[0]) not in known]
        names = ", ".join(f"{name_of(one)} ({who(one.tracks[0])})" for one in new)
        lines.append(say("fixed_new", names=names) if new else say("fixed_no_new"))
        self._told[session] = now
        if measured:
            yield Measured(tuple(measured), 1.0)
        yield Diagnosed(now, ())
        yield Said("\n".join(lines))


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
