"""Hum, hiss, resonances and where a spectrum ends."""

import numpy as np
import pytest
import soxr
from scipy import signal as dsp

from assistant.diagnose.bandwidth import find_bandwidth, wall
from assistant.diagnose.noise import find_noise, mains_hum, resonance


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_is_told_with_its_frequency(sounds, mains_hz):
    time = np.arange(12 * sounds.RATE) / sounds.RATE
    tone = sum(np.sin(2 * np.pi * mains_hz * h * time) / h for h in (1, 2, 3, 5))
    hearing = sounds.heard_mix((sounds.hits(12.0) + 0.05 * tone).astype(np.float32))
    assert mains_hum(hearing.mix)[0] == mains_hz
    found = next(finding for finding in find_noise(hearing) if finding.problem == "hum")
    assert f"at {mains_hz:.0f} Hz" in found.say


def test_low_notes_are_not_hum(sounds):
    bass = np.concatenate(
        [sounds.sine(freq, 1.5) for freq in (49.0, 98.0, 61.7, 55.0, 123.5, 98.0, 49.0, 65.4)], axis=1
    )
    assert mains_hum(sounds.measured(bass)) is None


def test_hiss_is_found_in_the_pauses(sounds):
    quiet = sounds.hits(8.0, rate_hz=1.0)
    hiss = 0.004 * np.random.default_rng(0).normal(size=quiet.shape)
    parts = {"Keys": ("keys", (quiet + hiss).astype(np.float32)), "Snare": ("snare", quiet)}
    found = [finding for finding in find_noise(sounds.heard(parts)) if finding.problem == "noisy"]
    assert [finding.tracks for finding in found] == [("Keys",)]


def test_a_resonance_is_found_at_its_frequency(sounds):
    audio = sounds.noise(10.0, slope=1.0)
    b, a = dsp.iirpeak(740.0, 20.0, fs=sounds.RATE)
    ringing = (audio + 8.0 * dsp.lfilter(b, a, audio)).astype(np.float32)
    freq, height = resonance(sounds.measured(ringing))
    assert freq == pytest.approx(740.0, rel=0.04)
    assert height > 8.0
    assert resonance(sounds.measured(audio)) is None or resonance(sounds.measured(audio))[1] < 6.0


@pytest.mark.parametrize("rate", [11025, 16000, 22050])
def test_an_upsampled_file_ends_at_its_old_half_rate(sounds, rate):
    audio = sounds.noise(6.0, seed=8)
    low = np.stack([soxr.resample(soxr.resample(side, sounds.RATE, rate), rate, sounds.RATE) for side in audio])
    (found,) = find_bandwidth(sounds.heard_mix(low.astype(np.float32)))
    assert found.problem == "resampled"
    assert found.evidence.value * 1000 == pytest.approx(rate / 2, rel=0.06)


def test_a_codec_s_wall_is_told_from_a_soft_top(sounds):
    audio = sounds.noise(6.0, seed=9)
    taps = dsp.firwin(511, 16000, fs=sounds.RATE, window=("kaiser", 9.0))
    (found,) = find_bandwidth(
        sounds.heard_mix(dsp.fftconvolve(audio, taps[None], mode="same", axes=1).astype(np.float32))
    )
    assert found.problem == "lossy"
    assert found.evidence.value == pytest.approx(16.0, abs=0.4)
    soft = dsp.sosfilt(dsp.butter(2, 6000, fs=sounds.RATE, output="sos"), audio).astype(np.float32)
    assert wall(sounds.measured(soft)) is None
    assert wall(sounds.measured(audio)) is None
