"""Read LAION's own checkpoint layout as the one transformers uses: names, split attention, sizes from shapes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from console.errors import ModelError

if TYPE_CHECKING:
    from transformers import ClapConfig

__all__ = ["config_from", "renamed"]

_UNUSED = re.compile(
    r"audio_transform\.|text_transform\.|"
    r"audio_branch\.(spectrogram_extractor|logmel_extractor|tscam_conv|head)\.|"
    r".*\.(attn_mask|relative_position_index|position_ids)$"
)
"""Training heads, filters that our front end computes, and tables that follow from the sizes."""
_RENAMING = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"^text_branch\.", "text_model."),
        (r"^audio_branch\.", "audio_model.audio_encoder."),
        (r"^((?:audio|text)_projection)\.0\.", r"\1.linear1."),
        (r"^((?:audio|text)_projection)\.2\.", r"\1.linear2."),
        (r"\.bn0\.", ".batch_norm."),
        (r"\.norm1\.", ".layernorm_before."),
        (r"\.norm2\.", ".layernorm_after."),
        (r"\.attn\.proj\.", ".attention.output.dense."),
        (r"\.attn\.", ".attention.self."),
        (r"\.mlp\.fc1\.", ".intermediate.dense."),
        (r"\.mlp\.fc2\.", ".output.dense."),
    )
)
_HEAD_WIDTH = 64  # of RoBERTa's attention, whatever its size


def renamed(original: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename weights from LAION's layout.

    Args:
        original: as in the checkpoint, with or without the `module.` of parallel training.
    Returns:
        The same tensors under transformers' names; joint query-key-value matrices split in three.
    Source:
        Checked against laion-clap 1.1.7: the same audio embeddings from the same weights.
    """
    result = {}
    for name, tensor in original.items():
        name = name.removeprefix("module.")
        if _UNUSED.match(name):
            continue
        for pattern, new in _RENAMING:
            name = pattern.sub(new, name)
        if ".qkv." in name:
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                result[name.replace(".qkv.", f".{part}.")] = piece
        else:
            result[name] = tensor
    return result


def config_from(weights: Mapping[str, Tensor], path: str | Path) -> "ClapConfig":
    """Work out the sizes of a CLAP from its weights.

    Args:
        weights: under transformers' names, see `renamed`.
        path: the file they came from, for the message.
    Raises:
        ModelError: these are not the weights of an HTS-AT audio branch with a RoBERTa text branch.
    """
    from transformers import ClapConfig

    audio, text = "audio_model.audio_encoder.", "text_model."
    try:
        patches = weights[f"{audio}patch_embed.proj.weight"]  # (features, 1, height, width)
        stages = _count(weights, rf"{re.escape(audio)}layers\.(\d+)\.")
        depths = [_count(weights, rf"{re.escape(audio)}layers\.{stage}\.blocks\.(\d+)\.") for stage in range(stages)]
        tables = [
            weights[f"{audio}layers.{stage}.blocks.0.attention.self.relative_position_bias_table"]
            for stage in range(stages)
        ]  # ((2 window - 1)^2, heads) each
        words = weights[f"{text}embeddings.word_embeddings.weight"]
        inner = weights[f"{text}encoder.layer.0.intermediate.dense.weight"]
        projection = weights["text_projection.linear1.weight"]
        widening = weights[f"{audio}layers.0.blocks.0.intermediate.dense.weight"]
        return ClapConfig(
            projection_dim=projection.shape[0],
            text_config={
                "vocab_size": words.shape[0],
                "hidden_size": words.shape[1],
                "num_hidden_layers": _count(weights, rf"{re.escape(text)}encoder\.layer\.(\d+)\."),
                "num_attention_heads": max(1, words.shape[1] // _HEAD_WIDTH),
                "intermediate_size": inner.shape[0],
                "max_position_embeddings": weights[f"{text}embeddings.position_embeddings.weight"].shape[0],
                "type_vocab_size": weights[f"{text}embeddings.token_type_embeddings.weight"].shape[0],
                "layer_norm_eps": 1e-5,  # roberta-base; transformers' default for CLAP is another
            },
            audio_config={
                "patch_embeds_hidden_size": patches.shape[0],
                "patch_size": patches.shape[2],
                "patch_stride": [patches.shape[2], patches.shape[2]],
                "num_mel_bins": weights[f"{audio}batch_norm.weight"].shape[0],
                "depths": depths,
                "num_attention_heads": [table.shape[1] for table in tables],
                "window_size": (round(tables[0].shape[0] ** 0.5) + 1) // 2,
                "mlp_ratio": widening.shape[0] / widening.shape[1],
                "hidden_size": patches.shape[0] * 2 ** (stages - 1),
                "num_hidden_layers": stages,
                "enable_fusion": any(name.startswith(f"{audio}patch_embed.fusion_model.") for name in weights),
            },
        )
    except (KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        raise ModelError(
            f"{path} is not a LAION-CLAP checkpoint with HTS-AT and RoBERTa ({error} was expected). Use one of "
            "lukewys/laion_clap, e.g. music_audioset_epoch_15_esc_90.14.pt."
        ) from error


def _count(names: Iterable[str], pattern: str) -> int:
    """Return one more than the highest number that pattern finds at the start of a name, 0 without any."""
    found = [int(match[1]) for match in map(re.compile(pattern).match, names) if match]
    return max(found, default=-1) + 1
