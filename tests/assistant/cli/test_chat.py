"""`studiospeak chat` and `export` in one folder: talk, leave, go on, hand on."""

import json

import pytest

from assistant.cli.main import main
from assistant.session_hold import Hold


def _chat(monkeypatch, capsys, folder, *lines, audio=()):
    waiting = iter(lines)

    def ask(_):
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", ask)
    code = main(["chat", str(folder), *map(str, audio)])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_talk_goes_on_where_it_was_left(stems, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "s"
    code, out, _ = _chat(monkeypatch, capsys, folder, "turn the keys down 3 dB", "the keys", audio=[stems])
    assert code == 0
    assert "Keys: fader -3.0 dB." in out
    assert "version 1, 1 knobs" in out
    assert "- make Keys louder" in out
    code, out, _ = _chat(monkeypatch, capsys, folder, "half of that", "")
    assert code == 0
    assert "now stands at 50 %" in out
    code = main(["export", str(folder), "--to", "json", "--out", str(tmp_path / "x.json")])
    assert code == 0
    assert json.loads((tmp_path / "x.json").read_text())["tracks"]["Keys"] == {"fader.gain_db": -1.5}


def test_a_session_that_is_open_elsewhere_is_refused_but_can_be_exported(stems, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "s"
    _chat(monkeypatch, capsys, folder, audio=[stems])
    hold = Hold(folder)
    code, _, err = _chat(monkeypatch, capsys, folder, "undo")
    assert code == 1
    assert "is open in another program" in err
    assert main(["export", str(folder), "--to", "recall", "--out", str(tmp_path / "r.txt")]) == 0
    hold.release()


@pytest.mark.parametrize(("model", "why"), [("nobody", "names no language model"), ("acme:x", "Use PROVIDER:NAME")])
def test_a_model_that_is_none_is_told(stems, tmp_path, capsys, model, why):
    assert main(["chat", str(tmp_path / "s"), str(stems), "--model", model]) == 1
    assert why in capsys.readouterr().err
    Hold(tmp_path / "s").release()  # and the folder is free again
