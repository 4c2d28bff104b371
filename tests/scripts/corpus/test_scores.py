import shutil
from pathlib import Path

import numpy as np
import pytest

from scripts.corpus.play import play_midi
from scripts.corpus.scores import GAP_S, compose, instrument_name, mma_chart, split_channels
from scripts.corpus.table import CorpusError
from scripts.demo_song.midi import TEMPO_BPM, Note, midi_file

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
NOTES = [Note(0.0, 1.0, 60, 90, 0), Note(1.0, 1.0, 36, 100, 9), Note(2.0, 1.0, 64, 80, 3), Note(3.0, 1.0, 67, 80, 3)]


def test_a_composed_song_plays_one_instrument_at_a_time():
    notes, programs, parts = compose(np.random.default_rng(0), 5.0)
    assert len(parts) == len(programs) == 16
    assert {part.instrument for part in parts} >= {"drums"}
    seconds = 60 / TEMPO_BPM
    for part in parts:
        inside = {n.channel for n in notes if part.start_s <= n.start * seconds < part.start_s + part.seconds}
        assert len(inside) == 1
    for note in notes:
        end = (note.start + note.length) * seconds
        part = max((part for part in parts if part.start_s <= note.start * seconds + 1e-9), key=lambda p: p.start_s)
        assert end <= part.start_s + part.seconds + GAP_S
        assert 0 <= note.pitch < 128
        assert 0 < note.velocity < 128


def test_the_same_seed_composes_the_same_song():
    first, again, other = (compose(np.random.default_rng(seed), 4.0) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_every_program_has_a_family():
    assert instrument_name(9, 0) == "drums"
    assert instrument_name(0, 0) == "piano"
    assert instrument_name(0, 33) == "bass"
    assert instrument_name(0, 127) == "sound effects"


def test_channels_are_taken_apart_and_together_are_the_whole():
    whole = midi_file(NOTES, {0: 4, 3: 40}, 5.0)
    split = split_channels(whole)
    assert {channel: program for channel, (program, _) in split.items()} == {0: 4, 3: 40, 9: 0}
    for channel, (program, alone) in split.items():
        again = split_channels(alone)
        assert list(again) == [channel]
        assert again[channel] == (program, alone)
    assert split[3][1].count(bytes([0x93])) == 2


def test_running_status_is_understood():
    track = bytes([0, 0x90, 60, 90, 10, 62, 80, 10, 60, 0, 0, 62, 0, 0, 0xFF, 0x2F, 0])
    midi = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk" + len(track).to_bytes(4, "big") + track
    alone = split_channels(midi)[0][1]
    assert alone.count(b"\x90") == 4


@pytest.mark.parametrize(
    ("midi", "why"), [(b"RIFF", "no MThd"), (midi_file(NOTES, {}, 5.0)[:60], "middle of an event")]
)
def test_damaged_midi_is_refused(midi, why):
    with pytest.raises(CorpusError, match=why):
        split_channels(midi)


def test_a_missing_soundfont_is_never_replaced(tmp_path, machine):
    with pytest.raises(CorpusError, match="No soundfont"):
        play_midi(b"", tmp_path / "none.sf2", machine)
    assert machine.log == []


def test_a_chart_uses_a_groove_of_the_package(tmp_path):
    library = tmp_path / "usr/share/mma/lib/stdlib"
    library.mkdir(parents=True)
    with pytest.raises(CorpusError, match="no grooves"):
        mma_chart(np.random.default_rng(0), tmp_path)
    (library / "swing.mma").write_text("DefGroove Swing  Basic\n")
    chart = mma_chart(np.random.default_rng(0), tmp_path, bars=4).splitlines()
    assert chart[1:3] == ["Use stdlib/swing", "Groove Swing"]
    assert len(chart) == 7


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="needs Debian's fluidsynth")
def test_fluidsynth_plays_a_score():
    if not SOUNDFONT.is_file():
        pytest.skip("needs Debian's fluid-soundfont-gm")
    audio = play_midi(midi_file(NOTES, {0: 4}, 5.0), SOUNDFONT)
    assert audio.shape[0] == 2
    assert np.abs(audio).max() > 0.01
