import itertools

import numpy as np
import pytest

from scripts.corpus.cut import choose_starts, is_audible

RATE = 44100


@pytest.mark.parametrize("wanted", [1, 3, 100])
def test_clips_never_overlap_and_lie_inside(wanted):
    for seed in range(20):
        starts = choose_starts(1000, 90, wanted, np.random.default_rng(seed))
        assert len(starts) == min(wanted, 11)
        assert starts[0] >= 0
        assert starts[-1] + 90 <= 1000
        assert all(later - earlier >= 90 for earlier, later in itertools.pairwise(starts))


def test_too_short_a_sound_gives_none():
    assert choose_starts(89, 90, 5, np.random.default_rng(0)) == []


@pytest.mark.parametrize(
    ("gain", "share", "audible"), [(0.1, 1.0, True), (0.001, 1.0, False), (0.1, 0.1, False), (0.0, 1.0, False)]
)
def test_only_what_sounds_is_kept(gain, share, audible):
    clip = np.zeros((2, RATE), np.float32)
    clip[:, : int(share * RATE)] = gain
    assert is_audible(clip, RATE) == audible
