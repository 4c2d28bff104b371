"""Miniature data sets of tones, laid out as the real ones, found and read."""

import json
import sys

import numpy as np
import pytest
import soundfile
import yaml

from console.errors import AudioFileError, DatasetError
from exchange.datasets import DATASETS, find_songs, load_entry, recognise_dataset

RATE = 8_000


def tone(path, freq_hz=440.0, channels=1, seconds=0.1, rate=RATE):
    """Write a tone; its pitch tells the file in a test."""
    path.parent.mkdir(parents=True, exist_ok=True)
    audio = 0.3 * np.sin(2 * np.pi * freq_hz * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.repeat(audio[:, None], channels, axis=1), rate)
    return path


def pitch_hz(track, rate):
    """Return the strongest frequency of a track."""
    spectrum = np.abs(np.fft.rfft(track.audio[0] * np.hanning(track.audio.shape[1])))
    return np.argmax(spectrum) * rate / track.audio.shape[1]


@pytest.fixture
def enst(tmp_path):
    take = "036_phrase_disco_simple_slow_sticks.wav"
    for number, microphone in enumerate(("kick", "snare", "overhead_L", "overhead_R", "wet_mix", "dry_mix")):
        tone(tmp_path / "drummer_1" / "audio" / microphone / take, 300 + 100 * number)
    tone(tmp_path / "drummer_1" / "audio" / "kick" / "001_hits_bass-drum_sticks.wav")
    return tmp_path


@pytest.fixture
def musdb_hq(tmp_path):
    for split, name in (("train", "A Band - One"), ("test", "B Band - Two")):
        for number, stem in enumerate(("mixture", "drums", "bass", "other", "vocals")):
            tone(tmp_path / split / name / f"{stem}.wav", 300 + 100 * number, channels=2)
    return tmp_path


