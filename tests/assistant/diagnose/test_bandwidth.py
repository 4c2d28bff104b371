"""Where a spectrum ends, and whether a coder or a sampler ended it."""

import numpy as np
import pytest
from scipy import signal as dsp

from assistant.diagnose.bandwidth import edge_hz, find_bandwidth, wall


def cut_off(audio: np.ndarray, rate: int, taps: int, cut_hz: float = 14000.0) -> np.ndarray:
    """Return (2, samples) without what lies above; the fewer taps the wider the edge."""
    kernel = dsp.firwin(taps, cut_hz, fs=rate, window=("kaiser", 9.0))
    return dsp.fftconvolve(audio, kernel[None], mode="same", axes=1).astype(np.float32)


@pytest.fixture(scope="module")
def bright(sounds):
    return sounds.noise(3.0, slope=0.5)


def test_a_coders_wall_is_steep_and_told_of_a_track(sounds, bright):
    steep = cut_off(bright, sounds.RATE, 511)
    signal = sounds.measured(steep)
    assert wall(signal) == pytest.approx(14000, abs=300)
    assert edge_hz(signal, wall(signal)) < 450
    hearing = sounds.heard({"Keys": ("keys", steep), "Bass": ("bass", bright)})
    assert [(one.problem, one.tracks) for one in find_bandwidth(hearing)] == [("lossy", ("Keys",))]


def test_a_samplers_wall_is_smeared_and_not_told_of_a_track(sounds, bright):
    smeared = cut_off(bright, sounds.RATE, 91)
    signal = sounds.measured(smeared)
    assert wall(signal) is not None
    assert edge_hz(signal, wall(signal)) > 550
    hearing = sounds.heard({"Keys": ("keys", smeared), "Bass": ("bass", bright)})
    assert find_bandwidth(hearing) == []


def test_sound_that_goes_on_has_no_wall(sounds, bright):
    assert wall(sounds.measured(bright)) is None
