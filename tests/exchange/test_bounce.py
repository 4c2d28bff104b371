"""Files of a mix: their length, what adds up to what, how loud they are."""

import numpy as np
import pyloudnorm
import pytest
import soundfile

from console.errors import ProjectFileError
from console.space import delay_response, reverb_response
from console.true_peak import true_peak_dbtp
from exchange.bounce import FORMATS, Normalise, bounce, bounce_mix, render_project, tail_samples
from exchange.project import Project


def read(path):
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return audio.T, rate


def with_settings(project, changes):
    return Project(project.title, project.song, project.settings.turned(changes))


@pytest.fixture
def open_master(project):
    """The project with nothing on its master."""
    return with_settings(project, {("master", "limiter.on"): 0.0, ("master", "fader.gain_db"): 0.0})


@pytest.mark.parametrize("audio_format", FORMATS)
def test_every_file_has_the_songs_length_and_its_tail(audio_format, project, tmp_path):
    done = bounce(project, tmp_path / "out", audio_format)
    tail = tail_samples(project.settings, project.song.sample_rate)
    assert tail > 0
    assert done.samples == project.song.length + tail
    names = {str(file.relative_to(done.folder).with_suffix("")) for file in done.files}
    stems = {f"stems/{name}" for name in ("Lead Vox", "Gtr_L", "Drums", "Reverb", "Delay")}
    assert names == {"mix", *stems, "tracks/Kick", "tracks/Snare"}
    for file in done.files:
        info = soundfile.info(file)
        assert (info.frames, info.samplerate) == (done.samples, project.song.sample_rate)
        assert info.subtype == {"float": "FLOAT"}.get(audio_format, "PCM_24")


def test_the_tail_is_as_long_as_the_responses(project):
    rate, settings = project.song.sample_rate, project.settings

    def numbers(bus, *names):
        import torch

        return [torch.tensor(settings.number(bus, f"{bus}.{name}"), dtype=torch.float64) for name in names]

    room = reverb_response(rate, *numbers("reverb", "decay_s", "predelay_ms", "damping_hz", "size")).shape[1]
    echoes = delay_response(rate, *numbers("delay", "time_ms", "feedback", "damping_hz", "ping_pong")).shape[1]
    assert max(room, echoes) - rate // 10 <= tail_samples(settings, rate) <= max(room, echoes)


def test_what_rings_past_the_tail_cannot_be_heard(open_master, tmp_path):
    done = bounce(open_master, tmp_path / "out", "float")
    longer = render_project(open_master, done.samples - open_master.song.length + 44_100).master.numpy()
    mix, _ = read(done.folder / "mix.wav")
    assert np.abs(longer[:, : done.samples] - mix).max() < 1e-6
    assert np.abs(longer[:, done.samples :]).max() < 10 ** (-80 / 20) * np.abs(mix).max()


def test_without_tails_or_sends_files_are_as_long_as_the_song(project, tmp_path):
    assert bounce(project, tmp_path / "cut", tails=False).samples == project.song.length
    dry = Project("dry", project.song, project.settings.neutral([track.name for track in project.song.tracks]))
    done = bounce(dry, tmp_path / "dry", "float")
    assert done.samples == project.song.length
    for track in project.song.tracks:
        audio, _ = read(done.folder / "stems" / f"{track.name.replace('/', '_')}.wav")
        assert np.array_equal(audio, np.broadcast_to(track.audio, audio.shape))


def test_stems_add_up_to_the_mix_before_the_master(open_master, tmp_path):
    done = bounce(open_master, tmp_path / "out", "float")
    mix, _ = read(done.folder / "mix.wav")
    total = sum(read(file)[0] for file in done.files if file.parent.name == "stems")
    assert np.abs(total - mix).max() < 1e-6


def test_the_mix_is_what_the_console_renders(project, tmp_path):
    mix, _ = read(bounce(project, tmp_path / "out", "float").folder / "mix.wav")
    expected = render_project(project, mix.shape[1] - project.song.length).master.numpy()
    assert np.array_equal(mix, expected)


@pytest.mark.parametrize("loudness_lufs", [-30.0, -23.0])
def test_gain_alone_brings_a_mix_to_its_loudness(loudness_lufs, project, tmp_path):
    done = bounce(project, tmp_path / "out", "float", Normalise(loudness_lufs))
    mix, rate = read(done.folder / "mix.wav")
    assert pyloudnorm.Meter(rate).integrated_loudness(mix.T) == pytest.approx(loudness_lufs, abs=0.1)
    assert done.loudness_lufs == pytest.approx(loudness_lufs, abs=0.01)
    plain = bounce(project, tmp_path / "plain", "float")
    gain = np.float32(10 ** (done.gain_db / 20))
    for one, other in zip(done.files, plain.files, strict=True):
        assert np.allclose(read(one)[0], gain * read(other)[0], atol=1e-7)


def test_a_loud_target_goes_through_the_limiter_and_is_told(project, tmp_path):
    done = bounce(project, tmp_path / "out", "wav24", Normalise(-10.0, -3.5))
    mix, rate = read(done.folder / "mix.wav")
    assert pyloudnorm.Meter(rate).integrated_loudness(mix.T) == pytest.approx(-10.0, abs=0.2)
    assert true_peak_dbtp(mix, rate) <= -3.5 + 0.01
    assert any("into the limiter" in note and "-3.5 dBTP" in note for note in done.notes)


def test_a_loudness_that_cannot_be_reached_is_admitted(project, tmp_path):
    done = bounce(project, tmp_path / "out", "float", Normalise(-1.0, -12.0))
    assert done.true_peak_dbtp <= -12.0 + 0.01
    assert any("cannot be reached" in note for note in done.notes)


def test_silence_is_left_alone(project, tmp_path):
    muted = {(track.name, "fader.mute"): 1.0 for track in project.song.tracks}
    done = bounce(with_settings(project, muted), tmp_path / "out", "float", Normalise(-14.0))
    assert any("silent" in note for note in done.notes)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_the_mix_alone_is_the_mix_of_the_stems(audio_format, project, tmp_path):
    extension = FORMATS[audio_format][0]
    whole = bounce(project, tmp_path / "out", audio_format, Normalise(-20.0))
    alone = bounce_mix(project, tmp_path / f"alone{extension}", audio_format, Normalise(-20.0))
    assert alone.files[0].read_bytes() == whole.files[0].read_bytes()
    assert (alone.samples, alone.loudness_lufs) == (whole.samples, whole.loudness_lufs)
    assert whole.notes == (*alone.notes, f"Stems and tracks got {alone.gain_db:+.1f} dB and no limiter.")
    with pytest.raises(ProjectFileError, match="never written over"):
        bounce_mix(project, alone.files[0], audio_format)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"alone{extension}", "out"]


def test_what_was_clipped_is_told_by_the_files_name(project, tmp_path):
    loud = with_settings(project, {("master", "limiter.on"): 0.0, ("master", "fader.gain_db"): 12.0})
    done = bounce_mix(loud, tmp_path / "loud.wav")
    assert any(note.startswith("loud.wav: ") and "had to be clipped" in note for note in done.notes)


def test_a_folder_that_is_there_is_never_written_into(project, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(ProjectFileError, match="never written over"):
        bounce(project, tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]


def test_a_bounce_that_fails_leaves_nothing(project, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exchange.bounce.write_audio", full)
    with pytest.raises(ProjectFileError, match="No space left"):
        bounce(project, tmp_path / "out")
    assert not list(tmp_path.iterdir())
