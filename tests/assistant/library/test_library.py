"""The library: built once, goes on after a stop, finds planted sounds, and leaves the music alone."""

import json

import numpy as np
import pytest
import torch

from assistant.library import build_library, find_songs, music_files, open_library
from assistant.library.find import words_of
from console.errors import AudioFileError, RequestError, SessionError
from console.render import render
from console.settings import Settings
from exchange import write_audio
from models import load_encoder
from models.text_to_effect import load_text_to_effect

RATE = 44100
SECONDS = 6


def song(seed):
    """Return (2, samples) of plucked chords over a beat of noise, panned about."""
    rng = np.random.default_rng(seed)
    audio = np.zeros((2, SECONDS * RATE))
    length = int(rng.uniform(0.4, 0.7) * RATE)
    since = np.arange(length) / RATE
    envelope = np.exp(-since / 0.3) * np.minimum(since / 0.004, 1)
    for start in range(0, audio.shape[1] - length, length):
        for root in (1.0, 1.26, 1.5):
            freq_hz, side = 110 * root * 2 ** (rng.integers(0, 12) / 12), rng.uniform(-0.6, 0.6)
            tone = sum(np.sin(2 * np.pi * k * freq_hz * since + rng.uniform(0, 6)) / k for k in range(1, 24))
            audio[:, start : start + length] += envelope * tone * np.array([[1 - side], [1 + side]])
        audio[:, start : start + length] += np.exp(-40 * since) * rng.standard_normal(length)
    return (0.1 * audio / audio.std()).astype(np.float32)


def through(audio, **knobs):
    settings = Settings(tracks={"x": {name.replace("__", "."): value for name, value in knobs.items()}})
    return render({"x": torch.from_numpy(audio)}, settings, RATE).master.numpy()


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("fx")


@pytest.fixture(scope="module")
def model(encoder):
    return load_text_to_effect(encoder.name)


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    (folder / "album").mkdir()
    for seed in range(6):
        write_audio(folder / "album" / f"song {seed}.wav", song(seed), RATE, "float")
    dark = through(song(0), eq__high_shelf_gain_db=-10.0, eq__high_shelf_freq_hz=3000.0)
    wide = through(song(1), stereo__width=2.0)
    write_audio(folder / "song 0 darker.wav", dark, RATE, "float")
    write_audio(folder / "song 1 wider.wav", wide, RATE, "float")
    (folder / "broken.wav").write_bytes(b"RIFF....WAVEnothing")
    (folder / "notes.txt").write_text("not music")
    return folder


@pytest.fixture(scope="module")
def index(music, tmp_path_factory, encoder):
    place = tmp_path_factory.mktemp("index") / "it"
    build_library(music, place, encoder)
    return place


def test_broken_files_are_left_out_and_told(music, index, encoder):
    built = build_library(music, index, encoder)
    assert (built.songs, built.new) == (8, 0)
    assert [entry.path for entry in built.left_out] == ["broken.wav"]
    assert "cannot be read" in built.left_out[0].left_out


def test_a_stopped_run_goes_on(music, tmp_path, encoder, index):
    place = tmp_path / "index"
    build_library(music, place, encoder)
    lines = (place / "songs.jsonl").read_bytes().splitlines(keepends=True)
    (place / "songs.jsonl").write_bytes(b"".join(lines[:4]) + lines[4][:10])  # cut off while writing a line
    heard = []
    built = build_library(music, place, encoder, lambda *told: heard.append(told[2]))
    assert built.new == len(lines) - 4
    assert built.songs == 8
    again, first = open_library(place, encoder), open_library(index, encoder)
    assert np.array_equal(again.sounds[[again.row_of[e.path] for e in first.entries]], first.sounds)


def test_what_changed_is_heard_again_and_what_is_gone_is_dropped(tmp_path, encoder):
    folder, place = tmp_path / "music", tmp_path / "index"
    folder.mkdir()
    for name, seed in (("a.wav", 1), ("b.wav", 2)):
        write_audio(folder / name, song(seed), RATE, "float")
    build_library(folder, place, encoder)
    before = open_library(place, encoder).sounds.copy()
    (folder / "a.wav").unlink()
    (folder / "b.wav").unlink()
    write_audio(folder / "b.wav", song(3), RATE, "pcm16")
    built = build_library(folder, place, encoder)
    library = open_library(place, encoder)
    assert (built.songs, built.new) == (1, 1)
    assert [entry.path for entry in library.entries] == ["b.wav"]
    assert not np.allclose(library.sounds[0], before[1])


def test_the_darker_version_lies_further_along_dark_than_the_original(index, encoder, model):
    found = find_songs(open_library(index, encoder), "dark", model)
    along = {song.path: song.words["dark"] for song in found}
    assert along["song 0 darker.wav"] > 1.0
    assert along["song 0 darker.wav"] > along["album/song 0.wav"] + 1.0


def test_but_darker_moves_the_search_along_dark(index, encoder, model):
    library = open_library(index, encoder)
    row = library.row_of["album/song 0.wav"]
    (word,) = words_of("darker", model, library)
    wanted = library.scaled(library.sounds[row][None])[0] + word.change
    found = find_songs(library, "like this but darker", model, library.sounds[row])
    far = {song.path: song.distance for song in found}
    points = library.scaled(library.sounds)
    for path, distance in far.items():
        assert distance == pytest.approx(float(np.linalg.norm(points[library.row_of[path]] - wanted)), abs=1e-3)
    assert list(far.values()) == sorted(far.values())


def test_wide_finds_the_wide_one(index, encoder, model):
    assert find_songs(open_library(index, encoder), "wide", model)[0].path == "song 1 wider.wav"


def test_like_without_words_finds_the_nearest(index, encoder, model):
    library = open_library(index, encoder)
    row = library.row_of["song 1 wider.wav"]
    assert find_songs(library, "", model, library.sounds[row])[0].distance == pytest.approx(0.0, abs=1e-3)


def test_less_of_a_word_is_its_other_way(index, encoder, model):
    library = open_library(index, encoder)
    (more,), (less,) = words_of("bright", model, library), words_of("less bright", model, library)
    assert np.dot(more.change, less.change) < 0


@pytest.mark.parametrize(
    ("text", "said"), [("like this but darker", "needs a recording"), ("", "Say how it should sound")]
)
def test_searches_that_lack_something_say_so(index, encoder, model, text, said):
    with pytest.raises(RequestError, match=said):
        find_songs(open_library(index, encoder), text, model)


def test_the_music_folder_is_only_read(music, encoder):
    before = {path: path.stat().st_mtime_ns for path in music.rglob("*")}
    with pytest.raises(SessionError, match="inside the music folder"):
        build_library(music, music / "index", encoder)
    assert {path: path.stat().st_mtime_ns for path in music.rglob("*")} == before


def test_no_folder_no_music_no_index(tmp_path, encoder):
    with pytest.raises(AudioFileError, match="no folder"):
        music_files(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioFileError, match="no audio files"):
        build_library(tmp_path / "empty", tmp_path / "index", encoder)
    with pytest.raises(SessionError, match="holds no library"):
        open_library(tmp_path, encoder)


def test_an_index_of_another_encoder_is_refused(index, encoder, tmp_path):
    about = json.loads((index / "library.json").read_text())
    (tmp_path / "library.json").write_text(json.dumps({**about, "encoder": "another"}))
    with pytest.raises(SessionError, match="another"):
        open_library(tmp_path, encoder)
