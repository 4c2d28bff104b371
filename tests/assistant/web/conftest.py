"""A bench over a second of noise on two tracks, in folders of the test's own."""

from pathlib import Path

import numpy as np
import pytest

from assistant.web.benches import Benches
from exchange import Song, Track, write_audio

RATE = 22050


def make_song(folder: Path, names=("Bass DI", "Lead Vox"), gain=0.1) -> Song:
    """Return a song of noise whose files lie in a folder, so that its session can be opened again."""
    generator = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    tracks = []
    for name in names:
        sound = (gain * generator.standard_normal((2, RATE))).astype(np.float32)
        path = folder / f"{name}.wav"
        if not path.exists():
            write_audio(path, sound, RATE, "float")
        tracks.append(Track(name, "other", "other", "#808080", sound, path))
    return Song(tuple(tracks), RATE, RATE, "test", ())


@pytest.fixture
def benches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    made = Benches(tmp_path / "root", tmp_path / "renders", lambda: (make_song(tmp_path / "audio"), "Test"))
    yield made
    made.close()


@pytest.fixture
def bench(benches):
    return benches.arrive("")


@pytest.fixture
def do(bench):
    """Return what carries out an act as the page would, to its end."""
    from assistant.web.acts import perform
    from assistant.web.every_act import ACTS

    def carry_out(name, /, **payload):
        list(perform(bench, ACTS.get(name), payload))
        return bench

    return carry_out
