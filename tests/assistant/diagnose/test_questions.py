"""Which question was asked."""

import pytest

from assistant.diagnose import read_question
from assistant.understand import NamedTrack, understand

TRACKS = tuple(NamedTrack.guess(name) for name in ("Kick", "Snare", "Bass DI", "Lead Vox", "Keys"))


def _read(text, told=0):
    return read_question(text, understand(text, TRACKS), told)


@pytest.mark.parametrize(("text", "kind", "targets", "word"), [
    ("why is it muddy?", "word", ("mix",), "muddy"),
    ("is the vocal too quiet?", "word", ("Lead Vox",), "quiet"),
    ("what masks the snare?", "masks", ("Snare",), "masked"),
    ("how does this compare with the reference?", "compare", ("mix",), None),
    ("is it ready for streaming?", "streaming", ("mix",), None),
    ("what would you do first?", "first", ("mix",), None),
    ("what is wrong with this mix?", "all", ("mix",), None),
    ("what is wrong with the bass?", "all", ("Bass DI",), None),
])  # fmt: skip
def test_questions_are_told_apart(text, kind, targets, word):
    question = _read(text)
    assert question is not None
    assert question.answer == kind
    if kind not in ("first", "compare", "streaming"):
        assert question.targets == targets
        assert question.word == word


@pytest.mark.parametrize(("text", "numbers"), [
    ("fix the first two", (1, 2)),
    ("fix the first", (1,)),
    ("fix the second one", (2,)),
    ("fix the first three", (1, 2, 3)),
    ("fix the 1 and 3", (1, 3)),
    ("fix the third", (3,)),
    ("fix everything", ()),
    ("fix all of them", ()),
])  # fmt: skip
def test_orders_about_findings(text, numbers):
    question = _read(text, told=5)
    assert question is not None
    assert question.answer == "fix"
    assert question.numbers == numbers


@pytest.mark.parametrize(
    "text", ["fix the first two", "make the vocal warmer", "fix the boomy bass", "turn the keys down"]
)
def test_orders_about_sound_are_left_to_the_turn(text):
    assert _read(text) is None
