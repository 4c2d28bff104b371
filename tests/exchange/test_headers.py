"""Bad input: each gets one sentence with the file name, before anything is decoded."""

import os
import resource
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from console.errors import AudioFileError
from exchange import LIMITS, Limits, inspect_audio, read_audio
from exchange.limits import describe_bytes, describe_seconds

RATE = 44_100
TEN_HOURS = 36_000 * RATE * 2  # bytes of 16-bit mono


@pytest.mark.parametrize(
    ("name", "subtype", "container"),
    [
        ("a.wav", "PCM_16", "WAV"),
        ("a.WAV", "FLOAT", "WAV"),
        ("a.flac", "PCM_24", "FLAC"),
        ("a.aif", "PCM_16", "AIFF"),
        ("a.ogg", "VORBIS", "OGG"),
        ("a.mp3", "MPEG_LAYER_III", "MP3"),
    ],
)
def test_a_good_file_is_described(save, noise, name, subtype, container):
    format_name = {"WAV": "WAV", "AIFF": "AIFF"}.get(container)
    path = save(name, noise(2, 22_050), subtype=subtype, format=format_name)
    info = inspect_audio(path)
    assert (info.container, info.subtype, info.channels) == (container, subtype, 2)
    assert (info.sample_rate, info.frames, info.duration_s) == (RATE, 22_050, 0.5)
    assert (info.file_bytes, info.decoded_bytes) == (path.stat().st_size, 22_050 * 2 * 4)
    assert info.path == path
    assert info.notes == ()


@pytest.mark.parametrize("extension", ["wav", "flac", "aiff", "ogg", "mp3"])
class TestEveryFormat:
    @pytest.fixture
    def good(self, save, noise, extension):
        return save(f"take.{extension}", noise())

    def test_truncated_is_refused(self, good):
        good.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
        with pytest.raises(AudioFileError, match=r"^take\.\w+ is (cut short|damaged).*or export it again\.$"):
            read_audio(good)

    def test_header_alone_is_refused(self, good):
        good.write_bytes(good.read_bytes()[:44])
        with pytest.raises(AudioFileError, match=r"^take\.\w+ (is|starts).*(cut short|damaged)"):
            read_audio(good)

    def test_half_a_header_is_told_from_no_audio(self, good):
        good.write_bytes(good.read_bytes()[:20])
        with pytest.raises(AudioFileError, match=r"starts like \w+ but its header is damaged or cut short"):
            inspect_audio(good)

    def test_empty_is_refused(self, good):
        good.write_bytes(b"")
        with pytest.raises(AudioFileError, match=r"^take\.\w+ is empty \(0 bytes\)\. Copy or export it again"):
            inspect_audio(good)

    @pytest.mark.parametrize("contents", [b"take three of the vocal\n" * 200, bytes(10_000)])
    def test_what_is_not_audio_is_refused(self, good, contents):
        good.write_bytes(contents)
        with pytest.raises(AudioFileError, match=r"^take\.\w+ does not contain audio.*right file"):
            inspect_audio(good)

    def test_four_channels_are_refused(self, save, extension):
        if extension == "mp3":
            pytest.skip("MP3 has no more than two channels")
        path = save(f"quad.{extension}", np.zeros((4, RATE)))
        with pytest.raises(AudioFileError, match=r"^quad\.\w+ has 4 channels.*Export it as stereo"):
            inspect_audio(path)

    def test_a_wrong_name_is_read_with_a_note(self, good, extension):
        other = good.with_name("named." + ("flac" if extension != "flac" else "wav"))
        shutil.copy(good, other)
        clip = read_audio(other)
        assert np.array_equal(clip.audio, read_audio(good).audio)
        assert clip.container == extension.upper()
        assert f"holds {extension.upper()}" in clip.notes[0]


