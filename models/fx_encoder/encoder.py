"""The FX encoder: how a sound was processed, whatever the sound is."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from console.errors import AudioShapeError, ModelError
from models.clap.windows import window_starts
from models.fx_encoder.front_end import SAMPLE_RATE, WINDOW_SAMPLES, hear
from models.fx_encoder.network import FxNetwork, Shape
from models.fx_encoder.statistics import statistics
from models.recomputed import recomputed
from models.resample import resample
from models.weight_files import check_shapes, read_tensors

__all__ = ["SHIPPED_WEIGHTS", "FxEncoder", "load_fx_encoder"]

SHIPPED_WEIGHTS = Path(__file__).with_name("weights.safetensors")
_WINDOW_S = WINDOW_SAMPLES // SAMPLE_RATE
_MAX_WINDOWS = 48
_ROWS = 4
_QUIET_DB, _SILENT_DB = -30.0, -50.0
_TINY = 1e-12


class FxEncoder:
    """An embedding of processing: tone, dynamics, saturation, space and width, apart from level and, mostly, content.

    Half of an effect lies about half way, so *differences* of embeddings are changes that can be compared, scaled and
    aimed for. Length 1 is the change that a chain of two random effects typically makes.
    """

    name = "fx"

    def __init__(
        self, members: Sequence[FxNetwork], heads: Tensor, targets: dict[str, int], comparison: Tensor | None = None
    ) -> None:
        """Put trained members together.

        Args:
            members: networks whose embeddings are laid side by side.
            heads: (sum of the targets' sizes, dimensions), from a change of embedding to what was done.
            targets: size by name, in the order of the heads' rows.
            comparison: (dimensions, dimensions) of `comparable`; None: as they are.
        """
        self.dimensions = sum(member.shape.dimensions for member in members)
        self._members = nn.ModuleList(members).eval().requires_grad_(False)
        self.heads = heads
        self.comparison = torch.eye(self.dimensions) if comparison is None else comparison
        self._targets = targets

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed audio.

        Args:
            audio: (batch, 2, samples), any level, at least one sample. Shorter than 5 s, it is repeated.
            sample_rate: Hz.
        Returns:
            (batch, dimensions) float32: the mean of the windows', silent ones left out. Finite for silence too.
        Raises:
            AudioShapeError: another shape, no samples, or no valid rate.
        """
        embedded, weights = self.embed_windows(audio, sample_rate)
        return (embedded * weights[..., None]).sum(dim=1)

    def embed_windows(self, audio: Tensor, sample_rate: int) -> tuple[Tensor, Tensor]:
        """Embed the windows of 5 s; of audio longer than 4 minutes 48 windows, spread over it.

        Args:
            audio, sample_rate: as for `embed`.
        Returns:
            (batch, windows, dimensions), and (batch, windows) weights that add up to 1: windows more than 30 dB below
            the loudest count less, below 50 dB nothing.
        """
        if audio.ndim != 3 or audio.shape[1] != 2 or audio.shape[-1] == 0:
            raise AudioShapeError(
                f"Audio of shape {tuple(audio.shape)} is not (batch, 2, samples). Use stereo, one sample at least."
            )
        if sample_rate != int(sample_rate) or sample_rate < 1:
            raise AudioShapeError(f"sample_rate={sample_rate} is not a positive whole number. Use e.g. 44100.")
        audio = audio.to(torch.float32)
        length = math.ceil(_WINDOW_S * sample_rate)
        starts = window_starts(audio.shape[-1], length, _MAX_WINDOWS)
        several = len(starts) > 1 or len(audio) > _ROWS
        embedded, powers = [], []
        for start in starts:
            window = audio[..., start : start + length]
            powers.append(window.detach().square().mean(dim=(1, 2)))
            parts = []
            for rows in window.split(_ROWS):
                if several and torch.is_grad_enabled() and rows.requires_grad:
                    parts.append(recomputed(lambda part: self._embed_window(part, sample_rate), rows))
                else:
                    parts.append(self._embed_window(rows, sample_rate))
            embedded.append(torch.cat(parts))
        level_db = 10.0 * torch.log10(torch.stack(powers, dim=1) + _TINY)
        below_db = level_db - level_db.amax(dim=1, keepdim=True)
        weights = ((below_db - _SILENT_DB) / (_QUIET_DB - _SILENT_DB)).clamp(0.0, 1.0)
        return torch.stack(embedded, dim=1), weights / weights.sum(dim=1, keepdim=True)

    @property
    def members(self) -> list[FxNetwork]:
        """The networks that are laid side by side."""
        return [member for member in self._members if isinstance(member, FxNetwork)]

    def embed_numbers(self, numbers: Tensor) -> Tensor:
        """Embed (items, STATISTICS) of windows as (items, dimensions)."""
        return torch.cat([member(numbers) for member in self._members], dim=1)

    def read_changes(self, changes: Tensor) -> dict[str, Tensor]:
        """Read what was done from how the embedding changed.

        Args:
            changes: (batch, dimensions), an embedding less the embedding before.
        Returns:
            {name: (batch, size)} with the names and units of `models.training.targets.TARGETS`.
        """
        parts = (changes @ self.heads.T).split(list(self._targets.values()), dim=1)
        return dict(zip(self._targets, parts, strict=True))

    def comparable(self, changes: Tensor) -> Tensor:
        """Return changes where the distance between two says most of processing and least of what was processed.

        A setting moves no two sounds alike. In the embedding itself the nearest one can come to the change of another
        sound is not the same setting; here what differs from sound to sound counts little, what the heads read much.

        Args:
            changes: (..., dimensions).
        Returns:
            (..., dimensions), to be compared by squared distance.
        """
        return changes @ self.comparison.T

    def _embed_window(self, audio: Tensor, sample_rate: int) -> Tensor:
        audio = resample(audio, int(sample_rate), SAMPLE_RATE)
        if audio.shape[-1] < WINDOW_SAMPLES:
            audio = audio.repeat(1, 1, math.ceil(WINDOW_SAMPLES / audio.shape[-1]))
        return self.embed_numbers(statistics(hear(audio[..., :WINDOW_SAMPLES])))

    def save(self, path: Path, about: dict[str, str]) -> None:
        """Write the weights in half precision, with what they were made from."""
        from safetensors.torch import save_file

        tensors = {
            "heads": self.heads.to(torch.float16).contiguous(),
            "comparison": self.comparison.to(torch.float16).contiguous(),
        }
        for name, tensor in self._members.state_dict().items():
            tensors[f"members.{name}"] = tensor.to(torch.float16).contiguous()
        shapes = [vars(member.shape) for member in self._members]
        meta = {"shapes": json.dumps(shapes), "targets": json.dumps(self._targets), **about}
        save_file(tensors, path, metadata=meta)


def load_fx_encoder(path: Path = SHIPPED_WEIGHTS) -> FxEncoder:
    """Load the encoder from a file that `scripts/train_fx_encoder.py` wrote.

    Raises:
        ModelError: the file is absent, corrupt, or not of this architecture; it is named.
    """
    tensors = {name: tensor.to(torch.float32) for name, tensor in read_tensors(path).items()}
    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
        shapes = [Shape(**values) for values in json.loads(meta["shapes"])]
        targets = {str(name): int(size) for name, size in json.loads(meta["targets"]).items()}
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no FX encoder of this version ({error}). Train one, or install again.") from error
    members = nn.ModuleList([FxNetwork(shape) for shape in shapes])
    dimensions = sum(shape.dimensions for shape in shapes)
    beside = {}
    for name, wanted in (("heads", (sum(targets.values()), dimensions)), ("comparison", (dimensions, dimensions))):
        beside[name] = tensors.pop(name, None)
        if beside[name] is None or tuple(beside[name].shape) != wanted:
            raise ModelError(f"{path} is damaged: its {name} is not {wanted}. Train the encoder, or install again.")
    members_only = {name.removeprefix("members."): tensor for name, tensor in tensors.items()}
    check_shapes(path, members_only, members)
    members.load_state_dict(members_only)
    return FxEncoder(list(members), targets=targets, **beside)  # type: ignore[arg-type]
