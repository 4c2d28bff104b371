import pytest

from assistant.numbers import number_changes
from assistant.request import Request
from console.errors import RequestError
from console.settings import Settings

SETTINGS = Settings.neutral(["a"])


def _changes(settings=SETTINGS, target="a", **numbers):
    request = Request(intent="edit", targets=(target,), direction="=", numbers=numbers)
    return number_changes(request, settings, target, -6.0)


def test_gain_at_a_frequency_is_a_bell_as_said():
    changes = _changes(gain_db=-3.0, freq_hz=300.0, q=2.0)
    assert changes == {("a", "eq.bell_1_gain_db"): -3.0, ("a", "eq.bell_1_freq_hz"): 300.0, ("a", "eq.bell_1_q"): 2.0}


def test_the_same_frequency_again_uses_the_same_bell():
    once = SETTINGS.turned(_changes(gain_db=-3.0, freq_hz=300.0))
    assert _changes(once, gain_db=-2.0, freq_hz=310.0)["a", "eq.bell_1_gain_db"] == -5.0


def test_a_shelf_by_name_is_that_shelf_and_adds():
    high = _changes(gain_db=3.0, freq_hz=10000.0, shelf=1.0)
    assert high["a", "eq.high_shelf_gain_db"] == 3.0
    assert high["a", "eq.high_shelf_freq_hz"] == 10000.0
    low = _changes(SETTINGS.turned(high), gain_db=-2.0, freq_hz=100.0, shelf=-1.0)
    assert low["a", "eq.low_shelf_gain_db"] == -2.0
    assert _changes(SETTINGS.turned(high), gain_db=-1.0, freq_hz=9000.0, shelf=1.0)["a", "eq.high_shelf_gain_db"] == 2.0
    assert not any("bell" in knob for _, knob in [*high, *low])


def test_a_shelf_stays_in_its_range():
    with pytest.raises(RequestError, match="Low shelf frequency cannot go to 5000 Hz"):
        _changes(gain_db=3.0, freq_hz=5000.0, shelf=-1.0)


def test_gain_alone_is_the_fader_and_adds():
    once = SETTINGS.turned(_changes(gain_db=2.0))
    assert _changes(once, gain_db=2.0) == {("a", "fader.gain_db"): 4.0}


def test_a_ratio_alone_gets_a_threshold_under_the_peak():
    changes = _changes(ratio=4.0)
    assert changes["a", "compressor.ratio"] == 4.0
    assert changes["a", "compressor.threshold_db"] == -20.0


def test_mix_means_the_master():
    assert _changes(target="mix", highpass_hz=30.0) == {
        ("master", "highpass.on"): 1.0,
        ("master", "highpass.freq_hz"): 30.0,
    }


def test_what_the_console_cannot_do_is_refused():
    with pytest.raises(RequestError, match=r"Fader cannot go to 20 dB on a: it goes from -90 to 12 dB"):
        _changes(SETTINGS.turned({("a", "fader.gain_db"): 10.0}), gain_db=10.0)
    with pytest.raises(RequestError, match="The mix has no sends"):
        _changes(target="mix", reverb_send_db=-10.0)
    full = SETTINGS.turned({("a", f"eq.bell_{n}_gain_db"): 1.0 for n in range(1, 5)})
    with pytest.raises(RequestError, match="All four bells of a are in use"):
        _changes(full, gain_db=2.0, freq_hz=60.0)
