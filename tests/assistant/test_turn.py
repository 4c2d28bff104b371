"""Whole turns on a small song: what moved, what stayed, what was said."""

import numpy as np
import pytest

from assistant.check import KEPT
from assistant.events import Asked, Failed, Heard, Measured, Moved, Said, Understood
from assistant.measure import hear_song
from assistant.session import Session
from assistant.turn import Assistant, Clock
from console.measures import band_level_db

ASSISTANT = Assistant()


def _turn(session, text, **options):
    events = list(ASSISTANT.take_turn(session, text, **options))
    assert isinstance(events[0], Heard)
    assert isinstance(events[-1], Said)
    assert not [event for event in events if isinstance(event, Failed)], events
    return events


def _of(events, kind):
    return next((event for event in events if isinstance(event, kind)), None)


def _share_db(audio, low_hz, high_hz, rate):
    return band_level_db(audio, rate, low_hz, high_hz) - band_level_db(audio, rate, 20, 0.49 * rate)


def test_the_first_sentence_moves_the_right_tracks_the_right_way(song):
    session = Session(song)
    before = hear_song(song, session.settings, ["Lead Vox", "Bass DI", "Keys"])
    events = _turn(session, "make the lead warmer and bring it forward, and tame the boomy bass")
    after = hear_song(song, session.settings, ["Lead Vox", "Bass DI", "Keys"])
    assert {move.track for move in _of(events, Moved).moves} - {"master"} == {"Lead Vox", "Bass DI"}
    assert np.array_equal(before.tracks["Keys"], after.tracks["Keys"])
    rate = song.sample_rate
    for name, low, high, sign in (("Lead Vox", 20, 500, 1), ("Bass DI", 60, 150, -1)):
        change = _share_db(after.tracks[name], low, high, rate) - _share_db(before.tracks[name], low, high, rate)
        assert sign * change > 0.5
    assert after.standing_db("Lead Vox") - before.standing_db("Lead Vox") == pytest.approx(2.5, abs=0.5)
    assert abs(after.loudness_lufs - before.loudness_lufs) <= 0.6


def test_a_tone_word_holds_the_tracks_loudness(song):
    session = Session(song)
    before = hear_song(song, session.settings, ["Keys"])
    _turn(session, "make the keys brighter")
    after = hear_song(song, session.settings, ["Keys"])
    assert after.track_lufs["Keys"] == pytest.approx(before.track_lufs["Keys"], abs=0.15)


def test_undo_is_bit_exact_and_redo_comes_back(song):
    session = Session(song)
    before = hear_song(song, session.settings, ())
    _turn(session, "make the keys brighter")
    edited = session.settings
    _turn(session, "undo")
    assert np.array_equal(hear_song(song, session.settings, ()).master, before.master)
    _turn(session, "redo")
    assert session.settings == edited


def test_the_same_words_give_the_same_moves(song):
    first, second = Session(song), Session(song)
    for session in (first, second):
        _turn(session, "make the vocal brighter and wetter")
    assert first.settings == second.settings


def test_a_bigger_amount_goes_further(song):
    shares = []
    for amount in (0.25, 0.5, 1.0, 1.5):
        session = Session(song)
        _turn(session, "make the keys brighter", amount=amount)
        audio = hear_song(song, session.settings, ["Keys"]).tracks["Keys"]
        shares.append(_share_db(audio, 3000, 10000, song.sample_rate))
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] > 1.0


def test_numbers_are_set_as_said(song):
    session = Session(song)
    _turn(session, "cut 3 dB at 300 Hz on the keys with a Q of 2")
    assert session.settings.tracks["Keys"] == {
        "eq.bell_1_gain_db": -3.0,
        "eq.bell_1_freq_hz": 300.0,
        "eq.bell_1_q": 2.0,
    }


@pytest.mark.parametrize("text", ["why is my vocal too quiet?", "is the bass too loud?", "what does warm mean?"])
def test_a_question_moves_nothing(song, text):
    session = Session(song)
    events = _turn(session, text)
    assert _of(events, Moved) is None
    assert session.current == 0


@pytest.mark.parametrize("text", ["", "make it more purple", "boost 10 Hz by 50 dB", "the vocal"])
def test_what_is_not_understood_is_asked_about(song, text):
    session = Session(song)
    events = _turn(session, text)
    assert _of(events, Asked) is not None
    assert session.current == 0


def test_a_number_stands_as_said_beside_its_word(song):
    session = Session(song)
    _turn(session, "compress the bass 4:1")
    assert session.settings.number("Bass DI", "compressor.ratio") == 4.0


