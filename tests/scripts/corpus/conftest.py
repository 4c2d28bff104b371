"""A miniature of apt, dpkg, FluidSynth and MMA: commands that make small trees of tones."""

import numpy as np
import pytest
import soundfile as sf

from scripts.corpus.table import CorpusError, Package, PackageTable, load_table

RATE = 44100
SONG_S = 66.0  # holds 16 parts of 2 s and their gaps


def tone(seconds, freq_hz=220.0, rate=RATE, channels=2, gain=0.3):
    audio = gain * np.sin(2 * np.pi * freq_hz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(audio[:, None], channels, axis=1).astype(np.float32)


class Machine:
    """Runs the commands the corpus builder runs; `log` says which."""

    def __init__(self):
        self.log = []

    def __call__(self, command, folder):
        self.log.append(list(command))
        name = command[0]
        if name == "apt-get":
            if command[2] == "absent-music":
                raise CorpusError("`apt-get download absent-music` failed: no such package.")
            (folder / f"{command[2]}_1_all.deb").write_bytes(b"deb")
        elif name == "dpkg":
            package = command[2].split("_")[0]
            self.unpack(package, folder / command[3])
        elif name == "fluidsynth":
            assert (folder / command[-1]).read_bytes().startswith(b"MThd")
            sf.write(folder / command[command.index("-F") + 1], tone(SONG_S), RATE, subtype="FLOAT")
        else:
            raise AssertionError(f"unexpected command {command}")

    @staticmethod
    def unpack(package, tree):
        notes = tree / "usr/share/doc" / package
        notes.mkdir(parents=True)
        (notes / "copyright").write_text(
            "Format: x\n\nFiles: *\nLicense: CC-BY-SA-3.0\n text\n\nFiles: debian/*\nLicense: GPL-3+\n"
        )
        music = tree / "usr/share/music"
        music.mkdir(parents=True)
        if package == "tiny-soundfont":
            (music / "tiny.sf2").write_bytes(b"font")
        elif package == "tiny-voices":
            for number in range(6):
                sf.write(music / f"line{number}.wav", tone(0.7, 150 + 10 * number, 22050, 1), 22050)
        else:
            for number in range(3):
                sf.write(music / f"song{number}.flac", tone(6.0, 110.0 * (number + 1)), RATE)
            sf.write(music / "low.wav", tone(6.0, rate=11025), 11025)
            sf.write(music / "jingle.wav", tone(0.5), RATE)
            sf.write(music / "silent.wav", np.zeros((6 * RATE, 2)), RATE)
            (music / "broken.ogg").write_bytes(b"OggS but no more")
            (music / "readme.txt").write_text("no audio")


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def table():
    rows = [
        Package(name="tiny-music", kind="finished", split="train", least_s=2.0, hours=0.02),
        Package(name="absent-music", kind="finished", split="valid", hours=0.02),
        Package(name="tiny-voices", kind="voice", split="test", join=True, least_hz=16000, hours=0.01),
        Package(
            name="tiny-soundfont",
            kind="stem",
            split="test",
            soundfont="usr/share/music/tiny.sf2",
            scores=("composed",),
            hours=0.005,
        ),
    ]
    kept = load_table().kept_for_judging
    return PackageTable(1, {row.name: row for row in rows}, kept, {"dull-music": "dull"})


@pytest.fixture
def real_table():
    return load_table()
