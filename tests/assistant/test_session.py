import json

import pytest

from assistant.session import Session
from console.errors import SessionError


def _edited(session):
    for number in range(1, 4):
        session.add(f"edit {number}", session.settings.turned({("Keys", "fader.gain_db"): -float(number)}))
    return session


def test_undo_and_redo_walk_the_versions(session):
    _edited(session)
    assert session.undo().number == 2
    assert session.undo(2).number == 0
    assert session.redo(2).number == 2
    assert [version.number for version in session.versions] == [0, 1, 2, 3]


def test_nothing_to_undo_or_redo_says_so(session):
    with pytest.raises(SessionError, match="nothing to undo"):
        session.undo()
    with pytest.raises(SessionError, match="nothing to redo"):
        session.redo()


def test_an_edit_after_undo_branches_and_loses_nothing(session):
    _edited(session).undo(2)
    version = session.add("other way", session.settings.turned({("Keys", "stereo.pan"): 0.5}))
    assert version.parent == 1
    assert len(session.versions) == 5
    assert session.restore(3).said == "edit 3"
    with pytest.raises(SessionError, match="no version 9"):
        session.restore(9)


def test_replaying_the_moves_gives_the_same_settings(session):
    _edited(session).undo(2)
    session.add("other way", session.settings.turned({("Keys", "stereo.pan"): 0.5}))
    for version in session.versions:
        assert session.replay(version.number) == version.settings


def test_a_saved_session_opens_as_it_was(session, tmp_path):
    _edited(session).undo()
    session.save(tmp_path / "song")
    again = Session.open(tmp_path / "song")
    assert again.versions == session.versions
    assert again.current == session.current


def test_damaged_sessions_are_refused_with_a_reason(session, tmp_path):
    with pytest.raises(SessionError, match="No session was found in nowhere"):
        Session.open(tmp_path / "nowhere")
    path = session.save(tmp_path)
    good = path.read_text()
    path.write_text(good[: len(good) // 2])
    with pytest.raises(SessionError, match="damaged"):
        Session.open(tmp_path)
    path.write_text(json.dumps({**json.loads(good), "version": 99}))
    with pytest.raises(SessionError, match="version 99"):
        Session.open(tmp_path)
    path.write_text(json.dumps({**json.loads(good), "current": 7}))
    with pytest.raises(SessionError, match="no version 7"):
        Session.open(tmp_path)
