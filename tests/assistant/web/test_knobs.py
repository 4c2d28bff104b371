"""Values as people write them, and back."""

import numpy as np
import pytest

from assistant.web.knobs import format_value, parse_value, slider_of
from console.errors import ParameterError
from console.parameters import PROCESSORS, specs_of

EVERY = sorted({entry.name: entry for kind in PROCESSORS for entry in specs_of(kind)}.values(), key=lambda e: e.name)


@pytest.mark.parametrize(
    ("parameter", "value", "shown"),
    [
        ("eq.bell_1_gain_db", 2.5, "+2.5 dB"),
        ("eq.bell_1_gain_db", 0.0, "0.0 dB"),
        ("fader.gain_db", -3.0, "-3.0 dB"),
        ("compressor.threshold_db", -20.0, "-20.0 dB"),
        ("eq.high_shelf_freq_hz", 3200.0, "3.2 kHz"),
        ("highpass.freq_hz", 80.0, "80 Hz"),
        ("compressor.ratio", 4.0, "4:1"),
        ("stereo.pan", -0.3, "L 30"),
        ("stereo.pan", 0.0, "centre"),
        ("stereo.width", 1.35, "135 %"),
        ("eq.bell_1_q", 1.5, "Q 1.5"),
        ("compressor.attack_ms", 12.0, "12 ms"),
        ("fader.mute", 1.0, "on"),
        ("saturation.type", "tube", "tube"),
        ("limiter.ceiling_dbtp", -1.0, "-1 dBTP"),
    ],
)
def test_a_value_is_written_with_its_unit(parameter, value, shown):
    assert format_value(parameter, value) == shown


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.name)
def test_what_is_written_can_be_typed(entry):
    if entry.kind == "choice":
        assert all(parse_value(entry.name, format_value(entry.name, one)) == one for one in entry.choices)
        return
    for position in (0.0, 0.13, 0.5, 0.77, 1.0):
        value = 1.0 if entry.kind == "switch" else entry.denormalise(position)
        back = parse_value(entry.name, format_value(entry.name, value))
        assert back == pytest.approx(value, rel=0.01, abs=max(entry.step, 0.06))


@pytest.mark.parametrize(
    ("typed", "value"), [("-2,5", -2.5), ("−2.5 dB", -2.5), ("+3", 3.0), (" 4 ", 4.0), ("0.5db", 0.5)]
)
def test_people_type_as_they_like(typed, value):
    assert parse_value("fader.gain_db", typed) == value


def test_kilohertz_and_sides_are_read():
    assert parse_value("eq.high_shelf_freq_hz", "6.5k") == 6500.0
    assert parse_value("stereo.pan", "r 20") == pytest.approx(0.2)
    assert parse_value("stereo.pan", "C") == 0.0


def test_nonsense_and_too_much_are_told():
    with pytest.raises(ParameterError, match="'loud' is no number"):
        parse_value("fader.gain_db", "loud")
    with pytest.raises(ParameterError, match=r"40 dB is out of range. Type -90.0 dB to \+12.0 dB"):
        parse_value("fader.gain_db", "40 dB")
    with pytest.raises(ParameterError, match="is no choice"):
        parse_value("saturation.type", "fuzz")
    assert np.isfinite(parse_value("fader.gain_db", "-90"))


@pytest.mark.parametrize("entry", [e for e in EVERY if e.kind == "number"], ids=lambda entry: entry.name)
def test_a_slider_travels_its_whole_way_and_back(entry):
    """As `travelled` in page.js reads it."""
    for value in np.linspace(entry.low, entry.high, 9):
        position, curve = slider_of(entry, float(value))
        assert -1e-9 <= position <= 1 + 1e-9
        if curve == "fader":
            high, low = entry.high, entry.low
            back = high - (1 - position) / 0.6 * (high + 20) if position >= 0.4 else low + position / 0.4 * (-20 - low)
        else:
            back = entry.denormalise(position)
        assert back == pytest.approx(value, rel=1e-6, abs=1e-9)
