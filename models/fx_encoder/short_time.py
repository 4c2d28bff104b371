"""Short-time power spectra with a gradient that costs one inverse transform.

torch's own gradient of rfft builds the whole complex spectrum and its gradient of overlapping frames adds them one
element at a time; both together cost five times what is needed here.
"""

from typing import Any

import torch
from torch import Tensor

from models.fx_encoder.constants import kept

__all__ = ["short_time_power"]


def short_time_power(signals: Tensor, size: int) -> Tensor:
    """Return the power spectra of Hann windows every half window, differentiable once.

    Args:
        signals: (items, samples), samples at least `size`.
        size: samples a window, even.
    Returns:
        (items, frames, size / 2 + 1); the samples of a last incomplete window are left out.
    """
    power: Tensor = _Power.apply(signals, size)  # type: ignore[no-untyped-call]
    return power


class _Power(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, signals: Tensor, size: int) -> Tensor:
        window = _window(size, signals.dtype).to(signals.device)
        spectrum = torch.fft.rfft(signals.unfold(-1, size, size // 2) * window)
        context.save_for_backward(spectrum)
        context.samples = signals.shape[-1]
        return spectrum.real.square() + spectrum.imag.square()

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (spectrum,) = context.saved_tensors
        size = 2 * (spectrum.shape[-1] - 1)
        hop = size // 2
        # d|F_k|^2 / dx_n = 2 Re(F_k e^(i w_k n)); irfft counts every bin but the first and the last twice, over `size`
        weighted = gradients[0] * spectrum
        weighted[..., 0] *= 2.0
        weighted[..., -1] *= 2.0
        frames = torch.fft.irfft(weighted, n=size).mul_(_window(size, weighted.real.dtype).to(weighted.device) * size)
        out = torch.zeros((frames.shape[0], context.samples), dtype=frames.dtype, device=frames.device)
        halves = (frames.shape[1] + 1) * hop
        body = out[:, :halves].view(frames.shape[0], -1, hop)
        body[:, :-1] += frames[..., :hop]
        body[:, 1:] += frames[..., hop:]
        return out, None


@kept
def _window(size: int, dtype: torch.dtype) -> Tensor:
    return torch.hann_window(size, dtype=dtype)
