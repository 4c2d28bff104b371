"""A conversation about faults: asked, told with plots, fixed, measured again."""

import numpy as np
import pytest

from assistant.diagnose import Consultant, Reference
from assistant.events import Diagnosed, Measured, Moved, Said
from assistant.session import Session
from assistant.turn import Assistant


@pytest.fixture(scope="module")
def faulty(sounds):
    """Keys with DC, a bass far too loud, a lead vocal."""
    return sounds.song(
        {
            "Lead Vox": ("lead_vocal", 0.5 * sounds.noise(6.0, seed=1)),
            "Keys": ("keys", 0.5 * sounds.noise(6.0, seed=2) + np.float32(0.06)),
            "Bass DI": ("bass", 0.5 * sounds.noise(6.0, seed=3, slope=2.0)),
        }
    )


def _ask(assistant, session, text):
    events = list(assistant.take_turn(session, text))
    assert isinstance(events[-1], Said)
    return events


def _of(events, kind):
    return next((event for event in events if isinstance(event, kind)), None)


def test_fix_the_first_mends_it_and_says_what_was_measured(faulty):
    session, assistant = Session(faulty), Assistant()
    events = _ask(assistant, session, "what is wrong with this mix?")
    told = _of(events, Diagnosed)
    assert _of(events, Moved) is None
    assert session.current == 0
    place = next(number for number, one in enumerate(told.findings, 1) if one.problem == "dc-offset")
    assert told.figures
    events = _ask(assistant, session, f"fix the {('first', 'second', 'third', 'fourth', 'fifth')[place - 1]}")
    assert {move.track for move in _of(events, Moved).moves} == {"Keys"}
    (reading,) = _of(events, Measured).measurements
    assert reading.before == pytest.approx(6.0, abs=0.3)
    assert reading.after < 0.3
    assert "gone" in events[-1].text
    assert "dc-offset" not in {finding.problem for finding in _of(events, Diagnosed).findings}


def test_a_number_that_was_not_told_is_refused(faulty):
    session, assistant = Session(faulty), Assistant()
    _ask(assistant, session, "what is wrong with this mix?")
    events = _ask(assistant, session, "fix the fifth")
    assert _of(events, Moved) is None
    assert "not among them" in events[-1].text


@pytest.mark.parametrize(("text", "said", "figures"), [
    ("why is it muddy?", "200-450 Hz", 1),
    ("is the vocal too quiet?", "Lead Vox stands at", 1),
    ("what masks the keys?", "Keys", 1),
    ("is it ready for streaming?", "LUFS", 1),
    ("how does this compare with the reference?", "No reference", 0),
])  # fmt: skip
def test_questions_are_answered_from_measurements_and_move_nothing(faulty, text, said, figures):
    session = Session(faulty)
    events = _ask(Assistant(), session, text)
    assert said in events[-1].text
    assert len(_of(events, Diagnosed).figures) == figures
    assert session.current == 0


def test_a_reference_is_compared_in_numbers(sounds, faulty):
    session, consultant = Session(faulty), Consultant()
    other = Session(sounds.song({"Mix": ("mix", 0.25 * sounds.noise(6.0, seed=9))}))
    consultant.compare_with(session, Reference("other.wav", consultant.ear.listen(other)))
    question = consultant.question(session, "compare it with the reference", ())
    assert question is None, "without a request there is no question"
    from assistant.understand import understand

    text = "how does this compare with the reference?"
    question = consultant.question(session, text, understand(text, faulty.tracks))
    *_, said = consultant.reply(session, question, lambda *_: iter(()))
    assert said.text.startswith("Against other.wav: loudness +")


def test_detail_follows_experience_and_facts_do_not(faulty):
    told = {}
    for experience in ("amateur", "pro-am", "professional"):
        assistant = Assistant()
        assistant.consultant.experience = experience
        events = _ask(assistant, Session(faulty), "what is wrong with this mix?")
        told[experience] = (_of(events, Diagnosed).findings, events[-1].text)
    assert told["amateur"][0] == told["pro-am"][0] == told["professional"][0]
    assert len(told["amateur"][1]) < len(told["pro-am"][1]) < len(told["professional"][1])


def test_the_same_song_is_measured_once(faulty):
    session, consultant = Session(faulty), Consultant()
    assert consultant.ear.listen(session) is consultant.ear.listen(session)
