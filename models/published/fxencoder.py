"""FXencoder, which learnt by contrast to hear effects instead of music, from its published weights.

Twelve residual blocks of convolutions straight on the waveform, 81.4 M parameters. The network is written here from the
paper and the layer table of its repository; the weights are the file `FXencoder_ps.pt`, which its authors keep on
Google Drive (linked from github.com/jhtonyKoo/music_mixing_style_transfer). They publish no checksum and the hub holds
no copy that we could verify, so the user fetches the file and passes its path; see its repository for the terms of use.

Source:
    J. Koo et al., Music Mixing Style Transfer: A Contrastive Learning Approach to Disentangle Audio Effects,
    ICASSP 2023 (arXiv 2211.02247).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional

from models.published.frozen import frozen
from models.published.listening import WindowedEncoder
from models.weight_files import read_tensors

__all__ = ["LAYERS", "FXencoderNetwork", "Layer", "load_fxencoder", "renamed"]


@dataclass(frozen=True)
class Layer:
    """One residual block: what comes out, and how its two convolutions look."""

    channels: int
    kernel: int
    """Samples, of both convolutions."""
    stride: int
    """Samples, of the second."""


LAYERS = (
    *(Layer(16, 25, 4), Layer(32, 25, 4), Layer(64, 15, 2), Layer(128, 15, 2)),
    *(Layer(256, 10, 2), Layer(256, 10, 2), Layer(512, 10, 2), Layer(512, 10, 2)),
    *(Layer(1024, 5, 2), Layer(1024, 5, 2), Layer(2048, 5, 1), Layer(2048, 5, 1)),
)
"""The published network."""


class FXencoderNetwork(nn.Module):
    """(rows, 2, samples) at 44.1 kHz -> (rows, channels of the last layer), none negative; 8193 samples at least."""

    def __init__(self, layers: Sequence[Layer] = LAYERS) -> None:
        super().__init__()
        widths = (2, *(layer.channels for layer in layers))
        self.blocks = nn.Sequential(*(_Block(width, layer) for width, layer in zip(widths, layers, strict=False)))

    def forward(self, audio: Tensor) -> Tensor:
        """Embed by the mean over time."""
        return self.blocks(audio).mean(dim=-1)


class _Block(nn.Module):
    """A convolution added to its input, then one that changes the width and thins time out."""

    def __init__(self, width: int, layer: Layer) -> None:
        super().__init__()
        self.same = _Convolution(width, width, layer.kernel, 1)
        self.change = _Convolution(width, layer.channels, layer.kernel, layer.stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (rows, width, samples) to (rows, channels, ceil(samples / stride))."""
        return self.change(self.same(x) + x)


class _Convolution(nn.Module):
    """Mirrored edges, convolution, batch norm, ReLU."""

    def __init__(self, width: int, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, channels, kernel, stride)
        self.norm = nn.BatchNorm1d(channels)
        self._before = (kernel - 1) // 2  # an even kernel looks one sample further ahead than back
        self._after = kernel - 1 - self._before

    def forward(self, x: Tensor) -> Tensor:
        """Map (rows, width, samples) to (rows, channels, ceil(samples / stride))."""
        return functional.relu(self.norm(self.conv(functional.pad(x, (self._before, self._after), mode="reflect"))))


def load_fxencoder(
    path: str | Path, device: str = "cpu", *, layers: Sequence[Layer] = LAYERS, keep_level: bool = False
) -> WindowedEncoder:
    """Load FXencoder from a checkpoint of its authors, without running what the file may carry.

    Args:
        path: `FXencoder_ps.pt`, or the same tensors as `.safetensors`.
        device: where it runs.
        layers: of a network that somebody trained in another size.
        keep_level: whether level is a part of the embedding, as when its authors ran it; see `WindowedEncoder`.
    Returns:
        The encoder, 2048 dimensions.
    Raises:
        ModelError: the file is absent, corrupt, holds code, or has other shapes.
    """
    tensors = renamed(read_tensors(path))
    network = frozen(lambda: FXencoderNetwork(layers), tensors, path, device)
    return WindowedEncoder(network, "FXencoder", layers[-1].channels, keep_level=keep_level)


def renamed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn the checkpoint's names into ours; names that are not the encoder's stay, and are refused later."""
    return {_ours(name): tensor for name, tensor in tensors.items()}


_THEIRS = re.compile(r"(?:module\.)?encoder\.(\d+)\.conv([12])\.conv1d\.(conv1d|batch_norm)\.")
_OURS = {"1": "same", "2": "change", "conv1d": "conv", "batch_norm": "norm"}


def _ours(name: str) -> str:
    return _THEIRS.sub(lambda found: f"blocks.{found[1]}.{_OURS[found[2]]}.{_OURS[found[3]]}.", name, count=1)
