"""Clipped tops, clicks and dropouts: found where they are, and not where they are not."""

import numpy as np
import pytest


def test_clean_sounds_have_no_damage(sounds):
    for audio in (sounds.noise(4.0), sounds.hits(4.0), sounds.sine(50.0, 4.0, 0.99), sounds.sine(997.0, 4.0, 1.0)):
        damage = sounds.damaged(audio)
        assert not damage.clipped
        assert not damage.clicks
        assert not damage.dropouts


@pytest.mark.parametrize("ceiling", [0.3, 0.999])
def test_clipped_tops_are_found_at_any_ceiling(sounds, ceiling):
    audio = sounds.sine(220.0, 4.0, 0.2 * ceiling)
    burst = slice(2 * sounds.RATE, 2 * sounds.RATE + 2000)
    audio[:, burst] *= 8.0
    clipped = np.clip(audio, -ceiling, ceiling)
    damage = sounds.damaged(clipped)
    assert damage.ceiling == pytest.approx(ceiling)
    assert damage.tops >= 2 * 0.045 * 220 * 0.8
    assert damage.clipped[0].start_s == pytest.approx(2.0, abs=0.005)
    assert damage.clipped[-1].stop_s == pytest.approx(2.0 + 2000 / sounds.RATE, abs=0.005)


@pytest.mark.parametrize("at", [0.5, 2.972, 3.7])  # 2.972 s: the seam between two chunks
def test_a_click_is_found_where_it_is(sounds, at):
    audio = sounds.sine(220.0, 5.0, 0.2)
    audio[0, int(at * sounds.RATE)] += 0.4
    (click,) = sounds.damaged(audio).clicks
    assert click.start_s == pytest.approx(at, abs=0.001)


@pytest.mark.parametrize("seconds", [0.005, 0.03, 0.4])
@pytest.mark.parametrize("at", [1.0, 2.96])
def test_a_dropout_is_found_where_it_is(sounds, at, seconds):
    audio = sounds.noise(5.0, seed=1)
    start = int(at * sounds.RATE)
    audio[:, start : start + int(seconds * sounds.RATE)] = 0
    damage = sounds.damaged(audio)
    (gap,) = damage.dropouts
    assert gap.start_s == pytest.approx(at, abs=0.002)
    assert gap.stop_s == pytest.approx(at + seconds, abs=0.002)
    assert not damage.clicks, "a torn edge is part of the dropout, not a click"


def test_a_rest_that_fades_is_no_dropout(sounds):
    audio = sounds.noise(4.0, seed=2)
    fade = np.ones(audio.shape[1], np.float32)
    length = int(0.05 * sounds.RATE)
    start = 2 * sounds.RATE
    fade[start : start + length] = np.linspace(1, 0, length)
    fade[start + length : start + 3 * length] = 0
    fade[start + 3 * length : start + 4 * length] = np.linspace(0, 1, length)
    damage = sounds.damaged(audio * fade)
    assert not damage.dropouts


def test_an_attack_is_no_click_and_one_on_top_of_it_is(sounds):
    audio = sounds.hits(5.0, seed=3)
    assert not sounds.damaged(audio).clicks
    at = int(2.4 * sounds.RATE)
    audio[:, at : at + 3] += np.array([0.7, -1.0, 0.4], np.float32) * 0.5
    (click,) = sounds.damaged(audio).clicks
    assert click.start_s == pytest.approx(2.4, abs=0.001)


def test_music_made_of_clicks_has_none(sounds):
    audio = sounds.noise(6.0, seed=4) * 0.1
    audio[:, :: sounds.RATE // 5] += 0.5
    assert not sounds.damaged(audio).clicks


@pytest.mark.parametrize("bits", [8, 12])
def test_coarse_samples_are_told_in_bits(sounds, bits):
    steps = 2.0 ** (bits - 1)
    audio = (np.round(sounds.noise(3.0, seed=6) * steps) / steps).astype(np.float32)
    assert sounds.damaged(audio).bits == bits
    finer = (np.round(sounds.noise(3.0, seed=6) * 2**15) / 2**15).astype(np.float32)
    assert sounds.damaged(finer).bits is None
    assert sounds.damaged(np.zeros_like(audio)).bits is None


def test_silence_inside_a_mix_is_a_dropout_though_a_hit_follows(sounds):
    audio = 0.3 * sounds.noise(4.0, seed=7)
    start = 2 * sounds.RATE
    audio[:, start:] *= 8.0
    audio[:, start : start + 1300] = 0.0
    part = {"Keys": ("keys", audio), "Pad": ("synth", sounds.noise(4.0, seed=8))}
    assert not sounds.heard(part).damage["Keys"].dropouts
    (gap,) = sounds.heard_mix(audio).damage["mix"].dropouts
    assert gap.start_s == pytest.approx(2.0, abs=0.002)
