"""Reading and writing one file, against soundfile and against mathematics."""

import os
import resource
import struct

import numpy as np
import pytest
import soundfile

from console.errors import AudioFileError, AudioShapeError
from exchange import read_audio, write_audio

RATE = 44_100


def sine(freq_hz, sample_rate, seconds=1.0, level=0.5):
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return level * np.sin(2 * np.pi * freq_hz * time)


class TestReading:
    @pytest.mark.parametrize(
        ("name", "subtype", "tolerance"),
        [
            ("a.wav", "PCM_16", 2**-15),
            ("a.wav", "PCM_24", 2**-23),
            ("a.wav", "PCM_32", 2**-23),
            ("a.wav", "FLOAT", 0.0),
            ("a.wav", "DOUBLE", 0.0),
            ("a.flac", "PCM_16", 2**-15),
            ("a.flac", "PCM_24", 2**-23),
            ("a.aiff", "PCM_16", 2**-15),
            ("a.aiff", "PCM_24", 2**-23),
        ],
    )
    @pytest.mark.parametrize("channels", [1, 2])
    def test_lossless_formats_return_what_was_stored(self, save, noise, name, subtype, tolerance, channels):
        audio = noise(channels, 30_001)
        clip = read_audio(save(name, audio, subtype=subtype))
        assert clip.audio.shape == (channels, 30_001)
        assert clip.audio.dtype == np.float32
        assert clip.audio.flags.c_contiguous
        assert np.abs(clip.audio - audio).max() <= tolerance
        assert clip.subtype == subtype
        assert clip.notes == ()
        assert not clip.silent

    @pytest.mark.parametrize(
        ("name", "subtype"), [("a.ogg", "VORBIS"), ("a.opus", "OPUS"), ("a.mp3", "MPEG_LAYER_III")]
    )
    def test_lossy_formats_keep_time_and_tone(self, save, name, subtype):
        tone = sine(1000, 48_000, 1.5)
        container = None if name.endswith("mp3") else "OGG"
        path = save(name, [tone, 0.5 * tone], 48_000, subtype, format=container)
        clip = read_audio(path)
        assert clip.audio.shape == (2, 72_000)
        middle = slice(4800, -4800)
        for row, level in zip(clip.audio, (1.0, 0.5), strict=True):
            assert np.abs(row[middle] - level * tone[middle]).max() < 0.02

    @pytest.mark.parametrize("rate", [44_100, 48_000])
    def test_a_long_mp3_tone_has_no_gap(self, save, rate):
        tone = sine(1000, rate, 6)  # read in blocks, soundfile returns zeros and other places of this file
        audio = read_audio(save("a.mp3", [tone, tone], rate)).audio
        assert np.abs(audio - tone)[:, 1000:-1000].max() < 0.02

    def test_float_keeps_samples_beyond_full_scale(self, save, noise):
        audio = 30 * noise()
        assert np.array_equal(read_audio(save("loud.wav", audio, subtype="FLOAT")).audio, audio)

    def test_silence_is_noted_and_dithered_silence_too(self, save, tmp_path):
        clip = read_audio(save("quiet.wav", np.zeros((2, RATE))))
        assert clip.silent
        assert clip.notes == ("quiet.wav is silent (no sample above -80 dBFS).",)
        write_audio(tmp_path / "dithered.wav", np.zeros((2, RATE), np.float32), RATE, "pcm16")
        assert read_audio(tmp_path / "dithered.wav").silent
        assert not read_audio(save("soft.wav", [sine(100, RATE, level=2e-4)])).silent

    def test_nan_and_infinity_are_counted_and_located(self, save, noise):
        audio = noise()
        audio[0, 22_050:22_053] = np.nan
        audio[1, 22_050] = -np.inf
        path = save("burst.wav", audio, subtype="FLOAT")
        with pytest.raises(AudioFileError, match=r"burst\.wav holds 4 samples.*NaN.*first at 0\.500 s\. Export"):
            read_audio(path)

    def test_a_damaged_flac_is_refused(self, save, noise):
        path = save("a.flac", noise())
        data = bytearray(path.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
        path.write_bytes(data)
        with pytest.raises(AudioFileError, match=r"a\.flac is cut short or damaged and cannot be decoded"):
            read_audio(path)

    def test_an_mp3_cut_in_the_middle_says_how_much_is_there(self, save, noise):
        path = save("a.mp3", noise(2, 2 * RATE))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(AudioFileError, match=r"a\.mp3 is cut short or damaged: 0\.9\d s of the 2\.00 s it"):
            read_audio(path)

    @pytest.mark.parametrize("rate", [0, 7_999, 192_001, 44_100.5, True])
    def test_a_session_rate_outside_the_table_is_refused(self, save, noise, rate):
        with pytest.raises(AudioFileError, match=r"sample_rate=.* is not a whole number of Hz from 8000 to"):
            read_audio(save("a.wav", noise()), rate)


class TestResampling:
    @pytest.mark.parametrize("source", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
    @pytest.mark.parametrize("target", [44_100, 48_000])
    def test_a_sine_stays_the_same_sine(self, save, source, target):
        clip = read_audio(save("a.wav", [sine(997, source)], source, "FLOAT"), target)
        assert clip.audio.shape == (1, target)
        assert (clip.sample_rate, clip.source_sample_rate) == (target, source)
        middle = slice(target // 10, -target // 10)
        assert np.abs(clip.audio[0, middle] - sine(997, target)[middle]).max() < 2e-6

    def test_no_alias_is_left(self, save):
        clip = read_audio(save("a.wav", [sine(30_000, 96_000)], 96_000, "FLOAT"), 44_100)
        assert np.abs(clip.audio[0, 4410:-4410]).max() < 1e-6  # 30 kHz lies above 22.05 kHz: it must go

    @pytest.mark.parametrize("samples", [441, 442, 1001, 44_099])
    def test_length_is_the_rounded_ratio(self, save, noise, samples):
        clip = read_audio(save("a.wav", noise(2, samples)), 48_000)
        assert clip.audio.shape == (2, int(samples * 48_000 / 44_100 + 0.5))
        assert clip.audio.dtype == np.float32

    def test_the_same_rate_changes_nothing(self, save, noise):
        audio = noise()
        assert np.array_equal(read_audio(save("a.wav", audio, subtype="FLOAT"), RATE).audio, audio)


class TestWriting:
    @pytest.mark.parametrize(
        ("name", "subtype", "stored", "step"),
        [
            ("a.wav", "float", "FLOAT", 0.0),
            ("a.wav", "pcm24", "PCM_24", 2**-23),
            ("a.wav", "pcm16", "PCM_16", 2**-15),
            ("a.flac", "pcm24", "PCM_24", 2**-23),
            ("a.flac", "pcm16", "PCM_16", 2**-15),
        ],
    )
    @pytest.mark.parametrize(("channels", "samples"), [(1, 1), (1, 44_101), (2, 65_537), (2, 140_000)])
    def test_soundfile_reads_what_was_written(self, tmp_path, noise, name, subtype, stored, step, channels, samples):
        audio = noise(channels, samples)
        result = write_audio(tmp_path / name, audio, 48_000, subtype, dither=False)
        back, rate = soundfile.read(tmp_path / name, dtype="float64", always_2d=True)
        assert (back.shape, rate) == ((samples, channels), 48_000)
        assert soundfile.info(tmp_path / name).subtype == stored
        assert np.abs(back.T - audio).max() <= step / 2
        assert (result.frames, result.clipped_samples, result.notes) == (samples, 0, ())
        assert result.peak_dbfs == pytest.approx(20 * np.log10(np.abs(audio).max()), abs=1e-4)
        size = (tmp_path / name).stat().st_size
        assert size % 2 == 0 or name.endswith("flac")

    @pytest.mark.parametrize("subtype", ["pcm16", "pcm24"])
    @pytest.mark.parametrize("name", ["b.wav", "b.flac"])
    def test_reading_and_writing_again_is_exact(self, tmp_path, noise, subtype, name):
        write_audio(tmp_path / "a.wav", noise(), RATE, subtype)
        first = read_audio(tmp_path / "a.wav").audio
        write_audio(tmp_path / name, first, RATE, subtype, dither=False)
        assert np.array_equal(read_audio(tmp_path / name).audio, first)

    def test_the_same_audio_gives_the_same_bytes(self, tmp_path, noise):
        for name, subtype in [("x.wav", "float"), ("x.wav", "pcm16"), ("x.flac", "pcm16")]:
            write_audio(tmp_path / name, noise(), RATE, subtype, overwrite=True)
            first = (tmp_path / name).read_bytes()
            os.utime(tmp_path / name, (0, 0))
            write_audio(tmp_path / name, noise(), RATE, subtype, overwrite=True)
            assert (tmp_path / name).read_bytes() == first
        write_audio(tmp_path / "float.wav", noise(), RATE)
        assert b"PEAK" not in (tmp_path / "float.wav").read_bytes()[:200]  # libsndfile puts the time in there

    def test_float_keeps_samples_beyond_full_scale(self, tmp_path, noise):
        audio = 30 * noise()
        result = write_audio(tmp_path / "a.wav", audio, RATE)
        assert np.array_equal(read_audio(tmp_path / "a.wav").audio, audio)
        assert result.clipped_samples == 0
        assert result.peak_dbfs > 0

    @pytest.mark.parametrize(("subtype", "bits"), [("pcm16", 16), ("pcm24", 24)])
    def test_whole_numbers_clip_and_say_so(self, tmp_path, subtype, bits):
        audio = np.array([[0.0, 1.0, 2.0, -1.0, -1.5, 0.5]], np.float32)
        result = write_audio(tmp_path / "hot.wav", audio, RATE, subtype, dither=False)
        back = soundfile.read(tmp_path / "hot.wav")[0]
        top = 1 - 2.0 ** (1 - bits)
        assert back.tolist() == [0.0, top, top, -1.0, -1.0, 0.5]
        assert result.clipped_samples == 2
        assert result.notes == (
            "hot.wav: 2 samples beyond full scale (peak +6.0 dBFS) had to be clipped. Lower the level or write float.",
        )

    def test_the_wav_header_is_the_standard_one(self, tmp_path):
        write_audio(tmp_path / "a.wav", np.zeros((1, 3), np.float32), 48_000, "pcm24")
        data = (tmp_path / "a.wav").read_bytes()
        assert data[:4] + data[8:16] + data[36:40] == b"RIFFWAVEfmt data"
        assert struct.unpack("<IHHIIHH", data[16:36]) == (16, 1, 1, 48_000, 144_000, 3, 24)
        assert struct.unpack("<I", data[4:8])[0] == len(data) - 8 == 36 + 9 + 1  # one byte of padding
        assert struct.unpack("<I", data[40:44])[0] == 9


class TestNeverLosing:
    def test_an_existing_file_is_kept(self, tmp_path, noise):
        (tmp_path / "a.wav").write_bytes(b"precious")
        with pytest.raises(AudioFileError, match=r"a\.wav already exists in .*Choose another name or folder"):
            write_audio(tmp_path / "a.wav", noise(), RATE)
        assert (tmp_path / "a.wav").read_bytes() == b"precious"
        write_audio(tmp_path / "a.wav", noise(), RATE, overwrite=True)
        assert read_audio(tmp_path / "a.wav").audio.shape == (2, RATE)

    @pytest.mark.parametrize("how", ["same", "dots", "link", "hard link", "linked folder"])
    def test_an_input_is_never_written(self, save, noise, tmp_path, how):
        source = save("in.wav", noise())
        before = source.read_bytes()
        (tmp_path / "sub").mkdir()
        path = {
            "same": source,
            "dots": tmp_path / "sub" / ".." / "in.wav",
            "link": tmp_path / "link.wav",
            "hard link": tmp_path / "hard.wav",
            "linked folder": tmp_path / "door" / "in.wav",
        }[how]
        (tmp_path / "link.wav").symlink_to(source)
        (tmp_path / "hard.wav").hardlink_to(source)
        (tmp_path / "door").symlink_to(tmp_path)
        with pytest.raises(AudioFileError, match=r"is an input and is never written over"):
            write_audio(path, noise(seed=1), RATE, overwrite=True, protect=[tmp_path / "other.wav", source])
        assert source.read_bytes() == before

    def test_an_input_that_is_gone_is_still_protected(self, tmp_path, noise):
        with pytest.raises(AudioFileError, match=r"in\.wav is an input"):
            write_audio(tmp_path / "in.wav", noise(), RATE, protect=[tmp_path / "sub" / ".." / "in.wav"])

    @pytest.mark.parametrize(("name", "subtype"), [("a.wav", "float"), ("a.flac", "pcm24")])
    def test_a_full_disk_leaves_the_old_file(self, tmp_path, noise, name, subtype):
        (tmp_path / name).write_bytes(b"precious")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
        try:
            with pytest.raises(AudioFileError, match=rf"{name} could not be written to .*Check the free space"):
                write_audio(tmp_path / name, noise(), RATE, subtype, overwrite=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [path.name for path in tmp_path.iterdir()] == [name]
        assert (tmp_path / name).read_bytes() == b"precious"

    def test_a_file_that_appears_meanwhile_is_kept(self, tmp_path, noise, monkeypatch):
        sync = os.fsync

        def another_program_saves(handle):
            sync(handle)
            (tmp_path / "a.wav").write_bytes(b"precious")

        monkeypatch.setattr(os, "fsync", another_program_saves)
        with pytest.raises(AudioFileError, match=r"a\.wav appeared while it was being written"):
            write_audio(tmp_path / "a.wav", noise(), RATE)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"precious"]


class TestRefusing:
    @pytest.mark.parametrize(
        ("name", "subtype", "message"),
        [
            ("a.mp3", "pcm16", r"a\.mp3 ends in neither \.wav nor \.flac"),
            ("a.flac", "float", r"a\.flac cannot be written as 'float'\. Choose one of pcm16, pcm24"),
            ("a.wav", "pcm8", r"a\.wav cannot be written as 'pcm8'\. Choose one of float, pcm16, pcm24"),
            ("no/a.wav", "float", r"The folder .*no for a\.wav does not exist\. Create it first"),
            ("folder.wav", "float", r"folder\.wav is a folder"),
        ],
    )
    def test_names_and_kinds(self, tmp_path, noise, name, subtype, message):
        (tmp_path / "folder.wav").mkdir()
        with pytest.raises(AudioFileError, match=message):
            write_audio(tmp_path / name, noise(), RATE, subtype)
        assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]

    @pytest.mark.parametrize(
        ("audio", "message"),
        [
            (np.zeros((RATE, 2), np.float32), r"shape \(44100, 2\) is not \(channels, samples\)"),
            (np.zeros(RATE, np.float32), r"shape \(44100,\) is not"),
            (np.zeros((2, 0), np.float32), r"shape \(2, 0\) is not"),
            (np.zeros((2, 9), np.int16), r"samples are int16, not float"),
            (np.array([[0, np.nan, np.inf]]), r"a\.wav: 2 samples to write are not numbers"),
        ],
    )
    def test_arrays(self, tmp_path, audio, message):
        with pytest.raises(AudioShapeError, match=message):
            write_audio(tmp_path / "a.wav", audio, RATE)
        assert list(tmp_path.iterdir()) == []

    def test_more_than_a_wav_can_hold(self, tmp_path):
        audio = np.broadcast_to(np.float32(0), (2, 2**29))  # 4 GiB of float, no memory
        with pytest.raises(AudioFileError, match=r"a\.wav would be 4\.29 GB, more than a WAV can hold"):
            write_audio(tmp_path / "a.wav", audio, RATE)
