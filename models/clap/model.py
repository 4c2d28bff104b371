"""Where sound and words meet: both become unit vectors whose cosine says how well they match."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from console.errors import ModelError
from models.clap.mel import MelSettings, log_mel
from models.clap.windows import windows_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import ClapModel

__all__ = ["Clap", "average", "read_tokenizer"]

MAX_WINDOWS = 24
"""Four minutes are heard whole; of longer audio, this many windows spread over it."""
_TOKENS = 77  # the length of texts LAION trained on
_ROWS = 4
"""Windows through the network at once: its attention holds about 0.2 GB a window."""


class Clap:
    """LAION-CLAP in evaluation mode with frozen weights; gradients go to the audio. Use `load_clap` to make one."""

    def __init__(self, model: "ClapModel", mel: MelSettings, tokenizer: "Tokenizer | None", name: str) -> None:
        self.name = name
        self.dimensions: int = model.config.projection_dim
        self._model: Any = model.eval().requires_grad_(False)
        self._mel = mel
        self._tokenizer = tokenizer

    def embed_audio(self, audio: Tensor, sample_rate: int, max_windows: int = MAX_WINDOWS) -> Tensor:
        """Embed audio: the mean of its windows.

        Args:
            audio: (batch, 1 or 2, samples), -1..1 nominal; stereo is heard as its mean, as CLAP was trained on mono.
            sample_rate: Hz.
            max_windows: how many ten-second windows are heard at most, spread evenly.
        Returns:
            (batch, dimensions) of length 1, differentiable in the audio, the same on every call.
        Raises:
            AudioShapeError: another shape, or no samples.
        """
        return average(self.embed_windows(audio, sample_rate, max_windows))

    def embed_windows(self, audio: Tensor, sample_rate: int, max_windows: int = MAX_WINDOWS) -> Tensor:
        """Embed every window apart; arguments and errors as in `embed_audio`.

        Returns:
            (batch, windows, dimensions), each of length 1.
        """
        columns = [
            torch.cat([self._hear(rows) for rows in window.split(_ROWS)])
            for window in windows_of(audio.to(self._device), sample_rate, max_windows)
        ]
        return torch.stack(columns, dim=1)

    def embed_text(self, texts: Sequence[str]) -> Tensor:
        """Embed sentences.

        Args:
            texts: any number; the part beyond 77 tokens is not read.
        Returns:
            (len(texts), dimensions) of length 1.
        Raises:
            ModelError: this model came without a tokenizer.
        """
        if self._tokenizer is None:
            raise ModelError(
                f"{self.name} hears audio but cannot read words: its tokenizer.json is missing. Put RoBERTa's "
                "tokenizer.json beside the weights, or run: studiospeak weights download clap"
            )
        if not texts:
            return torch.zeros(0, self.dimensions, device=self._device)
        encodings = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([encoding.ids for encoding in encodings], device=self._device)
        mask = torch.tensor([encoding.attention_mask for encoding in encodings], device=self._device)
        with torch.no_grad():
            return self._model.get_text_features(input_ids=ids, attention_mask=mask).pooler_output

    @property
    def reads_words(self) -> bool:
        """Whether `embed_text` can answer."""
        return self._tokenizer is not None

    @property
    def _device(self) -> torch.device:
        return next(self._model.parameters()).device

    def _hear(self, rows: Tensor) -> Tensor:
        """Embed (rows, WINDOW_SAMPLES) as (rows, dimensions)."""
        features = log_mel(rows, self._mel)[:, None]  # (rows, 1, frames, bands)
        longer = None
        if self._model.config.audio_config.enable_fusion:
            # No window is longer than the model hears, so the long view is never mixed in.
            features = features.expand(-1, 4, -1, -1)
            longer = torch.zeros(len(rows), 1, dtype=torch.bool, device=rows.device)
        return self._model.get_audio_features(input_features=features, is_longer=longer).pooler_output


def average(windows: Tensor) -> Tensor:
    """Average (batch, windows, dimensions) to (batch, dimensions) of length 1."""
    return torch.nn.functional.normalize(windows.mean(dim=1), dim=-1)


def read_tokenizer(path: str | Path) -> "Tokenizer":
    """Read a RoBERTa `tokenizer.json` and set it to pad, and to cut where LAION cut.

    Raises:
        ModelError: the file is not a tokenizer, or has no padding token.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ModelError(f"{path} is not a tokenizer ({error}). Fetch it again.") from error
    padding = tokenizer.token_to_id("<pad>")
    if padding is None:
        raise ModelError(f"{path} has no <pad> token. Use RoBERTa's tokenizer.json.")
    tokenizer.enable_truncation(_TOKENS)
    tokenizer.enable_padding(pad_id=padding, pad_token="<pad>")
    return tokenizer
