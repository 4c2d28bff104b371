"""Effects that share no code and no topology with our console: an encoder trained on ours has never met them.

Every effect is `process(audio, sample_rate, **settings)` on (2, samples) float32, with a draw of its settings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import scipy.signal

from benchmarks.peers import peer

__all__ = ["UNSEEN", "UnseenChain", "draw_unseen_chain", "render_unseen"]

Audio = np.ndarray
Settings = dict[str, Any]
Generator = np.random.Generator


@dataclass(frozen=True)
class UnseenEffect:
    """One effect: its family, how its settings are drawn, and what it does."""

    family: str
    draw: Callable[[Generator], Settings]
    process: Callable[..., Audio]


@dataclass(frozen=True)
class UnseenChain:
    """Effects by name with their settings, applied in this order."""

    effects: tuple[str, ...]
    settings: Mapping[str, Settings] = field(default_factory=dict)


def draw_unseen_chain(generator: Generator, n_effects: int, families: Sequence[str] = ()) -> UnseenChain:
    """Draw effects of different families; where families are named, of these only."""
    names = [name for name, effect in UNSEEN.items() if not families or effect.family in families]
    chosen: list[str] = []
    for index in generator.permutation(len(names)):
        used = {UNSEEN[name].family for name in chosen}
        if len(chosen) < n_effects and UNSEEN[names[index]].family not in used:
            chosen.append(names[index])
    return UnseenChain(tuple(chosen), {name: UNSEEN[name].draw(generator) for name in chosen})


def render_unseen(audio: Audio, sample_rate: int, chain: UnseenChain) -> Audio:
    """Return (2, samples) float32 of (2, samples), through every effect of a chain."""
    for name in chain.effects:
        audio = UNSEEN[name].process(audio, sample_rate, **chain.settings[name])
    return np.ascontiguousarray(audio, dtype=np.float32)


def _octaves(generator: Generator, low: float, high: float) -> float:
    return float(low * (high / low) ** generator.random())


def _ranges(**ranges: tuple[float, ...]) -> Callable[[Generator], Settings]:
    """Return a draw: (low, high) evenly, (low, high, 0) evenly in octaves."""

    def draw(generator: Generator) -> Settings:
        return {
            name: _octaves(generator, *ends[:2]) if len(ends) == 3 else float(generator.uniform(*ends))
            for name, ends in ranges.items()
        }

    return draw


def _pedal(kind: str, audio: Audio, sample_rate: int, **settings: float) -> Audio:
    """Run one of pedalboard's effects."""
    board = peer("pedalboard")
    return board.Pedalboard([getattr(board, kind)(**settings)])(audio, sample_rate)


def _draw_curve(generator: Generator) -> Settings:
    steps = generator.normal(0.0, 5.0, size=10)
    return {"gains_db": np.clip(steps - steps.mean(), -12.0, 12.0).tolist()}


_OCTAVES_HZ = 31.25 * 2.0 ** np.arange(10)


def _linear_phase_eq(audio: Audio, sample_rate: int, gains_db: list[float]) -> Audio:
    """A 4097-tap symmetrical filter through ten octave gains."""
    nyquist = sample_rate / 2
    grid = np.geomspace(20.0, nyquist, 256)
    gain = 10 ** (np.interp(np.log(grid), np.log(_OCTAVES_HZ), gains_db) / 20)
    taps = scipy.signal.firwin2(4097, [0.0, *grid[:-1], nyquist], [gain[0], *gain], fs=sample_rate)
    return scipy.signal.fftconvolve(audio, taps[None], mode="same", axes=1)


def _graphic_eq(audio: Audio, sample_rate: int, gains_db: list[float]) -> Audio:
    """Ten parallel Butterworth octave bands added to the dry sound."""
    out = audio.astype(np.float64)
    for centre, gain_db in zip(_OCTAVES_HZ, gains_db, strict=True):
        edges = [centre / 2**0.5, min(centre * 2**0.5, 0.49 * sample_rate)]
        band = scipy.signal.butter(1, edges, "bandpass", fs=sample_rate, output="sos")
        out += (10 ** (gain_db / 20) - 1.0) * scipy.signal.sosfilt(band, audio)
    return out


def _narrow_band(audio: Audio, sample_rate: int, low_hz: float, high_hz: float) -> Audio:
    """An elliptic band-pass, as of a telephone or a small radio."""
    sos = scipy.signal.ellip(4, 0.5, 40.0, [low_hz, high_hz], "bandpass", fs=sample_rate, output="sos")
    return scipy.signal.sosfilt(sos, audio)


