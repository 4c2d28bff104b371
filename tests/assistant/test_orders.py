"""Orders in words: more or less of an edit, parts of it, versions, locks."""

import numpy as np

from assistant.events import Asked, Failed, Moved, Said
from assistant.measure import hear_song
from assistant.request import Request
from assistant.session import Session
from assistant.turn import Assistant

ASSISTANT = Assistant()


def _turn(session, text):
    events = list(ASSISTANT.take_turn(session, text))
    assert isinstance(events[-1], Said)
    return events


def test_half_of_that_and_undo_is_bit_exact(song):
    session = Session(song)
    session.add("keys up", session.settings.turned({("Keys", "fader.gain_db"): 4.0}))
    full = hear_song(song, session.settings, ()).master
    events = _turn(session, "half of that")
    assert session.settings.number("Keys", "fader.gain_db") == 2.0
    assert "50 %" in events[-1].text
    _turn(session, "only 25 % of that")
    assert session.settings.number("Keys", "fader.gain_db") == 1.0
    assert session.version.of == 1
    _turn(session, "undo the last two")
    assert np.array_equal(hear_song(song, session.settings, ()).master, full)


def test_parts_of_an_edit_by_words(song):
    session = Session(song)
    edit = {("Keys", "eq.bell_1_gain_db"): 4.0, ("Keys", "compressor.ratio"): 3.0,
            ("Bass DI", "eq.bell_1_gain_db"): -4.0}  # fmt: skip
    request = Request(intent="edit", targets=("Keys", "Bass DI"), descriptor="full")
    session.add("both", session.settings.turned(edit), (request,))
    _turn(session, "undo that on the bass")
    assert session.settings.tracks["Bass DI"] == {}
    _turn(session, "undo that on the bass")
    assert session.current == 2, "there is nothing left of it there"
    assert len(session.settings.tracks["Keys"]) == 2
    _turn(session, "undo the eq part")
    assert session.settings.tracks["Keys"] == {"compressor.ratio": 3.0}
    _turn(session, "undo")
    _turn(session, "keep only the eq part")
    assert session.settings.tracks["Keys"] == {"eq.bell_1_gain_db": 4.0}


def test_back_to_a_version_and_forward_again(song):
    session = Session(song)
    for number in range(1, 4):
        session.add(f"edit {number}", session.settings.turned({("Keys", "fader.gain_db"): -float(number)}))
    events = _turn(session, "back to the second version")
    assert session.current == 2
    assert 'Back to "edit 2"' in events[-1].text
    _turn(session, "redo")
    assert session.current == 3
    _turn(session, "go back to version 1")
    assert session.current == 1


def test_a_lock_stays_until_it_is_taken_off(song):
    session = Session(song)
    _turn(session, "lock the bass")
    assert session.is_locked("Bass DI")
    events = _turn(session, "turn the bass up 3 dB")
    assert session.current == 0
    assert "Bass DI was left alone" in events[-1].text
    _turn(session, "turn everything down 2 dB")
    assert session.settings.tracks["Bass DI"] == {}
    _turn(session, "unlock the bass")
    _turn(session, "turn the bass up 3 dB")
    assert session.settings.number("Bass DI", "fader.gain_db") == 3.0


def test_a_locked_part_stays_in_a_tuned_edit(song):
    session = Session(song)
    session.lock("Keys", "eq")
    events = _turn(session, "make the keys brighter")
    assert not any(name.startswith("eq.") for name in session.settings.tracks["Keys"])
    assert "Locked, so it stayed: the eq of Keys" in events[-1].text


def test_a_lock_inside_a_sentence_is_for_that_edit_only(song):
    session = Session(song)
    _turn(session, "make everything quieter but don't touch the bass")
    assert session.settings.tracks["Bass DI"] == {}
    assert session.locks == ()


def test_an_amount_without_an_edit_is_told(song):
    session = Session(song)
    events = _turn(session, "half of that")
    assert session.current == 0
    assert any(isinstance(event, Failed | Asked) for event in events)
    assert not any(isinstance(event, Moved) for event in events)
