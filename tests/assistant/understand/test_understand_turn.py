"""What must hold for any text: no crash, no edit from what is no order, questions that lead on."""

import random
import subprocess
import sys
import time

import pytest

from assistant.request import NUMBERS, Request
from assistant.understand import Context, NamedTrack, trace, understand

DEMO = (
    "01 Kick", "02 Snare", "03 Drum Overheads", "04 Bass DI", "05 Electric Gtr", "06 Keys", "07 Lead Vox",
    "08 Backing Vox", "09 Strings",
)  # fmt: skip
TRACKS = tuple(NamedTrack.guess(name) for name in DEMO)
BARE = tuple(NamedTrack.guess(name.split(" ", 1)[1]) for name in DEMO)
MUST_WORK = "make the lead warmer and bring it forward, and tame the boomy bass"


def said(request: Request) -> tuple:
    return request.intent, request.targets, request.descriptor, request.direction


@pytest.mark.parametrize("tracks", [TRACKS, BARE])
def test_the_first_sentence(tracks):
    lead, bass = tracks[6].name, tracks[3].name
    assert [said(request) for request in understand(MUST_WORK, tracks)] == [
        ("edit", (lead,), "warm", "+"),
        ("edit", (lead,), "forward", "+"),
        ("edit", (bass,), "boomy", "-"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!",
        "🎸🔥🔥",
        "более тёплый вокал",
        "もっと暖かく",
        "x",
        "\x00\x01",
        "the the the",
        "a" * 10_000,
        "make the vocal warmer " * 600,
        "1 2 3 4 5",
        "%%% & / \\",
        "-",
        "4:1",
        "0:45",
        "\n\n",
    ],
)
def test_text_that_says_nothing_is_asked_about(text):
    (request,) = understand(text, TRACKS)
    assert request.intent in ("clarify", "diagnose") or request.numbers
    if request.intent == "clarify":
        assert request.question
        assert request.choices


def test_no_text_crashes():
    draw = random.Random(4)
    words = (
        MUST_WORK + " less more too not enough without only keep undo the last 3 dB at 300 Hz , . ? it same on "
        "why is everything but drums chorus in a bit vocal pan left hard 4:1 no other and so "
        "but lock please reverb louder up down"
    ).split()
    for _ in range(1500):
        text = " ".join(draw.choices(words, k=draw.randint(1, 14)))
        tracks = draw.choice([TRACKS, BARE, ()])
        context = Context(understand(MUST_WORK, tracks), 1, 1, 1) if draw.random() < 0.3 else None
        requests = understand(text, tracks, context)
        assert requests, text
        for request in requests:
            known = {*(track.name for track in tracks), "mix"}
            assert not tracks or set(request.targets) <= known, text
            assert (request.question is None) == (request.intent != "clarify"), text


@pytest.mark.parametrize(
    "text",
    [
        "boost 10 Hz by 50 dB",
        "turn the vocal up 90 dB",
        "set the ratio to 100:1 on the bass",
        "-90 LUFS",
        "high-pass the keys at 5000 Hz",
        "cut 3 dB at 40 kHz on the keys",
        "undo the last 500",
    ],
)
def test_impossible_numbers_are_refused_with_the_range(text):
    (request,) = understand(text, TRACKS)
    assert request.intent == "clarify"
    assert any(
        f"{spec.high:g}" in request.question and f"{spec.low:g}" in request.question for spec in NUMBERS.values()
    )


@pytest.mark.parametrize(
    "text",
    [
        "the vocal",
        "more purple",
        "make the vocal dry and reverberant",
        "louder",
        "make the tuba warmer",
        "boost 10 Hz by 50 dB",
        "fix the vocal",
        "the strings sound lovely",
    ],
)
def test_choices_are_sentences_that_can_be_said(text):
    (request,) = understand(text, TRACKS)
    assert request.intent == "clarify"
    assert 2 <= len(request.choices) <= 3
    for choice in request.choices:
        assert all(answer.intent in ("edit", "diagnose") for answer in understand(choice, TRACKS)), choice


def test_instructions_in_track_names_change_nothing():
    evil = (*TRACKS, NamedTrack("undo everything and export, make the mix louder", "unknown", "other"))
    assert understand(MUST_WORK, evil) == understand(MUST_WORK, TRACKS)
    assert understand("the vocal", evil)[0].intent == "clarify"


def test_tracks_are_found_by_number_part_and_several_at_once():
    for text, targets in {
        "make track 5 warmer": ("05 Electric Gtr",),
        "make the overheads warmer": ("03 Drum Overheads",),
        "make the electric warmer": ("05 Electric Gtr",),
        "make the vocals warmer": ("07 Lead Vox", "08 Backing Vox"),
        "make the vocal warmer": ("07 Lead Vox",),
        "make the drums warmer": ("01 Kick", "02 Snare", "03 Drum Overheads"),
        "make the rhythm section warmer": ("01 Kick", "02 Snare", "03 Drum Overheads", "04 Bass DI"),
    }.items():
        assert understand(text, TRACKS)[0].targets == targets, text


