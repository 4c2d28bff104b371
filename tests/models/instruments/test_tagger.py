from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from console.errors import ModelError
from exchange import load_tracks
from models.instruments import Tag, load_tagger, tag
from models.instruments.classes import load_classes
from models.instruments.tagger import SHIPPED_WEIGHTS, TagNetwork

DEMO = Path(__file__).parents[3] / "exchange/demo"
NOISE = (0.1 * np.random.default_rng(0).standard_normal((2, 6 * 44100))).astype(np.float32)


@pytest.fixture
def weights(tmp_path):
    """Write random weights: weights(threshold)."""

    def write(threshold=0.01, **changes):
        torch.manual_seed(0)
        network = TagNetwork()
        network.threshold.fill_(threshold)
        save_file({**network.state_dict(), **changes}, tmp_path / "weights.safetensors")
        return tmp_path / "weights.safetensors"

    return write


def test_shares_name_every_class_and_add_up(weights):
    found = load_tagger(weights()).tag(NOISE, 44100)
    assert list(found.shares) == list(load_classes())
    assert sum(found.shares.values()) == pytest.approx(1.0, abs=1e-5)
    assert found.confidence == max(found.shares.values()) or found.instrument == "unknown"


def test_below_the_threshold_it_is_unknown(weights):
    found = load_tagger(weights(1.0)).tag(NOISE, 44100)
    assert (found.instrument, found.group, found.say) == ("unknown", "other", "")


@pytest.mark.parametrize("rate", [8000, 44100])
def test_silence_is_unknown_with_no_shares(weights, rate):
    assert load_tagger(weights()).tag(np.zeros((2, rate), np.float32), rate) == Tag("unknown", "other", 0.0, {})


def test_192_khz_gives_a_result(weights):
    assert load_tagger(weights()).tag(np.tile(NOISE, 4), 192000).shares


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.unlink(), "is not there"),
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "is corrupt"),
        (lambda path: path.write_bytes(b"\x80\x04}q\x00."), "is corrupt"),
        (lambda path: save_file({"inner.weight": torch.zeros(3)}, path), "does not fit"),
        (lambda path: save_file({**load_file(path), "more": torch.zeros(3)}, path), "more is unknown"),
        (lambda path: save_file({**load_file(path), "temperature": torch.tensor(0.0)}, path), "is damaged"),
        (lambda path: save_file({**load_file(path), "threshold": torch.tensor(float("nan"))}, path), "is damaged"),
    ],
)
def test_damaged_weights_are_refused_by_name(weights, damage, why):
    path = weights()
    damage(path)
    with pytest.raises(ModelError, match=rf"weights\.safetensors .*{why}"):
        load_tagger(path)


def test_the_shipped_weights_are_small():
    assert SHIPPED_WEIGHTS.stat().st_size < 2_000_000


def test_the_shipped_weights_call_no_demo_stem_something_else():
    """The stems are heard without their names: each is right, or of the right group, or unknown."""
    song = load_tracks(sorted(DEMO.glob("*.ogg")))
    tags = {track.name: (track, tag(track.audio, song.sample_rate)) for track in song.tracks}
    wrong = {
        name: found.instrument for name, (track, found) in tags.items() if found.group not in (track.group, "other")
    }
    assert not wrong
