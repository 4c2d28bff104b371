"""Fx-Encoder++, which learnt to hear effects in mixes and stems, from its published weights.

The weights are `fxenc_plusplus_default.pt` (huggingface.co/yytung/fxencoder-plusplus; its authors release their work
under CC BY-NC 4.0: not for commercial use). No public record of its checksum was found, so the user fetches the file
and passes its path. Only the part that hears a whole clip is used: a log-mel picture of both channels, six pairs of
3 x 3 convolutions as in PANNs' Cnn14, and a projection to 128 numbers of length 1. What picks one instrument out of a
mix (two CLAPs and a fusion) is left out.

The package `fxencoder-plusplus` 0.1.5 is not needed, and `package=True` runs its network instead of ours, as a
cross-check. It imports laion-clap (which needs torchvision, without saying so) and torchlibrosa (which needs librosa);
its own `load_model` fetches two CLAPs from the network and opens the checkpoint in a way that would run code in it,
so it is never called; and the `normalized=False` of its page does not exist.

Sources:
    Y.-T. Yeh et al., Fx-Encoder++: Extracting Instrument-wise Audio Effects Representations from Mixtures,
    ISMIR 2025 (arXiv 2507.02273). Q. Kong et al., PANNs, 2020 (arXiv 1912.10211): Cnn14.
"""

import importlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from console.errors import ModelError
from models.published.frozen import frozen
from models.published.listening import WindowedEncoder
from models.weight_files import check_shapes, read_tensors

__all__ = ["WIDTHS", "FxEncoderPlusPlusNetwork", "load_fxencoder_plusplus", "renamed"]

WIDTHS = (64, 128, 256, 512, 1024, 2048)
"""Channels of the published network's blocks."""
DIMENSIONS = 128
_FFT, _HOP = 2048, 512
_MELS = 64
_LOW_DB, _HIGH_DB = -80.0, 40.0
"""What the picture shows: power of a 2048-sample Hann window, from black to white (-1..1)."""


class FxEncoderPlusPlusNetwork(nn.Module):
    """(rows, 2, samples) at 44.1 kHz -> (rows, dimensions) of length 1; 15,872 samples at least."""

    def __init__(self, widths: Sequence[int] = WIDTHS, dimensions: int = DIMENSIONS) -> None:
        super().__init__()
        self.register_buffer("mel", torch.zeros(_FFT // 2 + 1, _MELS))  # the checkpoint brings its own filters
        self.mel: Tensor
        self.blocks = nn.ModuleList(_Pair(*pair) for pair in zip((2, *widths), widths, strict=False))
        self.hidden = nn.Linear(widths[-1], widths[-1])
        self.projection = nn.Sequential(nn.Linear(widths[-1], dimensions), nn.ReLU(), nn.Linear(dimensions, dimensions))

    def forward(self, audio: Tensor) -> Tensor:
        """Embed by the loudest and the mean moment of each feature, together."""
        x = self.picture(audio)  # (rows, 2, frames, mels)
        for block in self.blocks[:-1]:
            x = functional.avg_pool2d(block(x), 2)
        x = self.blocks[-1](x).mean(dim=-1)  # (rows, width, frames / 32)
        x = functional.relu(self.hidden(x.amax(dim=-1) + x.mean(dim=-1)))
        return functional.normalize(self.projection(x), dim=-1)

    def picture(self, audio: Tensor) -> Tensor:
        """Turn (rows, 2, samples) into (rows, 2, frames, mels), -1..1; silence is -1 with no gradient."""
        window = torch.hann_window(_FFT, device=audio.device)
        flat = audio.reshape(-1, audio.shape[-1])
        spectrum = torch.stft(flat, _FFT, _HOP, window=window, center=True, pad_mode="reflect", return_complex=True)
        power = (spectrum.real.square() + spectrum.imag.square()).transpose(-2, -1) @ self.mel  # (.., frames, mels)
        level_db = (10.0 * power.clamp(min=1e-10).log10()).clamp(_LOW_DB, _HIGH_DB)
        shown = 2.0 * (level_db - _LOW_DB) / (_HIGH_DB - _LOW_DB) - 1.0
        return shown.reshape(*audio.shape[:2], *shown.shape[-2:])


class _Pair(nn.Module):
    """Two 3 x 3 convolutions, each with batch norm and ReLU."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (rows, width, frames, mels) to (rows, channels, frames, mels)."""
        x = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(x)))


