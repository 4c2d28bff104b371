"""The package `laion-clap` behind our interface, for machines where it works: the original code as a cross-check.

The package needs torchvision without saying so, numpy below 2, and fetches three tokenizers when imported. Here it is
imported offline: they must already be in the Hugging Face cache.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from console.errors import ModelError
from models.clap.model import MAX_WINDOWS, average
from models.clap.windows import windows_of
from models.weight_files import check_shapes, read_tensors

__all__ = ["LaionClap"]


class LaionClap:
    """A `laion_clap.CLAP_Module` without fusion, with the methods of `Clap`."""

    def __init__(self, module: Any, name: str = "laion-clap") -> None:
        """Wrap a module.

        Args:
            module: a `laion_clap.CLAP_Module(enable_fusion=False)` with its weights loaded.
            name: shown to people.
        Raises:
            ModelError: the module mixes views (fusion), which crops at random.
        """
        if module.enable_fusion:
            raise ModelError("This laion-clap module uses fusion, which crops at random. Use enable_fusion=False.")
        self.name = name
        self.dimensions: int = module.model.joint_embed_shape
        self.reads_words = True
        self._module = module.eval().requires_grad_(False)

    @classmethod
    def load(cls, checkpoint: str | Path, audio_model: str = "HTSAT-base") -> "LaionClap":
        """Load LAION's checkpoint into LAION's code, without running what the file may carry.

        Args:
            checkpoint: a `.pt` of lukewys/laion_clap.
            audio_model: "HTSAT-base" for the music checkpoints, "HTSAT-tiny" for the 630k ones.
        Raises:
            ModelError: the package cannot be imported offline, or the checkpoint is unfit.
        """
        tensors = {name.removeprefix("module."): tensor for name, tensor in read_tensors(checkpoint).items()}
        tensors.pop("text_branch.embeddings.position_ids", None)  # no longer stored by transformers
        with _offline():
            module = _package().CLAP_Module(enable_fusion=False, device="cpu", amodel=audio_model)
        check_shapes(checkpoint, tensors, module.model)
        module.model.load_state_dict(tensors)
        return cls(module, Path(checkpoint).stem)

    def embed_audio(self, audio: Tensor, sample_rate: int, max_windows: int = MAX_WINDOWS) -> Tensor:
        """Embed audio; as `Clap.embed_audio`."""
        return average(self.embed_windows(audio, sample_rate, max_windows))

    def embed_windows(self, audio: Tensor, sample_rate: int, max_windows: int = MAX_WINDOWS) -> Tensor:
        """Embed every window apart; as `Clap.embed_windows`."""
        columns = [
            self._module.get_audio_embedding_from_data(x=window, use_tensor=True)
            for window in windows_of(audio, sample_rate, max_windows)
        ]
        return torch.stack(columns, dim=1)

    def embed_text(self, texts: Sequence[str]) -> Tensor:
        """Embed sentences; as `Clap.embed_text`."""
        if not texts:
            return torch.zeros(0, self.dimensions)
        with torch.no_grad():
            return self._module.get_text_embedding(list(texts), use_tensor=True)


def _package() -> Any:
    try:
        return importlib.import_module("laion_clap")
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise ModelError(
            f"The package laion-clap cannot be imported here ({error}). It needs torchvision and three tokenizers in "
            "the Hugging Face cache; without it, load the same checkpoint with load_clap."
        ) from error


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the package's own fetching local: without this, an absent tokenizer costs minutes of retries."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"laion-clap wants files that are not in the Hugging Face cache ({error}). Load the same checkpoint with "
            "load_clap instead."
        ) from error
    finally:
        constants.HF_HUB_OFFLINE = before
