"""The compare player: gains, waveform and HTML."""

from pathlib import Path

import numpy as np
import pytest

from assistant.web.players import compare_player, match_note, matched_gains_db, waveform_path
from assistant.web.takes import Take, waveform

BANDS = np.array([100.0, 1000.0])


def take(loudness_lufs, peak=-3.0, name="0123456789abcdef.wav"):
    return Take(Path(name), loudness_lufs, peak, 44.0, np.array([0.1, 0.5]), BANDS, np.array([-40.0, -50.0]))


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


def test_matching_is_said():
    assert match_note(take(-18.0), take(-16.5)) == "After is turned down 1.5 dB while you compare."
    assert match_note(take(-15.0), take(-16.5)) == "Before is turned down 1.5 dB while you compare."
    assert match_note(take(-16.5), take(-16.51)) == "Both are equally loud as they are."
    assert "silent" in match_note(take(-np.inf), take(-16.5))


def test_a_waveform_keeps_every_peak():
    audio = np.zeros((2, 10_001), dtype=np.float32)
    audio[1, 10_000] = -0.9
    audio[0, 0] = 0.4
    shape = waveform(audio, 100)
    assert shape.shape == (100,)
    assert (shape[0], shape[-1]) == pytest.approx((0.4, 0.9))
    assert waveform(audio[:, :7], 100).shape == (7,)


def test_a_path_stays_inside_its_box():
    path = waveform_path(np.array([0.0, 0.5, 3.0]))
    heights = [float(part.split()[1]) for part in path.replace("Z", "").split("L")[1:]]
    assert min(heights) >= 0
    assert max(heights) <= 100
    assert len(heights) == 6


def test_the_player_holds_two_sounds_and_their_volumes():
    page = compare_player(take(-18.0), take(-16.0, 0.4), ("0: as <loaded>", "1: x"), "the mix", "/bench/f/", "")
    assert page.count("<audio") == 2
    assert 'data-audio="a" data-gain="1.000000"' in page
    assert f'data-audio="b" data-gain="{10 ** (-2 / 20):.6f}"' in page
    assert 'src="/bench/f/0123456789abcdef.wav"' in page
    assert "<loaded>" not in page
    assert 'class="level over"' in page
    assert "0:00 / 0:44" in page
