"""Filters and the six-band equaliser: second-order sections designed in float64, run by one exact cascade.

Source of every design: R. Bristow-Johnson, "Audio EQ Cookbook" (W3C note, 2021); the 24 dB/octave slopes are
fourth-order Butterworth, two sections with Q 0.541 and 1.307.
"""

import math

import torch
from torch import Tensor

from console.errors import ParameterError
from console.knobs import Knob, knob, remembered, tuned_hz
from console.parameters import specs_of
from console.recursions import Memory, biquad_cascade, check_audio

__all__ = [
    "BANDS",
    "bell_section",
    "cut_sections",
    "eq_sections",
    "highpass",
    "lowpass",
    "parametric_eq",
    "response_db",
    "shelf_section",
    "upper_section",
]

BANDS = ("low_shelf", "bell_1", "bell_2", "bell_3", "bell_4", "high_shelf")
_BAND_VALUES = tuple(entry.name.split(".")[1] for entry in specs_of("track") if entry.processor == "eq")
_BUTTERWORTH_Q = {"12": (math.sqrt(0.5),), "24": (0.5411961001461969, 1.3065629648763764)}


def parametric_eq(audio: Tensor, sample_rate: int, memory: Memory | None = None, **bands: Knob) -> Tensor:
    """Shape the tone with a low shelf, four bells and a high shelf.

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        memory: a stream's past; None starts from silence.
        **bands: `low_shelf_gain_db`, `low_shelf_freq_hz`, `low_shelf_q`, `bell_1_gain_db` ... `high_shelf_q`, each
            (batch,) or one number; those left out stand at the table's default (gain 0: no change).
    Returns:
        (batch, channels, samples).
    Raises:
        ParameterError: an unknown band, or a value outside the parameter table's range.
    """
    check_audio(audio)
    return biquad_cascade(audio, eq_sections(audio, sample_rate, **bands), memory)


def eq_sections(audio: Tensor, sample_rate: int, **bands: Knob) -> Tensor:
    """Return the equaliser's (batch, 6, 5) sections; arguments as in `parametric_eq`."""
    unknown = set(bands) - set(_BAND_VALUES)
    if unknown:
        raise ParameterError(f"The equaliser has no {', '.join(sorted(unknown))}. It has {', '.join(_BAND_VALUES)}.")
    sections = []
    for band in BANDS:
        gain_db, freq_hz, q = (
            knob(f"eq.{band}_{part}", bands.get(f"{band}_{part}"), audio.shape[0], audio)
            for part in ("gain_db", "freq_hz", "q")
        )
        if band.startswith("bell"):
            sections.append(bell_section(sample_rate, gain_db, freq_hz, q))
        else:
            sections.append(shelf_section(sample_rate, gain_db, freq_hz, q, band == "high_shelf"))
    return torch.stack(sections, dim=1)


def highpass(
    audio: Tensor,
    sample_rate: int,
    freq_hz: Knob,
    slope_db_per_octave: str = "12",
    memory: Memory | None = None,
) -> Tensor:
    """Remove what lies below a frequency (-3 dB there).

    Args:
        audio: (batch, channels, samples).
        sample_rate: Hz.
        freq_hz: (batch,) Hz.
        slope_db_per_octave: "12" or "24".
        memory: a stream's past; None starts from silence.
    Returns:
        (batch, channels, samples).
    """
    check_audio(audio)
    freq_hz = knob("highpass.freq_hz", freq_hz, audio.shape[0], audio)
    return biquad_cascade(audio, cut_sections(sample_rate, freq_hz, slope_db_per_octave, "high"), memory)


def lowpass(
    audio: Tensor,
    sample_rate: int,
    freq_hz: Knob,
    slope_db_per_octave: str = "12",
    memory: Memory | None = None,
) -> Tensor:
    """Remove what lies above a frequency (-3 dB there); arguments as in `highpass`."""
    check_audio(audio)
    freq_hz = knob("lowpass.freq_hz", freq_hz, audio.shape[0], audio)
    return biquad_cascade(audio, cut_sections(sample_rate, freq_hz, slope_db_per_octave, "low"), memory)


@remembered
def bell_section(sample_rate: int, gain_db: Tensor, freq_hz: Tensor, q: Tensor) -> Tensor:
    """Return (batch, 5) of a bell; gain_db, freq_hz, q are (batch,). Cookbook: peakingEQ."""
    a = 10.0 ** (gain_db / 40.0)
    cos, alpha = _angle(sample_rate, freq_hz, q)
    return _normalised(1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a)


