"""Blending: exact at both ends, even in between, idle processors grow from nothing."""

import itertools
import math

import numpy as np
import pytest
import torch

from console.blend import blend, differing, standing
from console.filters import eq_sections, response_db
from console.parameters import spec
from console.settings import Settings

NAMES = ["Vox", "Kick"]
NEUTRAL = Settings.neutral(NAMES)
EDIT = {
    ("Vox", "highpass.on"): 1.0,
    ("Vox", "eq.bell_1_gain_db"): -6.0,
    ("Vox", "eq.bell_1_freq_hz"): 300.0,
    ("Vox", "eq.bell_1_q"): 2.0,
    ("Vox", "compressor.ratio"): 4.0,
    ("Vox", "compressor.threshold_db"): -30.0,
    ("Vox", "compressor.makeup_db"): 5.0,
    ("Vox", "saturation.mix"): 0.5,
    ("Vox", "saturation.type"): "tube",
    ("Vox", "send.reverb_db"): -12.0,
    ("Vox", "fader.gain_db"): 3.0,
    ("Vox", "stereo.pan"): -0.4,
    ("master", "limiter.on"): 1.0,
    ("master", "limiter.gain_db"): 4.0,
}


def at(share: float, before=NEUTRAL, after=None) -> Settings:
    after = after or NEUTRAL.turned(EDIT)
    return blend(before, after, dict.fromkeys(differing(before, after), share))


def test_the_ends_are_exact() -> None:
    before = NEUTRAL.turned({("Vox", "eq.bell_1_gain_db"): 1.23456, ("Kick", "compressor.ratio"): 3.21})
    after = before.turned(EDIT).turned({("Kick", "compressor.ratio"): 1.777}, (1.0, 2.0))
    assert at(0.0, before, after) == before
    assert at(1.0, before, after) == after
    assert blend(before, after, {}) == after


def test_half_of_it() -> None:
    half = at(0.5)
    values = dict(half.tracks["Vox"])
    assert values.pop("highpass.freq_hz") == pytest.approx(math.sqrt(16 * 80), rel=0.03)
    assert values.pop("send.reverb_db") == pytest.approx(-18.0, abs=0.1)  # half the amplitude
    assert values == {
        "highpass.on": 1.0,
        "eq.bell_1_gain_db": -3.0,
        "eq.bell_1_freq_hz": 300.0,
        "eq.bell_1_q": 2.0,
        "compressor.ratio": 1.6,  # slope 0.75 -> 0.375
        "compressor.threshold_db": -30.0,
        "compressor.makeup_db": 2.5,
        "saturation.mix": 0.25,
        "saturation.type": "tube",
        "fader.gain_db": 1.5,
        "stereo.pan": -0.2,
    }
    assert half.master == {"limiter.on": 1.0, "limiter.gain_db": 2.0}


def test_further_than_all_of_it_stays_in_range() -> None:
    far = at(1.5)
    assert far.number("Vox", "eq.bell_1_gain_db") == -9.0
    assert far.number("Vox", "compressor.ratio") == 20.0  # slope 1.125 would be past limiting
    assert at(1.5, after=NEUTRAL.turned({("Vox", "fader.gain_db"): 10.0})).number("Vox", "fader.gain_db") == 12.0


def test_every_depth_is_monotone() -> None:
    shares = [number / 20 for number in range(31)]
    for key in differing(NEUTRAL, NEUTRAL.turned(EDIT)):
        if spec(key[2]).kind == "choice" or key[2].endswith("highpass.freq_hz"):
            continue
        path = [float(standing(at(share), key)) for share in shares]
        steps = [later - earlier for earlier, later in itertools.pairwise(path)]
        assert all(step >= -1e-9 for step in steps) or all(step <= 1e-9 for step in steps), key
    corners = [float(at(share).get("Vox", "highpass.freq_hz")) for share in shares[1:]]
    assert corners == sorted(corners)


def test_half_a_bell_is_half_its_curve() -> None:
    freqs = torch.tensor(np.geomspace(30, 16000, 60))

    def curve(settings):
        values = {name[3:]: value for name, value in settings.tracks["Vox"].items() if name.startswith("eq.")}
        return response_db(eq_sections(torch.zeros(1, 1, 1, dtype=torch.float64), 44100, **values), freqs, 44100)[0]

    assert torch.allclose(curve(at(0.5)), curve(at(1.0)) / 2, atol=0.25)


def test_taking_off_shrinks_to_nothing_in_place() -> None:
    off = at(0.75, NEUTRAL.turned(EDIT), NEUTRAL)
    assert off.get("Vox", "eq.bell_1_freq_hz") == 300.0
    assert off.number("Vox", "eq.bell_1_gain_db") == -1.5
    assert off.get("Vox", "saturation.type") == "tube"
    assert off.number("Vox", "highpass.on") == 1.0


def test_parts_go_their_own_way() -> None:
    after = NEUTRAL.turned(EDIT)
    share = {key: 0.0 for key in differing(NEUTRAL, after) if spec(key[2]).processor != "eq"}
    only = blend(NEUTRAL, after, share)
    assert only.tracks["Vox"] == {name: value for (_, name), value in EDIT.items() if name.startswith("eq.")}
    assert only.master == {}


def test_a_section_blends_from_what_stands_outside_it() -> None:
    before = NEUTRAL.turned({("Vox", "fader.gain_db"): -2.0})
    after = before.turned({("Vox", "fader.gain_db"): 4.0}, (1.0, 2.0))
    half = at(0.5, before, after)
    assert half.within((1.0, 2.0)).number("Vox", "fader.gain_db") == 1.0
    assert half.number("Vox", "fader.gain_db") == -2.0
    assert at(0.0, before, after) == before
