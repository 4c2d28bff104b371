"""Takes: what plays is what the settings say, measured as it is."""

import numpy as np
import pytest
import soundfile

from assistant.web.takes import waveform
from console.loudness import integrated_lufs, true_peak_dbtp
from console.measures import correlation
from tests.assistant.web.conftest import RATE, make_song


def turned(bench, **knobs):
    return bench.session.settings.turned({("Lead Vox", "fader.gain_db"): knobs["fader"]})


def test_a_take_is_what_the_settings_say(bench):
    take = bench.takes.get(bench.session, turned(bench, fader=-6.0), "Lead Vox")
    audio, rate = soundfile.read(take.file, dtype="float32", always_2d=True)
    assert rate == RATE
    assert pytest.approx(bench.session.song.tracks[1].audio * 10 ** (-6 / 20), abs=1e-6) == audio.T
    assert take.loudness_lufs == pytest.approx(integrated_lufs(audio.T.copy(), RATE), abs=0.01)
    assert take.true_peak_dbtp == pytest.approx(true_peak_dbtp(audio.T.copy(), RATE), abs=0.01)
    assert take.correlation == pytest.approx(correlation(audio.T.copy()), abs=1e-3)
    assert bench.takes.get(bench.session, turned(bench, fader=-6.0), "Lead Vox") is take


def test_samples_beyond_full_scale_are_not_clipped(benches, tmp_path):
    bench = benches.start(make_song(tmp_path / "loud", gain=0.8), "Loud")
    take = bench.takes.get(bench.session, bench.session.settings)
    audio, _ = soundfile.read(take.file)
    assert np.abs(audio).max() > 1.5
    assert take.waveform.max() == pytest.approx(np.abs(audio).max(), rel=1e-6)


def test_old_takes_leave_the_disk(bench):
    for number in range(30):
        bench.takes.get(bench.session, turned(bench, fader=-0.1 * (number + 1)))
    assert len(list(bench.renders.glob("*.wav"))) == 24


def test_a_recording_is_a_take(bench):
    path = bench.session.song.tracks[0].path
    take = bench.takes.recording(path)
    assert take.duration_s == 1.0
    assert take.file != path
    assert bench.takes.recording(path) is take


def test_a_waveform_keeps_every_peak():
    audio = np.zeros((2, 10_001), dtype=np.float32)
    audio[1, 10_000], audio[0, 0] = -0.9, 0.4
    shape = waveform(audio, 100)
    assert shape.shape == (100,)
    assert (shape[0], shape[-1]) == pytest.approx((0.4, 0.9))
    assert waveform(audio[:, :7], 100).shape == (7,)
