"""Workbenches, takes and actions, without a browser."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.events import Heard, Moved, Progress, Said, Understood
from assistant.request import MIX, Request
from assistant.web.state import FIRST, NOW, PREVIOUS, Choice, Workbench
from console.loudness import integrated_lufs
from console.settings import moves
from exchange import Song, Track

RATE = 22050


def make_song(names=("Bass DI", "Lead Vox"), gain=0.1):
    generator = np.random.default_rng(7)
    sounds = [(gain * generator.standard_normal((2, RATE))).astype(np.float32) for _ in names]
    tracks = tuple(
        Track(name, "other", "other", "#808080", sound, Path(name)) for name, sound in zip(names, sounds, strict=True)
    )
    return Song(tracks, RATE, RATE, "test", ())


@pytest.fixture
def bench(tmp_path):
    return Workbench.start(tmp_path, make_song(), "Test")


def edit(bench, changes, said="an edit"):
    return bench.session.add(said, bench.session.settings.turned(changes))


def test_two_visitors_share_nothing(tmp_path):
    song = make_song()
    one, other = (Workbench.start(tmp_path, song, "Test") for _ in range(2))
    edit(one, {("Lead Vox", "fader.gain_db"): 3.0})
    one.messages.append({})
    assert one.folder != other.folder
    assert len(other.session.versions) == 1
    assert other.messages == []
    assert one.busy is not other.busy


def test_closing_removes_a_visitors_files_only(tmp_path):
    one, other = (Workbench.start(tmp_path, make_song(), "Test") for _ in range(2))
    one.takes.get(one.session, 0)
    other.takes.get(other.session, 0)
    one.close()
    assert not one.folder.exists()
    assert len(list(other.folder.glob("*.wav"))) == 1


def test_a_take_is_the_version_it_says(bench):
    edit(bench, {("Lead Vox", "fader.gain_db"): -6.0})
    take = bench.takes.get(bench.session, 1, "Lead Vox")
    audio, rate = soundfile.read(take.file, dtype="float32", always_2d=True)
    assert rate == RATE
    assert pytest.approx(bench.session.song.tracks[1].audio * 10 ** (-6 / 20), abs=1e-6) == audio.T
    assert take.loudness_lufs == pytest.approx(integrated_lufs(audio.T.copy(), RATE), abs=0.01)
    assert bench.takes.get(bench.session, 1, "Lead Vox") is take


def test_samples_beyond_full_scale_are_not_clipped(tmp_path):
    bench = Workbench.start(tmp_path, make_song(gain=0.8), "Loud")
    take = bench.takes.get(bench.session, 0)
    audio, _ = soundfile.read(take.file)
    assert np.abs(audio).max() > 1.5
    assert take.waveform.max() == pytest.approx(np.abs(audio).max(), rel=1e-6)


def test_old_takes_leave_the_disk(bench):
    for number in range(20):
        edit(bench, {("Lead Vox", "fader.gain_db"): -0.1 * (number + 1)})
        bench.takes.get(bench.session, bench.session.current)
    assert len(list(bench.folder.glob("*.wav"))) == 16
    assert bench.takes.get(bench.session, 0).file.is_file()


def test_menus_name_versions_by_what_they_are(bench):
    assert bench.resolve(FIRST, NOW, MIX, MIX) == Choice(0, 0, MIX, MIX)
    assert bench.resolve(PREVIOUS, NOW, MIX, MIX) == Choice(0, 0, MIX, MIX)
    edit(bench, {("Lead Vox", "fader.gain_db"): 1.0})
    edit(bench, {("Lead Vox", "fader.gain_db"): 2.0})
    assert bench.resolve(FIRST, NOW, "Lead Vox", MIX) == Choice(0, 2, "Lead Vox", MIX)
    assert bench.resolve(PREVIOUS, NOW, MIX, "Bass DI") == Choice(1, 2, MIX, "Bass DI")
    assert bench.resolve(2, 1, None, "gone") == Choice(2, 1, MIX, MIX)
    assert bench.resolve(9, None, MIX, MIX) == Choice(0, 2, MIX, MIX)


def test_the_plot_looks_where_the_tone_changed(bench):
    assert bench.focus() == MIX
    edit(bench, {("Bass DI", "eq.bell_1_gain_db"): -3.0, ("Lead Vox", "fader.gain_db"): 1.0})
    assert bench.focus() == "Bass DI"


def test_another_song_starts_afresh(bench):
    edit(bench, {("Lead Vox", "fader.gain_db"): 1.0})
    bench.takes.get(bench.session, 1)
    bench.load(make_song(("Mix",)), "Other")
    assert len(bench.session.versions) == 1
    assert bench.tracks() == ()
    assert list(bench.folder.glob("*.wav")) == []


class FakeAssistant:
    """Yields what a turn yields."""

    def take_turn(self, session, text):
        yield Heard(text)
        yield Understood((Request(intent="edit", targets=("Lead Vox",), descriptor="warm"),))
        yield Progress("tune", 0.0, "Lead Vox")
        before = session.settings
        version = session.add(text, before.turned({("Lead Vox", "eq.low_shelf_gain_db"): 2.5}))
        yield Moved(tuple(moves(before, version.settings)), version.number)
        yield Said("Lead Vox: warmer.")


@pytest.fixture
def actions():
    return pytest.importorskip("assistant.web.actions", reason="gradio is not installed")


def test_a_turn_shows_its_work_and_frees_the_bench(actions, bench):
    bench.suggestions = ("an example",)
    shown = []
    for _ in actions.take_turn(FakeAssistant(), bench, "  make it warm "):
        shown.append([entry["content"] for entry in bench.messages][-1])
    assert shown[0] == "Reading ..."
    assert "Lead Vox: more warm\nTurning knobs: Lead Vox ..." in shown
    assert shown[-1] == "Lead Vox: warmer."
    assert bench.messages[0]["content"] == "make it warm"
    assert bench.suggestions == ("a bit more", "a bit less", "undo")
    assert not bench.busy.locked()


def test_a_turn_that_is_left_frees_the_bench(actions, bench):
    turn = actions.take_turn(FakeAssistant(), bench, "make it warm")
    next(turn)
    assert bench.busy.locked()
    turn.close()
    assert not bench.busy.locked()


def test_nothing_happens_while_a_turn_runs(actions, bench, monkeypatch):
    told = []
    monkeypatch.setattr(actions.gr, "Info", told.append)
    edit(bench, {("Lead Vox", "fader.gain_db"): 1.0})
    with bench.busy:
        actions.undo(bench)
        list(actions.take_turn(FakeAssistant(), bench, "more"))
    assert bench.session.current == 1
    assert len(told) == 2


def test_undo_redo_and_restore_are_said(actions, bench):
    edit(bench, {("Lead Vox", "fader.gain_db"): 1.0}, "louder")
    actions.undo(bench)
    assert bench.session.current == 0
    actions.redo(bench)
    assert bench.session.current == 1
    actions.restore(bench, 0)
    assert bench.session.current == 0
    assert ["as loaded" in entry["content"] for entry in bench.messages] == [True, False, True]
    actions.undo(bench)
    assert bench.messages[-1]["content"].startswith("There is nothing to undo")


def test_a_bad_file_is_told_in_the_chat_and_the_song_stays(actions, bench, tmp_path):
    bad = tmp_path / "notes.wav"
    bad.write_text("not audio")
    song = bench.session.song
    list(actions.load_files(bench, [str(bad)]))
    last = bench.messages[-1]
    assert "notes.wav" in last["content"]
    assert "Test is still loaded." in last["content"]
    assert "Traceback" not in last["content"]
    assert bench.session.song is song
    assert not bench.busy.locked()


def test_stems_are_loaded(actions, bench, tmp_path):
    files = []
    for name in ("Kick In", "Lead Vox"):
        files.append(str(tmp_path / f"{name}.wav"))
        soundfile.write(files[-1], 0.1 * np.random.default_rng(1).standard_normal((RATE, 2)), RATE)
    list(actions.load_files(bench, files))
    assert bench.tracks() == ("Kick In", "Lead Vox")
    assert "2 tracks (Kick In, Lead Vox)" in bench.messages[-1]["content"]


def test_the_amount_and_the_locks_of_the_page(actions, bench):
    from assistant.web import desk

    slider, locks = desk.menus(bench, FIRST, NOW, MIX, MIX)[-2:]
    assert slider["interactive"] is False
    assert (locks["choices"], locks["value"]) == (["Bass DI", "Lead Vox"], [])
    edit(bench, {("Lead Vox", "fader.gain_db"): -6.0, ("Bass DI", "fader.gain_db"): 2.0})
    actions.set_amount(bench, 50)
    assert bench.session.settings.number("Lead Vox", "fader.gain_db") == -3.0
    assert "50 %" in bench.messages[-1]["content"]
    assert bench.session.version.said == "amount 50 %"
    slider = desk.menus(bench, FIRST, NOW, MIX, MIX)[-2]
    assert (slider["value"], slider["interactive"]) == (50, True)
    actions.set_locks(bench, ["Bass DI"])
    assert bench.session.is_locked("Bass DI")
    assert desk.menus(bench, FIRST, NOW, MIX, MIX)[-1]["value"] == ["Bass DI"]
    actions.set_amount(bench, 100)
    assert bench.session.settings.number("Lead Vox", "fader.gain_db") == -6.0
    assert bench.session.settings.number("Bass DI", "fader.gain_db") == 1.0
    actions.set_locks(bench, [])
    assert bench.session.locks == ()
    actions.undo(bench)
    assert bench.session.current == 2


def test_a_knob_turned_in_a_section_says_when(bench):
    from assistant.web.knobs import knob_rows

    before = bench.session.settings
    after = before.turned({("Lead Vox", "fader.gain_db"): 1.0}).turned({("Lead Vox", "fader.gain_db"): 3.0}, (0.2, 0.8))
    rows = knob_rows(moves(before, after))
    assert [(row.channel, row.after) for row in rows] == [
        ("Lead Vox", "+1.0 dB"),
        ("Lead Vox, 0:00.2-0:00.8", "+3.0 dB"),
    ]
