"""Series of constant size."""

import numpy as np
import pytest

from assistant.diagnose.timeline import Reservoir, Stretches, Timeline


@pytest.mark.parametrize("rows", [1, 7, 16, 17, 100, 1000])
@pytest.mark.parametrize("block", [1, 5, 64])
def test_cells_are_plain_means_however_rows_arrive(rows, block):
    data = np.random.default_rng(rows).normal(size=(rows, 3))
    line = Timeline(3, 2, cells=8)
    for start in range(0, rows, block):
        line.add(data[start : start + block])
    size = line.rows_per_cell
    wanted = [data[start : start + size].mean(axis=0) for start in range(0, rows, size)]
    assert len(line.values) <= 8
    np.testing.assert_allclose(line.values, wanted)


def test_a_reservoir_keeps_evenly_spaced_rows():
    kept = Reservoir(1, rows=8)
    for number in range(100):
        kept.add(np.array([number]))
    values = kept.values[:, 0]
    assert len(values) <= 8
    assert values[0] == 0
    assert set(np.diff(values)) == {kept.every}
    assert values[-1] > 100 - 2 * kept.every


def test_stretches_are_whole_and_evenly_spaced_however_long_the_song():
    kept = Stretches(chunks=2, most=4)
    for number in range(41):
        kept.add(np.full((3, 1), number), np.full((1, 2), number))
    first = [int(stretch.steps[0, 0]) for stretch in kept.values]
    assert len(first) <= 5
    assert first[0] == 0
    assert len(set(np.diff(first[:-1]))) == 1
    for stretch in kept.values[:-1]:
        assert stretch.steps.shape == (6, 1)
        assert stretch.frames.shape == (2, 2)
        assert set(stretch.frames[:, 0]) == {stretch.steps[0, 0], stretch.steps[-1, 0]}


def test_a_short_sound_is_one_open_stretch():
    kept = Stretches(chunks=4)
    kept.add(np.ones((5, 1)), np.ones((2, 1)))
    (only,) = kept.values
    assert only.steps.shape == (5, 1)