def _gain_db(audio: Audio, gain_db: np.ndarray, hop: int) -> Audio:
    """Apply gains given once a hop, straight lines between them."""
    at = np.arange(audio.shape[1])
    return audio * 10 ** (np.interp(at, (np.arange(gain_db.size) + 0.5) * hop, gain_db) / 20)


def _hop_levels(audio: Audio, hop: int) -> np.ndarray:
    """Return the RMS of both channels together in each hop, dB."""
    padded = np.pad(audio, ((0, 0), (0, -audio.shape[1] % hop)))
    return 10 * np.log10(np.square(padded).reshape(2, -1, hop).mean(axis=(0, 2)) + 1e-10)


def _opto(audio: Audio, sample_rate: int, threshold_db: float, ratio: float, release_ms: float) -> Audio:
    """A feedback compressor on RMS: it hears its own output; the deeper it sits, the slower it lets go."""
    hop = max(1, sample_rate // 400)
    gain, gains = 0.0, []
    for level in _hop_levels(audio, hop):
        wanted = -max(level + gain - threshold_db, 0.0) * (ratio - 1.0)
        time_ms = 15.0 if wanted < gain else release_ms * (1.0 - gain / 10.0)
        gain += (max(wanted, -40.0) - gain) * min(1.0, 2.5 / time_ms)
        gains.append(gain)
    return _gain_db(audio, np.array(gains), hop)


def _three_bands(audio: Audio, sample_rate: int, depth_db: float, low_hz: float, high_hz: float) -> Audio:
    """Three bands, each held near its own mean level."""
    edges = ([low_hz, "lowpass"], [[low_hz, high_hz], "bandpass"], [high_hz, "highpass"])
    hop = max(1, sample_rate // 200)
    out = np.zeros(audio.shape)
    for edge, kind in edges:
        band = scipy.signal.sosfilt(scipy.signal.butter(2, edge, kind, fs=sample_rate, output="sos"), audio)
        level = scipy.signal.lfilter([0.15], [1.0, -0.85], _hop_levels(band, hop))
        out += _gain_db(band, np.clip(np.median(level) - level, -depth_db, depth_db), hop)
    return out


def _transients(audio: Audio, sample_rate: int, attack_db: float, sustain_db: float) -> Audio:
    """A transient designer: fast envelope against slow, no threshold."""
    hop = max(1, sample_rate // 800)
    level = _hop_levels(audio, hop)
    fast, slow = (scipy.signal.lfilter([share], [1.0, share - 1.0], level) for share in (0.5, 0.03))
    rising = np.clip((fast - slow) / 6.0, 0.0, 1.0)
    falling = np.clip((slow - fast) / 6.0, 0.0, 1.0)
    return _gain_db(audio, attack_db * rising + sustain_db * falling, hop)


def _diode(audio: Audio, sample_rate: int, drive_db: float, bias: float) -> Audio:
    """An exponential diode pair, one side weaker, twice oversampled."""
    driven = scipy.signal.resample_poly(audio, 2, 1, axis=1) * 10 ** (drive_db / 20)
    shaped = np.where(driven >= 0, 1.0 - np.exp(-driven.clip(min=0)), (1.0 - bias) * (np.exp(driven.clip(max=0)) - 1.0))
    shaped = scipy.signal.resample_poly(shaped, 1, 2, axis=1)[:, : audio.shape[1]]
    return shaped - scipy.signal.sosfilt(scipy.signal.butter(1, 8.0, "lowpass", fs=sample_rate, output="sos"), shaped)


def _fold(audio: Audio, sample_rate: int, drive_db: float) -> Audio:
    """A sine wave-folder."""
    del sample_rate
    return np.sin(np.pi / 2 * audio * 10 ** (drive_db / 20))


def _chebyshev(audio: Audio, sample_rate: int, amount: float) -> Audio:
    """Second to fourth harmonics by Chebyshev polynomials of the peak-normalised sound."""
    del sample_rate
    peak = max(float(np.abs(audio).max()), 1e-6)
    shaped = np.polynomial.chebyshev.chebval(audio / peak, [0.0, 1.0, amount, amount / 2, amount / 4])
    return peak * (shaped - np.polynomial.chebyshev.chebval(0.0, [0.0, 1.0, amount, amount / 2, amount / 4]))


def _convolved(audio: Audio, response: np.ndarray, wet: float) -> Audio:
    """Mix in a convolution with (2, taps) of unit energy."""
    response = response / np.sqrt(np.square(response).sum(axis=1).mean())
    return audio + wet * scipy.signal.fftconvolve(audio, response, axes=1)[:, : audio.shape[1]]


def _image_room(
    audio: Audio, sample_rate: int, seed: int, width_m: float, absorption: float, distance: float, wet: float
) -> Audio:
    """A shoebox by image sources (Allen & Berkley, 1979): two ears, walls that take more treble at each bounce."""
    place = np.random.default_rng(seed)
    size = np.array([width_m, width_m * 1.31, width_m * 0.63])
    source, ear = size * place.uniform(0.15, 0.45, 3), size * place.uniform(0.55, 0.85, 3)
    order = np.arange(-6, 7)
    grid = np.stack(np.meshgrid(order, order, order, indexing="ij"), -1).reshape(-1, 3)
    images = np.where(grid % 2, (grid + 1) * size - source, grid * size + source)
    bounces = np.abs(grid).sum(axis=1)
    taps = int(0.9 * sample_rate)
    # One response for each number of bounces, so that each can be filtered as often as it has hit a wall.
    layers = np.zeros((3, 2, taps))
    for side, shift in enumerate((-0.09, 0.09)):
        far = np.linalg.norm(images - ear - [shift, 0.0, 0.0], axis=1) * distance
        at = (far / 343.0 * sample_rate).astype(int)
        gain = (1.0 - absorption) ** (bounces / 2) / np.maximum(far, 0.3)
        layer = np.minimum(bounces // 4, 2)
        inside = at < taps
        np.add.at(layers, (layer[inside], side, at[inside]), gain[inside])
    soft = scipy.signal.butter(1, 5000.0, "lowpass", fs=sample_rate, output="sos")
    response = layers[0] + scipy.signal.sosfilt(soft, layers[1] + scipy.signal.sosfilt(soft, layers[2]))
    return _convolved(audio, response, wet)


def _draw_room(generator: Generator) -> Settings:
    drawn = _ranges(width_m=(3.0, 20.0, 0), absorption=(0.05, 0.5), distance=(1.0, 2.0), wet=(0.4, 1.5))(generator)
    return {"seed": int(generator.integers(1 << 30)), **drawn}


def _spring(audio: Audio, sample_rate: int, chirp_s: float, repeats: float, wet: float) -> Audio:
    """A spring: chirps that lose their treble at each pass, as a dispersive line makes them."""
    count = 3 + round(repeats)
    response = np.zeros((2, int(sample_rate * chirp_s * (count + 2))))
    time_s = np.arange(int(sample_rate * chirp_s)) / sample_rate
    for number in range(1, count + 1):
        sweep = scipy.signal.chirp(time_s, 150.0, time_s[-1], 4500.0 / number**0.5, "quadratic")
        for side in (0, 1):
            start = int(sample_rate * chirp_s * number * (1.0 + 0.07 * side))
            response[side, start : start + time_s.size] += 0.65**number * sweep[: response.shape[1] - start]
    return _convolved(audio, response, wet)


def _plate(audio: Audio, sample_rate: int, decay_s: float, tilt: float, wet: float) -> Audio:
    """A measured-like plate: dense modes at random frequencies, each with its own decay, from the first sample on."""
    generator = np.random.default_rng(20261122)
    spectrum_size = 1 << int(np.ceil(np.log2(sample_rate * min(1.2 * decay_s, 4.0))))
    time_s = np.arange(spectrum_size) / sample_rate
    response = np.zeros((2, spectrum_size))
    for low, high in ((60.0, 400.0), (400.0, 2000.0), (2000.0, 7000.0), (7000.0, 16000.0)):
        sos = scipy.signal.butter(2, [low, high], "bandpass", fs=sample_rate, output="sos")
        fall = 10 ** (-3.0 * time_s / (decay_s * (1000.0 / high) ** tilt))
        response += scipy.signal.sosfilt(sos, generator.laplace(size=response.shape)) * np.minimum(fall, 1.0)
    return _convolved(audio, response, wet)


def _tremolo(audio: Audio, sample_rate: int, rate_hz: float, depth: float, spread: float) -> Audio:
    """Level up and down, the right side later than the left."""
    phase = 2 * np.pi * rate_hz * np.arange(audio.shape[1]) / sample_rate
    swing = np.stack((np.sin(phase), np.sin(phase + np.pi * spread)))
    return audio * (1.0 - depth * (0.5 + 0.5 * swing))


def _wow(audio: Audio, sample_rate: int, rate_hz: float, depth_ms: float) -> Audio:
    """A tape that runs unevenly: everything up and down in pitch."""
    at = np.arange(audio.shape[1])
    late = depth_ms / 1000 * sample_rate * (1.0 + np.sin(2 * np.pi * rate_hz * at / sample_rate))
    return np.stack([np.interp(at - late, at, side) for side in audio])


def _haas(audio: Audio, sample_rate: int, late_ms: float, gain: float) -> Audio:
    """The mid's high-passed copy, late and of opposite sign on the two sides: width by delay."""
    shift = max(1, round(late_ms / 1000 * sample_rate))
    sos = scipy.signal.butter(1, 200.0, "highpass", fs=sample_rate, output="sos")
    mid = scipy.signal.sosfilt(sos, audio.mean(axis=0))
    side = gain * np.pad(mid, (shift, 0))[: mid.size]
    return audio + np.stack((side, -side))


UNSEEN: Mapping[str, UnseenEffect] = {
    "linear-phase EQ": UnseenEffect("eq", _draw_curve, _linear_phase_eq),
    "graphic EQ": UnseenEffect("eq", _draw_curve, _graphic_eq),
    "narrow band": UnseenEffect("eq", _ranges(low_hz=(120.0, 600.0, 0), high_hz=(2000.0, 9000.0, 0)), _narrow_band),
    "ladder filter": UnseenEffect(
        "eq", _ranges(cutoff_hz=(500.0, 8000.0, 0), resonance=(0.1, 0.7)), partial(_pedal, "LadderFilter")
    ),
    "opto compressor": UnseenEffect(
        "dynamics", _ranges(threshold_db=(-40.0, -25.0), ratio=(2.0, 10.0, 0), release_ms=(60.0, 600.0, 0)), _opto
    ),
    "three-band compressor": UnseenEffect(
        "dynamics", _ranges(depth_db=(6.0, 18.0), low_hz=(100.0, 300.0, 0), high_hz=(1500.0, 5000.0, 0)), _three_bands
    ),
    "transient designer": UnseenEffect(
        "dynamics", _ranges(attack_db=(-12.0, 12.0), sustain_db=(-12.0, 12.0)), _transients
    ),
    "pedalboard compressor": UnseenEffect(
        "dynamics",
        _ranges(
            threshold_db=(-42.0, -26.0), ratio=(3.0, 16.0, 0), attack_ms=(0.5, 40.0, 0), release_ms=(30.0, 500.0, 0)
        ),
        partial(_pedal, "Compressor"),
    ),
    "pedalboard limiter": UnseenEffect(
        "dynamics", _ranges(threshold_db=(-36.0, -20.0), release_ms=(20.0, 400.0, 0)), partial(_pedal, "Limiter")
    ),
    "diode": UnseenEffect("saturation", _ranges(drive_db=(6.0, 30.0), bias=(0.0, 0.6)), _diode),
    "wave folder": UnseenEffect("saturation", _ranges(drive_db=(6.0, 24.0)), _fold),
    "Chebyshev": UnseenEffect("saturation", _ranges(amount=(0.1, 0.9)), _chebyshev),
    "pedalboard distortion": UnseenEffect("saturation", _ranges(drive_db=(6.0, 30.0)), partial(_pedal, "Distortion")),
    "image-source room": UnseenEffect("space", _draw_room, _image_room),
    "spring": UnseenEffect("space", _ranges(chirp_s=(0.02, 0.06), repeats=(2.0, 8.0), wet=(0.3, 1.2)), _spring),
    "plate": UnseenEffect("space", _ranges(decay_s=(0.5, 3.0, 0), tilt=(0.1, 0.7), wet=(0.2, 1.2)), _plate),
    "pedalboard reverb": UnseenEffect(
        "space", _ranges(room_size=(0.1, 0.95), damping=(0.0, 0.9), wet_level=(0.15, 0.7)), partial(_pedal, "Reverb")
    ),
    "pedalboard delay": UnseenEffect(
        "space", _ranges(delay_seconds=(0.06, 0.5, 0), feedback=(0.0, 0.6), mix=(0.15, 0.5)), partial(_pedal, "Delay")
    ),
    "pedalboard chorus": UnseenEffect(
        "modulation", _ranges(rate_hz=(0.3, 3.0, 0), depth=(0.1, 0.6), mix=(0.3, 0.6)), partial(_pedal, "Chorus")
    ),
    "pedalboard phaser": UnseenEffect(
        "modulation", _ranges(rate_hz=(0.2, 3.0, 0), depth=(0.2, 0.9), mix=(0.3, 0.6)), partial(_pedal, "Phaser")
    ),
    "tremolo": UnseenEffect(
        "modulation", _ranges(rate_hz=(2.0, 9.0, 0), depth=(0.3, 0.9), spread=(0.0, 1.0)), _tremolo
    ),
    "wow": UnseenEffect("modulation", _ranges(rate_hz=(0.5, 6.0, 0), depth_ms=(0.3, 2.0, 0)), _wow),
    "late side": UnseenEffect("width", _ranges(late_ms=(4.0, 25.0, 0), gain=(0.2, 0.9)), _haas),
}
"""Every unseen effect by name."""
