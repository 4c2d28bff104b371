"""Sections as breakpoints: where a DAW's knob stands at any time is where the console's does."""

import numpy as np
import pytest

from console.sections import RAMP_S
from console.settings import Settings
from exchange.automation import automation_of, still_choices

FADER = ("A", "fader.gain_db")


def settings(*sections, base=-2.0):
    """A fader at `base` and elsewhere in sections (value, start_s, end_s)."""
    turned = Settings.neutral(["A"]).turned({FADER: base})
    for value, start_s, end_s in sections:
        turned = turned.turned({FADER: value}, (start_s, end_s))
    return turned


def at(points, time_s):
    times, values = zip(*points, strict=True)
    return float(np.interp(time_s, times, values))


def test_without_sections_nothing_moves():
    assert automation_of(settings()) == {}


def test_ramps_lie_outside_the_section():
    points = automation_of(settings((1.0, 2.0, 4.0)))[FADER]
    assert points == (
        (0.0, -2.0),
        (2.0 - RAMP_S, -2.0),
        (2.0, 1.0),
        (4.0, 1.0),
        (4.0 + RAMP_S, -2.0),
    )


def test_a_section_from_the_start_begins_where_it_stands():
    points = automation_of(settings((1.0, 0.0, 4.0)))[FADER]
    assert points[0] == (0.0, 1.0)
    assert at(points, 0.01) == 1.0


@pytest.mark.parametrize(
    "sections",
    [
        [(1.0, 2.0, 4.0), (3.0, 4.0, 6.0)],
        [(1.0, 2.0, 8.0), (3.0, 4.0, 6.0)],
        [(1.0, 2.0, 5.0), (3.0, 4.0, 7.0)],
        [(1.0, 0.0, 2.0), (-5.0, 6.0, 9.0)],
    ],
    ids=["side by side", "one inside another", "overlapping", "apart"],
)
def test_the_knob_stands_where_the_console_has_it(sections):
    turned = settings(*sections)
    points = automation_of(turned)[FADER]
    assert [time_s for time_s, _ in points] == sorted(time_s for time_s, _ in points)
    for time_s in np.arange(0.25, 10.0, 0.5):
        stands = turned.within((time_s, time_s + 1e-6)).number(*FADER)
        assert at(points, time_s) == pytest.approx(stands), time_s


def test_switches_jump_and_choices_are_named():
    turned = Settings.neutral(["A"]).turned(
        {("A", "highpass.on"): 1.0, ("A", "highpass.slope_db_per_octave"): "24"}, (1.0, 2.0)
    )
    assert automation_of(turned) == {("A", "highpass.on"): ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0), (2.0, 0.0))}
    assert still_choices(turned) == [("A", "highpass.slope_db_per_octave")]
