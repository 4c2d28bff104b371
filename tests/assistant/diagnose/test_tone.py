"""Faults of tone: shapes against exact filters, estimates against known amounts."""

import numpy as np
import pytest
import torch

from assistant.diagnose.expectations import ANY_KIND, MIX_KIND, Spectra, expectations, kind_of_sound
from assistant.diagnose.problems import problems
from assistant.diagnose.statistics import BAND_HZ
from assistant.diagnose.tone import fault_shape_db, tone_scores
from console.filters import bell_section, response_db, shelf_section

TONED = tuple(name for name, row in problems().items() if row.shape)


@pytest.mark.parametrize("name", TONED)
def test_a_shape_is_a_small_filter_s(name):
    shape = problems()[name].shape
    gain = torch.tensor([0.1], dtype=torch.float64)
    q = torch.tensor([shape["q"]], dtype=torch.float64)
    if "bell" in shape:
        section = bell_section(192000, gain, torch.tensor([shape["bell"]], dtype=torch.float64), q)
    else:
        high = "high_shelf" in shape
        freq = torch.tensor([shape["high_shelf" if high else "low_shelf"]], dtype=torch.float64)
        section = shelf_section(192000, gain, freq, q, high)
    exact = response_db(section[:, None], torch.as_tensor(BAND_HZ), 192000)[0].numpy() / 0.1
    tolerance = 0.06 if "bell" in shape else 0.2
    np.testing.assert_allclose(fault_shape_db(shape), shape.get("sign", 1.0) * exact, atol=tolerance)


@pytest.mark.parametrize("name", TONED)
def test_the_amount_that_was_put_in_is_read(name):
    """With the table's own mean as the clean spectrum, the estimate is the truth; level does not matter."""
    expected = expectations().spectra_of(MIX_KIND)
    clean = np.maximum(expected.mean_db, -50.0)
    fixed = Spectra(clean, expected.covariance, expected.count, "")
    spoilt = clean + 7.0 * fault_shape_db(problems()[name].shape) - 4.0
    amount, uncertainty = tone_scores(spoilt, fixed, (name,))[name]
    assert amount == pytest.approx(7.0, abs=0.35)
    assert uncertainty > 0
    assert tone_scores(clean, fixed, (name,))[name][0] == pytest.approx(0.0, abs=1e-6)


def test_uncertainty_is_what_the_corpus_shows():
    """Drawing spectra with the table's covariance spreads the estimates by the stated standard deviation."""
    expected = expectations().spectra_of(MIX_KIND)
    generator = np.random.default_rng(0)
    mean = np.full(BAND_HZ.size, -20.0)
    fixed = Spectra(mean, expected.covariance, expected.count, "")
    drawn = generator.multivariate_normal(mean, expected.covariance, size=400)
    scores = [tone_scores(row, fixed, ("muddy",))["muddy"] for row in drawn]
    estimates = np.array([amount for amount, _ in scores])
    assert estimates.std() == pytest.approx(np.median([sd for _, sd in scores]), rel=0.25)


def test_kinds_without_figures_are_judged_as_any_instrument():
    table = expectations()
    assert table.spectra_of("kazoo") is table.spectra[ANY_KIND]
    assert kind_of_sound("lead_vocal") == "vocal"
    assert kind_of_sound("something new") == ANY_KIND


def test_covariances_are_proper():
    for spectra in expectations().spectra.values():
        assert spectra.count > 10
        assert np.linalg.eigvalsh(spectra.covariance).min() > 0


@pytest.mark.parametrize(("name", "instrument", "concerned"), [
    ("boomy", "kick", False), ("boomy", "bass", True), ("sibilant", "keys", False), ("sibilant", "lead_vocal", True),
    ("dull", "kick", False), ("dull", "mix", True), ("ringing", "snare", False),
])  # fmt: skip
def test_nature_is_no_fault(name, instrument, concerned):
    assert problems()[name].concerns(instrument) == concerned
