import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from assistant.cli.main import main


def _run(capsys, *arguments):
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_edit_writes_what_the_design_says(stems, tmp_path, capsys):
    out_dir = tmp_path / "out"
    code, out, _ = _run(capsys, "edit", str(stems), "--say", "make the vocal warmer", "--out", str(out_dir), "--json")
    assert code == 0
    report = json.loads(out)
    assert report == json.loads((out_dir / "report.json").read_text())
    assert set(report) == {"requests", "moves", "measured", "reply", "confident", "cpu_seconds"}
    assert set(report["moves"][0]) == {"track", "parameter", "before", "after", "unit"}
    assert set(report["measured"][0]) == {"what", "track", "before", "after", "unit", "wanted"}
    assert {move["track"] for move in report["moves"]} == {"Lead Vox"}
    before, after = (soundfile.info(out_dir / f"{name}.wav") for name in ("before", "after"))
    assert before.frames == after.frames
    assert before.subtype == after.subtype == "FLOAT"
    for name in ("Keys", "Bass DI"):
        source, _ = soundfile.read(stems / f"{name}.wav", dtype="float32")
        written, _ = soundfile.read(out_dir / "after" / f"{name}.wav", dtype="float32")
        assert np.array_equal(source, written)
    lead, _ = soundfile.read(out_dir / "after" / "Lead Vox.wav", dtype="float32")
    source, _ = soundfile.read(stems / "Lead Vox.wav", dtype="float32")
    assert lead.shape == source.shape
    assert not np.array_equal(lead, source)


def test_the_stems_add_up_to_the_mix(stems, tmp_path, capsys):
    _run(capsys, "edit", str(stems), "--say", "vocal up 2 dB", "--out", str(tmp_path / "o"), "--json")
    total = 0.0
    for name in ("Lead Vox", "Bass DI", "Keys"):
        audio, _ = soundfile.read(tmp_path / "o" / "after" / f"{name}.wav", always_2d=True)
        total = total + np.broadcast_to(audio, (audio.shape[0], 2))
    after, _ = soundfile.read(tmp_path / "o" / "after.wav")
    assert np.abs(total - after).max() < 1e-6


def test_nothing_is_overwritten(stems, tmp_path, capsys):
    (tmp_path / "after.wav").write_text("mine")
    code, _, err = _run(capsys, "edit", str(stems), "--say", "warmer", "--out", str(tmp_path))
    assert code == 1
    assert "already holds after.wav" in err
    assert (tmp_path / "after.wav").read_text() == "mine"


def test_a_question_changes_nothing_and_exits_1(stems, tmp_path, capsys):
    code, out, _ = _run(capsys, "edit", str(stems), "--say", "why is it muddy?", "--out", str(tmp_path / "o"), "--json")
    assert code == 1
    assert json.loads(out)["moves"] == []
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "arguments", [["edit", "x"], ["edit", "x", "--say", "y", "--out", "z", "--amount", "7"], ["no"]]
)
def test_bad_arguments_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err


def test_missing_audio_is_one_sentence(tmp_path, capsys):
    code, out, err = _run(
        capsys, "edit", str(tmp_path / "no.wav"), "--say", "warmer", "--out", str(tmp_path / "o"), "--json"
    )
    assert code == 1
    assert "no.wav was not found" in err
    assert "no.wav was not found" in json.loads(out)["error"]


def test_demo_writes_stems_once(tmp_path, capsys):
    assert _run(capsys, "demo", str(tmp_path / "d"))[0] == 0
    stems = sorted(path.name for path in (tmp_path / "d").glob("*.ogg"))
    assert len(stems) >= 6
    code, _, err = _run(capsys, "demo", str(tmp_path / "d"))
    assert code == 1
    assert "already holds" in err


def test_word_prints_an_entry_and_json(capsys):
    code, out, _ = _run(capsys, "word", "warmth")
    assert code == 0
    assert "warm" in out
    data = json.loads(_run(capsys, "word", "warm", "--json")[1])
    assert data["id"] == "warm"
    assert {"labels", "opposite", "senses", "instruments", "often_confused_with"} <= set(data)
    code, _, err = _run(capsys, "word", "qwertzuiop")
    assert code == 1
    assert "not a word known here" in err


def test_parse_answers_line_by_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", iter(["vocal warmer\n", "why is it muddy?\n"]))
    code, out, _ = _run(capsys, "parse", "-", "--tracks", "Lead Vox,Bass DI")
    assert code == 0
    first, second = (json.loads(line)["requests"][0] for line in out.splitlines())
    assert (first["intent"], first["targets"], first["descriptor"]) == ("edit", ["Lead Vox"], "warm")
    assert second["intent"] != "edit"


def test_word_answers_without_torch_in_under_two_seconds():
    code = "import sys; from assistant.cli.main import main; main(['word', 'warm']); sys.exit('torch' in sys.modules)"
    before = os.times()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    after = os.times()
    assert done.returncode == 0, done.stderr
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert cpu_s < 2.0  # CPU: other work on the machine does not count
