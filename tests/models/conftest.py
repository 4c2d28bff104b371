"""Tiny models with random weights, in the layouts that real ones have."""

import re

import pytest
import torch

WORDS = ("a", "sound", "warm", "bright", "drums", "of")


@pytest.fixture
def tiny_clap():
    """Make a `transformers.ClapModel` of a few thousand weights: tiny_clap(fused=False)."""
    from transformers import ClapConfig, ClapModel

    def make(fused=False):
        torch.manual_seed(7)
        config = ClapConfig(
            projection_dim=16,
            text_config={
                "vocab_size": 40,
                "hidden_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 1,
                "intermediate_size": 48,
                "max_position_embeddings": 90,
                "layer_norm_eps": 1e-5,
            },
            audio_config={
                "patch_embeds_hidden_size": 8,
                "depths": [1, 2],
                "num_attention_heads": [1, 2],
                "hidden_size": 16,
                "num_hidden_layers": 2,
                "enable_fusion": fused,
            },
        )
        model = ClapModel(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn(parameter.shape))
            norm = model.audio_model.audio_encoder.batch_norm
            norm.running_mean.uniform_(-60.0, -20.0)
            norm.running_var.uniform_(100.0, 400.0)
        return model

    return make


@pytest.fixture
def tiny_tokenizer():
    """Write a `tokenizer.json` with RoBERTa's special tokens: tiny_tokenizer(path)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    def write(path):
        vocabulary = {token: index for index, token in enumerate(("<s>", "<pad>", "</s>", "<unk>", *WORDS))}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        tokenizer.save(str(path))

    return write


@pytest.fixture
def as_original():
    """Return a ClapModel's weights in LAION's layout, written out from the paper's code, not from our renaming."""

    def convert(model):
        changes = (
            (r"^text_model\.", "text_branch."),
            (r"^audio_model\.audio_encoder\.", "audio_branch."),
            (r"_projection\.linear1\.", "_projection.0."),
            (r"_projection\.linear2\.", "_projection.2."),
            (r"batch_norm\.", "bn0."),
            (r"layernorm_before\.", "norm1."),
            (r"layernorm_after\.", "norm2."),
            (r"^(audio_branch.*)attention\.self\.", r"\1attn."),
            (r"^(audio_branch.*)attention\.output\.dense\.", r"\1attn.proj."),
            (r"^(audio_branch.*)intermediate\.dense\.", r"\1mlp.fc1."),
            (r"^(audio_branch.*blocks\.\d+\.)output\.dense\.", r"\1mlp.fc2."),
        )
        weights = {}
        for name, tensor in model.state_dict().items():
            for pattern, new in changes:
                name = re.sub(pattern, new, name)
            if name != "text_branch.embeddings.token_type_ids":
                weights[f"module.{name}"] = tensor.clone()
        for name in [name for name in weights if ".attn.query." in name]:
            parts = [weights.pop(name.replace(".query.", f".{part}.")) for part in ("query", "key", "value")]
            weights[name.replace(".query.", ".qkv.")] = torch.cat(parts)
        weights["module.audio_branch.tscam_conv.weight"] = torch.zeros(5, 16, 2, 3)
        weights["module.audio_branch.spectrogram_extractor.stft.conv_real.weight"] = torch.zeros(513, 1, 1024)
        weights["module.audio_transform.sequential.0.weight"] = torch.zeros(16, 16)
        return weights

    return convert


@pytest.fixture
def own_weights_folder(tmp_path, monkeypatch):
    """Point every place where weights are looked for at an empty folder; return ours."""
    from huggingface_hub import constants

    from models import weights

    monkeypatch.setenv("STUDIOSPEAK_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(weights, "_package_folder", lambda _: None)
    return tmp_path / "weights"


@pytest.fixture
def no_network(monkeypatch):
    """Fail when anything opens a connection."""
    import socket

    def refuse(*_):
        raise AssertionError("something asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