@pytest.fixture
def musdb(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "A Band - One.stem.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    return tmp_path


@pytest.fixture
def medley(tmp_path):
    song = tmp_path / "Band_Song"
    tone(song / "Band_Song_MIX.wav", 200, channels=2)
    rows = {}
    for number, instrument in ((1, "electric bass"), (2, ["drum set", "percussion"]), (10, "male singer")):
        stem = f"S{number:02d}"
        raw = f"Band_Song_RAW_{number:02d}_01.wav"
        rows[stem] = {
            "instrument": instrument,
            "component": "",
            "filename": f"Band_Song_STEM_{number:02d}.wav",
            "raw": {"R01": {"instrument": instrument, "filename": raw}},
        }
        tone(song / "Band_Song_STEMS" / rows[stem]["filename"], 300 + 100 * number, channels=2)
        tone(song / "Band_Song_RAW" / raw, 310 + 100 * number)
    about = {"has_bleed": "yes", "instrumental": "no", "excerpt": False, "genre": "Rock", "stems": rows}
    (song / "Band_Song_METADATA.yaml").write_text(yaml.safe_dump(about))
    return tmp_path


@pytest.fixture
def moises(tmp_path):
    song = tmp_path / "provider" / "0a1b"
    stems = []
    for number, (stem, kind) in enumerate((("vocals", "lead male singer"), ("drums", "snare drum"), ("drums", "kick"))):
        track = {"id": f"id{number}", "trackType": kind, "extension": "wav", "has_bleed": number == 1}
        row = next((row for row in stems if row["stemName"] == stem), None)
        if row is None:
            stems.append(row := {"stemName": stem, "tracks": []})
        row["tracks"].append(track)
        tone(song / stem / f"id{number}.wav", 300 + 100 * number)
    about = {"artist": "A", "song": "S", "genre": "pop", "stems": stems}
    (song / "data.json").write_text(json.dumps(about))
    return tmp_path


@pytest.fixture
def slakh_flac(tmp_path):
    for split, number in (("train", 1), ("test", 2)):
        song = tmp_path / split / f"Track{number:05d}"
        tone(song / "mix.flac", 200)
        rows = {
            "S00": {"audio_rendered": True, "inst_class": "Bass", "is_drum": False, "midi_program_name": "Slap Bass 1"},
            "S01": {"audio_rendered": False, "inst_class": "Guitar", "is_drum": False, "midi_program_name": "Gone"},
            "S02": {"audio_rendered": True, "inst_class": "Drums", "is_drum": True, "midi_program_name": "Drums"},
        }
        for stem in ("S00", "S02"):
            tone(song / "stems" / f"{stem}.flac", 500)
        (song / "metadata.yaml").write_text(yaml.safe_dump({"stems": rows}))
    return tmp_path


@pytest.fixture
def microphones(tmp_path):
    for number, name in enumerate(("01_Kick", "02_Snare", "12_LeadVox")):
        tone(tmp_path / "Some Song" / "Some_Full" / f"{name}.wav", 300 + 100 * number)
    tone(tmp_path / "Other Song" / "01_Bass DI.wav", 300)
    tone(tmp_path / "Other Song" / "02_Gtr.wav", 500)
    return tmp_path


def test_enst_takes_have_the_microphones_that_were_up(enst):
    hits, take = find_songs(enst)
    assert (hits.name, hits.tags, [track.name for track in hits.tracks]) == (
        "drummer_1/001_hits_bass-drum_sticks",
        ("hits",),
        ["kick"],
    )
    assert [track.name for track in take.tracks] == ["kick", "overhead_L", "overhead_R", "snare"]
    assert take.mixture.path.parent.name == "wet_mix"
    song = load_entry(take)
    assert [track.instrument for track in song.tracks] == ["kick", "overhead", "overhead", "snare"]
    assert [pitch_hz(track, RATE) for track in song.tracks] == pytest.approx([300, 500, 600, 400], abs=10)


def test_musdb_hq_has_splits_stems_and_a_mixture(musdb_hq):
    train, test = find_songs(musdb_hq)
    assert (train.split, test.split) == ("train", "test")
    assert [track.name for track in train.tracks] == ["drums", "bass", "other", "vocals"]
    song = load_entry(train)
    assert [track.group for track in song.tracks] == ["drums", "bass", "other", "vocals"]
    assert [pitch_hz(track, RATE) for track in song.tracks] == pytest.approx([400, 500, 600, 700], abs=10)
    assert song.source == "musdb18-hq: A Band - One"


def test_a_song_with_a_file_gone_is_found_but_not_read(musdb_hq):
    (musdb_hq / "train" / "A Band - One" / "bass.wav").unlink()
    train, _ = find_songs(musdb_hq)
    assert [path.name for path in train.missing] == ["bass.wav"]
    with pytest.raises(DatasetError, match=r"lacks 1 of its files \(bass\.wav\)"):
        load_entry(train)


def test_stem_mp4_without_ffmpeg_is_an_honest_error(musdb, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (song,) = find_songs(musdb)
    assert [(track.name, track.stream) for track in song.tracks] == [
        ("drums", 1), ("bass", 2), ("other", 3), ("vocals", 4),
    ]  # fmt: skip
    assert song.mixture.stream == 0
    with pytest.raises(DatasetError, match="ffmpeg takes apart, and it is not installed"):
        load_entry(song)


def stand_in(folder, body):
    """Put a program called ffmpeg into a folder."""
    folder.mkdir()
    program = folder / "ffmpeg"
    program.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    program.chmod(0o755)
    return str(folder)


def test_stem_mp4_is_taken_apart_stream_by_stream(musdb, tmp_path, monkeypatch):
    """With a stand-in for ffmpeg that writes the stream's number as a pitch where it was told to."""
    body = (
        "import numpy as np, soundfile\n"
        "stream = int(sys.argv[sys.argv.index('-map') + 1].split(':')[2])\n"
        f"t = np.arange({RATE // 10}) / {RATE}\n"
        f"soundfile.write(sys.argv[-1], 0.3 * np.sin(2 * np.pi * (300 + 100 * stream) * t), {RATE}, 'FLOAT')"
    )
    monkeypatch.setenv("PATH", stand_in(tmp_path / "bin", body))
    song = load_entry(next(find_songs(musdb)))
    assert [track.name for track in song.tracks] == ["drums", "bass", "other", "vocals"]
    assert [pitch_hz(track, RATE) for track in song.tracks] == pytest.approx([400, 500, 600, 700], abs=10)
    assert {track.path.name for track in song.tracks} == {"A Band - One.stem.mp4"}


def test_what_ffmpeg_says_when_it_fails_is_passed_on(musdb, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", stand_in(tmp_path / "bin", "sys.exit('moov atom not found')"))
    with pytest.raises(DatasetError, match=r"could not take drums out of .*: moov atom not found"):
        load_entry(next(find_songs(musdb)))


def test_medley_stems_and_raw_tracks_carry_their_instruments(medley):
    (song,) = find_songs(medley)
    assert [track.name for track in song.tracks] == ["S01 electric bass", "S02 drum set", "S10 male singer"]
    assert song.tags == ("has_bleed", "Rock")
    assert [track.group for track in load_entry(song).tracks] == ["bass", "drums", "vocals"]
    (raw,) = find_songs(medley, "medleydb-raw")
    assert [pitch_hz(track, RATE) for track in load_entry(raw).tracks] == pytest.approx([410, 510, 1310], abs=10)


def test_moises_stems_hold_several_tracks(moises):
    (song,) = find_songs(moises)
    assert song.name == "A - S (0a1b)"
    assert song.tags == ("has_bleed", "pop")
    assert [track.name for track in song.tracks] == ["vocals lead male singer", "drums snare drum", "drums kick"]
    assert [track.instrument for track in load_entry(song).tracks] == ["lead_vocal", "snare", "kick"]


def test_slakh_leaves_out_what_was_never_rendered(slakh_flac):
    train, test = find_songs(slakh_flac)
    assert (train.split, test.split) == ("train", "test")
    assert [track.name for track in train.tracks] == ["S00 Slap Bass 1", "S02 Drums"]
    assert train.missing == ()
    assert [track.group for track in load_entry(train).tracks] == ["bass", "drums"]


def test_babyslakh_is_wav_without_splits(tmp_path):
    song = tmp_path / "Track00001"
    tone(song / "stems" / "S00.wav")
    (song / "metadata.yaml").write_text("stems: {S00: {inst_class: Piano, is_drum: false}}")
    (found,) = find_songs(tmp_path)
    assert (found.dataset, found.split) == ("slakh", "")
    assert [track.path.suffix for track in found.tracks] == [".wav"]


def test_microphone_folders_are_named_by_their_files(microphones):
    other, some = find_songs(microphones)
    assert (other.name, some.name) == ("Other Song", "Some Song/Some_Full")
    assert [track.instrument for track in load_entry(some).tracks] == ["kick", "snare", "lead_vocal"]


@pytest.mark.parametrize(
    ("fixture", "name"),
    [
        ("enst", "enst-drums"),
        ("musdb", "musdb18"),
        ("musdb_hq", "musdb18-hq"),
        ("medley", "medleydb"),
        ("moises", "moisesdb"),
        ("slakh_flac", "slakh"),
        ("microphones", "multitracks"),
    ],
)
def test_every_layout_is_recognised(fixture, name, request):
    root = request.getfixturevalue(fixture)
    assert recognise_dataset(root) == name
    assert {song.dataset for song in find_songs(root)} == {name}
    names = [song.name for song in find_songs(root)]
    assert len(set(names)) == len(names)


def test_folders_that_hold_no_data_set_are_refused(tmp_path, musdb_hq):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"laid out as none of: ENST-Drums"):
        recognise_dataset(tmp_path / "empty")
    with pytest.raises(DatasetError, match="is not a folder"):
        list(find_songs(tmp_path / "absent"))
    with pytest.raises(DatasetError, match="not laid out as MedleyDB"):
        list(find_songs(musdb_hq, "medleydb"))
    with pytest.raises(DatasetError, match="no data set known here"):
        list(find_songs(musdb_hq, "imaginary"))
    assert set(DATASETS) >= {"enst-drums", "musdb18", "medleydb", "moisesdb", "slakh", "multitracks"}


@pytest.mark.parametrize("text", ["stems: [", "stems: 3", "[]", "stems: {S01: {instrument: bass}}"])
def test_a_damaged_description_says_which(medley, text):
    path = medley / "Band_Song" / "Band_Song_METADATA.yaml"
    path.write_text(text)
    with pytest.raises(DatasetError, match=r"Band_Song_METADATA\.yaml"):
        list(find_songs(medley))


def test_damaged_audio_keeps_its_own_error(musdb_hq):
    (musdb_hq / "train" / "A Band - One" / "bass.wav").write_bytes(b"RIFF????WAVE")
    with pytest.raises(AudioFileError, match=r"bass\.wav"):
        load_entry(next(find_songs(musdb_hq)))
