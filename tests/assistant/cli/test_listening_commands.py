"""The commands that listen: start, explore, match, library, as other programs call them."""

import json

import numpy as np
import pytest
import soundfile

from assistant.cli.main import main
from assistant.session import Session
from console.loudness import integrated_lufs
from exchange import write_audio

RATE = 22050


def _run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def _lufs(path):
    audio, rate = soundfile.read(path, dtype="float32")
    return integrated_lufs(np.ascontiguousarray(audio.T), rate)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Keep what is learnt and indexed out of the user's own folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Two recordings: one dull and narrow, one bright and wide."""
    folder = tmp_path_factory.mktemp("music")
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((2, 8 * RATE)).astype(np.float32) * 0.05
    dull = np.stack([np.convolve(noise[0], np.ones(24) / 24, "same")] * 2).astype(np.float32)
    bright = (noise - np.stack([np.convolve(one, np.ones(24) / 24, "same") for one in noise])).astype(np.float32)
    write_audio(folder / "dull.wav", dull, RATE, "float")
    write_audio(folder / "bright.wav", bright, RATE, "float")
    return folder


def test_start_writes_a_session_and_explains_itself(stems, tmp_path, capsys):
    code, out, _ = _run(capsys, "start", stems, "--out", tmp_path / "s", "--json")
    assert code == 0
    report = json.loads(out)
    assert report == json.loads((tmp_path / "s" / "report.json").read_text())
    assert set(report) == {"requests", "moves", "measured", "reply", "confident", "cpu_seconds"}
    assert report["requests"][0]["intent"] == "start"
    assert {"Lead Vox", "Bass DI", "Keys"} <= {move["track"] for move in report["moves"]}
    assert all(name in report["reply"] for name in ("Lead Vox", "Bass DI", "Keys", "dBTP"))
    loudness = next(m for m in report["measured"] if m["what"] == "loudness" and m["track"] == "mix")
    assert loudness["before"] == pytest.approx(_lufs(tmp_path / "s" / "before.wav"), abs=0.05)
    assert loudness["after"] == pytest.approx(_lufs(tmp_path / "s" / "after.wav"), abs=0.05)
    assert Session.open(tmp_path / "s").version.requests[0].intent == "start"
    code, _, err = _run(capsys, "start", stems, "--out", tmp_path / "s")
    assert code == 1
    assert "already holds" in err


def test_start_refuses_one_mix(music, tmp_path, capsys):
    code, out, err = _run(capsys, "start", music / "dull.wav", "--out", tmp_path / "s", "--json")
    assert code == 1
    assert "several tracks" in err
    assert "several tracks" in json.loads(out)["error"]
    assert not (tmp_path / "s").exists()


def test_explore_writes_mixes_goes_on_and_picks(stems, tmp_path, capsys):
    first = tmp_path / "one"
    code, out, _ = _run(capsys, "explore", stems, "--say", "brighter lead vox", "-n", 2, "--out", first, "--json")
    assert code == 0
    mixes = json.loads(out)["mixes"]
    assert len(mixes) == 2
    for mix in mixes:
        assert {"name", "say", "file", "embedding_2d", "moves"} <= set(mix)
        assert {move["track"] for move in mix["moves"]} <= {"Lead Vox", "master", "reverb"}
        assert _lufs(mix["file"]) == pytest.approx(_lufs(first / "before.wav"), abs=0.1)
    assert (first / "map.html").exists()

    code, out, _ = _run(capsys, "explore", "--from", first, "--say", "2 please", "--out", tmp_path / "two", "--json")
    assert code == 0
    picked = json.loads(out)
    assert picked["picked"] == 2
    assert picked["moves"] == mixes[1]["moves"]
    assert json.loads((tmp_path / "two" / "settings.json").read_text()) == json.loads(
        (first / "settings" / "2.json").read_text()
    )
    code, _, err = _run(capsys, "explore", "--from", first, "--say", "take 7", "--out", tmp_path / "three")
    assert code == 1
    assert "There is no option 7" in err
    code, _, err = _run(capsys, "explore", stems, "--say", "warmer", "--out", first)
    assert code == 1
    assert "there already" in err


def test_explore_without_audio_says_what_it_needs(tmp_path, capsys):
    code, _, err = _run(capsys, "explore", "--say", "warmer", "--out", tmp_path / "o")
    assert code == 1
    assert "Name the audio" in err


def test_match_moves_towards_the_reference_and_reports_it(stems, music, tmp_path, capsys):
    out_dir = tmp_path / "m"
    wanted = ("--reference", music / "bright.wav", "--only", "tone", "--amount", 0.5)
    code, out, _ = _run(capsys, "match", stems, *wanted, "--out", out_dir, "--json")
    assert code == 0
    report = json.loads(out)
    assert report["requests"][0]["aspects"] == ["tone"]
    off = next(entry for entry in report["measured"] if entry["what"] == "spectrum off the reference")
    assert off["after"] < off["before"]
    assert _lufs(out_dir / "after.wav") == pytest.approx(_lufs(out_dir / "before.wav"), abs=0.3)
    heard = sorted(path.name for path in (out_dir / "compare").iterdir())
    assert heard == ["after.wav", "before.wav", "reference bright.wav"]
    assert (out_dir / "compare.html").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--reference", "nowhere.wav"), "nowhere.wav was not found"),
        (("--reference", "REF", "--track", "Tuba"), "There is no track 'Tuba'"),
        (("--reference", "REF", "--blend", "0.5"), "goes between two references"),
        (("--reference", "REF", "--weight", "1", "--weight", "2"), "Give one for each"),
    ],
)
def test_a_match_that_cannot_be_is_one_sentence(stems, music, tmp_path, capsys, arguments, why):
    arguments = [str(music / "dull.wav") if argument == "REF" else argument for argument in arguments]
    code, _, err = _run(capsys, "match", stems, *arguments, "--out", tmp_path / "m")
    assert code == 1
    assert why in err
    assert not (tmp_path / "m").exists()


def test_the_library_indexes_goes_on_and_finds(music, tmp_path, capsys):
    index = tmp_path / "index"
    code, out, _ = _run(capsys, "library", "index", music, "--index", index, "--json")
    assert code == 0
    assert (json.loads(out)["songs"], json.loads(out)["new"]) == (2, 2)
    assert json.loads(_run(capsys, "library", "index", music, "--index", index, "--json")[1])["new"] == 0
    code, out, _ = _run(capsys, "library", "find", "bright and wide", "--index", index, "--json")
    assert code == 0
    songs = json.loads(out)["songs"]
    assert [song["path"].rpartition("/")[2] for song in songs] == ["bright.wav", "dull.wav"]
    code, out, _ = _run(
        capsys, "library", "find", "like this", "--like", music / "dull.wav", "--index", index, "--json"
    )
    assert json.loads(out)["songs"][0]["path"].endswith("bright.wav")  # not the recording itself
    assert sorted(path.name for path in music.iterdir()) == ["bright.wav", "dull.wav"]


def test_a_library_that_is_not_there_says_how(capsys):
    code, _, err = _run(capsys, "library", "find", "warm")
    assert code == 1
    assert "studiospeak library index FOLDER" in err
