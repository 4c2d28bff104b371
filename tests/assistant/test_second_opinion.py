from types import SimpleNamespace

import numpy as np
import pytest
import torch

from assistant import second_opinion as module
from assistant.request import Request
from assistant.second_opinion import second_opinion
from console.errors import RequestError
from models import ProductionFeatures

RATE = 44100


class Words:
    """Word directions of the production features: "bright" is more of the upper half of the spectrum."""

    dimensions = ProductionFeatures.dimensions

    def __init__(self, confidence: float = 0.5) -> None:
        self.confidence = confidence

    def direction(self, text: str, instrument: str | None = None) -> SimpleNamespace:
        if text != "bright" or instrument == "kazoo":
            raise RequestError(f"unknown: {text} {instrument}")
        vector = torch.zeros(self.dimensions)
        vector[24:48], vector[:24] = 1.0, -1.0
        return SimpleNamespace(vector=vector / vector.norm(), magnitude=2.0, confidence=self.confidence)


@pytest.fixture
def songs() -> tuple[SimpleNamespace, SimpleNamespace]:
    """A sound, and the same with its treble raised."""
    audio = np.random.default_rng(0).normal(0, 0.1, (2, RATE)).astype(np.float32)
    brighter = audio.copy()
    brighter[:, 1:] -= 0.8 * audio[:, :-1]
    return tuple(SimpleNamespace(audio=lambda _, sound=sound: sound) for sound in (audio, brighter))


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_fx_models", lambda: (ProductionFeatures(), Words()))
    monkeypatch.setattr(module, "_clap", lambda: None)


def ask(word: str = "bright", direction: str = "+") -> list[Request]:
    return [Request(intent="edit", targets=("Keys",), descriptor=word, direction=direction)]


@pytest.mark.usefixtures("ears")
def test_a_change_towards_the_word_has_a_positive_cosine_and_away_a_negative_one(songs) -> None:
    (towards,) = second_opinion(ask(), "Keys", "keys", *songs, RATE)
    assert towards.what == "towards bright (FX encoder)"
    assert towards.unit == "cosine"
    assert towards.after > 0.2
    (away,) = second_opinion(ask(direction="-"), "Keys", "keys", *songs, RATE)
    assert away.after == pytest.approx(-towards.after)
    assert away.what == "towards less bright (FX encoder)"


@pytest.mark.usefixtures("ears")
def test_nothing_is_said_where_nothing_changed_or_the_word_is_unknown(songs) -> None:
    assert second_opinion(ask(), "Keys", "keys", songs[0], songs[0], RATE) == ()
    assert second_opinion(ask("purple"), "Keys", "keys", *songs, RATE) == ()
    numbers = [Request(intent="edit", targets=("Keys",), direction="=", numbers={"gain_db": 3.0, "freq_hz": 300.0})]
    assert second_opinion(numbers, "Keys", "keys", *songs, RATE) == ()


@pytest.mark.usefixtures("ears")
def test_an_instrument_without_directions_uses_those_of_all(songs) -> None:
    assert second_opinion(ask(), "Keys", "kazoo", *songs, RATE) != ()


def test_words_people_do_not_agree_on_are_left_out(songs, monkeypatch) -> None:
    monkeypatch.setattr(module, "_fx_models", lambda: (ProductionFeatures(), Words(confidence=0.05)))
    monkeypatch.setattr(module, "_clap", lambda: None)
    assert second_opinion(ask(), "Keys", "keys", *songs, RATE) == ()


def test_without_any_model_it_is_silent(songs, monkeypatch) -> None:
    monkeypatch.setattr(module, "_fx_models", lambda: None)
    monkeypatch.setattr(module, "_clap", lambda: None)
    assert second_opinion(ask(), "Keys", "keys", *songs, RATE) == ()


def test_clap_says_its_likeness_before_and_after(songs, monkeypatch) -> None:
    class Ears:
        reads_words = True

        def embed_text(self, texts):
            return torch.tensor([[1.0, 0.0]]) if texts == ["a bright sound"] else torch.zeros(1, 2)

        def embed_audio(self, audio, sample_rate):
            assert sample_rate == RATE
            return torch.tensor([[float(audio.diff(dim=-1).std()), 0.0]])

    monkeypatch.setattr(module, "_fx_models", lambda: None)
    monkeypatch.setattr(module, "_clap", Ears)
    (found,) = second_opinion(ask(), "Keys", "keys", *songs, RATE)
    assert found.what == "likeness to bright (CLAP)"
    assert found.after > found.before > 0


def test_the_loudest_stretch_is_heard() -> None:
    audio = np.zeros((2, 40 * RATE), np.float32)
    audio[:, 20 * RATE : 30 * RATE] = 0.5
    start, stop = module._excerpt(audio, RATE)
    assert stop - start == 15 * RATE
    assert start <= 20 * RATE
    assert stop >= 30 * RATE