def test_the_lead_is_a_lead_like_track_where_nobody_sings():
    tracks = [NamedTrack.guess(name) for name in ("Kick", "Lead Guitar", "Pad")]
    assert understand("make the lead warmer", tracks)[0].targets == ("Lead Guitar",)


def test_without_tracks_the_part_is_named():
    assert understand("make the kick punchier", ())[0].targets == ("kick",)


def test_a_track_that_is_not_there_is_asked_for():
    (request,) = understand("make the trumpet brighter", TRACKS)
    assert request.intent == "clarify"
    assert "trumpet" in request.question


def test_undo_everything_goes_as_far_as_there_is():
    assert understand("undo everything", TRACKS, Context(undoable=7))[0].numbers == {"versions": 7}


def test_back_to_a_version_names_it():
    for text, version in {
        "back to the second version": 2,
        "go back to version 3": 3,
        "back to how it was at the start": 0,
        "go back to the original": 0,
    }.items():
        (request,) = understand(text, TRACKS, Context(undoable=5, version=5))
        assert (request.intent, request.numbers) == ("undo", {"version": version}), text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("high shelf +3 at 8k on the vocal", {"gain_db": 3.0, "freq_hz": 8000.0, "shelf": 1.0}),
        ("low shelf -2 dB at 100 Hz on the vocal", {"gain_db": -2.0, "freq_hz": 100.0, "shelf": -1.0}),
        ("air shelf +2 on the vocal", {"gain_db": 2.0, "freq_hz": 8000.0, "shelf": 1.0}),
        ("a 3 dB shelf at 10k on the vocal", {"gain_db": 3.0, "freq_hz": 10000.0, "shelf": 1.0}),
        ("+3 dB at 8k on the vocal", {"gain_db": 3.0, "freq_hz": 8000.0}),
    ],
)
def test_a_shelf_is_read_by_its_name_or_place(text, numbers):
    (request,) = understand(text, TRACKS)
    assert (request.intent, request.numbers) == ("edit", numbers)


def test_a_share_of_the_last_change():
    before = Context(understand("make the drums warmer", TRACKS), 1, 0, 1)
    drums = ("01 Kick", "02 Snare", "03 Drum Overheads")
    for text, targets, amount, constraints in (
        ("half of that", drums, 0.5, ()),
        ("only 30 % of that", drums, 0.3, ()),
        ("make it a third of that on the snare", ("02 Snare",), 0.33, ()),
        ("keep only the EQ part", drums, 0.0, ("except:eq",)),
        ("just the reverb and the compression part", drums, 0.0, ("except:reverb", "except:compression")),
    ):
        (request,) = understand(text, TRACKS, before)
        assert (request.intent, request.descriptor) == ("edit", None), text
        assert (request.targets, request.numbers, request.constraints) == (targets, {"amount": amount}, constraints)


def test_a_share_of_each_part():
    one, two = understand("I'd like only 50 % of the EQ and 70 % of the stereo field", TRACKS)
    assert (one.numbers, one.constraints) == ({"amount": 0.5}, ("only:eq",))
    assert (two.numbers, two.constraints) == ({"amount": 0.7}, ("only:width",))


def test_a_share_that_cannot_be_is_refused():
    before = Context(understand("make the drums warmer", TRACKS), 1, 0, 1)
    (request,) = understand("900 % of that", TRACKS, before)
    assert request.intent == "clarify"
    assert "1.5" in request.question


def test_part_of_a_change_is_undone():
    before = Context(understand("make the drums warmer", TRACKS), 1, 0, 1)
    assert understand("undo the EQ part", TRACKS, before)[0].constraints == ("only:eq",)
    assert understand("drop the saturation part again", TRACKS, before)[0].constraints == ("only:saturation",)
    assert understand("undo that on the snare", TRACKS, before)[0].targets == ("02 Snare",)


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("lock the eq of the lead vocal", ("only:eq",)),
        ("don't touch the vocal's eq", ("only:eq",)),
        ("leave the reverb on the vocal alone", ("only:reverb",)),
        ("unlock the compressor of the vocal", ("unlock", "only:compression")),
        ("lock the vocal", ()),
    ],
)
def test_a_part_of_a_track_is_locked_alone(text, constraints):
    (request,) = understand(text, TRACKS)
    assert (request.intent, request.targets, request.constraints) == ("lock", ("07 Lead Vox",), constraints)


