"""What is learnt of how much songs differ from themselves."""

import numpy as np
import pytest

from assistant.diagnose.problems import problems
from scripts.expectations.contrast import fit_contrast
from scripts.expectations.measure import measure_alone

_RATE = 44100


def _song(seed: int, seconds: float = 20.0):
    """Return what noise measures whose tone wanders by 3 dB a second."""
    generator = np.random.default_rng(seed)
    audio = 0.1 * generator.normal(size=(1, int(seconds * _RATE)))
    swing = np.repeat(generator.normal(size=int(seconds)), _RATE)
    return measure_alone((audio * 10 ** (3 * swing / 20)).astype(np.float32).repeat(2, axis=0))


@pytest.fixture(scope="module")
def entry():
    return fit_contrast({"one": [_song(0), _song(1)], "other": [_song(2)]}, [_song(3)])


def test_it_holds_what_the_table_needs(entry):
    assert entry["count"] == 3
    assert [len(row) for row in entry["covariance"]] == list(range(1, 41))
    tone = {name for name, row in problems().items() if row.shape}
    assert set(entry["thresholds"]["mix"]) == tone | {"louder"}
    assert set(entry["thresholds"]["part"]) == tone | {"louder", "softer"}
    assert set(entry["thresholds"]["reference"]) == tone


def test_a_hint_comes_no_later_than_a_plain_finding(entry):
    for kind in entry["thresholds"].values():
        assert all(0 < hint <= plain for hint, plain in kind.values())


def test_bands_that_move_together_are_learnt_so(entry):
    low, high = 10, 30
    covariance = entry["covariance"]
    assert covariance[high][low] > 0.5 * np.sqrt(covariance[high][high] * covariance[low][low])
