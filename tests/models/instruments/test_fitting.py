import numpy as np
import torch

from models.instruments.classes import load_classes
from models.instruments.listen import columns
from models.instruments.tagger import load_tagger
from scripts.instrument_tagger.fitting import WANTED, WANTED_EVERYWHERE, Recipe, choose_threshold, fit
from scripts.instrument_tagger.renders import Renders

CLASSES = len(load_classes())


def told_apart(seed, count=340):
    """Sounds whose class shows in a few columns."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    numbers = generator.standard_normal((count, len(columns()))).astype(np.float32)
    for label in range(CLASSES):
        numbers[labels == label, 40 * label : 40 * label + 40] += 3.0
    return Renders(numbers, labels, ["song"] * count, [""] * count)


def test_a_fit_tells_apart_what_can_be(tmp_path, capsys):
    fit(told_apart(0), told_apart(1), tmp_path / "weights.safetensors", Recipe(steps=60, batch=64))
    assert "threshold" in capsys.readouterr().out
    tagger, test = load_tagger(tmp_path / "weights.safetensors"), told_apart(2, 68)
    shares = [tagger.judge(torch.from_numpy(row)).shares for row in test.numbers]
    right = [
        list(row.values()).index(max(row.values())) == label for row, label in zip(shares, test.labels, strict=True)
    ]
    assert np.mean(right) > 0.95


def test_the_threshold_keeps_the_share_of_right_tags_on_every_source():
    generator = np.random.default_rng(0)
    labels = generator.integers(CLASSES - 1, size=4000)
    confidence = generator.uniform(0.2, 1.0, size=4000)
    kinds = generator.choice(["song", "samples"], size=4000).tolist()
    honest = np.where(np.array(kinds) == "song", confidence, confidence - 0.15)  # less often right than it says
    heard = np.where(generator.random(4000) < honest, labels, (labels + 1) % (CLASSES - 1))
    shares = np.zeros((4000, CLASSES))
    shares[np.arange(4000), heard] = confidence
    threshold = choose_threshold(shares, labels, kinds)
    for name in ("song", "samples"):
        rows = (np.array(kinds) == name) & (confidence >= threshold)
        assert (heard == labels)[rows].mean() >= WANTED_EVERYWHERE
    assert (heard == labels)[confidence >= threshold].mean() >= WANTED
    assert 0.85 < threshold < 0.97


def test_where_nothing_is_ever_right_almost_nothing_is_tagged():
    shares = np.full((200, CLASSES), 0.0)
    shares[:, 0] = 0.9
    assert choose_threshold(shares, np.ones(200, int), ["song"] * 200) >= 0.9
