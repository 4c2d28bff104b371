"""Sections: named by people, heard, asked about; edits that live there and nowhere else."""

import numpy as np
import pytest

from assistant.events import Asked, Failed, Moved, Said
from assistant.measure import hear_song
from assistant.request import Request
from assistant.section_turn import edit_in_sections
from assistant.sections import Place, carried, cut, find, named_in
from assistant.session import Session
from assistant.structure import named
from assistant.turn import Assistant
from console.errors import RequestError
from console.sections import RAMP_S

ASSISTANT = Assistant()


def _turn(session, text):
    events = list(ASSISTANT.take_turn(session, text))
    assert isinstance(events[-1], Said)
    return events


@pytest.mark.parametrize(
    ("text", "name", "stretches"),
    [
        ("The chorus is 0:45 to 1:10", "chorus", ((45.0, 70.0),)),
        ("the chorus goes from 0:45 until 1:10 and 2:00 to 2:25.5.", "chorus", ((45.0, 70.0), (120.0, 145.5))),
        ("second verse is 30 s - 45 s", "verse 2", ((30.0, 45.0),)),
        ("the hooks are 1:00-1:10, 2:00-2:10", "hook", ((60.0, 70.0), (120.0, 130.0))),
        ("our last chorus runs from 3:00 to 3:30", "last chorus", ((180.0, 210.0),)),
    ],
)
def test_sentences_that_name_a_section(text, name, stretches):
    assert named_in(text) == (name, stretches)


@pytest.mark.parametrize(
    "text",
    ["make the chorus brighter", "the vocal is 3 to 4 dB too loud", "the chorus is too loud", "0:45 to 1:10", ""],
)
def test_other_sentences_name_none(text):
    assert named_in(text) is None


def test_where_a_section_is(session):
    session.name_section("chorus", [(1.0, 2.5), (4.0, 5.0)])
    session.name_section("verse 1", [(0.0, 1.0)])
    session.name_section("verse 2", [(2.5, 4.0)])
    assert find(session, "chorus").stretches == ((1.0, 2.5), (4.0, 5.0))
    assert find(session, "chorus").longest == (1.0, 2.5)
    assert find(session, "chorus 2").stretches == ((4.0, 5.0),)
    assert find(session, "last chorus").stretches == ((4.0, 5.0),)
    assert find(session, "verse").stretches == ((0.0, 1.0), (2.5, 4.0))
    assert find(session, "second verse").stretches == ((2.5, 4.0),)
    assert find(session, "0:01-0:02.5").stretches == ((1.0, 2.5),)
    assert find(session, "0:05-").stretches == ((5.0, 7.0),)
    assert find(session, "-0:03").stretches == ((0.0, 3.0),)
    assert find(session, "0:06-1:00").stretches == ((6.0, 7.0),)
    assert str(find(session, "chorus")) == "the chorus (0:01-0:02.5 and 0:04-0:05)"
    for wrong in ("0:45-1:10", "0:03-0:02"):
        with pytest.raises(RequestError, match="is no stretch of this song, which lasts 0:07"):
            find(session, wrong)
    with pytest.raises(RequestError, match=r'Where the bridge is .* "the bridge is 0:45 to 1:10"'):
        find(session, "bridge")
    with pytest.raises(RequestError, match="Where the chorus 3 is"):
        find(session, "chorus 3")


def test_stretches_that_sound_alike_get_one_name():
    quiet, loud, other = [0.0, 0.0], [5.0, 1.0], [-4.0, 6.0]
    sounds = np.array([quiet, loud, quiet, other, loud, loud])
    edges = np.array([0.0, 20.0, 40.0, 60.0, 70.0, 80.0, 95.0])
    found = named(edges, sounds, np.array([-20.0, -14.0, -20.0, -19.0, -14.0, -13.5]))
    assert found == {
        "verse": ((0.0, 20.0), (40.0, 60.0)),
        "chorus": ((20.0, 40.0), (70.0, 95.0)),
        "bridge": ((60.0, 70.0),),
    }
    assert named(np.array([0.0, 9.0]), np.array([quiet]), np.array([-20.0])) == {}


