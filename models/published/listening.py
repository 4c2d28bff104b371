"""Let a network that hears ten seconds of 44.1 kHz stereo hear any audio: any rate, length and level."""

import math

import torch
from torch import Tensor, nn

from console.errors import AudioShapeError
from models.clap.windows import window_starts
from models.recomputed import recomputed
from models.resample import resample

__all__ = ["SAMPLE_RATE", "WINDOW_SAMPLES", "WindowedEncoder"]

SAMPLE_RATE = 44_100
"""Hz; both published encoders of effects hear this rate."""
WINDOW_S = 10
WINDOW_SAMPLES = WINDOW_S * SAMPLE_RATE
MAX_WINDOWS = 24
"""Four minutes are heard whole; of longer audio, this many windows spread over it."""
SHORTEST = SAMPLE_RATE
"""Samples; shorter audio is repeated, because the deepest layers would have nothing to look at."""
LEVEL_DBFS = -20.0
"""RMS at which the networks listen. A choice of ours: the authors say only "not too loud"."""
_FAINTEST = 1e-16  # mean square: what is fainter than -160 dBFS is not brought up to LEVEL_DBFS
_ROWS = 4
"""Windows through the network at once: FXencoder holds about 0.3 GB each for its gradient."""


class WindowedEncoder:
    """A frozen network as an `Encoder`: the mean of its embeddings of windows, differentiable in the audio.

    Both published networks hear level as one of the effects. The protocol asks for an embedding apart from level, so
    the whole audio is first brought to LEVEL_DBFS by one gain; what is louder or softer *within* it stays. With
    `keep_level` the network hears the samples as they are, as its authors ran it.
    """

    def __init__(
        self,
        network: nn.Module,
        name: str,
        dimensions: int,
        *,
        unit_length: bool = False,
        keep_level: bool = False,
        max_windows: int = MAX_WINDOWS,
    ) -> None:
        """Wrap a network.

        Args:
            network: (rows, 2, samples) at 44.1 kHz -> (rows, dimensions), in evaluation mode, its weights frozen.
            name: shown to people.
            dimensions: of the embedding.
            unit_length: whether embeddings have length 1, their mean too.
            keep_level: whether level is a part of the embedding.
            max_windows: how many ten-second windows are heard at most, spread evenly; at least 1.
        """
        assert max_windows >= 1, max_windows
        self.name = name
        self.dimensions = dimensions
        self._network = network
        self._unit_length = unit_length
        self._keep_level = keep_level
        self._max_windows = max_windows

    def embed(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed audio.

        Memory is that of four windows in the network and one copy of what is heard, with gradients too: several windows
        are then heard a second time on the way back. Windows never pass the end, so no silence is added; they touch or
        overlap, unless `max_windows` spreads them.

        Args:
            audio: (batch, 2, samples), at least one sample. Shorter than a second, it is repeated to fill one.
            sample_rate: Hz, a whole number.
        Returns:
            (batch, dimensions) float32, finite also for silence.
        Raises:
            AudioShapeError: another shape, no samples, or no valid rate.
        """
        if audio.ndim != 3 or audio.shape[1] != 2 or audio.shape[-1] == 0:
            raise AudioShapeError(
                f"Audio of shape {tuple(audio.shape)} is not (batch, 2, samples). Use stereo, one sample at least."
            )
        if sample_rate != int(sample_rate) or sample_rate < 1:
            raise AudioShapeError(f"sample_rate={sample_rate} is not a positive whole number. Use e.g. 44100.")
        sample_rate = int(sample_rate)
        audio = audio.to(self._device, torch.float32)
        gain = torch.ones((), device=audio.device) if self._keep_level else _gain(audio)
        length = WINDOW_S * sample_rate
        starts = window_starts(audio.shape[-1], length, self._max_windows)
        again = len(starts) > 1 or len(audio) > _ROWS
        total = torch.zeros(len(audio), self.dimensions, device=audio.device)
        for start in starts:
            window = audio[..., start : start + length] * gain
            total = total + torch.cat([self._hear(rows, sample_rate, again) for rows in window.split(_ROWS)])
        mean = total / len(starts)
        return nn.functional.normalize(mean, dim=-1) if self._unit_length else mean

    @property
    def _device(self) -> torch.device:
        return next(self._network.parameters()).device

    def _hear(self, rows: Tensor, sample_rate: int, again: bool) -> Tensor:
        """Embed (rows, 2, samples of at most one window) as (rows, dimensions); keep nothing to hear it again."""

        def hear(rows: Tensor) -> Tensor:
            heard = resample(rows, sample_rate, SAMPLE_RATE)
            if heard.shape[-1] < SHORTEST:
                heard = heard.repeat(1, 1, math.ceil(SHORTEST / heard.shape[-1]))[..., :SHORTEST]
            return self._network(heard.contiguous())

        return recomputed(hear, rows) if again and torch.is_grad_enabled() else hear(rows)


def _gain(audio: Tensor) -> Tensor:
    """Return (batch, 1, 1) what brings each (2, samples) to LEVEL_DBFS; in pieces, so that hours need no copy."""
    norms = [
        torch.linalg.vector_norm(piece, dim=(1, 2), dtype=torch.float64)
        for piece in audio.split(WINDOW_SAMPLES, dim=-1)
    ]
    power = torch.stack(norms).square().sum(dim=0) / audio[0].numel()  # (batch,) mean square
    gain = 10.0 ** (LEVEL_DBFS / 20.0) / (power + _FAINTEST).sqrt()
    return gain.to(torch.float32)[:, None, None]
