"""Stems of a mix are separated once, kept, and add up to the mix, so that an untouched console plays the mix."""

from pathlib import Path

import numpy as np
import pytest

from assistant.separation import FOLDER, stems_of
from console.errors import RequestError
from exchange import Song, Track

RATE = 44100


class Halves:
    """Stands in for the network: fixed shares of the mix."""

    calls = 0

    def separate(self, audio, sample_rate, progress=None):
        Halves.calls += 1
        assert (sample_rate, progress) == (RATE, None)
        parts = {name: (share * audio).astype(np.float32) for name, share in
                 (("vocals", 0.4), ("drums", 0.3), ("bass", 0.2))}  # fmt: skip
        return {**parts, "other": audio - sum(parts.values())}


def mix(seed=0, channels=2):
    audio = (0.1 * np.random.default_rng(seed).standard_normal((channels, 5000))).astype(np.float32)
    track = Track("mix", "mix", "mix", "#888888", audio, Path("mix.wav"))
    return Song((track,), RATE, 5000, "mix.wav", ())


def test_a_mix_becomes_four_tracks_that_add_up(tmp_path):
    song = stems_of(mix(), tmp_path, Halves)
    assert [track.name for track in song.tracks] == ["vocals", "drums", "bass", "other"]
    assert [track.group for track in song.tracks][:3] == ["vocals", "drums", "bass"]
    assert sum(track.audio for track in song.tracks) == pytest.approx(mix().tracks[0].audio, abs=1e-6)
    assert any("bleed" in note for note in song.notes)


def test_the_second_time_nothing_is_separated(tmp_path):
    stems_of(mix(), tmp_path, Halves)
    before = Halves.calls
    again = stems_of(mix(), tmp_path, Halves)
    assert Halves.calls == before
    assert again.tracks[0].path.parent == tmp_path / FOLDER


def test_another_mix_in_the_same_place_is_separated_anew(tmp_path):
    stems_of(mix(), tmp_path, Halves)
    before = Halves.calls
    song = stems_of(mix(1), tmp_path, Halves)
    assert Halves.calls == before + 1
    assert sum(track.audio for track in song.tracks) == pytest.approx(mix(1).tracks[0].audio, abs=1e-6)


@pytest.mark.parametrize("song", [mix(channels=1), Song(mix().tracks * 2, RATE, 5000, "two", ())])
def test_what_is_no_stereo_mix_is_refused(song, tmp_path):
    with pytest.raises(RequestError, match="Only one stereo mix"):
        stems_of(song, tmp_path, Halves)
