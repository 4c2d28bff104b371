"""A text in, a direction out; a change in, its name out; and what cannot be read is refused by name."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from console.errors import ModelError, RequestError
from models.text_encoder import TextEncoder
from models.text_to_effect import TextToEffect, load_text_to_effect
from models.text_to_effect.store import write


@pytest.fixture(scope="module")
def model(built, letters):
    return TextToEffect(*built, letters)


@pytest.fixture
def file(built, tmp_path):
    path = tmp_path / "ten-bands.safetensors"
    write(path, *built)
    return path


def change_of(encoder, gain):
    generator = torch.Generator().manual_seed(5)
    audio = torch.randn((1, 2, 22050), generator=generator)
    spectrum = torch.fft.rfft(audio)
    lean = torch.linspace(-gain, gain, spectrum.shape[-1]).exp()
    return (encoder.embed(torch.fft.irfft(spectrum * lean), 44100) - encoder.embed(audio, 44100))[0]


def test_a_direction_is_a_unit_vector_with_a_curve_of_40_bands(model):
    found = model.direction("bright")
    assert found.vector.shape == (11,)
    assert float(found.vector.norm()) == pytest.approx(1.0, abs=1e-5)
    assert found.curve_db.shape == (40,)
    assert found.magnitude > 0
    assert 0.0 < found.confidence <= 1.0
    assert sum(sense.share for sense in found.senses) == pytest.approx(1.0)


def test_bright_lifts_the_top_and_dark_points_the_other_way(model):
    bright, dark = model.direction("bright"), model.direction("dark")
    assert bright.curve_db[-5:].mean() > 1.0 > bright.curve_db[:5].mean()
    assert float(bright.vector @ dark.vector) < -0.5


def test_dry_is_less_of_what_a_reverb_adds(model):
    assert float(model.direction("dry").vector @ model.direction("wet").vector) < -0.9


def test_other_names_and_case_mean_the_same_and_a_name_for_less_turns_it_round(model):
    bright = model.direction("bright").vector
    assert torch.equal(model.direction("  More-Top ").vector, bright)
    assert torch.equal(model.direction("take the top off").vector, -bright)


def test_two_words_are_their_mean_and_an_association_its_mixture(model):
    both = model.direction("bright and wet")
    assert {word for word, _ in both.words} == {"bright", "wet"}
    assert dict(model.direction("cosy").words) == {"warm": 0.5, "bright": -0.5}


def test_an_unknown_word_is_read_by_its_sentence_vector_and_trusted_less(model):
    found = model.direction("brightt")
    assert not found.known
    assert found.words[0][0] == "bright"
    assert found.confidence < model.direction("bright").confidence
    assert float(found.vector @ model.direction("bright").vector) > 0.8


def test_agreement_makes_confidence(model):
    assert model.direction("bright").confidence > model.direction("crisp").confidence


def test_instruments_have_directions_of_their_own_and_any_is_the_mean(model):
    everywhere, drums = model.direction("wet"), model.direction("wet", "kick")
    assert not torch.equal(everywhere.vector, drums.vector)
    assert torch.equal(everywhere.vector, model.direction("wet", "any").vector)
    with pytest.raises(RequestError, match="No instrument is called 'kazoo'"):
        model.direction("wet", "kazoo")


def test_a_processor_has_directions_among_its_own_settings(model):
    wet, dry = (model.direction(word, processor="reverb") for word in ("wet", "dry"))
    assert float(wet.vector @ dry.vector) < 0
    with pytest.raises(RequestError, match="No directions for 'phaser'"):
        model.direction("wet", processor="phaser")


@pytest.mark.parametrize(
    ("word", "opposite"), [("bright", "dark"), ("warm", "cold"), ("boomy", "thin"), ("muddy", "clear")]
)
def test_a_change_is_nearer_its_own_word_than_the_opposite(word, opposite):
    shipped = load_text_to_effect("fx")
    change = shipped.direction(word).vector
    fits = float(shipped.similarity(word, change))
    assert fits > 0.5
    assert float(shipped.similarity(opposite, change)) < fits / 2
    assert float(shipped.direction(opposite).vector @ change) < 0.0
    assert float(shipped.similarity(word, -change)) == pytest.approx(-fits, abs=1e-5)
    assert shipped.similarity(word, torch.stack((change, -change))).shape == (2,)


def test_similarity_carries_a_gradient(model, encoder):
    change = change_of(encoder, 1.0).requires_grad_()
    model.similarity("warm", change).backward()
    assert float(change.grad.norm()) > 0


def test_a_change_is_called_by_its_word_and_its_mirror_image_less_of_it():
    shipped = load_text_to_effect("fx")
    change = shipped.direction("bright").vector
    names = {near.word: near.direction for near in shipped.nearest_words(change, 5)}
    assert names.get("bright") == "+" or names.get("dark") == "-"
    first, mirrored = shipped.nearest_words(change, 1)[0], shipped.nearest_words(-change, 1)[0]
    assert (mirrored.word, mirrored.direction) == (first.word, "-" if first.direction == "+" else "+")
    assert shipped.nearest_words(torch.zeros(shipped.dimensions)) == []


@pytest.mark.parametrize("text", ["", "   ", "!?"])
def test_an_empty_text_is_refused(model, text):
    with pytest.raises(RequestError, match="There is no word in the text"):
        model.direction(text)


def test_without_the_sentence_encoder_an_unknown_word_is_called_unknown(built, monkeypatch):
    monkeypatch.setattr(TextEncoder, "available", staticmethod(lambda: False))
    model = TextToEffect(*built)
    assert model.direction("warmth").known
    with pytest.raises(RequestError, match="'gooey' is not a word known here"):
        model.direction("gooey")


def test_a_change_of_another_size_is_refused(model):
    with pytest.raises(ModelError, match=r"\(12,\) is not \(\.\.\., 11\)"):
        model.similarity("warm", torch.zeros(12))


def test_another_encoder_is_refused(model, encoder):
    model.check_encoder(encoder)
    other = type(encoder)()
    other.name = "other"
    with pytest.raises(ModelError, match="made for the encoder 'ten bands'"):
        model.check_encoder(other)
    retrained = type(encoder)()
    retrained.embed = lambda audio, rate: encoder.embed(audio, rate).flip(-1)
    with pytest.raises(ModelError, match="other weights than when"):
        model.check_encoder(retrained)


def test_a_written_file_reads_back_the_same(file, model):
    again = load_text_to_effect("ten bands", file)
    assert again.words == model.words
    assert float(again.direction("warm").vector @ model.direction("warm").vector) > 0.9999
    assert load_text_to_effect("ten-bands", file) is again


def test_a_file_for_another_encoder_is_refused(file):
    with pytest.raises(ModelError, match=r"ten-bands\.safetensors was made for the encoder 'ten bands', not 'fx'"):
        load_text_to_effect("fx", file)


def test_no_file_says_how_to_build_one(tmp_path):
    with pytest.raises(ModelError, match=r"train_text_to_effect\.py --data DIR --corpus DIR --encoder mine"):
        load_text_to_effect("mine", tmp_path / "mine.safetensors")


def test_a_cut_file_is_refused_by_name(file):
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"ten-bands\.safetensors is corrupt"):
        load_text_to_effect("ten bands", file)


def test_weights_of_something_else_are_refused_by_name(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match=r"x\.safetensors is no text-to-effect model"):
        load_text_to_effect("x", path)


def test_tables_that_do_not_fit_are_refused_by_name(built, tmp_path):
    tables, about = built
    path = tmp_path / "wrong.safetensors"
    write(path, replace(tables, curves_db=np.zeros((5, 40))), about)
    with pytest.raises(ModelError, match=r"wrong\.safetensors is damaged: curves_db is \(5, 40\), not \(6, 40\)"):
        load_text_to_effect("ten bands", path)


def test_infinities_are_refused_by_name(file, built):
    tensors = load_file(file)
    tables, about = built
    path = file.with_name("nan.safetensors")
    write(path, replace(tables, probe=np.full(11, np.nan)), about)
    assert tensors
    with pytest.raises(ModelError, match=r"nan\.safetensors is damaged: probe holds infinities or NaN"):
        load_text_to_effect("ten bands", path)
