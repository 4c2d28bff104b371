"""A session handed on: what is written, what is told, and that the way back gives the same mix."""

import json

import numpy as np
import pytest
import rpp
import soundfile

from assistant.cli.main import main
from assistant.events import Measurement
from assistant.export import TARGETS, export, project_of, told
from assistant.session import Session
from console.errors import ProjectFileError
from console.settings import Settings
from exchange.bounce import render_project
from exchange.dawproject import read_dawproject

FIRST = {("Keys", "eq.bell_1_gain_db"): -3.0, ("Keys", "eq.bell_1_freq_hz"): 300.0}
SECOND = {("Lead Vox", "send.reverb_db"): -18.0, ("reverb", "reverb.decay_s"): 0.5, ("Bass DI", "fader.gain_db"): -2.0}


@pytest.fixture
def mixed(session):
    """A session with two edits, one of them undone and made again, and a named section."""
    measured = (Measurement(what="loudness", track="mix", before=-20.0, after=-21.0, unit="LUFS"),)
    session.add("cut the mud", session.settings.turned(FIRST), measured=measured, reply="Keys: bell -3.0 dB.")
    session.add("not this", session.settings.turned({("Keys", "stereo.pan"): 0.5}))
    session.undo()
    session.add("some room", session.settings.turned(SECOND), reply="Lead Vox: reverb.")
    session.sections = {"chorus": ((2.0, 4.0),), "verse": ((0.0, 2.0), (4.0, 6.0))}
    return session


@pytest.fixture
def folder(mixed, tmp_path):
    mixed.save(tmp_path / "my song")
    return tmp_path / "my song"


def run(capsys, *arguments):
    code = main([*map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_only_the_turns_that_led_here_are_told(mixed):
    assert [turn.said for turn in told(mixed)] == ["cut the mud", "some room"]
    assert told(mixed)[0].measured[0].after == -21.0
    assert {move.parameter for move in told(mixed)[1].moves} == {name for _, name in SECOND}


def test_sections_come_in_order_and_repeated_ones_with_a_number(mixed):
    parts = [(part.name, part.start_s, part.end_s) for part in project_of(mixed, "t").sections]
    assert parts == [("verse 1", 0.0, 2.0), ("chorus", 2.0, 4.0), ("verse 2", 4.0, 6.0)]


@pytest.mark.parametrize("to", TARGETS)
def test_every_target_is_written_once_and_never_over(to, folder, tmp_path, capsys):
    code, out, _ = run(capsys, "export", folder, "--to", to, "--out", tmp_path / "deep" / "mix", "--json")
    assert code == 0
    report = json.loads(out)
    assert set(report) == {"path", "files", "notes", "measured"}
    assert report["path"].endswith({"mix": "mix.wav", "stems": "mix"}.get(to, f"mix{TARGETS[to][0]}"))
    before = {file: (tmp_path / file).stat().st_mtime_ns for file in report["files"]}
    assert before
    code, out, _ = run(capsys, "export", folder, "--to", to, "--out", report["path"], "--json")
    assert code == 1
    assert "never written over" in json.loads(out)["error"]
    assert {file: (tmp_path / file).stat().st_mtime_ns for file in report["files"]} == before


def test_the_mix_that_is_read_back_sounds_the_same(mixed, tmp_path):
    path = export(mixed, "dawproject", tmp_path / "mix", "my song").path
    back = read_dawproject(path).project
    assert back.settings == mixed.settings
    assert back.sections == project_of(mixed, "my song").sections
    assert [track.instrument for track in back.song.tracks] == [track.instrument for track in mixed.song.tracks]
    heard = render_project(back).master.numpy()
    assert np.array_equal(heard, render_project(project_of(mixed, "my song")).master.numpy())


def test_settings_round_trip_through_their_file(mixed, tmp_path):
    path = export(mixed, "json", tmp_path / "mix.json").path
    assert Settings.from_json(path.read_text(encoding="utf-8")) == mixed.settings


def test_reaper_gets_the_folder_name_as_title(folder, tmp_path, capsys):
    code, _, err = run(capsys, "export", folder, "--to", "rpp", "--out", tmp_path / "mix.rpp")
    assert code == 0
    assert "Effects folder" in err
    root = rpp.loads((tmp_path / "mix.rpp").read_text(encoding="utf-8"))
    (strip,) = {effect.attrib[0] for effect in root.iter("JS") if "strip" in effect.attrib[0]}
    assert strip.startswith("Studiospeak/my song ")
    assert (tmp_path / "mix media" / "Effects" / strip).is_file()


def test_stems_take_their_options(folder, tmp_path, capsys):
    out = tmp_path / "stems"
    arguments = ("--format", "flac", "--loudness", "-20", "--ceiling", "-2", "--no-tails", "--json")
    code, text, _ = run(capsys, "export", folder, "--to", "stems", "--out", out, *arguments)
    assert code == 0
    measured = json.loads(text)["measured"]
    assert measured["loudness_lufs"] == pytest.approx(-20.0, abs=0.1)
    assert measured["true_peak_dbtp"] <= -2.0 + 0.01
    assert soundfile.info(out / "mix.flac").frames == measured["samples"] == 7 * 22_050


def test_a_mix_is_flac_where_its_name_says_so(mixed, tmp_path):
    done = export(mixed, "mix", tmp_path / "mix.flac")
    assert soundfile.info(done.path).format == "FLAC"
    assert done.path.name == "mix.flac"


def test_an_earlier_version_can_be_exported(folder, mixed, tmp_path, capsys):
    code, _, _ = run(capsys, "export", folder, "--to", "json", "--out", tmp_path / "first.json", "--of", 1)
    assert code == 0
    assert Settings.from_json((tmp_path / "first.json").read_text()) == mixed.versions[1].settings
    assert Session.open(folder).current == mixed.current
    code, _, err = run(capsys, "export", folder, "--to", "json", "--out", tmp_path / "none.json", "--of", 99)
    assert code == 1
    assert "no version 99" in err


def test_a_report_tells_the_conversation(mixed, tmp_path):
    text = export(mixed, "report", tmp_path / "mix", "my song").path.read_text(encoding="utf-8")
    told_at = [text.index(f"“{said}”") for said in ("cut the mud", "some room")]
    assert told_at == sorted(told_at)
    assert "not this" not in text.split("</script>")[-2]


def test_what_cannot_be_is_said(mixed, tmp_path, capsys):
    with pytest.raises(ProjectFileError, match="Use one of dawproject, rpp"):
        export(mixed, "protools", tmp_path / "x")
    code, _, err = run(capsys, "export", tmp_path, "--to", "json", "--out", tmp_path / "x.json")
    assert code == 1
    assert "No session was found" in err
    with pytest.raises(SystemExit, match="2"):
        run(capsys, "export", tmp_path, "--to", "stems", "--out", tmp_path / "x", "--loudness", "loud")
