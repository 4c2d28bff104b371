"""Between two settings every point is a real setting; the sound can be what the share is held against."""

import numpy as np
import pytest

from assistant.between import between, between_sounds
from assistant.eq_fit import current_curve_db
from console.errors import SettingsError
from console.settings import Settings

FREQS = np.geomspace(60, 10000, 30)
START = Settings.neutral(["a", "b"])


def test_the_ends_are_exact():
    end = START.turned({("a", "eq.bell_1_gain_db"): 6.0, ("b", "stereo.width"): 0.3})
    assert between(START, end, 0.0) is START
    assert between(START, end, 1.0) is end


def test_half_of_a_gain_and_a_width_is_half():
    end = START.turned({("a", "eq.bell_1_gain_db"): 6.0, ("b", "stereo.width"): 0.4})
    half = between(START, end, 0.5)
    assert half.number("a", "eq.bell_1_gain_db") == 3.0
    assert half.number("b", "stereo.width") == 0.7


def test_bands_in_other_places_are_fitted_to_the_curve_between():
    one = START.turned({("a", "eq.bell_1_gain_db"): 8.0, ("a", "eq.bell_1_freq_hz"): 200.0})
    other = START.turned({("a", "eq.bell_1_gain_db"): 8.0, ("a", "eq.bell_1_freq_hz"): 3000.0})
    found = current_curve_db(between(one, other, 0.5), "a", FREQS, 44100)
    wanted = sum(current_curve_db(part, "a", FREQS, 44100) for part in (one, other)) / 2
    assert found == pytest.approx(wanted, abs=0.8)


def test_the_share_is_of_the_sound():
    end = START.turned({("a", "fader.gain_db"): -12.0})

    def place(settings):  # a sound that changes late on the way
        return np.array([(settings.number("a", "fader.gain_db") / -12.0) ** 3, 0.0])

    found, knobs = between_sounds(START, end, 0.5, place)
    assert place(found)[0] == pytest.approx(0.5, abs=0.06)
    assert knobs == pytest.approx(0.5 ** (1 / 3), abs=0.03)


def test_other_songs_have_no_way_between_them():
    with pytest.raises(SettingsError, match="different songs"):
        between(START, Settings.neutral(["a"]), 0.5)
    with pytest.raises(SettingsError, match="outside 0 to 1"):
        between(START, START, 1.2)
