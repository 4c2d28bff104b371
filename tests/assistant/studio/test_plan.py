"""Words to deeds: which forms sentences fill."""

import pytest

from assistant.explore import Option, Options, Reading
from assistant.studio.cues import asked_match, count_of
from assistant.studio.references import named_recordings
from console.settings import Settings


def _calls(studio, text):
    return studio.plan(text).calls


def _offer(studio, count=3):
    import numpy as np

    now, place = studio.session.settings, np.zeros(2)
    options = tuple(
        Option(number, Reading(f"way {number}", "why", "way", ()), now, (), place, 0.0, 0.0)
        for number in range(1, count + 1)
    )
    studio.options = Options("warmer", "mix", now, place, 1.0, options)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("show me a couple of options", ("explore", {"prompt": "", "count": 4})),
        ("show me two options for a warmer vocal", ("explore", {"prompt": "a warmer vocal", "count": 2})),
        ("explore 80s vibes", ("explore", {"prompt": "explore 80s vibes", "count": 4})),
        ("start me off", ("start", {})),
        ("give me a rough mix, just the levels", ("start", {"tone": False})),
        ("export this as dawproject", ("export_mix", {"kind": "dawproject"})),
        ("export to reaper", ("export_mix", {"kind": "rpp"})),
        ("give me the recall sheet", ("export_mix", {"kind": "recall"})),
        ("export stems as flac", ("export_mix", {"kind": "stems", "audio_format": "flac"})),
        ("bounce the mix at -16 LUFS", ("export_mix", {"kind": "mix", "loudness_lufs": -16.0})),
        ("bounce it for spotify", ("export_mix", {"kind": "mix", "loudness_lufs": -14.0})),
        ("compare version 1 and 3", ("compare", {"one": 1, "other": 3})),
        ("what changed between version 1 and 2", ("compare", {"one": 1, "other": 2})),
        ("what's the difference to the start", ("compare", {"one": 0})),
        ("A/B", ("compare", {})),
        ("is it better than before?", ("compare", {})),
        ("call this version verse lift", ("name", {"name": "verse lift"})),
        ("forget warm", ("forget", {"word": "warm"})),
        ("set the limiter ceiling to -2", ("knobs", "master", "limiter.ceiling_dbtp", -2.0)),
        ("switch the limiter on", ("knobs", "master", "limiter.on", 1.0)),
        ("set the reverb pre-delay to 40 ms", ("knobs", "reverb", "reverb.predelay_ms", 40.0)),
        ("set the keys' gate threshold to -45 dB", ("knobs", "Keys", "gate.threshold_db", -45.0)),
        ("set the low-pass frequency of the lead vox to 9 kHz", ("knobs", "Lead Vox", "lowpass.freq_hz", 9000.0)),
        ("undo the last two", ("undo", {"steps": 2, "targets": []})),
        ("find me references that sound warm and wide", ("find_references",)),
    ],
)
def test_a_sentence_fills_a_form(studio, text, call):
    (found,) = _calls(studio, text)
    assert found[0] == call[0]
    if call[0] == "knobs":
        knob = found[1]["settings"][0]
        assert (knob["channel"], knob["parameter"], knob["value"]) == call[1:]
    elif len(call) > 1:
        assert found[1] == call[1]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("option 2", ("pick", {"number": 2})),
        ("2 please", ("pick", {"number": 2})),
        ("take the second one", ("pick", {"number": 2})),
        ("more like 2 but wider", ("more_options", {"like": 2, "but": "wider"})),
        ("between 1 and 3", ("more_options", {"between": [1, 3]})),
        ("nothing like these", ("more_options", {})),
        ("make the keys warmer", ("edit",)),
    ],
)
def test_what_is_said_of_options_goes_on_from_them(studio, text, call):
    _offer(studio)
    (found,) = _calls(studio, text)
    assert found[: len(call)] == call


@pytest.mark.parametrize(
    "text",
    [
        "cut 3 dB between 1 and 3 kHz on the keys",
        "turn the keys down 2 but keep the vocal clear",
        "make the keys warmer, nothing else",
        "compare 1 and 3",
    ],
)
def test_what_only_sounds_like_a_remark_on_options_is_none(studio, text):
    _offer(studio)
    assert all(name not in ("pick", "more_options") for name, _ in _calls(studio, text))


@pytest.mark.parametrize("text", ["more like 2 but wider", "between 1 and 3", "option 2"])
def test_without_options_a_remark_on_them_changes_nothing(studio, text):
    assert "No options were offered yet" in list(studio.take_turn(text))[-1].text
    assert studio.session.current == 0


def test_a_recording_is_for_the_mix_unless_the_sentence_names_a_track(studio):
    list(studio.take_turn("turn the keys down 1 dB"))
    assert _calls(studio, "match the tone of ref.wav")[0][1]["target"] == "mix"
    assert _calls(studio, "make the bass sound like ref.wav")[0][1]["target"] == "Bass DI"


def test_a_number_answers_the_question_that_was_asked_last(studio):
    _offer(studio)
    asked = studio.plan("the keys")
    assert asked.question
    (call,) = _calls(studio, "2")
    assert call[0] == "edit"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("match the tone of ref.wav", {"references": [("ref.wav", ["tone"])]}),
        ("make it sound like ref.wav", {"references": [("ref.wav", [])]}),
        ('match it to "My Song.flac" at 50 %', {"references": [("My Song.flac", [])], "amount": 0.5}),
        (
            "tone from a.wav, dynamics from b.wav",
            {"references": [("a.wav", ["tone"]), ("b.wav", ["dynamics"])]},
        ),
        ("halfway between a.wav and b.wav", {"references": [("a.wav", []), ("b.wav", [])], "between": 0.5}),
        ("match ref.wav and its loudness", {"references": [("ref.wav", [])], "loudness": True}),
        ("sound more like the reference", {"references": [("known.wav", [])]}),
    ],
)
def test_a_match_names_recordings_aspects_and_amount(text, form):
    found = asked_match(text, "mix", ["known.wav"])
    assert [(one["recording"], one["aspects"]) for one in found.pop("references")] == form.pop("references")
    assert found == {"target": "mix", **form}


@pytest.mark.parametrize("text", ["match the mix to a reference", "sound more like the reference"])
def test_a_match_without_a_recording_is_asked_about(studio, text):
    plan = studio.plan(text)
    assert plan.calls == ()
    assert "Which recording" in plan.question


def test_a_question_about_a_recording_matches_nothing(studio):
    assert all(name != "match_reference" for name, _ in _calls(studio, "is the bass louder than in ref.wav?"))


def test_recordings_are_read_out_of_a_sentence():
    assert named_recordings("like 'a b.wav' and /x/y.flac, not song.txt") == ("a b.wav", "/x/y.flac")


@pytest.mark.parametrize(
    ("text", "count"), [("three options", 3), ("12 options", 4), ("some ideas", 4), ("1 mixes", 2)]
)
def test_options_are_counted(text, count):
    assert count_of(text, 4) == count


def test_settings_of_the_small_song_are_neutral(studio):
    assert studio.session.settings == Settings.neutral(["Bass DI", "Keys", "Lead Vox"])
