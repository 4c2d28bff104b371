"""LAION's own code beside ours on the same random weights; only where the package laion-clap can be imported."""

import warnings

import pytest
import torch

from console.errors import ModelError
from models.clap import LaionClap, load_clap
from models.clap.laion import _package

# The package warns of its age in many ways; they are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


class _Letters:
    """Stand for RoBERTa's tokenizer, which a test may not fetch: one token a letter."""

    def __call__(self, texts, max_length, **_):
        rows = [[0, *(3 + ord(letter) % 90 for letter in text[: max_length - 2]), 2] for text in texts]
        ids = torch.tensor([row + [1] * (max_length - len(row)) for row in rows])
        return {"input_ids": ids, "attention_mask": (ids != 1).long()}


@pytest.fixture(scope="module")
def laion_clap():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _package()
        except ModelError as error:
            pytest.skip(str(error))


@pytest.fixture
def module(laion_clap, monkeypatch):
    from transformers import RobertaConfig, RobertaModel

    torch.manual_seed(5)
    size = {"vocab_size": 200, "num_hidden_layers": 2, "max_position_embeddings": 90, "type_vocab_size": 1}
    small = RobertaConfig(layer_norm_eps=1e-5, **size)  # as in roberta-base
    monkeypatch.setattr(RobertaModel, "from_pretrained", classmethod(lambda *_, **__: RobertaModel(small)))
    monkeypatch.setattr(laion_clap.hook.RobertaTokenizer, "from_pretrained", lambda *_, **__: _Letters())
    module = laion_clap.CLAP_Module(enable_fusion=False, device="cpu", amodel="HTSAT-tiny").eval()
    with torch.no_grad():
        for name, parameter in module.model.named_parameters():
            if "extractor" not in name:  # the spectrogram's filters are parameters there
                parameter.add_(0.02 * torch.randn(parameter.shape))
        module.model.audio_branch.bn0.running_mean.uniform_(-60.0, -20.0)
        module.model.audio_branch.bn0.running_var.uniform_(100.0, 400.0)
    return module


@pytest.fixture
def checkpoint(module, tmp_path):
    path = tmp_path / "laion.pt"
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in module.model.state_dict().items()}}, path)
    return path


def test_the_same_weights_hear_the_same_in_both(module, checkpoint):
    theirs, ours = LaionClap(module), load_clap(checkpoint)
    audio = 0.2 * torch.randn(2, 2, 44_100 * 12, generator=torch.Generator().manual_seed(1))
    audio[1] *= torch.linspace(0, 1, audio.shape[-1])
    for heard in (audio, audio[..., : 44_100 * 3], torch.zeros(1, 1, 500)):
        assert torch.allclose(ours.embed_audio(heard, 44_100), theirs.embed_audio(heard, 44_100), atol=1e-5)


def test_the_same_weights_read_the_same_in_both(module, checkpoint):
    theirs, ours = LaionClap(module), load_clap(checkpoint)
    texts = ["a warm sound", "drums"]
    with torch.no_grad():
        read = ours._model.get_text_features(**module.tokenizer(texts)).pooler_output
    assert torch.allclose(read, theirs.embed_text(texts), atol=1e-5)
    assert theirs.embed_text([]).shape == (0, 512)


def test_gradients_pass_through_the_original_code(module):
    audio = (0.1 * torch.randn(1, 2, 20_000)).requires_grad_(True)
    LaionClap(module).embed_audio(audio, 44_100)[0, 0].backward()
    assert audio.grad.isfinite().all()
    assert audio.grad.abs().max() > 0


def test_a_checkpoint_loads_into_the_original_code(module, checkpoint):
    loaded = LaionClap.load(checkpoint, audio_model="HTSAT-tiny")
    audio = 0.1 * torch.randn(1, 1, 20_000)
    assert loaded.name == "laion"
    assert torch.equal(loaded.embed_audio(audio, 48_000), LaionClap(module).embed_audio(audio, 48_000))


def test_the_wrong_size_is_refused(checkpoint):
    with pytest.raises(ModelError, match=r"laion\.pt does not fit"):
        LaionClap.load(checkpoint, audio_model="HTSAT-base")
