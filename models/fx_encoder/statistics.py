"""Numbers that say what rows of levels do over time: how they spread, step, swing, rise at onsets and fall after them.

Everything is differentiable in the rows; where frames are chosen (the loudest quarter, the onsets), the choice itself
takes no gradient.
"""

import itertools

import torch
from torch import Tensor

from models.fx_encoder.constants import kept
from models.fx_encoder.front_end import FLATNESS_BANDS, TIME_BAND_EDGES_HZ, TONE_BANDS, Rows

__all__ = ["STATISTICS", "TONE_EACH", "TONE_LEVELS", "statistics"]

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_TONE_LAGS = (1, 2, 4, 8, 16, 32)
_TONE_SLOPES = (1, 4, 16)
_TIME_LAGS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_AROUND_ONSET = (-8, -4, -2, 0, 2, 4, 8, 16, 32, 64, 128)
_AFTER_PEAK = (0, 4, 8, 16, 24, 32, 48, 64, 96, 128)
_MODULATION_HZ = (0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 86.2)
_FRAMES_PER_S = 44100 / 256
_MODULATION_SIZE = 1024
_RISE_FRAMES = 2
_FALL_FRAMES = 16
_QUIETEST_ONSET_DB = -40.0
_TIME_ROWS = 2 * (len(TIME_BAND_EDGES_HZ) - 1) + 3
_SPREADS = 1 + 1 + len(_QUANTILES) + 1 + 1
TONE_EACH = _SPREADS + len(_TONE_LAGS) + len(_TONE_SLOPES) + 2
"""How many numbers there are of each tone row, which come first of all."""
TONE_LEVELS = tuple(
    1.0 if index in (0, *range(2, _SPREADS), TONE_EACH - 2, TONE_EACH - 1) else 0.0 for index in range(TONE_EACH)
)
"""1 where a number of a tone row is a level, which rises with the row; 0 where it is a spread or a step."""
_TIME_EACH = _SPREADS + 2 * len(_TIME_LAGS) + (len(_MODULATION_HZ) - 1) + len(_AROUND_ONSET) + len(_AFTER_PEAK) + 4
_FLATNESS_EACH = 9
STATISTICS = 2 * TONE_BANDS * TONE_EACH + FLATNESS_BANDS * _FLATNESS_EACH + _TIME_ROWS * _TIME_EACH + 2 + 2
"""How many numbers there are."""


def statistics(rows: Rows) -> Tensor:
    """Return (batch, STATISTICS) of rows, most of them in dB."""
    tone = rows.tone
    order = tone.detach()[:, :TONE_BANDS].mean(dim=1).argsort(dim=-1)  # frames, quietest first
    quarter = tone.shape[-1] // 4
    masks = [
        torch.zeros_like(tone[:, 0]).scatter_(1, chosen, 1.0 / quarter)
        for chosen in (order[:, :quarter], order[:, -quarter:])
    ]
    parts = [_tone(tone, masks), _flatness(rows.flatness, masks), _time(rows.time), rows.lean, rows.skew]
    return torch.cat([part.flatten(1) for part in parts], dim=1)


def _tone(rows: Tensor, masks: list[Tensor]) -> Tensor:
    """Return (batch, rows, TONE_EACH); masks are (batch, frames) of quiet and of loud frames."""
    parts = [*_spreads(rows), _power(rows)]
    parts += [_step(rows, lag).abs().mean(-1) for lag in _TONE_LAGS]
    parts += [_lopsided(_step(rows, lag)) for lag in _TONE_SLOPES]
    parts += [torch.einsum("crt,ct->cr", rows, mask) for mask in masks]
    return torch.stack(parts, dim=-1)


def _flatness(rows: Tensor, masks: list[Tensor]) -> Tensor:
    """Return (batch, rows, _FLATNESS_EACH)."""
    parts = [*_spreads(rows)[:-1], *(torch.einsum("crt,ct->cr", rows, mask) for mask in masks)]
    return torch.stack(parts, dim=-1)


