"""A song from one mix, several stems or a folder."""

import numpy as np
import pytest

from console.errors import AudioFileError
from exchange import Limits, load_tracks, read_audio

RATE = 44_100


class TestOneFile:
    def test_a_stereo_mix_is_one_track(self, save, noise):
        audio = noise()
        path = save("My Song v3.wav", audio, subtype="FLOAT")
        for paths in (path, str(path), [path]):
            song = load_tracks(paths)
            (track,) = song.tracks
            assert (track.name, track.instrument, track.group, track.path) == ("Mix", "mix", "mix", path)
            assert np.array_equal(track.audio, audio)
            assert (song.sample_rate, song.length, song.duration_s) == (RATE, RATE, 1.0)
            assert (song.source, song.notes) == ("My Song v3.wav", ())

    def test_a_mono_mix_becomes_stereo_with_a_note(self, save, noise):
        song = load_tracks(save("Kick.wav", noise(1)))
        assert song.tracks[0].audio.shape == (2, RATE)
        assert np.array_equal(*song.tracks[0].audio)
        assert "Kick.wav is mono; both sides of the mix are the same." in song.notes

    def test_a_folder_with_one_file_is_a_mix_too(self, save, noise, tmp_path):
        save("one/print.wav", noise())
        song = load_tracks(tmp_path / "one")
        assert song.tracks[0].name == "Mix"
        assert song.source == "one (1 file)"


class TestSeveralFiles:
    def test_order_names_instruments_and_channels(self, save, noise):
        paths = [save(name, noise(channels)) for name, channels in [("LV.wav", 1), ("01_Kick In.flac", 1)]]
        paths.append(save("OH.aiff", noise(2)))
        song = load_tracks(paths)
        assert [track.name for track in song.tracks] == ["LV", "01_Kick In", "OH"]
        assert [track.instrument for track in song.tracks] == ["lead_vocal", "kick", "overhead"]
        assert [track.group for track in song.tracks] == ["vocals", "drums", "drums"]
        assert [len(track.audio) for track in song.tracks] == [1, 1, 2]
        assert [track.path for track in song.tracks] == paths
        assert all(track.colour.startswith("#") and track.confidence > 0.9 for track in song.tracks)
        assert song.source == "3 files"

    def test_shorter_files_are_padded_at_the_end_and_keep_their_start(self, save, noise):
        audio = noise(2, 30_000)
        audio[:, :10_000] = 0  # an entrance after silence stays where it is
        song = load_tracks([save("Vox.wav", audio, subtype="FLOAT"), save("Bass.wav", noise(1), subtype="FLOAT")])
        vox, bass = song.tracks
        assert vox.audio.shape == (2, RATE)
        assert bass.audio.shape == (1, RATE)
        assert vox.audio.dtype == np.float32
        assert np.array_equal(vox.audio[:, :30_000], audio)
        assert not vox.audio[:, 30_000:].any()
        assert "Padded with silence at the end to 1.00 s: Vox.wav." in song.notes

    def test_equal_names_get_a_number(self, save, noise):
        names = ["Kick.wav", "a/Kick.wav", "b/KICK.flac", "Kick 2.wav", "c/kick 2.wav"]
        song = load_tracks([save(name, noise()) for name in names])
        assert [track.name for track in song.tracks] == ["Kick", "Kick 3", "KICK 4", "Kick 2", "kick 2 2"]

    def test_silent_and_unrecognised_tracks_are_noted(self, save, noise):
        song = load_tracks([save("Audio 01.wav", noise()), save("Snare.wav", np.zeros((1, RATE)))])
        assert [track.silent for track in song.tracks] == [False, True]
        assert song.tracks[0].instrument == "unknown"
        assert song.tracks[0].confidence == 0
        assert "Snare.wav is silent (no sample above -80 dBFS)." in song.notes
        assert "The instrument is a guess on: Audio 01." in song.notes

    def test_the_same_file_twice_is_refused(self, save, noise, tmp_path):
        path = save("Vox.wav", noise())
        (tmp_path / "link.wav").symlink_to(path)
        with pytest.raises(AudioFileError, match=r"link\.wav and .*Vox\.wav are the same file\. Give it once"):
            load_tracks([path, tmp_path / "link.wav"])

    def test_one_bad_file_is_named(self, save, noise, tmp_path):
        (tmp_path / "bad.wav").write_bytes(b"")
        with pytest.raises(AudioFileError, match=r"^bad\.wav is empty"):
            load_tracks([save("Vox.wav", noise()), tmp_path / "bad.wav"])

    def test_nothing_given(self):
        with pytest.raises(AudioFileError, match=r"No audio was given\. Give a stereo mix, several stems or"):
            load_tracks([])


