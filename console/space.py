"""The two effect buses: reverb and delay, both one FFT convolution with a response made from the knobs.

Reverb: seeded noise in octave bands, each with its own exponential decay (J.-M. Jot's frequency-dependent reverberation
time), behind early reflections whose spacing follows `size`. Delay: the closed form of a damped feedback loop.
Both responses are differentiable in every knob and the same for the same knobs, always.
"""

import functools
import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from console.filters import cut_sections, shelf_section
from console.knobs import Knob, db_to_gain, knob
from console.recursions import Memory, biquad_cascade, check_audio, part_of

__all__ = ["delay", "delay_response", "reverb", "reverb_response"]

_SEED = 20240229
_LONGEST_S = 10.0
_LONGEST_NOISE = 1 << 21  # samples, a `_bucket`: holds _LONGEST_S at 192 kHz
_TAIL = 1.15  # the response is kept until -69 dB
_BAND_EDGES_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
_REFLECTIONS = 14
_EARLY_SHARE = 0.6
_SINC_HALF = 8
_QUIETEST_ECHO = 1e-3
_KEPT_ROOMS = 8


def reverb(
    audio: Tensor,
    sample_rate: int,
    decay_s: Knob = 1.6,
    predelay_ms: Knob = 20.0,
    damping_hz: Knob = 6000.0,
    size: Knob = 0.5,
    colour_db: Knob = 0.0,
    lowcut_hz: Knob = 150.0,
    return_db: Knob = 0.0,
    memory: Memory | None = None,
) -> Tensor:
    """Put a signal in a room; the result is the room alone.

    Args:
        audio: (batch, channels, samples); all items go into the same room.
        sample_rate: Hz.
        decay_s: time in which what lies well below `damping_hz` falls by 60 dB.
        predelay_ms: time before the room answers.
        damping_hz: frequency at which the decay is half as long.
        size: 0..1, spacing of the early reflections and build-up of the tail.
        colour_db: tilt around 900 Hz: half of it up above, half down below.
        lowcut_hz: high-pass into the room.
        return_db: level of the room, 0 dB: the response has unit energy.
        memory: a stream's past; the room rings on from block to block.
    Returns:
        (batch, 2, samples).
    Raises:
        AudioShapeError: not (batch, channels, samples).
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    colour = knob("reverb.colour_db", colour_db, 1, audio)
    lowcut = knob("reverb.lowcut_hz", lowcut_hz, 1, audio)
    q, full = torch.full_like(colour, 0.5), torch.full_like(colour, 900.0)
    tone = torch.cat(
        (
            cut_sections(sample_rate, lowcut, "12", "high"),
            shelf_section(sample_rate, colour / 2, full, q, high=True)[:, None],
            shelf_section(sample_rate, -colour / 2, full, q, high=False)[:, None],
        ),
        dim=1,
    )
    tone = tone.expand(audio.shape[0], -1, -1)
    mono = biquad_cascade(audio.mean(dim=1, keepdim=True), tone, part_of(memory, "tone"))
    values = {
        "decay_s": knob("reverb.decay_s", decay_s, 1, audio)[0],
        "predelay_ms": knob("reverb.predelay_ms", predelay_ms, 1, audio)[0],
        "damping_hz": knob("reverb.damping_hz", damping_hz, 1, audio)[0],
        "size": knob("reverb.size", size, 1, audio)[0],
    }
    response = _remembered(memory, lambda: _room(sample_rate, values))
    gain = db_to_gain(knob("reverb.return_db", return_db, 1, audio)).to(audio.dtype)
    return gain * _convolve(mono, response.to(audio.dtype), memory)


def delay(
    audio: Tensor,
    sample_rate: int,
    time_ms: Knob = 320.0,
    feedback: Knob = 0.3,
    damping_hz: Knob = 5000.0,
    ping_pong: Knob = 0.0,
    return_db: Knob = 0.0,
    memory: Memory | None = None,
) -> Tensor:
    """Repeat a signal; the result is the echoes alone, until they are 60 dB down or 10 s have passed.

    Args:
        audio: (batch, channels, samples); all items are repeated alike.
        sample_rate: Hz.
        time_ms: time between echoes.
        feedback: 0..0.9, level of an echo against the one before.
        damping_hz: -3 dB point of the 6 dB/octave low-pass each echo passes once more.
        ping_pong: 0 both sides alike .. 1 left and right in turn.
        return_db: level of the echoes.
        memory: a stream's past.
    Returns:
        (batch, 2, samples).
    Raises:
        AudioShapeError: not (batch, channels, samples).
        ParameterError: a value is outside its range.
    """
    check_audio(audio)
    values = {
        "time_ms": knob("delay.time_ms", time_ms, 1, audio)[0],
        "feedback": knob("delay.feedback", feedback, 1, audio)[0],
        "damping_hz": knob("delay.damping_hz", damping_hz, 1, audio)[0],
        "ping_pong": knob("delay.ping_pong", ping_pong, 1, audio)[0],
    }
    response = _remembered(memory, lambda: delay_response(sample_rate, **values))
    gain = db_to_gain(knob("delay.return_db", return_db, 1, audio)).to(audio.dtype)
    return gain * _convolve(audio.mean(dim=1, keepdim=True), response.to(audio.dtype), memory)


def reverb_response(sample_rate: int, decay_s: Tensor, predelay_ms: Tensor, damping_hz: Tensor, size: Tensor) -> Tensor:
    """Return the room's (2, samples) float64 impulse response of unit energy; arguments are () tensors."""
    predelay = predelay_ms * (sample_rate / 1000.0)
    whole = int(predelay.detach())
    length = math.ceil(min(float(decay_s.detach()) * _TAIL, _LONGEST_S) * sample_rate) + 2 * _SINC_HALF
    time_s = torch.arange(length, dtype=torch.float64, device=decay_s.device) / sample_rate
    bands = _noise_bands(sample_rate, _bucket(length)).to(decay_s.device)[..., :length]
    centres = torch.tensor(_band_centres(sample_rate), dtype=torch.float64, device=decay_s.device)
    decays = decay_s / (1.0 + (centres / damping_hz) ** 2)
    envelopes = torch.exp(-math.log(1000.0) * time_s[None] / decays[:, None])
    build_up = 1.0 - torch.exp(-time_s / (0.002 + 0.03 * size))
    tail = (envelopes[:, None] * bands).sum(dim=0) * build_up
    tail = tail / tail.square().sum(dim=-1).mean().sqrt()
    early = _early_reflections(sample_rate, length, size)
    early_share = _EARLY_SHARE * torch.exp(-decay_s / 2.0)
    response = tail + early_share * early
    response = response / response.square().sum(dim=-1).mean().sqrt()
    return _shift(response, predelay - whole, whole)


