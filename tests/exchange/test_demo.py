"""The demo song is whole, playable, ours to give away, and as badly mixed as it promises."""

import json
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile as sf
from scipy.signal import welch

DEMO = Path(__file__).parents[2] / "exchange" / "demo"
MONO = {"Kick", "Snare", "Bass DI", "Electric Gtr", "Lead Vox", "Backing Vox"}
STEREO = {"Drum Overheads", "Keys", "Strings"}
RATE = 44100


@pytest.fixture(scope="module")
def stems():
    """{name: (channels, samples)} in file order."""
    return {path.stem[3:]: sf.read(path, always_2d=True)[0].T for path in sorted(DEMO.glob("*.ogg"))}


def mixed(stems, names):
    """Sum stems to (2, samples), mono ones in the middle."""
    return sum(np.broadcast_to(stems[name], (2, stems[name].shape[1])) for name in names)


def lufs(audio):
    return pyloudnorm.Meter(RATE).integrated_loudness(audio.T)


def band_db(audio, low_hz, high_hz):
    """Power of (channels, samples) per octave between two frequencies, dB."""
    freq_hz, power = welch(audio.mean(axis=0), RATE, nperseg=16384)
    inside = power[(freq_hz >= low_hz) & (freq_hz < high_hz)].sum()
    return 10 * np.log10(inside / np.log2(high_hz / low_hz))


def test_stems_are_the_promised_ones(stems):
    assert set(stems) == MONO | STEREO
    assert {name for name, audio in stems.items() if len(audio) == 1} == MONO


def test_stems_share_rate_and_length():
    headers = [sf.info(path) for path in DEMO.glob("*.ogg")]
    assert {(header.format, header.samplerate) for header in headers} == {("OGG", RATE)}
    assert len({header.frames for header in headers}) == 1
    assert 30 <= headers[0].duration <= 60


def test_stems_fit_the_repository():
    assert sum(path.stat().st_size for path in DEMO.glob("*.ogg")) < 8_000_000


def test_notice_carries_the_soundfont_licence():
    notice = (DEMO / "NOTICE.md").read_text()
    assert "Frank Wen" in notice
    assert "Permission is hereby granted, free of charge" in notice


def test_song_file_lists_the_stems_and_sections(stems):
    song = json.loads((DEMO / "song.json").read_text())
    assert [entry["file"][3:-4] for entry in song["stems"]] == list(stems)
    assert [entry["channels"] for entry in song["stems"]] == [len(audio) for audio in stems.values()]
    assert [section["name"] for section in song["sections"]] == ["verse", "chorus", "ending"]
    assert song["sections"][-1]["end_s"] * RATE == stems["Keys"].shape[1]


def test_every_stem_sounds_and_none_clips(stems):
    for name, audio in stems.items():
        assert np.isfinite(audio).all(), name
        assert 0.03 < np.abs(audio).max() < 0.9, name
        assert abs(audio.mean()) < 1e-3, name


def test_sum_leaves_headroom(stems):
    mix = mixed(stems, stems)
    assert 20 * np.log10(np.abs(mix).max()) < -1
    assert -20 < lufs(mix) < -16


def test_chorus_is_louder_than_verse(stems):
    song = json.loads((DEMO / "song.json").read_text())
    mix = mixed(stems, stems)
    verse, chorus = (lufs(mix[:, round(s["start_s"] * RATE) : round(s["end_s"] * RATE)]) for s in song["sections"][:2])
    assert 1.5 < chorus - verse < 6


def test_lead_is_buried(stems):
    rest = mixed(stems, set(stems) - {"Lead Vox"})
    lead = mixed(stems, ["Lead Vox"])
    assert 8 <= lufs(rest) - lufs(lead) <= 10
    assert band_db(rest, 1000, 4000) - band_db(lead, 1000, 4000) > 6


def test_keys_are_muddy(stems):
    mud = band_db(stems["Keys"], 200, 450)
    assert mud - band_db(stems["Keys"], 100, 200) > 6
    assert mud - band_db(stems["Keys"], 450, 1000) > 6


def test_bass_is_boomy(stems):
    assert band_db(stems["Bass DI"], 60, 120) - band_db(stems["Bass DI"], 160, 500) > 6


def test_lead_has_sibilants_that_come_and_go(stems):
    block = 1024
    lead = stems["Lead Vox"][0]
    frames = lead[: len(lead) // block * block].reshape(-1, block)
    power = np.abs(np.fft.rfft(frames * np.hanning(block))) ** 2
    freq_hz = np.fft.rfftfreq(block, 1 / RATE)
    share = power[:, (freq_hz > 5000) & (freq_hz < 9000)].sum(axis=1) / (power.sum(axis=1) + 1e-12)
    sounding = frames.std(axis=1) > 10 ** (-55 / 20)
    assert 0.02 < np.mean(share[sounding] > 0.4) < 0.2
