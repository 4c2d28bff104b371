"""Numbers of movement: they mean what their names say, in a short song and in a long one."""

import numpy as np
import pytest

from assistant.diagnose.features import MOTION, MOTION_UNITS, motion


def _named(signal):
    return dict(zip(MOTION, motion(signal), strict=True))


def test_every_number_has_a_name_and_a_unit(sounds):
    assert len(MOTION) == len(MOTION_UNITS) == len(set(MOTION)) == motion(sounds.measured(sounds.noise(4.0))).size


def test_silence_has_no_movement(sounds):
    assert motion(sounds.measured(np.zeros((2, 4 * sounds.RATE), np.float32))) is None


def test_the_crest_of_a_sine_is_3_db(sounds):
    told = _named(sounds.measured(sounds.sine(1000.0, 6.0)))
    assert told["peak over body"] == pytest.approx(3.0, abs=0.2)
    assert told["peak over body, typical"] == pytest.approx(3.0, abs=0.2)


def test_length_changes_little(sounds):
    audio = sounds.hits(12.0, seed=2)
    one, four = motion(sounds.measured(audio)), motion(sounds.measured(np.tile(audio, (1, 4))))
    spread = np.maximum(np.abs(one), 1.0)
    assert np.median(np.abs(four - one) / spread) < 0.03


def test_hits_rise_faster_than_they_fall(sounds):
    told = _named(sounds.measured(sounds.hits(8.0, decay_s=0.15)))
    assert told["attacks against releases"] > 0.5
    assert told["attacks over what follows, typical"] > 3.0
    assert told["beat of all bands"] > 0.6, "four hits a second"


def test_a_gain_moves_all_bands_together(sounds):
    audio = sounds.noise(10.0, seed=3)
    swing = 10 ** (6 * np.sin(2 * np.pi * 0.5 * np.arange(audio.shape[1]) / sounds.RATE) / 20)
    still, swung = _named(sounds.measured(audio)), _named(sounds.measured((audio * swing).astype(np.float32)))
    assert swung["bands that swing together"] > still["bands that swing together"] + 0.3
    assert swung["swing that all bands share"] == pytest.approx(6 / np.sqrt(2), abs=1.0)


def test_a_ducked_sound_falls_after_low_hits(sounds):
    kick = np.zeros((2, 10 * sounds.RATE), np.float32)
    beat = int(0.5 * sounds.RATE)
    thump = 0.5 * np.sin(2 * np.pi * 60 * np.arange(beat // 2) / sounds.RATE) * np.exp(-np.arange(beat // 2) / 4000)
    gain = np.ones(kick.shape[1])
    for start in range(beat, kick.shape[1] - beat, beat):
        kick[:, start : start + thump.size] += thump.astype(np.float32)
        since = np.arange(beat) / sounds.RATE
        gain[start : start + beat] = 10 ** (-10 * np.exp(-since / 0.12) / 20)
    pad = sounds.noise(10.0, seed=4, slope=0.0)
    plain, ducked = (_named(sounds.measured((kick + pad * g).astype(np.float32))) for g in (1.0, gain))
    name = "the rest 50 ms after a low hit"
    assert ducked[name] < plain[name] - 3.0
