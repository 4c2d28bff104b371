"""The real loading path on a tiny network with random weights, saved as Demucs checkpoints are."""

import sys
from fractions import Fraction

import numpy as np
import pytest
import torch

from console.errors import AudioShapeError, ModelError
from models.separation import SOURCES, load_separator
from models.weights import known_weights

pytest.importorskip("demucs", reason="the extra separation is not installed")
from demucs.htdemucs import HTDemucs

TINY = {
    "sources": ["drums", "bass", "other", "vocals"], "channels": 4, "depth": 2, "t_layers": 1, "t_heads": 2,
    "t_hidden_scale": 1.0, "bottom_channels": 0, "nfft": 512, "segment": Fraction(1, 1), "dconv_mode": 0,
    "samplerate": 44100, "norm_starts": 9,
}  # fmt: skip


def save(path, **changes):
    torch.manual_seed(0)
    kwargs = {**TINY, **changes}
    state = {name: value.half() for name, value in HTDemucs(**kwargs).state_dict().items()}
    torch.save({"klass": HTDemucs, "args": (), "kwargs": kwargs, "state": state, "training_args": {"seed": 1}}, path)
    return path


@pytest.fixture(scope="module")
def separator(tmp_path_factory):
    return load_separator(save(tmp_path_factory.mktemp("weights") / "tiny.th"))


def noise(samples, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal((2, samples))).astype(np.float32)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_stems_add_up_to_the_mix(separator, rate):
    mix = noise(rate + 77)
    stems = separator.separate(mix, rate)
    assert tuple(stems) == SOURCES
    assert all(stem.shape == mix.shape and stem.dtype == np.float32 for stem in stems.values())
    assert sum(stems.values()) == pytest.approx(mix, abs=1e-6)
    assert max(float(np.abs(stems[name]).max()) for name in ("vocals", "drums", "bass")) > 1e-4


def test_the_same_mix_gives_the_same_stems(separator):
    mix = noise(30000)
    one, other = separator.separate(mix, 44100), separator.separate(mix, 44100)
    assert all(np.array_equal(one[name], other[name]) for name in SOURCES)


def test_progress_reaches_the_end(separator):
    shares = []
    separator.separate(noise(3 * 44100), 44100, shares.append)
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1.0


def test_mono_is_refused(separator):
    with pytest.raises(AudioShapeError, match="is \\(2, samples\\)"):
        separator.separate(noise(1000)[:1], 44100)


def test_other_sources_are_refused(tmp_path):
    with pytest.raises(ModelError, match="separates into"):
        load_separator(save(tmp_path / "two.th", sources=["drums", "vocals"]))


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return sys.exit, (3,)

    torch.save({"klass": Evil(), "args": (), "kwargs": {}, "state": {}}, tmp_path / "evil.th")
    with pytest.raises(ModelError, match="cannot be read"):
        load_separator(tmp_path / "evil.th")


def test_a_damaged_checkpoint_is_told(tmp_path):
    path = save(tmp_path / "cut.th")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ModelError, match="cannot be read"):
        load_separator(path)


def test_absent_weights_say_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIOSPEAK_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="studiospeak weights download htdemucs"):
        load_separator()


def test_the_weights_name_where_they_come_from():
    (file,) = known_weights()["htdemucs"].files
    assert file.url is not None
    assert file.sha256.startswith(file.name.removesuffix(".th").split("-")[1])  # the name carries its start
