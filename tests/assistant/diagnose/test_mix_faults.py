"""Levels, offsets, image, balance and masking, on mixes built to have one fault."""

import numpy as np
import pytest

from assistant.diagnose import findings_of
from assistant.diagnose.balance import find_balance, level_against_rest_db, level_range, masking
from assistant.diagnose.expectations import expectations
from assistant.diagnose.image import balance_db, find_image, low_width_db, width_db
from assistant.diagnose.technical import find_technical


def _problems(findings):
    return {finding.problem: finding for finding in findings}


def test_dc_is_told_in_percent(sounds):
    found = _problems(find_technical(sounds.heard_mix(sounds.noise(4.0) + np.float32(0.03))))["dc-offset"]
    assert found.evidence.value == pytest.approx(3.0, abs=0.1)
    assert found.fact
    assert found.say == "high-pass the mix at 20 Hz"


def test_a_silent_track_is_told_and_judged_no_further(sounds):
    parts = {"Keys": ("keys", sounds.noise(4.0)), "Empty": ("bass", np.zeros((2, 4 * sounds.RATE), np.float32))}
    about = [finding for finding in findings_of(sounds.heard(parts)) if "Empty" in finding.tracks]
    assert [finding.problem for finding in about] == ["silent-track"]


def test_stems_that_add_up_over_full_scale(sounds):
    loud = sounds.hits(4.0)
    loud = loud * (0.8 / np.abs(loud).max())
    found = _problems(find_technical(sounds.heard({"A": ("keys", loud), "B": ("bass", loud)})))["low-headroom"]
    assert found.evidence.value == pytest.approx(20 * np.log10(1.6), abs=0.01)
    assert found.say == f"turn the mix down by {20 * np.log10(1.6) + 1:.1f} dB"


@pytest.mark.parametrize("side", [0, 1])
def test_a_leaning_mix_is_panned_back(sounds, side):
    audio = sounds.noise(4.0)
    audio[side] *= 10 ** (-8 / 20)
    hearing = sounds.heard_mix(audio)
    assert abs(balance_db(hearing.mix)) == pytest.approx(8.0, abs=0.1)
    found = _problems(find_image(hearing))["lopsided"]
    assert found.say.endswith(("left", "right")[side])


def test_one_side_upside_down(sounds):
    audio = sounds.noise(4.0, channels=1)
    hearing = sounds.heard_mix(np.concatenate([audio, -audio]))
    assert _problems(find_image(hearing))["phasey"].evidence.value == pytest.approx(-1.0, abs=0.01)


@pytest.mark.parametrize(("late_ms", "side"), [(0.5, 0), (8.0, 1), (18.0, 0)])
def test_a_late_side_is_told_in_milliseconds(sounds, late_ms, side):
    audio = np.repeat(sounds.noise(4.0, seed=9, channels=1), 2, axis=0) + 0.2 * sounds.noise(4.0, seed=10)
    late = round(late_ms * sounds.RATE / 1000)
    audio[side] = np.pad(audio[side], (late, 0))[: audio.shape[1]]
    found = _problems(find_image(sounds.heard_mix(audio)))["mono-loss"]
    assert found.evidence.value == pytest.approx(1000 * late / sounds.RATE, abs=0.01)
    assert ("left", "right")[side] in found.advice


def test_sides_that_agree_lose_nothing_in_mono(sounds):
    audio = np.repeat(sounds.noise(4.0, seed=9, channels=1), 2, axis=0) + 0.2 * sounds.noise(4.0, seed=10)
    assert "mono-loss" not in _problems(find_image(sounds.heard_mix(audio)))
    assert "mono-loss" not in _problems(find_image(sounds.heard_mix(sounds.noise(4.0, seed=11))))


def test_width_is_side_over_middle(sounds):
    middle, side = sounds.noise(4.0, seed=1, channels=1), 0.1 * sounds.noise(4.0, seed=2, channels=1)
    signal = sounds.measured(np.concatenate([middle + side, middle - side]))
    assert width_db(signal) == pytest.approx(-20.0, abs=0.2)
    assert low_width_db(signal) == pytest.approx(-20.0, abs=1.5)


def test_levels_are_against_the_rest_while_it_plays(sounds):
    quiet = 0.1 * sounds.noise(6.0, seed=3)
    quiet[:, 3 * sounds.RATE :] = 0
    hearing = sounds.heard({"Vox": ("lead_vocal", quiet), "Keys": ("keys", sounds.noise(6.0, seed=4))})
    assert level_against_rest_db(hearing, "Vox") == pytest.approx(-20.0, abs=0.5)


def test_buried_and_overpowering(sounds):
    hearing = sounds.heard(
        {"Vox": ("lead_vocal", 0.01 * sounds.noise(5.0, seed=5)), "Keys": ("keys", sounds.noise(5.0))}
    )
    found = _problems(find_balance(hearing))
    assert found["buried"].tracks == ("Vox",)
    assert found["overpowering"].tracks == ("Keys",)
    assert found["buried"].say.startswith("turn the Vox up by")


def test_cymbals_over_everything_are_told_as_such(sounds):
    parts = {"Crash": ("cymbals", sounds.noise(5.0, seed=5)), "Keys": ("keys", sounds.noise(5.0))}
    found = _problems(find_balance(sounds.heard(parts)))["overpowering"]
    assert found.tracks == ("Crash",)
    assert "cymbals" in found.evidence.measure


def test_a_lead_vocal_is_expected_where_engineers_put_it():
    usual = level_range("lead_vocal", expectations())
    assert usual.low_db < -3 < 3 < usual.high_db
    assert "engineers" in usual.source
    assert "arrangements" in level_range("kick", expectations()).source


def test_who_hides_whom(sounds):
    low = np.concatenate([sounds.sine(freq, 5.0, 0.2)[:1] for freq in (200.0, 210.0)])
    high = np.concatenate([sounds.sine(freq, 5.0, 0.2)[:1] for freq in (4000.0, 4100.0)])
    soft = 0.05 * sounds.sine(205.0, 5.0)
    hearing = sounds.heard({"Low": ("bass", low), "High": ("keys", high), "Soft": ("lead_vocal", soft)})
    pairs = {(one.masker, one.hidden): one for one in masking(hearing)}
    assert pairs["Low", "Soft"].share > 0.9
    assert pairs["High", "Soft"].share < 0.1
    assert pairs["Soft", "Low"].share < 0.05
    assert pairs["Low", "Soft"].band_hz[0] < 205 < pairs["Low", "Soft"].band_hz[1]


def test_a_plain_mix_has_nothing_wrong(sounds):
    parts = {
        "Keys": ("keys", sounds.noise(5.0, seed=6)),
        "Vox": ("lead_vocal", sounds.noise(5.0, seed=7)),
        "Bass": ("bass", sounds.noise(5.0, seed=8)),
    }
    facts = [finding for finding in findings_of(sounds.heard(parts)) if finding.fact]
    assert not facts
