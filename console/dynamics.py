"""Gate, de-esser and compressor: one exact gain rider, three static curves.

Time constants are those of the smoothed gain in dB: after `attack_ms` a step has covered 63 % of its way.
Source: Giannoulis, Massberg and Reiss, JAES 60(6), 2012.
"""

import torch
from torch import Tensor

from console.filters import cut_sections, upper_section
from console.kernels import dynamics as columns
from console.knobs import Knob, db_to_gain, knobs, one_pole, remembered
from console.parameters import spec
from console.recursions import Memory, biquad_cascade, check_audio, part_of, ride_gain

__all__ = ["compressor", "deesser", "gate", "is_full_band"]

_NO_LIMIT_DB = 1000.0
_GATE_KNEE_DB = 6.0
_DEESSER_KNEE_DB = 6.0
_ALMOST_NOTHING = 1e-15


def gate(
    audio: Tensor,
    sample_rate: int,
    threshold_db: Knob,
    ratio: Knob,
    range_db: Knob = 40.0,
    attack_ms: Knob = 10.0,
    release_ms: Knob = 150.0,
    memory: Memory | None = None,
) -> Tensor:
    """Turn down what is quieter than a threshold: a downward expander, a gate at high ratios.

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        threshold_db: (batch,) dBFS of the linked peak; a knee of 6 dB surrounds it.
        ratio: (batch,) dB out per dB in below the threshold: 1 changes nothing, 2 takes one more dB off for each
            dB below, 20 is a gate.
        range_db: (batch,) greatest reduction, dB.
        attack_ms: (batch,) opening time. release_ms: (batch,) closing time.
        memory: a stream's past; None starts closed, as after silence.
    Returns:
        (batch, channels, samples).
    Raises:
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    p = knobs(
        "gate",
        {
            "threshold_db": threshold_db,
            "ratio": ratio,
            "range_db": range_db,
            "attack_ms": attack_ms,
            "release_ms": release_ms,
        },
        audio.shape[0],
        audio,
    )
    return ride_gain(audio, audio, _gate_columns(sample_rate, *p.values()), memory=memory)


def deesser(
    audio: Tensor,
    sample_rate: int,
    threshold_db: Knob,
    ratio: Knob,
    freq_hz: Knob = 6000.0,
    range_db: Knob = 12.0,
    attack_ms: Knob = 10.0,
    release_ms: Knob = 60.0,
    memory: Memory | None = None,
) -> Tensor:
    """Turn down only the highs, only while they are loud (split band).

    A high-pass at `freq_hz` (12 dB/octave) tells how loud the highs are; the band above `freq_hz` is ridden:
    audio + (gain - 1) band, so that nothing changes while the highs are under the threshold.

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        threshold_db: (batch,) dBFS of the high-passed linked peak; a knee of 6 dB surrounds it.
        ratio: (batch,) 1 changes nothing.
        freq_hz: (batch,) lower edge of the band, Hz.
        range_db: (batch,) greatest reduction of the band, dB; half of it is reached about at `freq_hz`.
        attack_ms, release_ms: (batch,).
        memory: a stream's past.
    Returns:
        (batch, channels, samples).
    Raises:
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    p = knobs(
        "deesser",
        {
            "threshold_db": threshold_db,
            "ratio": ratio,
            "freq_hz": freq_hz,
            "range_db": range_db,
            "attack_ms": attack_ms,
            "release_ms": release_ms,
        },
        audio.shape[0],
        audio,
    )
    detector = biquad_cascade(audio, cut_sections(sample_rate, p["freq_hz"], "12", "high"), part_of(memory, "detector"))
    band = biquad_cascade(audio, upper_section(sample_rate, p["freq_hz"])[:, None], part_of(memory, "band"))
    del p["freq_hz"]
    params = _deesser_columns(sample_rate, *p.values())
    # Where the gain is 1 the difference is exactly 0.
    return audio + (ride_gain(band, detector, params, memory=part_of(memory, "gain")) - band)