@remembered
def shelf_section(sample_rate: int, gain_db: Tensor, freq_hz: Tensor, q: Tensor, high: bool) -> Tensor:
    """Return (batch, 5) of a shelf; gain_db, freq_hz, q are (batch,). Cookbook: lowShelf, highShelf."""
    a = 10.0 ** (gain_db / 40.0)
    cos, alpha = _angle(sample_rate, freq_hz, q)
    side = -1.0 if high else 1.0
    root = 2 * torch.sqrt(a) * alpha
    return _normalised(
        a * ((a + 1) - side * (a - 1) * cos + root),
        side * 2 * a * ((a - 1) - side * (a + 1) * cos),
        a * ((a + 1) - side * (a - 1) * cos - root),
        (a + 1) + side * (a - 1) * cos + root,
        -side * 2 * ((a - 1) + side * (a + 1) * cos),
        (a + 1) + side * (a - 1) * cos - root,
    )


@remembered
def cut_sections(sample_rate: int, freq_hz: Tensor, slope_db_per_octave: str, kind: str) -> Tensor:
    """Return (batch, 1 or 2, 5) of a Butterworth "high"- or "low"-pass; freq_hz is (batch,)."""
    if slope_db_per_octave not in _BUTTERWORTH_Q:
        raise ParameterError(f"slope_db_per_octave={slope_db_per_octave!r} does not exist. Use '12' or '24'.")
    sections = []
    for q in _BUTTERWORTH_Q[slope_db_per_octave]:
        cos, alpha = _angle(sample_rate, freq_hz, torch.full_like(freq_hz, q))
        side = 1.0 if kind == "high" else -1.0
        edge = (1 + side * cos) / 2
        sections.append(_normalised(edge, -side * 2 * edge, edge, 1 + alpha, -2 * cos, 1 - alpha))
    return torch.stack(sections, dim=1)


@remembered
def upper_section(sample_rate: int, freq_hz: Tensor) -> Tensor:
    """Return (batch, 5) of the band above a frequency: the signal less its low-pass of Q 0.5; freq_hz is (batch,).

    Turning this band down and adding it to the rest makes a clean high shelf. A high-pass would not do: its phase at
    the edge is 90 degrees off the signal's, so that what is taken away there does not cancel.
    """
    cos, alpha = _angle(sample_rate, freq_hz, torch.full_like(freq_hz, 0.5))
    edge = (1 - cos) / 2
    return _normalised(1 + alpha - edge, -2 * cos - 2 * edge, 1 - alpha - edge, 1 + alpha, -2 * cos, 1 - alpha)


def response_db(sections: Tensor, freqs_hz: Tensor, sample_rate: int) -> Tensor:
    """Return the magnitude of a cascade in dB.

    Args:
        sections: (batch, sections, 5).
        freqs_hz: (points,) Hz, below sample_rate / 2.
        sample_rate: Hz.
    Returns:
        (batch, points) dB.
    """
    # In sin^2(w/2), as the Cookbook advises: the cosine form loses all digits at low frequencies.
    phi = torch.sin(math.pi * freqs_hz.to(torch.float64) / sample_rate) ** 2
    b0, b1, b2, a1, a2 = (c[..., None] for c in sections.to(torch.float64).unbind(dim=-1))
    above = (b0 + b1 + b2) ** 2 - 4 * (b0 * b1 + 4 * b0 * b2 + b1 * b2) * phi + 16 * b0 * b2 * phi**2
    below = (1 + a1 + a2) ** 2 - 4 * (a1 + 4 * a2 + a1 * a2) * phi + 16 * a2 * phi**2
    return 10 * (torch.log10(above.clamp(min=1e-30)) - torch.log10(below.clamp(min=1e-30))).sum(dim=1)


def _angle(sample_rate: int, freq_hz: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    w = 2 * math.pi * tuned_hz(freq_hz, sample_rate) / sample_rate
    return torch.cos(w), torch.sin(w) / (2 * q)


def _normalised(b0: Tensor, b1: Tensor, b2: Tensor, a0: Tensor, a1: Tensor, a2: Tensor) -> Tensor:
    return torch.stack((b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0), dim=-1)