class TestLyingHeaders:
    def test_ten_hours_are_refused_without_memory(self, wav_claiming):
        path = wav_claiming("long.wav", TEN_HOURS, there=TEN_HOURS)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tracemalloc.start()
        with pytest.raises(AudioFileError, match=r"^long\.wav says it lasts 10 h 0 min.*1 h 0 min.*Cut it"):
            read_audio(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB

    def test_ten_hours_claimed_by_a_small_file(self, wav_claiming):
        path = wav_claiming("liar.wav", TEN_HOURS, there=1000)
        with pytest.raises(AudioFileError, match=r"liar\.wav is cut short.*3\.18 GB.*1 kB are there"):
            inspect_audio(path)

    def test_a_file_too_big_for_a_wav(self, wav_claiming):
        path = wav_claiming("huge.wav", 0xFFFFFFFF, there=9 * 10**9)
        with pytest.raises(AudioFileError, match=r"huge\.wav is 9 GB on disk, more than the 4\.29 GB"):
            inspect_audio(path)

    def test_decoded_size_is_limited(self, wav_claiming):
        size = 3500 * 192_000 * 4
        path = wav_claiming("wide.wav", size, there=size, channels=2, sample_rate=192_000)
        with pytest.raises(AudioFileError, match=r"wide\.wav would take 5\.38 GB of memory, more than"):
            inspect_audio(path)

    def test_decoded_size_at_the_session_rate_is_limited(self, wav_claiming):
        size = 3500 * RATE * 4
        path = wav_claiming("up.wav", size, there=size, channels=2)
        assert inspect_audio(path).frames == 3500 * RATE
        with pytest.raises(AudioFileError, match=r"up\.wav would take 5\.38 GB of memory at 192000 Hz"):
            read_audio(path, 192_000)

    def test_a_flac_claiming_weeks(self, save, noise):
        path = save("liar.flac", noise())
        data = bytearray(path.read_bytes())
        data[21] |= 0x0F
        data[22:26] = b"\xff" * 4  # STREAMINFO: 36 bits of total samples
        path.write_bytes(data)
        with pytest.raises(AudioFileError, match=r"liar\.flac says it lasts 432 h"):
            read_audio(path)

    def test_a_flac_without_a_length(self, save, noise):
        path = save("unknown.flac", noise())
        data = bytearray(path.read_bytes())
        data[21] &= 0xF0
        data[22:26] = bytes(4)
        path.write_bytes(data)
        with pytest.raises(AudioFileError, match=r"unknown\.flac does not say how long it is"):
            inspect_audio(path)

    def test_a_recording_that_was_never_finished(self, wav_claiming):
        path = wav_claiming("crash.wav", 0, there=90_000)
        with pytest.raises(AudioFileError, match=r"crash\.wav was never finished.*90 kB do.*save it again"):
            inspect_audio(path)

    def test_no_samples_at_all(self, wav_claiming):
        path = wav_claiming("none.wav", 0, there=0)
        with pytest.raises(AudioFileError, match=r"none\.wav has a header but no audio after it \(0 samples"):
            inspect_audio(path)

    def test_a_streamed_wav_is_read_to_its_end(self, wav_claiming):
        clip = read_audio(wav_claiming("pipe.wav", 0xFFFFFFFF, there=2 * RATE))
        assert clip.audio.shape == (1, RATE)
        assert "pipe.wav does not say how long it is; it was read to its end." in clip.notes

    def test_rf64_is_read_and_its_truncation_seen(self, save, noise):
        path = save("big.wav", noise(), subtype="PCM_16", format="RF64")
        assert inspect_audio(path).frames == RATE
        path.write_bytes(path.read_bytes()[:-1000])
        with pytest.raises(AudioFileError, match=r"big\.wav is cut short"):
            inspect_audio(path)


class TestOutsideTheLimits:
    @pytest.mark.parametrize("rate", [4_000, 384_000])
    def test_rates(self, save, noise, rate):
        path = save("odd.wav", noise(), rate)
        with pytest.raises(AudioFileError, match=rf"odd\.wav has a sample rate of {rate} Hz.*8000 to 192000"):
            inspect_audio(path)

    @pytest.mark.parametrize("rate", [8_000, 192_000])
    def test_the_outermost_rates_are_read(self, save, noise, rate):
        assert read_audio(save("edge.wav", noise(), rate)).sample_rate == rate

    def test_six_channels(self, save):
        path = save("surround.wav", np.zeros((6, RATE)))
        with pytest.raises(AudioFileError, match=r"surround\.wav has 6 channels.*one file per channel"):
            inspect_audio(path)

    def test_one_sample(self, save, noise):
        path = save("click.wav", noise(2, 1))
        with pytest.raises(AudioFileError, match=r"click\.wav holds only 1 sample \(0\.023 ms\).*10 ms"):
            inspect_audio(path)

    def test_ten_milliseconds_are_enough(self, save, noise):
        assert inspect_audio(save("short.wav", noise(1, 441))).frames == 441

    def test_limits_are_one_table(self, save, noise):
        path = save("a.wav", noise())
        with pytest.raises(AudioFileError, match="more than the 100 bytes allowed"):
            inspect_audio(path, Limits(max_file_bytes=100))
        with pytest.raises(AudioFileError, match=r"lasts 1 s, more than the 0\.5 s allowed"):
            inspect_audio(path, Limits(max_duration_s=0.5))
        with pytest.raises(AudioFileError, match=r"a\.wav has 2 channels"):
            inspect_audio(path, Limits(max_channels=1))
        assert LIMITS.max_channels == 2


class TestNotAFile:
    def test_missing(self, tmp_path):
        with pytest.raises(AudioFileError, match=r"^gone\.wav was not found in .*Check the path"):
            inspect_audio(tmp_path / "gone.wav")

    def test_folder(self, tmp_path):
        (tmp_path / "stems.wav").mkdir()
        with pytest.raises(AudioFileError, match=r"stems\.wav is a folder, not an audio file"):
            inspect_audio(tmp_path / "stems.wav")

    def test_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.wav")
        with pytest.raises(AudioFileError, match=r"pipe\.wav is a pipe or a device"):
            inspect_audio(tmp_path / "pipe.wav")

    def test_dangling_link(self, tmp_path):
        (tmp_path / "link.wav").symlink_to(tmp_path / "gone.wav")
        with pytest.raises(AudioFileError, match=r"link\.wav was not found"):
            inspect_audio(tmp_path / "link.wav")

    def test_name_too_long(self, tmp_path):
        with pytest.raises(AudioFileError, match=r"cannot be reached \(File name too long\)"):
            inspect_audio(tmp_path / ("a" * 300 + ".wav"))

    def test_no_permission(self, save, noise, monkeypatch):
        path = save("locked.wav", noise())

        def refuse(*_args, **_kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)  # root may read a file whatever its mode
        with pytest.raises(AudioFileError, match=r"locked\.wav cannot be opened \(Permission denied\)"):
            inspect_audio(path)

    @pytest.mark.parametrize("name", ["song.m4a", "song.raw", "notes.txt", "song"])
    def test_other_kinds_of_file(self, tmp_path, name):
        (tmp_path / name).write_bytes(b"contents do not matter")
        with pytest.raises(AudioFileError, match=rf"^{name} is not a kind of file.*Export it as WAV"):
            inspect_audio(tmp_path / name)

    def test_audio_of_another_container(self, save, noise):
        path = save("sun.wav", noise(), format="AU")
        with pytest.raises(AudioFileError, match=r"sun\.wav holds AU audio, which is not read here"):
            inspect_audio(path)

    @pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
    def test_a_name_that_is_not_text(self, tmp_path, noise):
        good = tmp_path / "good.wav"
        soundfile.write(good, noise().T, RATE)
        strange = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")
        shutil.copy(good, strange)
        assert inspect_audio(strange).frames == RATE


def test_sizes_and_lengths_are_said_for_people():
    said = [describe_bytes(n) for n in (0, 1, 999, 1000, 88_200, 176_400, 3_175_200_000, 10**13)]
    assert said == ["0 bytes", "1 byte", "999 bytes", "1 kB", "88.2 kB", "176 kB", "3.18 GB", "10,000 GB"]
    said = [describe_seconds(s) for s in (0.25, 59.0, 245, 36_000, 4e6)]
    assert said == ["0.25 s", "59 s", "4 min 5 s", "10 h 0 min", "1,111 h 7 min"]