def test_undo_and_an_edit_in_one_sentence(song):
    session = Session(song)
    _turn(session, "make the keys brighter")
    _turn(session, "undo that and make the bass darker")
    assert session.settings.tracks["Keys"] == {}
    assert session.settings.tracks["Bass DI"]


def test_a_section_that_nobody_named_is_asked_about(song):
    session = Session(song)
    events = list(ASSISTANT.take_turn(session, "make the vocal brighter in the chorus"))
    assert session.current == 0
    assert "chorus" in events[-1].text


def test_a_bit_more_goes_on(song):
    session = Session(song)
    _turn(session, "make the keys brighter")
    first = hear_song(song, session.settings, ["Keys"]).tracks["Keys"]
    _turn(session, "a bit more")
    second = hear_song(song, session.settings, ["Keys"]).tracks["Keys"]
    rate = song.sample_rate
    assert _share_db(second, 3000, 10000, rate) > _share_db(first, 3000, 10000, rate) + 0.5


def test_what_was_to_stay_clear_is_measured(song):
    session = Session(song)
    events = _turn(session, "make the keys brighter but keep the vocal clear")
    kept = [entry for entry in _of(events, Measured).measurements if entry.what == KEPT]
    assert [entry.track for entry in kept] == ["Lead Vox"]
    assert "Lead Vox" in events[-1].text


def test_a_locked_track_stays(song):
    session = Session(song)
    _turn(session, "make everything brighter but don't touch the bass")
    assert session.settings.tracks["Bass DI"] == {}
    assert session.settings.master == {}
    assert session.settings.tracks["Keys"]


def test_the_mix_as_a_whole_is_the_master(song):
    session = Session(song)
    events = _turn(session, "make the mix darker")
    assert {move.track for move in _of(events, Moved).moves} == {"master"}
    loudness = next(m for m in _of(events, Measured).measurements if m.what == "loudness" and m.track == "mix")
    assert loudness.after == pytest.approx(loudness.before, abs=0.15)


def test_a_silent_track_is_told(song):
    from dataclasses import replace

    tracks = tuple(replace(t, audio=np.zeros_like(t.audio)) if t.name == "Keys" else t for t in song.tracks)
    session = Session(replace(song, tracks=tracks))
    events = _turn(session, "make the keys warmer")
    assert "silent" in events[-1].text
    assert session.current == 0
    nothing = tuple(replace(track, audio=np.zeros_like(track.audio)) for track in song.tracks)
    session = Session(replace(song, tracks=nothing))
    assert "silent" in _turn(session, "make it warmer")[-1].text
    assert session.current == 0


def test_every_number_in_the_measurements_is_finite_and_the_reply_says_the_goals(song):
    session = Session(song)
    events = _turn(session, "make the vocal warmer")
    goals = [entry for entry in _of(events, Measured).measurements if entry.wanted is not None]
    assert goals
    assert all(np.isfinite([entry.before, entry.after]).all() for entry in _of(events, Measured).measurements)
    for entry in goals:
        assert f"{entry.before:.1f}" in events[-1].text
        assert f"{entry.after:.1f}" in events[-1].text


def test_what_was_understood_is_an_event_and_time_is_kept(song):
    clock = Clock()
    events = _turn(Session(song), "make the vocal warmer", clock=clock)
    (request,) = _of(events, Understood).requests
    assert (request.intent, request.targets, request.descriptor) == ("edit", ("Lead Vox",), "warm")
    report = clock.report()
    assert set(report) == {"understand", "aim", "tune", "render", "check", "total"}
    assert report["total"] == pytest.approx(sum(report.values()) - report["total"], abs=0.01)


def test_a_fault_in_a_step_is_told_not_thrown(song, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("boom")

    monkeypatch.setattr("assistant.editing.aim", broken)
    session = Session(song)
    events = list(ASSISTANT.take_turn(session, "make the vocal warmer"))
    assert isinstance(_of(events, Failed), Failed)
    assert isinstance(events[-1], Said)
    assert session.current == 0


@pytest.mark.parametrize(
    ("text", "wet"), [("more reverb on the vocal", {"Lead Vox"}), ("make it wetter", {"Lead Vox", "Keys"})]
)
def test_room_goes_into_the_sends_and_is_measured_with_what_comes_back(song, text, wet):
    session = Session(song)
    events = _turn(session, text)
    sends = {move.track for move in _of(events, Moved).moves if move.parameter == "send.reverb_db"}
    assert sends == wet
    rooms = [entry for entry in _of(events, Measured).measurements if entry.what == "level between the notes"]
    assert {entry.track for entry in rooms} <= wet
    assert rooms
    for entry in rooms:
        assert entry.after - entry.before > 0.6 * (entry.wanted - entry.before) > 0.0
    assert "not all the way" not in events[-1].text
