"""Who may log in, and what a browser is handed."""

import zipfile

import pytest

from assistant.web.handing import handed
from assistant.web.serve import logins
from console.errors import RequestError


def test_logins_are_read():
    assert logins("ada:se:cret, ben:other") == [("ada", "se:cret"), ("ben", "other")]
    assert logins("") == []


@pytest.mark.parametrize("spelled", ["ada", "ada:", ":secret", "ada:x,ben"])
def test_half_a_login_is_refused(spelled):
    with pytest.raises(RequestError, match="NAME:PASSWORD"):
        logins(spelled)


def test_a_login_can_be_asked_for(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: " ada ")
    monkeypatch.setattr("getpass.getpass", lambda _: "secret")
    assert logins("", ask=True) == [("ada", "secret")]


def test_one_file_is_handed_as_it_is_and_several_are_packed(tmp_path):
    exports = tmp_path / "exports"
    (exports / "stems 1" / "tracks").mkdir(parents=True)
    alone = exports / "mix 1.wav"
    alone.write_bytes(b"x")
    assert handed([alone], tmp_path) == [alone]
    files = [exports / "stems 1" / "mix.wav", exports / "stems 1" / "tracks" / "Kick.wav"]
    for file in files:
        file.write_bytes(b"y" * 10)
    (pack,) = handed(files, tmp_path)
    assert pack == exports / "stems 1.zip"
    assert zipfile.ZipFile(pack).namelist() == ["stems 1/mix.wav", "stems 1/tracks/Kick.wav"]
    assert handed(files, tmp_path) == [exports / "stems 1 (2).zip"]
