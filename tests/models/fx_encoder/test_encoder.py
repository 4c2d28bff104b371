import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from console.errors import AudioShapeError, ModelError
from models.fx_encoder.encoder import FxEncoder, load_fx_encoder
from models.fx_encoder.network import FxNetwork, Shape

TARGETS = {"eq_db": 3, "width": 1}


@pytest.fixture(scope="module")
def encoder() -> FxEncoder:
    torch.manual_seed(0)
    members = [FxNetwork(Shape(8, 16)), FxNetwork(Shape(4, 16))]
    for member in members:
        member.mean.fill_(-30.0)
        member.scale.fill_(10.0)
    return FxEncoder(members, torch.randn(4, 12), TARGETS, torch.randn(12, 12))


def noise(samples: int, batch: int = 1) -> torch.Tensor:
    return 0.1 * torch.randn((batch, 2, samples), generator=torch.Generator().manual_seed(samples))


@pytest.mark.parametrize("samples", [1, 100, 44100, 220500, 300000])
def test_any_length_gives_one_finite_vector(encoder: FxEncoder, samples: int) -> None:
    out = encoder.embed(noise(samples), 44100)
    assert out.shape == (1, 12)
    assert out.isfinite().all()


@pytest.mark.parametrize("value", [0.0, 0.7])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_silence_dc_and_any_rate_are_finite(encoder: FxEncoder, value: float, rate: int) -> None:
    assert encoder.embed(torch.full((1, 2, rate), value), rate).isfinite().all()


def test_rates_agree(encoder: FxEncoder) -> None:
    from models.resample import resample

    audio = noise(5 * 48000)
    low = resample(audio, 48000, 40000)  # nothing above 19 kHz that one of them could lack
    a = encoder.embed(resample(low, 40000, 48000), 48000)
    b = encoder.embed(resample(low, 40000, 44100), 44100)
    torch.testing.assert_close(a, b, atol=0.02, rtol=0.02)


def test_level_does_not_matter(encoder: FxEncoder) -> None:
    audio = noise(220500)
    torch.testing.assert_close(encoder.embed(audio, 44100), encoder.embed(0.05 * audio, 44100), atol=2e-3, rtol=1e-3)


def test_batch_is_a_loop(encoder: FxEncoder) -> None:
    audio = noise(230000, batch=5)
    together = encoder.embed(audio, 44100)
    alone = torch.cat([encoder.embed(item[None], 44100) for item in audio])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_silent_windows_do_not_count(encoder: FxEncoder) -> None:
    audio = noise(3 * 220500)
    audio[..., 220500:] = 0.0
    _, weights = encoder.embed_windows(audio, 44100)
    torch.testing.assert_close(weights, torch.tensor([[1.0, 0.0, 0.0]]))
    torch.testing.assert_close(
        encoder.embed(audio, 44100), encoder.embed(audio[..., :220500], 44100), atol=1e-4, rtol=1e-4
    )


def test_windows_recomputed_on_the_way_back_give_the_same_gradient(encoder: FxEncoder) -> None:
    audio = noise(2 * 220500).requires_grad_()
    encoder.embed(audio, 44100).sum().backward()
    halves = audio.detach().clone().requires_grad_()
    parts = [encoder.embed(half, 44100) for half in halves.split(220500, dim=-1)]
    _, weights = encoder.embed_windows(halves, 44100)
    (weights[:, :1] * parts[0] + weights[:, 1:] * parts[1]).sum().backward()
    torch.testing.assert_close(audio.grad, halves.grad, atol=1e-5, rtol=1e-3)


def test_changes_are_read_by_name(encoder: FxEncoder) -> None:
    read = encoder.read_changes(torch.ones(2, 12))
    assert {name: tuple(value.shape) for name, value in read.items()} == {"eq_db": (2, 3), "width": (2, 1)}


def test_changes_are_compared_where_they_are_put(encoder: FxEncoder) -> None:
    changes = torch.randn(3, 2, 12)
    compared = encoder.comparable(changes)
    assert compared.shape == changes.shape
    torch.testing.assert_close(compared[1, 0], encoder.comparison @ changes[1, 0])
    plain = FxEncoder(encoder.members, encoder.heads, TARGETS)
    torch.testing.assert_close(plain.comparable(changes), changes)


@pytest.mark.parametrize("shape", [(2, 100), (1, 1, 100), (1, 2, 0)])
def test_other_shapes_are_refused(encoder: FxEncoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(AudioShapeError, match=r"is not \(batch, 2, samples\)"):
        encoder.embed(torch.zeros(shape), 44100)


def test_saved_and_loaded_is_the_same(encoder: FxEncoder, tmp_path) -> None:
    path = tmp_path / "fx.safetensors"
    encoder.save(path, {"recipe": "none"})
    loaded = load_fx_encoder(path)
    audio = noise(220500)
    torch.testing.assert_close(loaded.embed(audio, 44100), encoder.embed(audio, 44100), atol=0.02, rtol=0.02)
    assert loaded.dimensions == 12
    torch.testing.assert_close(loaded.comparison, encoder.comparison, atol=1e-3, rtol=1e-3)


def test_unfit_weights_are_refused_by_name(encoder: FxEncoder, tmp_path) -> None:
    path = tmp_path / "fx.safetensors"
    encoder.save(path, {})
    tensors = load_file(path)
    meta = {"shapes": json.dumps([vars(Shape(8, 16)), vars(Shape(4, 16))]), "targets": json.dumps(TARGETS)}
    bad = tmp_path / "bad.safetensors"
    save_file(tensors, bad)
    with pytest.raises(ModelError, match=r"bad\.safetensors is no FX encoder of this version"):
        load_fx_encoder(bad)
    save_file({**tensors, "members.0.skip.weight": torch.zeros(8, 5)}, bad, metadata=meta)
    with pytest.raises(ModelError, match=r"bad\.safetensors does not fit .*members|bad\.safetensors does not fit"):
        load_fx_encoder(bad)
    save_file({name: value for name, value in tensors.items() if name != "heads"}, bad, metadata=meta)
    with pytest.raises(ModelError, match=r"bad\.safetensors is damaged: its heads"):
        load_fx_encoder(bad)
    bad.write_bytes(b"not weights")
    with pytest.raises(ModelError, match=r"bad\.safetensors is corrupt"):
        load_fx_encoder(bad)
    with pytest.raises(ModelError, match="is not there"):
        load_fx_encoder(tmp_path / "nowhere.safetensors")


def test_two_hours_are_heard_in_48_windows_spread_over_them(encoder: FxEncoder, monkeypatch) -> None:
    monkeypatch.setattr(encoder, "_embed_window", lambda window, _rate: window[:, 0, :1].expand(-1, 12))
    second = torch.arange(2 * 3600, dtype=torch.float32).repeat_interleave(50).expand(1, 2, -1)  # 50 Hz: small enough
    embedded, weights = encoder.embed_windows(second + 9999.0, 50)
    assert embedded.shape == (1, 48, 12)
    torch.testing.assert_close(weights.sum(), torch.tensor(1.0))
    starts = embedded[0, :, 0] - 9999.0
    assert float(starts[0]) == 0.0
    assert float(starts[-1]) == 7195.0
    assert 150.0 <= float(starts.diff().min()) <= float(starts.diff().max()) <= 156.0


def test_clipped_audio_is_heard_like_any_other(encoder: FxEncoder) -> None:
    square = noise(220500).sign()
    assert encoder.embed(square, 44100).isfinite().all()
    assert not torch.allclose(encoder.embed(square, 44100), encoder.embed(noise(220500), 44100), atol=1e-2)
