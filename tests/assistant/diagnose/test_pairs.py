"""Delay and polarity between two microphones."""

import numpy as np
import pytest

from assistant.diagnose import findings_of
from assistant.diagnose.alignment import find_alignment


def _two(sounds, late, sign, instruments=("snare", "snare")):
    source = sounds.hits(5.0, seed=5)
    other = sign * 0.7 * np.pad(source, ((0, 0), (late, 0)))[:, : source.shape[1]] + 0.002 * sounds.noise(5.0, seed=6)
    parts = {"Top": (instruments[0], source), "Bottom": (instruments[1], other.astype(np.float32))}
    return sounds.heard({**parts, "Bass": ("bass", sounds.noise(5.0, seed=7))})


@pytest.mark.parametrize("late", [0, 22, 88, 441])
@pytest.mark.parametrize("sign", [1, -1])
def test_lag_and_polarity_are_read(sounds, late, sign):
    hearing = _two(sounds, late, sign)
    pair = next(pair for pair in hearing.pairs if (pair.first, pair.second) == ("Top", "Bottom"))
    assert pair.lag_ms == pytest.approx(1000 * late / sounds.RATE, abs=0.01)
    assert pair.inverted == (sign < 0)
    found = {finding.problem: finding for finding in find_alignment(hearing)}
    assert ("polarity" in found) == (sign < 0)
    assert ("misaligned" in found) == (late > 0)
    if sign < 0:
        assert found["polarity"].say.startswith("flip the polarity of the Bottom")
    if late:
        assert found["misaligned"].evidence.value == pytest.approx(1000 * late / sounds.RATE, abs=0.01)


def test_tracks_with_nothing_in_common_are_not_blamed(sounds):
    hearing = _two(sounds, 0, 1)
    for pair in hearing.pairs:
        if "Bass" in (pair.first, pair.second):
            assert pair.likeness < 0.1
    assert not find_alignment(hearing)


def test_a_room_may_be_late(sounds):
    assert not find_alignment(_two(sounds, 220, 1, ("snare", "overhead")))
    assert find_alignment(_two(sounds, 441, 1, ("snare", "overhead")))


def test_a_flip_is_undone_by_another(sounds):
    problems = {finding.problem for finding in findings_of(_two(sounds, 0, 1))}
    assert "polarity" not in problems