def load_fxencoder_plusplus(
    path: str | Path,
    device: str = "cpu",
    *,
    widths: Sequence[int] = WIDTHS,
    keep_level: bool = False,
    package: bool = False,
) -> WindowedEncoder:
    """Load Fx-Encoder++ from a checkpoint of its authors, without running what the file may carry.

    Args:
        path: `fxenc_plusplus_default.pt`, or the same tensors as `.safetensors`.
        device: where it runs.
        widths: of a network that somebody trained in another size; the package's has one size.
        keep_level: whether level is a part of the embedding, as when its authors ran it; see `WindowedEncoder`.
        package: whether the network of the package `fxencoder-plusplus` runs instead of ours.
    Returns:
        The encoder, 128 dimensions, each embedding of length 1.
    Raises:
        ModelError: the file is absent, corrupt, holds code, or has other shapes; or the package cannot be imported.
    """
    tensors = read_tensors(path)
    if package:
        network: nn.Module = _of_the_package(tensors, path, device)
    else:
        network = frozen(lambda: FxEncoderPlusPlusNetwork(widths), renamed(tensors), path, device)
    return WindowedEncoder(network, "Fx-Encoder++", DIMENSIONS, unit_length=True, keep_level=keep_level)


_UNUSED = re.compile(
    r"fx_encoder\.(bn0|spectrogram_extractor)\.|fx_encoder_transform\.|logit_scale_|(audio|text)_clap_model\.|extractor\."
)
"""A norm that is switched off, the FFT written as a convolution, and what only training or stem picking needs."""
_CHANGES = (
    (re.compile(r"^fx_encoder\.logmel_extractor\.melW$"), "mel"),
    (re.compile(r"^fx_encoder\.conv_block(\d+)\."), lambda found: f"blocks.{int(found[1]) - 1}."),
    (re.compile(r"^fx_encoder\.fc_1\."), "hidden."),
    (re.compile(r"^fx_encoder_projection\."), "projection."),
)


def renamed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn the checkpoint's names into ours and drop its unused parts; other names stay, and are refused later."""
    result = {}
    for name, tensor in tensors.items():
        name = name.removeprefix("module.")
        if _UNUSED.match(name):
            continue
        for pattern, new in _CHANGES:
            name = pattern.sub(new, name)
        result[name] = tensor
    return result


class _Packaged(nn.Module):
    """The package's network, as one that maps audio to embeddings."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, audio: Tensor) -> Tensor:
        """Map (rows, 2, samples) to (rows, DIMENSIONS) of length 1."""
        return self.module.get_fx_embedding(audio)


def _of_the_package(tensors: Mapping[str, Tensor], path: str | Path, device: str) -> nn.Module:
    try:
        imported = importlib.import_module("fxencoder_plusplus")
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise ModelError(
            f"The package fxencoder-plusplus cannot be imported here ({error}). It needs laion-clap, torchvision and "
            f"torchlibrosa; without it, load {path} with package=False, which needs none of them."
        ) from error
    module = imported.FxEncoderPlusPlus(audio_clap_module=False, text_clap_module=False, extractor_module=False)
    used = nn.ModuleDict({name: getattr(module, name) for name in ("fx_encoder", "fx_encoder_projection")})
    plain = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    weights = {name: tensor for name, tensor in plain.items() if name.split(".")[0] in used}
    check_shapes(path, weights, used)
    used.load_state_dict(weights)
    return _Packaged(module.to(device)).eval().requires_grad_(False)
