"""The table of problems: ids of the ontology, and sentences that the assistant accepts."""

import string

import pytest

from assistant.diagnose.problems import problem, problems
from assistant.understand import NamedTrack, understand
from ontology import load_ontology

TRACKS = tuple(NamedTrack.guess(name) for name in ("01 Kick", "04 Bass DI", "05 Electric Gtr", "07 Lead Vox"))
FILLED = {
    "track": "05 Electric Gtr", "other": "04 Bass DI", "amount": "3.5", "freq": "950", "side": "left", "way": "down",
    "room": "",
    "cuts": "cut 18 dB at 50 Hz on the 05 Electric Gtr with a Q of 18 and "
    "cut 18 dB at 150 Hz on the 05 Electric Gtr with a Q of 18",
}  # fmt: skip


@pytest.mark.parametrize("name", problems())
def test_every_problem_is_a_word_of_the_ontology(name):
    assert problem(name).word in load_ontology()


@pytest.mark.parametrize("name", problems())
def test_every_sentence_is_understood_as_an_edit_of_that_track(name):
    row = problem(name)
    words = {**FILLED, "amount": "40" if row.say.endswith("%") or row.say.startswith("pan") else "3.5"}
    sentence = row.say.format(**words)
    requests = understand(sentence, TRACKS)
    assert {request.intent for request in requests} == {"edit"}, sentence
    named = {entry[1] for entry in string.Formatter().parse(row.say) if entry[1]}
    wanted = words["other"] if "other" in named else words["track"] if named & {"track", "cuts"} else "mix"
    assert {request.targets for request in requests} == {(wanted,)}, sentence
    assert all(request.numbers or request.descriptor for request in requests)


@pytest.mark.parametrize("name", problems())
def test_what_the_console_cannot_mend_comes_with_advice(name):
    row = problem(name)
    assert row.mendable or row.advice
    assert row.causes
    assert row.sounds_like


@pytest.mark.parametrize("name", [name for name, row in problems().items() if row.start != 0.0 or row.full != 1.0])
def test_severity_runs_from_half_to_one(name):
    row = problem(name)
    assert row.severity(row.start) == pytest.approx(0.5)
    assert row.severity(row.full) == 1.0
    middle = (row.start + row.full) / 2
    assert row.severity(middle) == pytest.approx(0.75)