class TestSessionRate:
    def test_it_is_the_most_common_rate(self, save, noise):
        rates = {"Kick.wav": 48_000, "Snare.wav": 44_100, "Vox.wav": 44_100}
        song = load_tracks([save(name, noise(1, rate), rate) for name, rate in rates.items()])
        assert song.sample_rate == 44_100
        assert song.length == 44_100
        assert "Resampled to 44100 Hz: Kick.wav." in song.notes

    def test_the_higher_rate_wins_a_tie(self, save, noise):
        song = load_tracks([save("Vox.wav", noise(1, 44_100)), save("Bass.wav", noise(1, 48_000), 48_000)])
        assert song.sample_rate == 48_000

    def test_a_given_rate_is_kept(self, save, noise):
        paths = [save("Vox.wav", noise()), save("Bass.wav", noise(1))]
        song = load_tracks(paths, sample_rate=22_050)
        assert (song.sample_rate, song.length) == (22_050, 22_050)
        assert np.array_equal(song.tracks[0].audio, read_audio(paths[0], 22_050).audio)
        with pytest.raises(AudioFileError, match="sample_rate=100 is not"):
            load_tracks(paths, sample_rate=100)


class TestFolder:
    def test_natural_order_and_what_is_skipped(self, save, noise, tmp_path):
        for name in ("Gtr 10.wav", "gtr 2.WAV", "Bass.flac", "Gtr 1.mp3"):
            save(f"stems/{name}", noise(1))
        folder = tmp_path / "stems"
        (folder / "._Bass.wav").write_bytes(b"resource fork")
        (folder / "cover.jpg").write_bytes(b"jpg")
        (folder / "alts").mkdir()
        save("stems/alts/Old Vox.wav", noise(1))
        song = load_tracks(folder)
        assert [track.name for track in song.tracks] == ["Bass", "Gtr 1", "gtr 2", "Gtr 10"]
        assert song.source == "stems (4 stems)"
        assert song.notes[:3] == (
            "Skipped in stems, hidden: ._Bass.wav.",
            "Skipped in stems, not audio: cover.jpg.",
            "Skipped in stems, sub-folders: alts.",
        )

    def test_many_skipped_files_make_a_short_note(self, save, noise, tmp_path):
        save("stems/Vox.wav", noise())
        for number in range(8):
            (tmp_path / "stems" / f"{number}.txt").touch()
        notes = load_tracks(tmp_path / "stems").notes
        assert notes == ("Skipped in stems, not audio: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more.",)

    def test_an_empty_folder(self, tmp_path):
        (tmp_path / "stems").mkdir()
        with pytest.raises(AudioFileError, match=r"stems holds no audio files \(it is empty\)\. Give a folder"):
            load_tracks(tmp_path / "stems")

    def test_a_folder_without_audio_says_what_it_holds(self, tmp_path):
        (tmp_path / "stems" / "more").mkdir(parents=True)
        (tmp_path / "stems" / "Notes.txt").touch()
        with pytest.raises(AudioFileError, match=r"\(not audio: Notes\.txt; sub-folders: more\)\. Give"):
            load_tracks(tmp_path / "stems")

    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(AudioFileError, match=r"nowhere was not found in .*Check the path"):
            load_tracks(tmp_path / "nowhere")

    def test_a_folder_among_files(self, save, noise, tmp_path):
        (tmp_path / "stems").mkdir()
        with pytest.raises(AudioFileError, match=r"stems is a folder among 2 paths\. Give one folder alone"):
            load_tracks([save("Vox.wav", noise()), tmp_path / "stems"])


class TestSongLimits:
    def test_too_many_tracks(self, save, noise):
        paths = [save(f"{n}.wav", noise(1, 441)) for n in range(4)]
        with pytest.raises(AudioFileError, match=r"4 files has 4 audio files, more than the 3 tracks allowed"):
            load_tracks(paths, limits=Limits(max_tracks=3))

    def test_the_total_is_refused_before_anything_is_decoded(self, wav_claiming, monkeypatch):
        size = 1800 * RATE * 4
        paths = [wav_claiming(f"{n}.wav", size, there=size, channels=2) for n in range(12)]
        monkeypatch.setattr("exchange.stems.read_audio", lambda *_: pytest.fail("decoded before the check"))
        with pytest.raises(AudioFileError, match=r"12 files would take 7\.62 GB of memory at 44100 Hz, more"):
            load_tracks(paths)

    def test_padding_counts(self, save, noise):
        paths = [save("long.wav", noise(1, 40_000)), *(save(f"{n}.wav", noise(1, 500)) for n in range(9))]
        assert load_tracks(paths, limits=Limits(max_song_bytes=10 * 40_000 * 4)).length == 40_000
        with pytest.raises(AudioFileError, match=r"10 files would take 1\.6 MB of memory"):
            load_tracks(paths, limits=Limits(max_song_bytes=10 * 40_000 * 4 - 1))

    def test_the_session_rate_counts(self, save, noise):
        paths = [save("a.wav", noise(1)), save("b.wav", noise(1))]
        limits = Limits(max_song_bytes=2 * RATE * 4)
        assert load_tracks(paths, limits=limits).length == RATE
        with pytest.raises(AudioFileError, match=r"at 88200 Hz, more than the 353 kB allowed"):
            load_tracks(paths, 88_200, limits)
