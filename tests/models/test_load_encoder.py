import sys
import types

import pytest

from console.errors import ModelError
from models import ProductionFeatures
from models import published as published_encoders
from models.load_encoder import ENCODER_NAMES, load_encoder


def test_the_hand_made_measures_need_nothing():
    assert isinstance(load_encoder("production-features"), ProductionFeatures)


def test_our_own_encoder_is_the_shipped_one(monkeypatch):
    shipped = types.ModuleType("models.fx_encoder")
    shipped.load_fx_encoder = lambda: "ours"
    monkeypatch.setitem(sys.modules, "models.fx_encoder", shipped)
    assert load_encoder("fx") == "ours"


@pytest.mark.parametrize(
    ("name", "loader"), [("fxencoder", "load_fxencoder"), ("fxencoder++", "load_fxencoder_plusplus")]
)
def test_published_encoders_take_a_path(name, loader, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(published_encoders, loader, lambda path: (loader, path))
    assert load_encoder(f"{name}:~/a:b.pt") == (loader, tmp_path / "a:b.pt")


@pytest.mark.parametrize("name", ["fxencoder", "fxencoder:", "fxencoder++", "fxencoder++:"])
def test_a_name_without_its_path_is_refused(name):
    with pytest.raises(ModelError, match=r"lacks the file with the weights\. Write it as fxencoder\S*:PATH"):
        load_encoder(name)


@pytest.mark.parametrize("name", ["fxencoder:/nowhere/x.pt", "fxencoder++:/nowhere/x.pt"])
def test_an_absent_file_is_refused(name):
    with pytest.raises(ModelError, match=r"/nowhere/x\.pt is not there"):
        load_encoder(name)


@pytest.mark.parametrize("name", ["", "clap", "fx:", "fx:PATH", "production-features:x", "weights.pt"])
def test_unknown_names_are_refused_with_the_names(name):
    with pytest.raises(ModelError, match="is no encoder") as refused:
        load_encoder(name)
    assert all(known in str(refused.value) for known in ENCODER_NAMES)
