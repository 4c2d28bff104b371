import struct

import numpy as np
import pytest

from models.training.corpus import SAMPLE_RATE, open_corpus
from scripts.corpus.build import Plan, build
from scripts.corpus.gus import read_kit, read_patch
from scripts.corpus.sampled import patch_clips
from scripts.corpus.sampler import Instrument, Sample, play_notes
from scripts.corpus.table import CorpusError, Package, PackageTable

A4 = 69


def sine(hz, rate, cycles, loop=False):
    audio = np.sin(2 * np.pi * hz * np.arange(round(cycles * rate / hz)) / rate).astype(np.float32)
    return Sample(audio, rate, hz, 20000.0, (0, audio.size) if loop else None)


def loudest_hz(audio):
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(audio.size)))
    return float(spectrum.argmax()) * SAMPLE_RATE / audio.size


@pytest.mark.parametrize("pitch", [57, 69, 76])
def test_a_sample_is_transposed_to_the_note(pitch):
    audio = play_notes(Instrument({0: sine(441.0, 22050, 4, loop=True)}), [(0.0, 2.0, pitch, 127)], 2 * SAMPLE_RATE)
    assert loudest_hz(audio[0, :44100]) == pytest.approx(440.0 * 2 ** ((pitch - A4) / 12), abs=1.0)


def test_a_loop_sounds_as_long_as_the_note_and_goes_on_without_a_step():
    looped = play_notes(Instrument({0: sine(441.0, 44100, 10, loop=True)}), [(0.0, 1.0, A4, 127)], SAMPLE_RATE)[0]
    time = np.arange(2000, 40000) / SAMPLE_RATE
    assert looped[2000:40000] == pytest.approx(np.sin(2 * np.pi * 440.0 * time), abs=5e-3)
    once = play_notes(Instrument({0: sine(441.0, 44100, 10)}), [(0.0, 1.0, A4, 127)], SAMPLE_RATE)[0]
    assert not np.any(once[1100:])


def test_velocity_pan_and_release_are_heard():
    instrument = Instrument({0: sine(441.0, 44100, 10, loop=True)}, pan=1.0, release_s=0.05)
    loud, soft = (play_notes(instrument, [(0.0, 0.5, A4, velocity)], SAMPLE_RATE) for velocity in (127, 64))
    assert not np.any(loud[0])
    assert np.abs(soft[1]).max() == pytest.approx(np.abs(loud[1]).max() * (64 / 127) ** 2, rel=1e-3)
    level = np.abs(loud[1]).reshape(-1, 441).max(axis=1)
    assert level[55] == pytest.approx(level[48] * np.exp(-0.05 / 0.05), rel=0.15)


def patch(audio, rate=22050, root_hz=220.0, mode=5, loop=(0, 0)):
    """Return the bytes of a GUS patch: its headers as the format has them, one sample of 16 bits."""
    raw = (audio * 32767).astype("<i2").tobytes()
    header = bytearray(239)
    header[:12] = b"GF1PATCH110\0"
    header[198] = 1
    sample = bytearray(96)
    struct.pack_into("<IIIH", sample, 8, len(raw), 2 * loop[0], 2 * loop[1], rate)
    struct.pack_into("<III", sample, 22, 20000, 20000000, round(root_hz * 1000))
    sample[55] = mode
    return bytes(header + sample) + raw


def test_a_gus_patch_is_read(tmp_path):
    audio = 0.5 * np.sin(2 * np.pi * np.arange(2205) / 100.0)
    path = tmp_path / "000_tone.pat"
    path.write_bytes(patch(audio, root_hz=220.5, loop=(100, 2100)))
    (sample,) = read_patch(path).samples.values()
    assert sample.audio == pytest.approx(audio, abs=1e-4)
    assert (sample.rate, sample.root_hz, sample.highest_hz, sample.loop) == (22050, 220.5, 20000.0, (100, 2100))
    heard = play_notes(read_patch(path), [(0.0, 1.0, A4, 127)], SAMPLE_RATE)[0]
    assert loudest_hz(heard) == pytest.approx(440.0, abs=1.5)


def test_a_kit_is_read_by_the_pitch_in_its_names(tmp_path):
    (tmp_path / "036_Kick.pat").write_bytes(patch(np.ones(500) * 0.5))
    (tmp_path / "readme.pat").write_bytes(b"")
    assert set(read_kit(tmp_path).samples) == {36}


@pytest.mark.parametrize(("data", "why"), [(b"RIFF" * 99, "is no GUS patch"), (patch(np.ones(500))[:-9], "is damaged")])
def test_what_is_no_patch_is_refused_by_name(data, why, tmp_path):
    path = tmp_path / "x.pat"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=rf"x\.pat {why}"):
        read_patch(path)


def test_patches_that_are_left_out_are_not_played(tmp_path):
    for folder, name in (("Tone_000", "000_Sax.pat"), ("Drum_000", "036_Kick.pat")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(patch(0.5 * np.ones(500)))
    with pytest.raises(CorpusError, match="holds no patches"):
        next(patch_clips(np.random.default_rng(0), 2.0, tmp_path, ["*Sax*"]))


def test_patches_make_a_corpus_in_which_the_same_seed_is_the_same_sound(machine, tmp_path):
    row = Package(name="tiny-patches", kind="stem", split="valid", patches="usr/share/music", hours=0.006)
    table = PackageTable(1, {row.name: row}, frozenset(), {})

    def apt(command, folder):
        machine(command, folder)
        if command[0] == "dpkg":
            tone = 0.5 * np.sin(2 * np.pi * np.arange(2205) / 100.0)
            for name in ("Tone_000/000_Piano", "Tone_000/032_Bass", "Drum_000/036_Kick"):
                path = folder / command[3] / "usr/share/music" / f"{name}.pat"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(patch(tone, loop=(100, 2100)))

    for name in "ab":
        build(table, None, Plan(tmp_path / name, clip_s=2.0), apt)
    first, again = open_corpus(tmp_path / "a"), open_corpus(tmp_path / "b")
    assert len(first.clips) == 11
    assert {"piano", "bass"} <= {clip.instrument for clip in first.clips} <= {"piano", "bass", "drums"}
    for clip, other in zip(first.clips, again.clips, strict=True):
        assert np.array_equal(first.read(clip), again.read(other))
