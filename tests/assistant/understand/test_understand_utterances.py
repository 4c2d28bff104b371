"""Utterances of our own and what they must become; half were set aside before tuning."""

import pytest

from benchmarks.utterances import conversations, failures, play

ASKED = {"diagnose", "explore", "teach", "explain", "compare"}


def missed(part: str) -> list[str]:
    return [
        turn.say
        for conversation in conversations(part)
        for turn, requests in play(conversation)
        if turn.answers and failures(requests, turn.answers)
    ]


def counted(part: str) -> int:
    return sum(bool(turn.answers) for conversation in conversations(part) for turn in conversation)


def test_utterances_used_for_tuning():
    assert missed("tuned") == []


def test_utterances_set_aside():
    assert len(missed("held")) <= 0.1 * counted("held")


@pytest.mark.parametrize("part", ["tuned", "held"])
def test_no_question_or_report_edits(part):
    asked = [
        (turn.say, {request.intent for request in requests})
        for conversation in conversations(part)
        for turn, requests in play(conversation)
        if turn.answers and all(answer.split()[0] in ASKED for answer in turn.answers)
    ]
    assert len(asked) > 30
    assert [say for say, intents in asked if "edit" in intents] == []


def test_a_wrong_answer_is_a_failure():
    (turn, requests), *_ = play(conversations("tuned")[0])
    assert not failures(requests, turn.answers)
    assert failures(requests, ("edit 2 muddy+ x3",))
    assert failures((), turn.answers)
