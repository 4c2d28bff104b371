from dataclasses import replace

import numpy as np
import pytest

import models.instruments
from assistant.recognise import recognised
from console.errors import ModelError
from exchange import load_tracks, write_audio
from models.instruments import Tag

RATE = 22050


@pytest.fixture
def song(tmp_path):
    """A song of Audio 01, Audio 02 (silent), Audio 03 and Kick."""
    noise = (0.1 * np.random.default_rng(0).standard_normal((1, RATE))).astype(np.float32)
    for name in ("Audio 01", "Audio 03", "Kick"):
        write_audio(tmp_path / f"{name}.wav", noise, RATE, "float")
    write_audio(tmp_path / "Audio 02.wav", np.zeros((1, RATE), np.float32), RATE, "float")
    return load_tracks(tmp_path)


class Ear:
    """Takes the first track it hears for a bass and knows no other."""

    def __init__(self):
        self.heard = 0

    def tag(self, _audio, _sample_rate):
        self.heard += 1
        return Tag("bass", "bass", 0.931, {}, "a bass") if self.heard == 1 else Tag("unknown", "other", 0.2, {})


def test_unnamed_tracks_are_recognised_and_it_is_said(song, monkeypatch):
    ear = Ear()
    monkeypatch.setattr(models.instruments, "load_tagger", lambda: ear)
    found = recognised(song)
    assert [track.instrument for track in found.tracks] == ["bass", "unknown", "unknown", "kick"]
    assert (found.tracks[0].group, found.tracks[0].confidence) == ("bass", 0.93)
    assert ear.heard == 2  # neither the silent one nor the kick
    assert found.notes[-2] == "Recognised by ear, as the names say nothing: Audio 01 is a bass (93% sure)."
    assert found.notes[-1] == "Not recognised by ear either: Audio 03."
    assert found.tracks[3] is song.tracks[3]


def test_named_songs_load_no_model(song, monkeypatch):
    monkeypatch.setattr(models.instruments, "load_tagger", None)
    named = replace(song, tracks=song.tracks[3:])
    assert recognised(named) is named


def test_missing_weights_are_told_and_the_song_still_opens(song, monkeypatch):
    def missing():
        raise ModelError("weights.safetensors is not there. Install again.")

    monkeypatch.setattr(models.instruments, "load_tagger", missing)
    found = recognised(song)
    assert found.tracks == song.tracks
    assert "not recognised by ear: weights.safetensors is not there" in found.notes[-1]