def test_an_edit_in_a_section_is_there_and_nowhere_else(song):
    session = Session(song)
    before = hear_song(song, session.settings, ["Keys", "Lead Vox"])
    _turn(session, "the chorus is 0:02 to 0:05")
    assert session.current == 0
    events = _turn(session, "make the keys brighter in the chorus")
    moved = next(event for event in events if isinstance(event, Moved))
    assert moved.version == session.current == 1
    assert {move.time_s for move in moved.moves} == {(2.0, 5.0)}
    assert session.settings.whole() == session.versions[0].settings
    after = hear_song(song, session.settings, ["Keys", "Lead Vox"])
    rate = song.sample_rate
    at = np.arange(song.length) / rate
    away = (at < 2.0 - RAMP_S - 1 / rate) | (at >= 5.0 + RAMP_S)
    assert np.array_equal(after.master[:, away], before.master[:, away])
    assert np.array_equal(after.tracks["Keys"][:, away], before.tracks["Keys"][:, away])
    assert np.array_equal(after.tracks["Lead Vox"], before.tracks["Lead Vox"])
    there = (at >= 2.0) & (at < 5.0)

    def high_share_db(audio):
        power = np.abs(np.fft.rfft(audio[:, there])) ** 2
        freqs = np.fft.rfftfreq(there.sum(), 1 / rate)
        return 10 * np.log10(power[:, freqs > 3000].sum() / power.sum())

    assert high_share_db(after.tracks["Keys"]) > high_share_db(before.tracks["Keys"]) + 1.0
    assert "the chorus (0:02-0:05)" in events[-1].text
    _turn(session, "undo")
    assert np.array_equal(hear_song(song, session.settings, ()).master, before.master)


def test_every_chorus_gets_it_and_half_of_it_too(session):
    session.name_section("chorus", [(1.0, 2.0), (4.0, 6.0)])
    request = Request(intent="edit", targets=("Keys",), numbers={"gain_db": 4.0}, section="chorus")
    whole = Request(intent="edit", targets=("Bass DI",), numbers={"gain_db": -2.0})
    events = list(
        edit_in_sections(session, "both", [request, whole], lambda s, e: ASSISTANT.editor.edit(s, "both", e, clock()))
    )
    assert [region.time_s for region in session.settings.regions] == [(4.0, 6.0), (1.0, 2.0)]
    assert session.settings.number("Bass DI", "fader.gain_db") == -2.0
    assert session.current == 1
    assert sum(isinstance(event, Moved) for event in events) == 1
    assert session.replay(1) == session.settings
    _turn(session, "half of that")
    for stretch in ((1.0, 2.0), (4.0, 6.0)):
        assert session.settings.within(stretch).number("Keys", "fader.gain_db") == 2.0
    assert session.settings.number("Bass DI", "fader.gain_db") == -1.0


def clock():
    from assistant.turn import Clock

    return Clock()


def test_where_nobody_knows_the_section_nothing_moves(song):
    session = Session(song)
    events = _turn(session, "make the vocal brighter in the chorus")
    assert session.current == 0
    assert "Where the chorus is" in events[-1].text
    assert not any(isinstance(event, Asked | Moved) for event in events)
    events = _turn(session, "the chorus is 0:45 to 1:10")
    assert any(isinstance(event, Failed) for event in events)
    assert "the song lasts 7.0 s" in events[-1].text


def test_a_later_edit_of_the_whole_song_reaches_the_section(session):
    rate = session.song.sample_rate
    bright = {("Keys", "eq.high_shelf_gain_db"): 4.0, ("Keys", "fader.gain_db"): 1.0}
    before = session.settings.turned(bright, (2.0, 4.0))
    after = before.turned({("Keys", "fader.gain_db"): -3.0, ("Keys", "eq.low_shelf_gain_db"): 6.0})
    there = carried(before, after, rate).within((2.0, 4.0))
    assert there.number("Keys", "fader.gain_db") == -2.0
    assert there.number("Keys", "eq.low_shelf_gain_db") == 6.0
    assert there.number("Keys", "eq.high_shelf_gain_db") == 4.0
    darker = before.turned({("Keys", "eq.high_shelf_gain_db"): -3.0})
    assert darker.within((2.0, 4.0)).number("Keys", "eq.high_shelf_gain_db") == 4.0
    there = carried(before, darker, rate).within((2.0, 4.0))
    assert there.number("Keys", "eq.high_shelf_gain_db") == pytest.approx(1.0, abs=0.4)
    assert carried(before, before, rate) == before


def test_a_cut_song_is_the_stretch(song):
    part = cut(song, (1.0, 2.5))
    assert part.duration_s == 1.5
    assert np.array_equal(part.tracks[0].audio, song.tracks[0].audio[:, song.sample_rate : 5 * song.sample_rate // 2])


def test_a_place_says_where_it_is():
    assert str(Place("0:45-1:10", ((45.0, 70.0),))) == "0:45-1:10"


@pytest.mark.slow
def test_the_demo_songs_chorus_is_heard():
    pytest.importorskip("librosa")
    from assistant.structure import heard_sections
    from exchange import demo_folder, load_tracks

    found = heard_sections(load_tracks(demo_folder()))
    ((start_s, end_s),) = found["chorus"]
    assert start_s == pytest.approx(20.0, abs=0.3)  # bar 9 at 96 beats a minute
    assert end_s == pytest.approx(44.0, abs=0.1)
