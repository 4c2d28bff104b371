import pytest

from assistant.explain import find_lesson, lessons, teach
from assistant.understand import NamedTrack, understand

TRACKS = [
    NamedTrack.guess(name) for name in ("Kick", "Snare", "Bass DI", "Keys", "Lead Vox", "Overheads", "Electric Gtr")
]


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.id)
def test_the_example_of_every_lesson_is_understood_as_something_to_do(lesson):
    requests = understand(lesson.example(TRACKS), TRACKS)
    assert {request.intent for request in requests} <= {"edit", "diagnose", "compare"}


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        ("teach me about compression", "compression"),
        ("what is a high-pass filter?", "high-pass"),
        ("explain make-up gain to me", "compression"),
        ("what does LUFS mean", "loudness"),
        ("tell me about saturaton", "saturation"),
        ("how does mid/side work", "width"),
    ],
)
def test_a_sentence_finds_its_lesson(text, lesson):
    assert find_lesson(text).id == lesson


def test_no_lesson_is_made_up():
    assert find_lesson("what is the capital of France") is None
    assert teach("what is the capital of France", TRACKS) is None


def test_the_example_names_a_track_of_the_song():
    _, example = teach("teach me about compression", TRACKS)
    assert "Lead Vox" in example


def test_labels_belong_to_one_lesson_only():
    labels = [label for lesson in lessons().values() for label in lesson.labels]
    assert len(labels) == len(set(labels))
