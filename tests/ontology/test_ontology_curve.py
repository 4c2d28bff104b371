"""EQ moves become the curves that filter theory gives."""

import numpy as np
import pytest

from console.errors import OntologyError
from ontology import BANDS_HZ
from ontology.curve import curve_db


def at(curve, hz):
    return curve[BANDS_HZ.index(hz)]


def test_no_moves_are_flat():
    assert curve_db([]) == (0.0,) * 40


def test_a_bell_reaches_its_gain_at_its_centre_and_nowhere_else():
    curve = curve_db([{"bell": 971, "db": 6, "q": 2}])
    assert at(curve, 971) == pytest.approx(6, abs=0.01)
    assert abs(at(curve, 20)) < 0.05
    assert abs(at(curve, 19682)) < 0.05


@pytest.mark.parametrize(("kind", "full_hz", "flat_hz"), [("low_shelf", 20, 19682), ("high_shelf", 19682, 20)])
def test_a_shelf_has_half_its_gain_at_its_corner(kind, full_hz, flat_hz):
    curve = curve_db([{kind: 971, "db": -6}])
    assert at(curve, 971) == pytest.approx(-3, abs=0.01)
    assert at(curve, full_hz) == pytest.approx(-6, abs=0.05)
    assert at(curve, flat_hz) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("kind", ["high_pass", "low_pass"])
def test_a_butterworth_filter_is_3_db_down_at_its_corner(kind):
    assert at(curve_db([{kind: 971}]), 971) == pytest.approx(-3.01, abs=0.02)


def test_moves_add_up_in_db():
    one, two = {"bell": 208, "db": 3, "q": 1}, {"high_shelf": 5556, "db": -2}
    assert np.allclose(curve_db([one, two]), np.add(curve_db([one]), curve_db([two])), atol=0.02)


def test_curves_stay_within_15_db():
    assert min(curve_db([{"high_pass": 5000}])) == -15


@pytest.mark.parametrize("move", [{"bell": 0, "db": 3}, {"bell": 100, "db": 3, "q": 0}, {"notch": 100}, {}])
def test_impossible_moves_are_refused(move):
    with pytest.raises(OntologyError, match="EQ move"):
        curve_db([move])
