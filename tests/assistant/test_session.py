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


def test_restoring_walks_where_it_can_so_that_redo_leads_back(session):
    _edited(session)
    session.restore(1)
    assert session.redoable == 2
    assert session.redo().number == 2
    session.restore(3)
    assert (session.current, session.redoable) == (3, 0)
    session.undo(3)
    session.restore(2)
    assert session.redo().number == 3


def test_restoring_another_branch_forgets_what_was_undone(session):
    _edited(session).undo(2)
    session.add("other way", session.settings.turned({("Keys", "stereo.pan"): 0.5}))
    session.undo()
    session.restore(3)
    with pytest.raises(SessionError, match="nothing to redo"):
        session.redo()
    assert [version.number for version in session.path()] == [3, 2, 1, 0]
    session.restore(4)
    assert session.undo().number == 1
    assert session.undoable == 1


def test_locked_knobs_cannot_be_turned_by_any_edit(session):
    session.lock("Keys")
    session.lock("Lead Vox", "eq")
    session.lock("Bass DI", "fader.gain_db")
    for address, name in (("Keys", "stereo.pan"), ("Lead Vox", "highpass.on"), ("Bass DI", "fader.gain_db")):
        turned = session.settings.turned({(address, name): 1.0})
        assert session.held(turned) == session.settings
        with pytest.raises(SessionError, match=f"{address} {name} would move and is locked"):
            session.add("try", turned)
        in_section = session.settings.turned({(address, name): 1.0}, (1.0, 2.0))
        assert session.held(in_section) == session.settings
    session.add("free", session.settings.turned({("Lead Vox", "fader.gain_db"): 1.0}))
    assert session.unlock("Lead Vox", "compression") == 0
    assert session.unlock("Lead Vox") == 1
    assert session.unlock() == 2
    session.add("now", session.settings.turned({("Keys", "stereo.pan"): 1.0}))
    with pytest.raises(SessionError, match="No track is called 'Sitar'"):
        session.lock("Sitar")


def test_locks_and_sections_are_kept(session, tmp_path):
    session.lock("mix")
    session.lock("Keys", "eq")
    session.name_section("chorus", [(1.0, 2.5), (4.0, 5.0)])
    with pytest.raises(SessionError, match=r"cannot last from 6 to 90 s: the song lasts 7\.0 s"):
        session.name_section("outro", [(6.0, 90.0)])
    session.unlock("mix")
    session.lock("mix")
    session.save(tmp_path)
    again = Session.open(tmp_path)
    assert again.locks == session.locks
    assert again.sections == {"chorus": ((1.0, 2.5), (4.0, 5.0))}


def test_a_section_edit_is_saved_and_replayed(session, tmp_path):
    session.add("chorus up", session.settings.turned({("Keys", "fader.gain_db"): 3.0}, (1.0, 2.5)))
    session.add("keys down", session.settings.turned({("Keys", "fader.gain_db"): -3.0}))
    session.save(tmp_path)
    again = Session.open(tmp_path)
    assert again.versions == session.versions
    for version in again.versions:
        assert again.replay(version.number) == version.settings


def test_a_session_of_schema_1_opens(session, tmp_path):
    """As the first schema wrote it: no locks, sections, shares or regions."""
    _edited(session)
    path = session.save(tmp_path)
    data = json.loads(path.read_text())
    old = {key: data[key] for key in ("sample_rate", "audio", "current")}
    old["version"] = 1
    old["versions"] = data["versions"]
    for version in old["versions"]:
        del version["of"], version["shares"], version["settings"]["regions"]
        version["settings"]["version"] = 1
        assert not any("time_s" in move for move in version["moves"])
    path.write_text(json.dumps(old))
    again = Session.open(tmp_path)
    assert again.versions == session.versions
    assert (again.locks, again.sections, again.names, again.turn) == ((), {}, {}, None)
    assert json.loads(again.save(tmp_path).read_text())["version"] == 3


def test_a_session_of_schema_2_opens(song, tmp_path):
    session = Session(song)
    session.lock("Keys")
    path = session.save(tmp_path)
    data = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in data.items() if k not in ("names", "turn")} | {"version": 2}))
    again = Session.open(tmp_path)
    assert again.locks == session.locks
    assert (again.names, again.turn) == ({}, None)


def test_a_version_is_found_by_its_name(song, tmp_path):
    session = Session(song)
    session.add("louder", session.settings.turned({("Keys", "fader.gain_db"): 3.0}))
    session.name_version(1, "Loud keys")
    session.save(tmp_path)
    again = Session.open(tmp_path)
    assert again.number_of("loud keys") == again.number_of(1) == again.number_of("1") == 1
    assert [again.title_of(0), again.title_of(1)] == ["as loaded", "Loud keys"]
    with pytest.raises(SessionError, match="already"):
        again.name_version(0, "loud KEYS")
    with pytest.raises(SessionError, match="0 to 1"):
        again.number_of("quiet keys")