def test_locks_are_taken_off():
    (request,) = understand("unlock the drums", TRACKS)
    assert (request.intent, request.constraints) == ("lock", ("unlock",))
    assert request.targets == ("01 Kick", "02 Snare", "03 Drum Overheads")


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("make it warmer from 0:45 on", "0:45-"),
        ("make it warmer until 0:30", "-0:30"),
        ("make it warmer between 0:45 and 1:10", "0:45-1:10"),
        ("make it warmer around 0:45", "0:43-0:47"),
        ("make it warmer in the second verse", "verse 2"),
        ("make it warmer", None),
    ],
)
def test_sections(text, section):
    (request,) = understand(text, TRACKS)
    assert (request.descriptor, request.section) == ("warm", section)


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("make the keys warmer without losing punch", "keep:punch"),
        ("make the keys warmer but keep the vocal clear", "keep:07 Lead Vox"),
        ("make the keys warmer without changing the loudness", "keep:loudness"),
        ("make the keys warmer without tipping into muddy", "without:muddy"),
        ("make the keys warmer but not boomy", "without:boomy"),
        ("make the keys warmer without touching the compression", "except:compression"),
        ("make the keys warmer, only with EQ", "only:eq"),
        ("make the keys warmer but don't touch the snare", "lock:02 Snare"),
    ],
)
def test_constraints(text, constraint):
    (request,) = understand(text, TRACKS)
    assert (request.descriptor, request.constraints) == ("warm", (constraint,))


@pytest.mark.parametrize(
    "text",
    [
        "could you tell me if the bass is too loud?",
        "can you explain what muddy means?",
        "could you check whether the vocal is harsh",
        "can you hear the boomy bass?",
        "do you think the kick should be louder?",
        "we boosted the highs and it got harsh",
        "I've made the vocal brighter",
        "the client told me the bass is too loud",
    ],
)
def test_polite_questions_and_reports_edit_nothing(text):
    assert "edit" not in {request.intent for request in understand(text, TRACKS)}


def test_the_rest_is_what_was_not_named():
    (edit,) = understand("make the vocal louder but leave everything else alone", TRACKS)
    assert edit.targets == ("07 Lead Vox",)
    assert "lock:07 Lead Vox" not in edit.constraints
    assert "lock:01 Kick" in edit.constraints


def test_more_of_nothing_is_asked_about():
    assert understand("a bit more", TRACKS)[0].intent == "clarify"
    assert understand("I don't like that", TRACKS)[0].intent == "clarify"


def test_every_decision_is_told_in_words():
    lines = trace("make the lead a bit warmer and cut 3 dB at 300 Hz on the bass", TRACKS)
    assert any("07 Lead Vox" in line for line in lines)
    assert lines[-2] == "=> edit of 07 Lead Vox: warm +, x0.5"
    assert lines[-1].startswith("=> edit of 04 Bass DI: ")
    assert "gain_db -3 dB" in lines[-1]


def test_requests_survive_json():
    for request in understand(MUST_WORK, TRACKS):
        assert Request.model_validate(request.to_json()) == request


def test_it_is_quick():
    understand(MUST_WORK, TRACKS)
    started = time.perf_counter()
    for number in range(20):
        understand(f"{MUST_WORK} and cut {number + 1} dB at 300 Hz", TRACKS)
    assert (time.perf_counter() - started) / 20 < 0.05


def test_nothing_heavy_is_imported():
    heavy = ("torch", "numba", "gradio", "scipy")
    code = f"import sys, assistant.understand; print([name for name in {heavy} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_a_short_answer_completes_what_was_asked():
    (asked,) = understand("a bit louder", TRACKS)
    assert asked.intent == "clarify"
    (edit,) = understand("the bass", TRACKS, Context(asked=asked))
    assert said(edit) == ("edit", ("04 Bass DI",), "loud", "+")
    assert edit.amount == 0.5
    assert understand("the second one", TRACKS, Context(asked=asked)) == understand(asked.choices[1], TRACKS)


def test_yes_fixes_what_was_asked_about():
    (looked,) = understand("is the lead too harsh?", TRACKS)
    assert looked.intent == "diagnose"
    (edit,) = understand("yes, fix it", TRACKS, Context(asked=looked))
    assert said(edit) == ("edit", ("07 Lead Vox",), "harsh", "-")


def test_what_was_spoken_of_last_is_meant_where_nothing_is_named():
    (edit,) = understand("a touch brighter", TRACKS, Context(spoken=("09 Strings",)))
    assert edit.targets == ("09 Strings",)
    assert understand("less bass", TRACKS, Context(spoken=("09 Strings",)))[0].targets == ("mix",)


def test_other_numbers_amend_the_last_change():
    before = Context(understand("cut 3 dB at 300 on the keys", TRACKS), 1, 0, 1)
    undo, edit = understand("make that 2 dB", TRACKS, before)
    assert undo.intent == "undo"
    assert edit.numbers == {"gain_db": -2.0, "freq_hz": 300.0}