def compressor(
    audio: Tensor,
    sample_rate: int,
    threshold_db: Knob,
    ratio: Knob,
    knee_db: Knob = 6.0,
    attack_ms: Knob = 10.0,
    release_ms: Knob = 150.0,
    sidechain_highpass_hz: Knob | None = None,
    makeup_db: Knob = 0.0,
    mix: Knob = 1.0,
    memory: Memory | None = None,
) -> Tensor:
    """Reduce the level above a threshold: feed-forward, stereo-linked peak detector, soft knee.

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        threshold_db: (batch,) dBFS of the linked peak.
        ratio: (batch,) dB in per dB out above the threshold; 1 changes nothing.
        knee_db: (batch,) width of the soft knee, dB.
        attack_ms, release_ms: (batch,).
        sidechain_highpass_hz: (batch,) the detector hears only what lies above (12 dB/octave); None hears all.
        makeup_db: (batch,) gain on the compressed path, dB.
        mix: (batch,) share of the compressed path, 0..1.
        memory: a stream's past.
    Returns:
        (batch, channels, samples).
    Raises:
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    values: dict[str, Knob] = {
        "threshold_db": threshold_db,
        "ratio": ratio,
        "knee_db": knee_db,
        "attack_ms": attack_ms,
        "release_ms": release_ms,
        "makeup_db": makeup_db,
        "mix": mix,
    }
    if sidechain_highpass_hz is not None:
        values["sidechain_highpass_hz"] = sidechain_highpass_hz
    p = knobs("compressor", values, audio.shape[0], audio)
    detector = audio
    if sidechain_highpass_hz is not None:
        sections = cut_sections(sample_rate, p["sidechain_highpass_hz"], "12", "high")
        detector = biquad_cascade(audio, sections, part_of(memory, "sidechain"))
    p.pop("sidechain_highpass_hz", None)
    params = _compressor_columns(sample_rate, *p.values())
    return ride_gain(audio, detector, params, memory=part_of(memory, "gain"))


def is_full_band(sidechain_highpass_hz: float) -> bool:
    """Say whether a side-chain high-pass knob stands at its lowest position, which is off."""
    return sidechain_highpass_hz <= spec("compressor.sidechain_highpass_hz").low


def _off_zero(value: Tensor) -> Tensor:
    """Hold a slope or range that is being tuned just off 0.

    At 0 every gain is 0 dB: nothing falls, nothing rises, and the gradient would take all time for release.
    """
    return torch.where(value == 0.0, value + _ALMOST_NOTHING, value) if value.requires_grad else value


@remembered
def _gate_columns(
    sample_rate: int, threshold_db: Tensor, ratio: Tensor, range_db: Tensor, attack_ms: Tensor, release_ms: Tensor
) -> Tensor:
    return _columns(
        {
            columns.THRESHOLD_DB: threshold_db,
            columns.SLOPE: _off_zero(ratio - 1.0),
            columns.KNEE_DB: torch.full_like(ratio, _GATE_KNEE_DB),
            columns.RANGE_DB: _off_zero(range_db),
            columns.FALL: one_pole(release_ms, sample_rate),
            columns.RISE: one_pole(attack_ms, sample_rate),
            columns.DIRECTION: torch.full_like(ratio, -1.0),
        }
    )


@remembered
def _deesser_columns(
    sample_rate: int, threshold_db: Tensor, ratio: Tensor, range_db: Tensor, attack_ms: Tensor, release_ms: Tensor
) -> Tensor:
    return _columns(
        {
            columns.THRESHOLD_DB: threshold_db,
            columns.SLOPE: _off_zero(1.0 - 1.0 / ratio),
            columns.KNEE_DB: torch.full_like(ratio, _DEESSER_KNEE_DB),
            columns.RANGE_DB: _off_zero(range_db),
            columns.FALL: one_pole(attack_ms, sample_rate),
            columns.RISE: one_pole(release_ms, sample_rate),
        }
    )


@remembered
def _compressor_columns(
    sample_rate: int,
    threshold_db: Tensor,
    ratio: Tensor,
    knee_db: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
    makeup_db: Tensor,
    mix: Tensor,
) -> Tensor:
    return _columns(
        {
            columns.THRESHOLD_DB: threshold_db,
            columns.SLOPE: _off_zero(1.0 - 1.0 / ratio),
            columns.KNEE_DB: knee_db,
            columns.RANGE_DB: torch.full_like(ratio, _NO_LIMIT_DB),
            columns.FALL: one_pole(attack_ms, sample_rate),
            columns.RISE: one_pole(release_ms, sample_rate),
            columns.MAKEUP: db_to_gain(makeup_db),
            columns.MIX: mix,
        }
    )


def _columns(values: dict[int, Tensor]) -> Tensor:
    """Return the kernel's (batch, COLUMNS) float64; make-up, mix and direction default to 1."""
    one = torch.ones_like(values[columns.THRESHOLD_DB])
    return torch.stack([values.get(column, one) for column in range(columns.COLUMNS)], dim=1)