def delay_response(
    sample_rate: int, time_ms: Tensor, feedback: Tensor, damping_hz: Tensor, ping_pong: Tensor
) -> Tensor:
    """Return the delay's (2, samples) float64 impulse response; arguments are () tensors."""
    time_s = float(time_ms.detach()) / 1000.0
    loss = float(feedback.detach())
    echoes = 1 if loss <= _QUIETEST_ECHO else 1 + math.ceil(math.log(_QUIETEST_ECHO) / math.log(loss))
    echoes = max(2, min(echoes, int(_LONGEST_S / time_s)))
    length = math.ceil((echoes + 1) * time_s * sample_rate) + sample_rate // 20
    size = _fast_length(2 * length)
    w = 2 * math.pi * torch.fft.rfftfreq(size, 1.0 / sample_rate, dtype=torch.float64, device=time_ms.device)
    lowpass = 1.0 / torch.complex(torch.ones_like(w), w / (2 * math.pi * damping_hz))
    step = lowpass * torch.exp(torch.complex(torch.zeros_like(w), -w * time_ms / 1000.0))
    loop = feedback * step
    odd = step * (1.0 - loop ** (2 * ((echoes + 1) // 2))) / (1.0 - loop**2)
    even = step * loop * (1.0 - loop ** (2 * (echoes // 2))) / (1.0 - loop**2)
    quiet = 1.0 - ping_pong
    spectrum = torch.stack((odd + quiet * even, quiet * odd + even))
    return torch.fft.irfft(spectrum, n=size)[..., :length]


def _convolve(mono: Tensor, response: Tensor, memory: Memory | None) -> Tensor:
    """Convolve (batch, 1, samples) with (2, length) by one FFT; a stream overlaps and adds."""
    samples, length = mono.shape[-1], response.shape[-1]
    if memory is None:
        length = min(length, samples)
        response = response[..., :length]
    size = _fast_length(samples + length - 1)
    spectrum = torch.fft.rfft(mono, n=size) * _response_spectrum(response, size, memory)
    wet = torch.fft.irfft(spectrum, n=size)[..., : samples + length - 1]
    if memory is None:
        return wet[..., :samples]
    tail = memory.get("tail")
    if tail is not None:
        shared = min(tail.shape[-1], wet.shape[-1])
        wet[..., :shared] += tail[..., :shared]
        wet = torch.cat((wet, tail[..., shared:]), dim=-1)
    memory["tail"] = wet[..., samples:].clone()
    return wet[..., :samples]


def _response_spectrum(response: Tensor, size: int, memory: Memory | None) -> Tensor:
    if memory is None:
        return torch.fft.rfft(response, n=size)
    kept = memory.get("spectrum")
    if kept is None or kept[0] != size:
        kept = memory["spectrum"] = (size, torch.fft.rfft(response, n=size))
    spectrum: Tensor = kept[1]
    return spectrum


def _remembered(memory: Memory | None, make: Callable[[], Tensor]) -> Tensor:
    """Make a response once per stream."""
    if memory is None:
        return make()
    if "response" not in memory:
        memory["response"] = make()
    response: Tensor = memory["response"]
    return response


def _room(sample_rate: int, values: dict[str, Tensor]) -> Tensor:
    """Return `reverb_response`; of the last few rooms it is kept, as long as no gradient passes."""
    if any(value.requires_grad or value.device.type != "cpu" for value in values.values()):
        return reverb_response(sample_rate, **values)
    return _kept_room(sample_rate, **{name: float(value) for name, value in values.items()})


@functools.lru_cache(maxsize=_KEPT_ROOMS)
def _kept_room(sample_rate: int, **values: float) -> Tensor:
    with torch.inference_mode(False), torch.no_grad():
        return reverb_response(
            sample_rate, **{name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}
        )


def _early_reflections(sample_rate: int, length: int, size: Tensor) -> Tensor:
    """Return (2, length) of unit energy: seeded reflections between 2 ms and 12 + 70 size ms, falling with time."""
    generator = torch.Generator().manual_seed(_SEED + 1)
    draw = torch.rand((2, _REFLECTIONS, 2), generator=generator, dtype=torch.float64).to(size.device)
    share = torch.sort(draw[..., 0], dim=1).values
    at = (0.002 + share * (0.010 + 0.070 * size)) * sample_rate
    level = torch.where(draw[..., 1] > 0.5, 1.0, -1.0) * torch.exp(-1.6 * share)
    first = at.detach().floor().to(torch.int64)
    offsets = torch.arange(-_SINC_HALF + 1, _SINC_HALF + 1, device=size.device)
    index = (first[..., None] + offsets).clamp(0, length - 1)
    distance = index - at[..., None]
    window = torch.cos(math.pi * distance / (2 * _SINC_HALF + 2)).clamp(min=0.0) ** 2
    taps = level[..., None] * torch.sinc(distance) * window
    response = torch.zeros((2, length), dtype=torch.float64, device=size.device)
    response = response.scatter_add(1, index.reshape(2, -1), taps.reshape(2, -1))
    return response / response.square().sum(dim=-1).mean().sqrt().clamp(min=1e-12)


def _shift(response: Tensor, fraction: Tensor, whole: int) -> Tensor:
    """Delay (2, samples) by whole + fraction samples: a windowed-sinc fraction, then zeros in front."""
    n = torch.arange(-_SINC_HALF + 1, _SINC_HALF + 1, dtype=torch.float64, device=response.device)
    distance = n - fraction
    taps = torch.sinc(distance) * torch.cos(math.pi * distance / (2 * _SINC_HALF + 2)) ** 2
    taps = (taps / taps.sum()).flip(0)[None, None]
    padded = torch.nn.functional.pad(response[:, None], (_SINC_HALF, _SINC_HALF - 1))
    moved = torch.nn.functional.conv1d(padded, taps)[:, 0]
    return torch.nn.functional.pad(moved, (whole, 0))


@functools.lru_cache(maxsize=4)
def _noise_bands(sample_rate: int, length: int) -> Tensor:
    """Return (bands, 2, length) seeded noise split into bands that add up to white noise."""
    generator = torch.Generator().manual_seed(_SEED)
    noise = torch.randn((_LONGEST_NOISE, 2), generator=generator)[:length].T.to(torch.float64)
    spectrum = torch.fft.rfft(noise)
    freqs_hz = torch.fft.rfftfreq(length, 1.0 / sample_rate, dtype=torch.float64)
    octaves = torch.log2(freqs_hz.clamp(min=1.0))
    steps = [((octaves - math.log2(edge)) * 2 + 0.5).clamp(0.0, 1.0) for edge in _edges(sample_rate)]
    above = [torch.ones_like(octaves), *steps, torch.zeros_like(octaves)]
    return torch.stack([torch.fft.irfft(spectrum * (high - low), n=length) for high, low in itertools.pairwise(above)])


def _edges(sample_rate: int) -> tuple[float, ...]:
    return tuple(edge for edge in _BAND_EDGES_HZ if edge < sample_rate / 2)


def _band_centres(sample_rate: int) -> tuple[float, ...]:
    edges = _edges(sample_rate)
    return (*(edge / math.sqrt(2) for edge in edges), edges[-1] * math.sqrt(2))


def _bucket(length: int) -> int:
    """Return the noise length to make: the next power of two, so that few are ever made."""
    return 1 << (length - 1).bit_length()


def _fast_length(length: int) -> int:
    """Return the least 2^a 3^b 5^c not below length, for which the FFT is fast and even."""
    best = 1 << (length - 1).bit_length()
    for odd in (3, 5, 9, 15, 25, 27, 45, 75):
        scale = -(-length // odd)
        best = min(best, odd << max((scale - 1).bit_length(), 1))
    return best
