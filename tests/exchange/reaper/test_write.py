"""A .rpp as the PyPI package `rpp` reads it, and what REAPER's mixer would make of it."""

import numpy as np
import pytest
import rpp
import soundfile
import torch

from console.errors import ProjectFileError
from console.render import render
from exchange.project import Project
from exchange.reaper import write_reaper
from exchange.reaper.effects import slider_numbers

SHORT = 700


@pytest.fixture
def short(project):
    """The project cut to SHORT samples, its knobs still, one track hard left, and with the room close by."""
    tracks = tuple(
        type(track)(track.name, track.instrument, track.group, track.colour, track.audio[:, :SHORT], track.path)
        for track in project.song.tracks
    )
    song = type(project.song)(tracks, project.song.sample_rate, SHORT, "short", ())
    near = {
        ("reverb", "reverb.predelay_ms"): 1.0,
        ("reverb", "reverb.decay_s"): 0.1,
        ("delay", "delay.time_ms"): 8.0,
        ("delay", "delay.feedback"): 0.0,
        ("Snare", "stereo.pan"): -1.0,
        ("group:Drums", "eq.bell_3_gain_db"): 3.0,
        ("master", "compressor.ratio"): 1.5,
    }
    return Project("short", song, project.settings.whole().turned(near))


def opened(path):
    return rpp.loads(path.read_text(encoding="utf-8"))


def tracks_of(root):
    return {track.find("NAME")[1]: track for track in root.findall("TRACK")}


def test_tracks_folders_faders_pans_and_colours(project, tmp_path):
    tracks = tracks_of(opened(write_reaper(project, tmp_path / "song.rpp").path))
    assert list(tracks) == ["Drums", "Kick", "Snare", "Lead Vox", "Gtr/L", "Reverb", "Delay"]
    assert [track.find("ISBUS")[1:] for track in tracks.values()][:4] == [
        ["1", "1"],
        ["0", "0"],
        ["2", "-1"],
        ["0", "0"],
    ]
    assert float(tracks["Drums"].find("VOLPAN")[1]) == pytest.approx(10 ** (-1.5 / 20))
    assert float(tracks["Snare"].find("VOLPAN")[2]) == pytest.approx(-0.31)
    assert float(tracks["Reverb"].find("VOLPAN")[1]) == pytest.approx(10 ** (-2.0 / 20))
    assert int(tracks["Kick"].find("PEAKCOL")[1]) == 0x01000000 | 0x8F << 16 | 0x9E << 8 | 0x2F


def test_sends_come_from_the_right_tracks_after_the_fader(project, tmp_path):
    root = opened(write_reaper(project, tmp_path / "song.rpp").path)
    names = [track.find("NAME")[1] for track in root.findall("TRACK")]
    tracks = tracks_of(root)
    (receive,) = tracks["Reverb"].findall("AUXRECV")
    assert names[int(receive[1])] == "Lead Vox"
    assert receive[2] == "0"
    assert float(receive[3]) == pytest.approx(10 ** (-12.3 / 20) - 1e-3)
    (receive,) = tracks["Delay"].findall("AUXRECV")
    assert names[int(receive[1])] == "Drums"


def test_items_play_the_whole_file_and_nothing_fades(project, tmp_path):
    written = write_reaper(project, tmp_path / "song.rpp")
    for name, track in tracks_of(opened(written.path)).items():
        for item in track.findall("ITEM"):
            file = tmp_path / item.find("SOURCE").find("FILE")[1]
            audio, rate = soundfile.read(file, dtype="float32", always_2d=True)
            original = next(t for t in project.song.tracks if t.name == name).audio
            assert np.array_equal(audio.T, original)
            assert float(item.find("LENGTH")[1]) == pytest.approx(len(audio) / rate, abs=1e-9)
            assert item.find("FADEIN")[2:4] == ["0", "0"]


def test_a_section_is_an_envelope_and_a_region(project, tmp_path):
    root = opened(write_reaper(project, tmp_path / "song.rpp").path)
    tracks = tracks_of(root)
    points = [[float(v) for v in point[1:3]] for point in tracks["Snare"].find("VOLENV2").findall("PT")]
    quiet = pytest.approx(10 ** (-3.17 / 20))
    assert points[:2] == [[0.0, quiet], [pytest.approx(0.17), quiet]]
    assert [0.2, 1.0] in points
    assert [0.5, 1.0] in points
    assert points[-1] == [pytest.approx(0.53), quiet]
    assert float(tracks["Snare"].find("VOLPAN")[1]) == 1.0
    moved = tracks["Gtr/L"].find("FXCHAIN").find("PARMENV")
    assert int(moved.attrib[0]) == slider_numbers("strip")["highpass.on"]
    assert [point[2:] for point in moved.findall("PT")] == [["0", "1"], ["0", "1"], ["1", "1"], ["1", "1"], ["0", "1"]]
    regions = [mark[2:5] for mark in root.findall("MARKER")]
    assert regions == [["0", "verse", "1"], ["0.2", "", "1"], ["0.2", "chorus", "1"], ["0.5", "", "1"]]


def test_a_reaper_that_follows_the_file_plays_the_consoles_mix(short, tmp_path, eel):
    """Play the .rpp with REAPER's rules and the shipped JSFX; compare with our render, sample by sample."""
    written = write_reaper(short, tmp_path / "short.rpp")
    heard = Player(written, eel).play()
    tracks = {track.name: torch.from_numpy(track.audio) for track in short.song.tracks}
    console = render(tracks, short.settings, short.song.sample_rate).master.numpy()
    assert np.abs(console).max() > 0.05
    assert np.abs(heard - console).max() < 2e-6


