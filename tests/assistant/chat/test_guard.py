"""What a language model's reply may say."""

import pytest

from assistant.chat.guard import check_reply
from assistant.events import Measurement
from assistant.studio import Outcome
from console.settings import Move

KEYS = Outcome(
    "Keys: fader -3.0 dB.",
    (Move(track="Keys", parameter="fader.gain_db", before=0.0, after=-3.0, unit="dB"),),
    (Measurement(what="loudness", track="mix", before=-17.2, after=-17.9, unit="LUFS"),),
)
TRACKS = ("Keys", "Lead Vox", "Bass DI")


@pytest.mark.parametrize(
    "sentence",
    [
        "The Keys are 3 dB quieter.",
        "I lowered the keys by 3 dB.",
        "I turned the Keys down.",
        "The mix went from -17.2 to -17.9 LUFS, 0.7 LU less.",
        "Nothing else was changed.",
        "The Lead Vox was not touched.",
        "I could add reverb to the Lead Vox if you like.",
        "Say undo to take it back.",
    ],
)
def test_what_the_results_show_may_be_said(sentence):
    checked = check_reply(sentence, [KEYS], "keys down 3 dB", TRACKS)
    assert checked.dropped == ()
    assert checked.text == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The Keys are 5 dB quieter.",
        "The Keys are 3 dB louder.",
        "I raised the Keys by 3 dB.",
        "The mix is now at -14 LUFS.",
        "I boosted the Lead Vox, so it should sit better.",
        "The Bass DI is now warmer.",
        "I also compressed the Keys.",
        "I widened the mix.",
        "Added reverb.",
        "The mix is exported to your folder.",
        "I have learnt what you mean.",
        "I cut 2.5 kHz.",
    ],
)
def test_what_nothing_shows_is_left_out(sentence):
    checked = check_reply(sentence, [KEYS], "keys down 3 dB", TRACKS)
    assert checked.dropped == (sentence,)
    assert checked.text == "Keys: fader -3.0 dB."


def test_a_failed_tool_bears_out_nothing():
    failed = Outcome("", failed="There is nothing to undo.")
    checked = check_reply("Done. I restored the last version.", [failed], "undo", TRACKS)
    assert checked.text == "There is nothing to undo."


def test_a_written_file_bears_out_that_it_was_written(tmp_path):
    written = Outcome("Version 0 is written to x.wav.", files=(tmp_path / "x.wav",))
    assert check_reply("The mix is exported.", [written], "export", TRACKS).dropped == ()


def test_without_tools_nothing_was_changed():
    assert check_reply("Done! The vocal is warmer now.", [], "warmer vocal", TRACKS).text == "Nothing was changed."
