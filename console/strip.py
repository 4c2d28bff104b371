"""One channel strip: its processors in signal order, those that stand at neutral left out exactly."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from console import filters
from console.dynamics import compressor, deesser, gate, is_full_band
from console.knobs import Knob, db_to_gain, knob
from console.parameters import spec
from console.recursions import HALF, Memory, biquad_cascade, check_audio, delayed, part_of
from console.saturation import saturate
from console.stereo import place, side_highpass

__all__ = ["Values", "numbers", "saturates", "send_gain", "strip"]

Values = Mapping[str, Knob | str]
"""Knob values by parameter name; those left out stand at their default. A tensor is (batch,) or ()."""


def strip(audio: Tensor, sample_rate: int, values: Values, memory: Memory | None = None, late: bool = False) -> Tensor:
    """Run audio through a strip, from trim to fader.

    Args:
        audio: (batch, 1 or 2, samples).
        sample_rate: Hz.
        values: knob values; parameters of sends, limiter, reverb and delay are not read here.
        memory: a stream's past; None starts from silence.
        late: a stream whose neighbours saturate: come out HALF samples late even if this strip does not.
    Returns:
        (batch, 2, samples); with neutral values exactly the input (mono on both sides).
    Raises:
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    audio = _tone(_trim(audio, values), sample_rate, values, part_of(memory, "tone"))
    if not _stands_at(values, "gate.ratio", 1.0):
        audio = gate(audio, sample_rate, **numbers(values, "gate"), memory=part_of(memory, "gate"))
    if not _stands_at(values, "deesser.ratio", 1.0):
        audio = deesser(audio, sample_rate, **numbers(values, "deesser"), memory=part_of(memory, "deesser"))
    if _compresses(values):
        audio = compressor(audio, sample_rate, **_compressor_arguments(values), memory=part_of(memory, "compressor"))
    if saturates(values):
        shape = str(values.get("saturation.type", spec("saturation.type").default))
        arguments = numbers(values, "saturation")
        audio = saturate(audio, sample_rate, shape=shape, memory=part_of(memory, "saturation"), **arguments)
    elif late and memory is not None:
        audio = delayed(audio, HALF, memory)
    return _stereo(audio, sample_rate, values, part_of(memory, "stereo"))


def saturates(values: Values) -> bool:
    """Say whether the saturation stage is in use (it is the one stage of a strip that looks ahead)."""
    return not _stands_at(values, "saturation.mix", 0.0)


def send_gain(values: Values, name: str, like: Tensor) -> Tensor | None:
    """Return a send's linear gain (batch,), or None where the send stands at its lowest position, which is off.

    The gain at that position is subtracted, so that a send opens from exact silence.
    """
    low = spec(name).low
    if _stands_at(values, name, low):
        return None
    return db_to_gain(_knob(values, name, like)) - 10 ** (low / 20)


def numbers(values: Values, processor: str) -> dict[str, Any]:
    """Return a processor's numeric values by the names its function takes, its required ones always."""
    prefix = f"{processor}."
    found: dict[str, Any] = {name: spec(prefix + name).default for name in _REQUIRED.get(processor, ())}
    for name, value in values.items():
        if name.startswith(prefix) and not isinstance(value, str):
            found[name[len(prefix) :]] = value
    return found


def _trim(audio: Tensor, values: Values) -> Tensor:
    if not _stands_at(values, "trim.gain_db", 0.0):
        gain = db_to_gain(_knob(values, "trim.gain_db", audio))
        audio = audio * gain.to(audio.dtype)[:, None, None]
    return audio if _stands_at(values, "trim.invert", 0.0) else -audio


def _tone(audio: Tensor, sample_rate: int, values: Values, memory: Memory | None) -> Tensor:
    """Run high-pass, low-pass and equaliser as one cascade of the sections in use."""
    sections = []
    for name, kind in (("highpass", "high"), ("lowpass", "low")):
        if not _stands_at(values, f"{name}.on", 0.0):
            freq_hz = _knob(values, f"{name}.freq_hz", audio)
            slope = str(values.get(f"{name}.slope_db_per_octave", "12"))
            sections.append(filters.cut_sections(sample_rate, freq_hz, slope, kind))
    used = [index for index, band in enumerate(filters.BANDS) if not _stands_at(values, f"eq.{band}_gain_db", 0.0)]
    if used:
        sections.append(filters.eq_sections(audio, sample_rate, **numbers(values, "eq"))[:, used])
    return biquad_cascade(audio, torch.cat(sections, dim=1), memory) if sections else audio


def _compresses(values: Values) -> bool:
    idle = _stands_at(values, "compressor.ratio", 1.0) and _stands_at(values, "compressor.makeup_db", 0.0)
    return not idle and not _stands_at(values, "compressor.mix", 0.0)


def _compressor_arguments(values: Values) -> dict[str, Any]:
    arguments = numbers(values, "compressor")
    cut = arguments.get("sidechain_highpass_hz")
    if cut is not None and not isinstance(cut, Tensor) and is_full_band(cut):
        del arguments["sidechain_highpass_hz"]
    return arguments


def _stereo(audio: Tensor, sample_rate: int, values: Values, memory: Memory | None) -> Tensor:
    low = spec("stereo.mono_below_hz").low
    if not _stands_at(values, "stereo.mono_below_hz", low):
        audio = side_highpass(audio, sample_rate, _knob(values, "stereo.mono_below_hz", audio), memory)
    if not _stands_at(values, "fader.mute", 0.0):
        return audio.new_zeros((audio.shape[0], 2, audio.shape[-1]))
    gain = None
    if not _stands_at(values, "fader.gain_db", 0.0):
        gain = db_to_gain(_knob(values, "fader.gain_db", audio))
    neutral = gain is None and _stands_at(values, "stereo.width", 1.0) and _stands_at(values, "stereo.pan", 0.0)
    if neutral:
        return audio if audio.shape[1] == 2 else audio.expand(-1, 2, -1)
    return place(audio, _knob(values, "stereo.width", audio), _knob(values, "stereo.pan", audio), gain)


def _stands_at(values: Values, name: str, neutral: float) -> bool:
    """Say whether a knob stands exactly at a value and is not being tuned."""
    value = values.get(name, spec(name).default)
    if isinstance(value, Tensor):
        return not value.requires_grad and bool((value == neutral).all())
    return float(value) == neutral


def _knob(values: Values, name: str, like: Tensor) -> Tensor:
    value = values.get(name)
    assert not isinstance(value, str), f"{name} is a choice"
    return knob(name, value, like.shape[0], like)


_REQUIRED = {
    "gate": ("threshold_db", "ratio"),
    "deesser": ("threshold_db", "ratio"),
    "compressor": ("threshold_db", "ratio"),
    "saturation": ("drive_db", "mix"),
}