def test_names_in_quotes_and_odd_titles_survive(project, tmp_path):
    song = project.song
    names = ['12" Tom', "it's `odd`", "a\\b:c", "plain"]
    tracks = tuple(
        type(track)(name, track.instrument, track.group, track.colour, track.audio, track.path)
        for name, track in zip(names, song.tracks, strict=True)
    )
    odd = Project(
        'The "Song"', type(song)(tracks, song.sample_rate, song.length, "", ()), project.settings.neutral(names)
    )
    root = opened(write_reaper(odd, tmp_path / "odd.rpp").path)
    assert [track.find("NAME")[1] for track in root.findall("TRACK")] == names
    for file in (tmp_path / "odd media" / "audio").iterdir():
        assert not set(file.name) & set('/\\:*?"<>|')


def test_two_mixes_of_one_title_keep_their_effects_apart(project, tmp_path):
    """Both are copied into one folder of REAPER's; each must find the room it was mixed in."""
    other = Project(project.title, project.song, project.settings.turned({("reverb", "reverb.decay_s"): 0.9}))
    folders = {
        path.name
        for number, mix in enumerate((project, other))
        for path in (write_reaper(mix, tmp_path / f"{number}.rpp").media / "Effects" / "Studiospeak").iterdir()
    }
    assert len(folders) == 2


def test_a_neutral_mix_has_no_effects_at_all(project, tmp_path):
    names = [track.name for track in project.song.tracks]
    plain = Project("plain", project.song, project.settings.neutral(names))
    written = write_reaper(plain, tmp_path / "plain.rpp")
    root = opened(written.path)
    assert not [*root.iter("JS")]
    assert len(root.findall("TRACK")) == 4
    assert not list(written.media.rglob("reverb.*"))


def test_nothing_is_written_over_and_nothing_is_left_half(project, tmp_path):
    (tmp_path / "song media").mkdir()
    with pytest.raises(ProjectFileError, match=r"song media already exists and is never written over"):
        write_reaper(project, tmp_path / "song.rpp")
    assert [path.name for path in tmp_path.iterdir()] == ["song media"]
    (tmp_path / "taken.rpp").write_text("mine")
    with pytest.raises(ProjectFileError, match="already exists"):
        write_reaper(project, tmp_path / "taken.rpp")
    assert (tmp_path / "taken.rpp").read_text() == "mine"
    assert not (tmp_path / "taken media").exists()


class Player:
    """What REAPER does with a project: items, effects, faders, pans, folders, sends, the master, delays made good."""

    def __init__(self, written, eel):
        self.eel, self.root = eel, opened(written.path)
        self.folder = written.path.parent
        self.effects = written.media / "Effects"
        self.rate = int(self.root.find("SAMPLERATE")[1])

    def play(self):
        tracks = self.root.findall("TRACK")
        outs, parents, open_folders = {}, [], []
        for number, track in enumerate(tracks):
            parents.append(open_folders[-1] if open_folders else None)
            change = int(track.find("ISBUS")[2])
            if change > 0:
                open_folders.append(number)
            elif change < 0:
                del open_folders[change:]
        total = np.zeros((2, SHORT))
        children_first = sorted(
            range(len(tracks)), key=lambda n: (bool(tracks[n].findall("AUXRECV")), parents[n] is None)
        )
        for number in children_first:
            audio = self.items(tracks[number])
            audio = audio + sum(outs[n] for n in range(len(tracks)) if parents[n] == number and n in outs)
            for receive in tracks[number].findall("AUXRECV"):
                audio = audio + float(receive[3]) * outs[int(receive[1])]
            chain = tracks[number].find("FXCHAIN")
            audio = audio if chain is None else self.through(chain, audio)
            _, volume, pan, *_ = tracks[number].find("VOLPAN")
            outs[number] = float(volume) * self.panned(audio, float(pan))
            if parents[number] is None:
                total = total + outs[number]
        return self.through(self.root.find("MASTERFXLIST"), total)

    def items(self, track):
        audio = np.zeros((2, SHORT))
        for item in track.findall("ITEM"):
            samples, _ = soundfile.read(self.folder / item.find("SOURCE").find("FILE")[1], always_2d=True)
            audio += samples.T
        return audio

    def panned(self, audio, pan):
        law = float(self.root.find("PANLAW")[1])
        if pan == 0.0:
            return audio
        assert abs(pan) == 1.0, "what REAPER does between centre and side is its own"
        return audio * (np.array([[law], [0.0]]) if pan < 0 else np.array([[0.0], [law]]))

    def through(self, chain, audio):
        for effect in chain.findall("JS"):
            path = self.effects / effect.attrib[0]
            text = path.read_text(encoding="utf-8")
            values = [value for value in effect.children[0] if value != "-"]
            response = path.with_suffix(".wav")
            files = [soundfile.read(response, dtype="float32")[0].T] if response.exists() else []
            names = [line.split(":")[1].split("=")[0] for line in text.splitlines() if line.startswith("slider")]
            sliders = dict(zip(names, map(float, values), strict=bool(names)))
            running = self.eel.Effect(text, self.rate, sliders, files)
            late = running.latency
            audio = running.run(np.pad(audio, ((0, 0), (0, late))))[:, late:]
        return audio
