"""The player: gains, waveform and what it offers."""

import numpy as np
import pytest

from assistant.web.players import matched_gains_db, player, waveform_path


@pytest.mark.parametrize(
    ("before", "after", "gains"),
    [
        (-18.0, -16.5, (0.0, -1.5)),
        (-12.0, -15.0, (-3.0, 0.0)),
        (-14.0, -14.0, (0.0, 0.0)),
        (-np.inf, -14.0, (0.0, 0.0)),
        (-14.0, -np.inf, (0.0, 0.0)),
        (-5.0, -69.0, (-40.0, 0.0)),
    ],
)
def test_the_louder_one_is_turned_down_and_nothing_up(before, after, gains):
    assert matched_gains_db(before, after) == pytest.approx(gains)


def test_a_path_stays_inside_its_box():
    path = waveform_path(np.array([0.0, 0.5, 3.0]))
    heights = [float(part.split()[1]) for part in path.replace("Z", "").split("L")[1:]]
    assert min(heights) >= 0
    assert max(heights) <= 100
    assert len(heights) == 6


def test_the_louder_side_carries_its_gain(bench):
    settings = bench.session.settings.turned({("Lead Vox", "fader.gain_db"): 6.0, ("Bass DI", "fader.gain_db"): 6.0})
    bench.session.add("make it <b>loud</b>", settings)
    page = player(bench, "/bench/t/")
    assert f'data-gain="{10 ** (-6 / 20):.6f}"' in page
    assert page.count("data-src=") == 2
    assert "B is turned down 6.0 dB while you compare." in page
    assert "<b>loud</b>" not in page


def test_one_sound_twice_is_said(bench):
    assert "A and B are the same sound." in player(bench, "/bench/t/")


def test_every_sound_can_be_either_side(bench):
    bench.session.add("an edit", bench.session.settings.turned({("Lead Vox", "fader.gain_db"): 1.0}))
    page = player(bench, "/bench/t/")
    for words in ("As loaded", "Version before", "Now", "1: an edit", "Bass DI", "The mix"):
        assert words in page


def test_sections_can_be_looped(bench):
    bench.session.name_section("chorus", [(0.2, 0.8)])
    assert 'data-from="0.200" data-to="0.800"' in player(bench, "/bench/t/")
