"""Uploads: kept with their session, limited, removed where they are not wanted."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from assistant.web import uploads
from assistant.web.state import AUDIO, REFERENCES
from assistant.web.uploads import MOST_REFERENCES, add_reference, open_files
from tests.assistant.web.conftest import RATE


@pytest.fixture
def upload(tmp_path):
    """Return what makes a file as the page's server leaves it: in a folder of its own."""

    def make(name, text=None):
        folder = tmp_path / "uploads" / name
        folder.mkdir(parents=True)
        path = folder / name
        if text is not None:
            path.write_text(text)
        else:
            noise = 0.1 * np.random.default_rng(1).standard_normal((RATE, 2))
            soundfile.write(path, noise, RATE)
        return str(path)

    return make


def left(tmp_path):
    return [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]


def test_stems_become_a_session_of_their_own(benches, bench, upload, tmp_path):
    fresh = open_files(benches, bench, [upload("Kick In.wav"), upload("Lead Vox.wav")], "")
    assert fresh is not bench
    assert fresh.tracks() == ("Kick In", "Lead Vox")
    assert fresh.title == "2 stems"
    assert sorted(path.name for path in (fresh.folder / AUDIO).iterdir()) == ["Kick In.wav", "Lead Vox.wav"]
    assert left(tmp_path) == []
    token = fresh.token
    benches.close()
    assert benches.arrive(token).tracks() == ("Kick In", "Lead Vox")


def test_a_bad_file_is_told_and_nothing_of_it_stays(benches, bench, upload, tmp_path):
    same = open_files(benches, bench, [upload("letter.wav", "Dear engineer")], "")
    assert same is bench
    assert "letter.wav" in bench.lines[-1].text
    assert "Test is still open." in bench.lines[-1].text
    assert left(tmp_path) == []
    assert [path.name for path in (tmp_path / "root" / "sessions").iterdir()] == [bench.token]


def test_too_much_is_refused_and_removed(benches, bench, upload, tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LIMITS", replace(uploads.LIMITS, max_song_bytes=1000))
    assert open_files(benches, bench, [upload("Kick In.wav")], "") is bench
    assert "too many" in bench.lines[-1].text
    assert left(tmp_path) == []


def test_a_reference_is_kept_and_so_many_at_most(bench, upload, tmp_path):
    for number in range(MOST_REFERENCES + 1):
        add_reference(bench, upload(f"record {number}.wav"))
    assert len(bench.references) == MOST_REFERENCES
    assert "Remove one first" in bench.notice
    assert len(list((bench.folder / REFERENCES).iterdir())) == MOST_REFERENCES
    assert left(tmp_path) == []
    assert bench.side("reference:0").recording.exists()


def test_a_reference_that_is_no_audio_is_told(bench, upload, tmp_path):
    add_reference(bench, upload("notes.wav", "la la"))
    assert "notes.wav" in bench.notice
    assert bench.references == []
    assert left(tmp_path) == []
