"""What every encoder of processing offers: audio in, one vector of how it was processed out."""

from typing import Protocol

from torch import Tensor

__all__ = ["Encoder"]


class Encoder(Protocol):
    """An embedding of how audio sounds processed, apart from its level, differentiable in the audio."""

    name: str
    dimensions: int

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed audio.

        Args:
            audio: (batch, 2, samples), any level, at least one sample.
            sample_rate: Hz.
        Returns:
            (batch, dimensions) float32.
        """
        ...
