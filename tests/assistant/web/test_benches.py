"""Page sessions: apart from one another, kept, opened again."""

import pytest

from assistant.web.benches import Benches
from assistant.web.kept import KeptReference, Preferences
from console.errors import SessionError


def edited(bench, gain_db=2.0):
    bench.session.add("louder", bench.session.settings.turned({("Lead Vox", "fader.gain_db"): gain_db}))
    bench.say("you", "louder")
    bench.say("studio", "Done.", 1)
    return bench


def test_two_visitors_share_nothing(benches):
    one, other = benches.arrive(""), benches.arrive("")
    edited(one)
    assert one.token != other.token
    assert one.folder != other.folder
    assert one.renders != other.renders
    assert len(other.session.versions) == 1
    assert other.lines == []
    assert one.work is not other.work


def test_a_token_leads_back_to_the_same_session(benches):
    bench = edited(benches.arrive(""))
    assert benches.arrive(bench.token) is bench


def test_what_was_kept_is_opened_again(benches):
    bench = edited(benches.arrive(""))
    bench.session.name_version(1, "the loud one")
    bench.session.lock("Bass DI")
    bench.save()
    token = bench.token
    benches.close()
    again = benches.arrive(token)
    assert again is not bench
    assert [line.text for line in again.lines] == ["louder", "Done."]
    assert again.session.current == 1
    assert again.version_name(1) == "the loud one"
    assert again.session.is_locked("Bass DI")
    assert again.title == "Test"
    assert again.session.undo().number == 0


def test_an_untouched_session_leaves_nothing_behind(benches):
    bench = benches.arrive("")
    bench.say("studio", "Welcome.")
    bench.save()
    folder = bench.folder
    benches.close()
    assert not folder.exists()
    assert not bench.renders.exists()


def test_an_unknown_token_starts_afresh_and_says_so(benches):
    for token in ("0" * 32, "../../etc", "x"):
        bench = benches.arrive(token)
        assert bench.token != token
        assert "not kept on this machine" in bench.notice


def test_people_who_log_in_have_sessions_of_their_own(benches):
    mine = edited(benches.arrive("", "ada"))
    mine.save()
    assert benches.get(mine.token, "ben") is None
    benches.close()
    assert benches.get(mine.token, "ben") is None
    assert benches.get(mine.token, "ada") is not None


def test_a_session_open_elsewhere_is_told(benches, tmp_path):
    bench = edited(benches.arrive(""))
    bench.save()
    other = Benches(tmp_path / "root", tmp_path / "renders2", benches.demo_song)
    with pytest.raises(SessionError, match="open in another program"):
        other.get(bench.token)
    arrived = other.arrive(bench.token)
    assert "open in another program" in arrived.notice
    assert arrived.token != bench.token
    other.close()


def test_a_damaged_page_file_is_put_aside_and_the_session_stays(benches):
    bench = edited(benches.arrive(""))
    bench.save()
    (bench.folder / "page.json").write_text("{")
    token = bench.token
    benches.close()
    again = benches.arrive(token)
    assert len(again.session.versions) == 2
    assert again.lines == []
    assert (again.folder / "page.json.damaged").exists()


def test_the_ones_used_longest_ago_make_room_and_come_back(benches):
    first = edited(benches.arrive(""))
    first.save()
    for _ in range(8):
        benches.arrive("")
    assert first.token not in benches._live
    assert len(benches.get(first.token).session.versions) == 2


def test_the_folder_the_program_was_given_is_opened(benches, tmp_path):
    kept = edited(benches.arrive(""))
    kept.save()
    benches.close()
    given = Benches(tmp_path / "elsewhere", tmp_path / "renders2", benches.demo_song, folder=kept.folder)
    bench = given.arrive("")
    assert len(bench.session.versions) == 2
    assert given.arrive("") is bench
    given.close()
    assert (kept.folder / "session.json").exists()


def test_a_session_can_be_deleted(benches):
    bench = edited(benches.arrive(""))
    bench.save()
    benches.remove(bench.token)
    assert not bench.folder.exists()
    assert benches.get(bench.token) is None


def test_files_are_given_only_by_their_name(benches):
    bench = benches.arrive("")
    take = bench.takes.get(bench.session, bench.session.settings)
    assert benches.file(bench.token, take.file.name) == take.file
    for name in ("session.json", "../renders", "..", ""):
        assert benches.file(bench.token, name) is None
    assert benches.file("0" * 32, take.file.name) is None


def test_preferences_hold_for_live_and_later_sessions(benches):
    bench = benches.arrive("")
    benches.prefer(Preferences(experience="professional"))
    assert bench.assistant.consultant.experience == "professional"
    assert benches.arrive("").assistant.consultant.experience == "professional"
    assert benches.arrive("", "ada").assistant.consultant.experience == "pro-am"


def test_a_reference_whose_file_is_gone_is_left_out(benches):
    bench = edited(benches.arrive(""))
    bench.references.append(KeptReference(name="gone", file="gone.wav"))
    bench.save()
    token = bench.token
    benches.close()
    assert benches.arrive(token).references == []