def _time(rows: Tensor) -> Tensor:
    """Return (batch, rows, _TIME_EACH)."""
    parts = [*_spreads(rows), _power(rows)]
    for lag in _TIME_LAGS:
        step = _step(rows, lag)
        parts += [step.abs().mean(-1), _lopsided(step)]
    shared = torch.stack(parts, dim=-1)
    order = rows.detach()[:, -2].argsort(dim=-1)  # by the mid's RMS, quietest first
    quarter = rows.shape[-1] // 4
    masks = torch.zeros((rows.shape[0], 4, rows.shape[-1]), device=rows.device)
    for index in range(4):
        masks[:, index].scatter_(1, order[:, index * quarter : (index + 1) * quarter], 1.0 / quarter)
    by_level = torch.einsum("crt,cqt->crq", rows, masks)
    return torch.cat((shared, _modulations(rows), _trajectories(rows), by_level), dim=-1)


def _spreads(rows: Tensor) -> list[Tensor]:
    mean = rows.mean(dim=-1)
    spread = ((rows - mean[..., None]).square().mean(dim=-1) + 1e-4).sqrt()
    ranked = rows.sort(dim=-1).values
    quantiles = [ranked[..., round(share * (rows.shape[-1] - 1))] for share in _QUANTILES]
    loudest = ranked[..., -max(1, rows.shape[-1] // 100) :].mean(dim=-1)
    return [mean, spread, *quantiles, loudest]


def _power(rows: Tensor) -> Tensor:
    return 10.0 * torch.log10((10.0 ** (rows / 10.0)).mean(dim=-1))


def _step(rows: Tensor, lag: int) -> Tensor:
    return rows[..., lag:] - rows[..., :-lag]


def _lopsided(step: Tensor) -> Tensor:
    """Return how much larger the rises are than the falls: both happen equally in sum, not in squares."""
    up = step.clamp(min=0.0)
    down = step - up
    return (up.square().mean(-1) + 1e-4).sqrt() - (down.square().mean(-1) + 1e-4).sqrt()


def _modulations(rows: Tensor) -> Tensor:
    """Return (batch, rows, 8): how much the level swings, octave by octave of swing rate, dB."""
    centred = (rows - rows.mean(dim=-1, keepdim=True)) * torch.hann_window(rows.shape[-1], device=rows.device)
    spectrum = torch.fft.rfft(centred, n=_MODULATION_SIZE)
    power = spectrum.real.square() + spectrum.imag.square()
    return 10.0 * torch.log10(torch.matmul(power, _modulation_matrix().to(rows.device)) + 1.0)


@kept
def _modulation_matrix() -> Tensor:
    """Return (bins, 8) means over octaves."""
    rates_hz = torch.arange(_MODULATION_SIZE // 2 + 1) * (_FRAMES_PER_S / _MODULATION_SIZE)
    columns = []
    for low, high in itertools.pairwise(_MODULATION_HZ):
        inside = ((rates_hz >= low) & (rates_hz < high)).to(torch.float32)
        columns.append(inside / inside.sum())
    return torch.stack(columns, dim=1)


def _trajectories(rows: Tensor) -> Tensor:
    """Return (batch, rows, 21): mean level around each row's own onsets, and after the peaks that fall away."""
    before, after = -_AROUND_ONSET[0], max(_AROUND_ONSET[-1], _AFTER_PEAK[-1])
    centre = rows[..., before:-after]
    fixed = rows.detach()
    loud = torch.sigmoid((fixed[..., before:-after] - _QUIETEST_ONSET_DB) / 3.0)
    rise = _at(fixed, _RISE_FRAMES, before, after) - _at(fixed, -_RISE_FRAMES, before, after)
    fall = fixed[..., before:-after] - _at(fixed, _FALL_FRAMES, before, after)
    parts = []
    for slope, lags in ((rise, _AROUND_ONSET), (fall, _AFTER_PEAK)):
        weight = slope.clamp(min=0.0).square() * loud + 1e-6
        weight = weight / weight.sum(dim=-1, keepdim=True)
        parts += [(weight * _at(rows, lag, before, after)).sum(dim=-1) for lag in lags]
    assert centre.shape[-1] > 0, "rows shorter than the longest lag"
    return torch.stack(parts, dim=-1)


def _at(rows: Tensor, lag: int, before: int, after: int) -> Tensor:
    return rows[..., before + lag : rows.shape[-1] - after + lag]
