import numpy as np
import pytest
import scipy.stats

from benchmarks import encoder_metrics as metrics

STYLES = np.tile(np.arange(5), 10)
CONTENTS = np.repeat(np.arange(10), 5)


def _map_by_loop(similarity, styles, contents, depth):
    values = []
    for query in range(len(styles)):
        others = [item for item in range(len(styles)) if contents[item] != contents[query]]
        others.sort(key=lambda item: -similarity[query, item])
        hits, total = 0, 0.0
        for place, item in enumerate(others[:depth], 1):
            if styles[item] == styles[query]:
                hits += 1
                total += hits / place
        values.append(total / (len(set(contents)) - 1))
    return np.mean(values)


def test_four_items_by_hand():
    styles, contents = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    similarity = np.array([[1.0, 0.9, 0.8, 0.1], [0.9, 1.0, 0.5, 0.2], [0.8, 0.5, 1.0, 0.3], [0.1, 0.2, 0.3, 1.0]])
    # Item 0 finds 2 (hit); 1 finds 2 (miss) then 3; 2 finds 0 (hit); 3 finds 1 (hit).
    assert metrics.recall_at_1(similarity, styles, contents) == 0.75
    assert metrics.mean_average_precision(similarity, styles, contents) == (1 + 0.5 + 1 + 1) / 4
    # Pairs across contents: same style .8 and .2, other styles .1 and .5.
    assert metrics.pair_auc(similarity, styles, contents) == 0.75


def test_map_equals_a_loop():
    generator = np.random.default_rng(0)
    for _ in range(5):
        similarity = generator.normal(size=(50, 50))
        expected = _map_by_loop(similarity, STYLES, CONTENTS, 10)
        assert metrics.mean_average_precision(similarity, STYLES, CONTENTS) == pytest.approx(expected)


def test_perfect_styles_are_perfect():
    similarity = (STYLES[:, None] == STYLES[None]).astype(float)
    assert metrics.recall_at_1(similarity, STYLES, CONTENTS) == 1.0
    assert metrics.mean_average_precision(similarity, STYLES, CONTENTS) == 1.0
    assert metrics.pair_auc(similarity, STYLES, CONTENTS) == 1.0


def test_random_embeddings_give_chance():
    generator = np.random.default_rng(1)
    figures = []
    for _ in range(200):
        near = metrics.cosines(generator.normal(size=(50, 16)))
        figures.append(
            (
                metrics.recall_at_1(near, STYLES, CONTENTS),
                metrics.mean_average_precision(near, STYLES, CONTENTS),
                metrics.pair_auc(near, STYLES, CONTENTS),
            )
        )
    recall, precision, auc = np.mean(figures, axis=0)
    assert recall == pytest.approx(0.20, abs=0.012)
    assert precision == pytest.approx(0.09, abs=0.012)
    assert auc == pytest.approx(0.50, abs=0.01)


def test_auc_is_mann_whitney_with_ties_halved():
    generator = np.random.default_rng(2)
    for _ in range(5):
        positive, negative = generator.integers(0, 6, 30), generator.integers(0, 5, 40)
        pairs = [(a > b) + 0.5 * (a == b) for a in positive for b in negative]
        assert metrics.auc(positive, negative) == pytest.approx(np.mean(pairs))
        u = scipy.stats.mannwhitneyu(positive, negative).statistic
        assert metrics.auc(positive, negative) == pytest.approx(u / 1200)


def test_within_type_pairs_only():
    styles, contents, types = np.array([0, 1, 2, 0, 1, 2]), np.repeat([0, 1], 3), np.array(["a", "a", "b"] * 2)
    similarity = np.full((6, 6), 0.5)
    similarity[[0, 1, 2], [3, 4, 5]] = 0.6
    similarity[0, 5] = similarity[2, 3] = 0.9  # across types: counts against it only there
    assert metrics.pair_auc(similarity, styles, contents) < 1.0
    assert metrics.pair_auc(similarity, styles, contents, types) == 1.0


def test_spearman_equals_scipy_and_a_flat_curve_counts_nothing():
    values = np.random.default_rng(3).integers(0, 5, (20, 6)).astype(float)
    values[0] = 1.0
    found = metrics.spearman(values)
    assert found[0] == 0.0
    for curve, value in zip(values[1:], found[1:], strict=True):
        assert value == pytest.approx(scipy.stats.spearmanr(curve, np.arange(6)).statistic)


def test_monotone_is_strict():
    assert metrics.monotone_share(np.array([[0, 1, 2], [0, 1, 1], [0, 2, 1], [-1, 0, 5]])) == 0.5


def test_correlation_is_pearsons_and_0_of_a_constant():
    first, second = np.random.default_rng(4).normal(size=(2, 30))
    assert metrics.correlation(first, second) == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert metrics.correlation(np.ones(30), second) == 0.0


def test_the_jackknife_error_of_a_mean_is_the_textbook_one():
    values = np.random.default_rng(5).normal(size=25)
    found = metrics.jackknife_error(lambda kept: float(values[kept].mean()), [np.arange(25)])
    assert found == pytest.approx(values.std(ddof=1) / 5)


def test_a_zero_vector_is_at_right_angles():
    assert np.array_equal(metrics.cosines(np.array([[0.0, 0.0], [3.0, 4.0]])), [[0, 0], [0, 1]])
