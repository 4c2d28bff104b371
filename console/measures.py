"""Plain measurements of a sound: level, stereo image and spectrum.

Every function takes `(channels, samples)` mono or stereo, float32 or float64, -1..1 nominal, leaves it
unchanged, and adds up in float64. Silence has no level: levels of silence are -inf dB, never a warning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from console.errors import AudioShapeError, ParameterError

__all__ = [
    "MAX_SAMPLE_RATE",
    "MIN_SAMPLE_RATE",
    "THIRD_OCTAVE_CENTRES_HZ",
    "AudioMeasures",
    "PowerSpectrum",
    "ThirdOctaveSpectrum",
    "amplitude_to_db",
    "balance_db",
    "band_level_db",
    "check_audio",
    "correlation",
    "crest_factor_db",
    "measure_audio",
    "power_spectrum",
    "power_to_db",
    "rms_dbfs",
    "sample_peak_dbfs",
    "third_octave_spectrum",
    "width_db",
    "width_ratio",
]

Audio = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]

MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000

THIRD_OCTAVE_CENTRES_HZ: tuple[float, ...] = (
    *(25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630),
    *(800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000),
)
"""Nominal mid-band frequencies of IEC 61260-1; the exact ones are 1000 * 10^(n/10), n = -16 to 13."""

_EXACT_CENTRES_HZ = 1000.0 * 10.0 ** (np.arange(-16, 14) / 10.0)
_HALF_BAND = 10.0**0.05  # from a third-octave centre to its edge, IEC 61260-1, base-10 system

_CHUNK = 1 << 13  # samples added up at once: stays in the cache, and BLAS starts no threads
_FFT_BATCH = 8  # windows transformed at once


@dataclass(frozen=True)
class AudioMeasures:
    """Level and stereo image of one sound; each field is the function of the same name."""

    sample_peak_dbfs: float
    rms_dbfs: float
    crest_factor_db: float
    correlation: float
    width_db: float
    width_ratio: float
    balance_db: float


@dataclass(frozen=True)
class PowerSpectrum:
    """Mean-square power by frequency, averaged over the channels.

    Attributes:
        freq_hz: (bins,) centre of each bin, Hz, evenly spaced from 0 to sample_rate / 2.
        power: (bins,) share of the mean square in each bin; the bins add up to the mean square of the audio.
    """

    freq_hz: Floats
    power: Floats

    def band_power(self, low_hz: Floats, high_hz: Floats) -> Floats:
        """Add up the power between frequencies; a bin cut by an edge counts by the part inside.

        Args:
            low_hz: (bands,) lower edges, Hz.
            high_hz: (bands,) upper edges, Hz.
        Returns:
            (bands,) mean-square power.
        """
        half_bin_hz = self.freq_hz[1] / 2
        edges_hz = np.append(self.freq_hz - half_bin_hz, self.freq_hz[-1] + half_bin_hz)
        # 0 Hz and Nyquist lie in the middle of their bins: squeeze those into the half that exists.
        edges_hz[0], edges_hz[-1] = 0.0, self.freq_hz[-1]
        cumulative = np.append(0.0, np.cumsum(self.power))
        return np.interp(high_hz, edges_hz, cumulative) - np.interp(low_hz, edges_hz, cumulative)


@dataclass(frozen=True)
class ThirdOctaveSpectrum:
    """Levels in third-octave bands.

    Attributes:
        centre_hz: (bands,) nominal IEC 61260-1 centres, Hz, from 25 Hz up to 20 kHz or Nyquist.
        level_db: (bands,) mean-square level, dBFS (a full-scale sine reads -3.01); -inf where empty.
    """

    centre_hz: Floats
    level_db: Floats


def check_audio(audio: Audio, sample_rate: int | None = None) -> None:
    """Make sure that an array is mono or stereo audio that the meters can take.

    Args:
        audio: (channels, samples), 1 or 2 channels, float32 or float64; no samples at all is allowed.
        sample_rate: Hz, 8000 to 192000; left out where the measurement does not depend on it.
    Raises:
        AudioShapeError: another shape, number type or rate.
    """
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise AudioShapeError(
            f"audio has shape {audio.shape}; it must be (channels, samples) with 1 or 2 channels. "
            "Transpose it, or measure its channels in pairs."
        )
    if audio.dtype not in (np.float32, np.float64):
        raise AudioShapeError(
            f"audio is {audio.dtype}; it must be float32 or float64. Convert it so that full scale is 1.0."
        )
    if sample_rate is not None and not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise AudioShapeError(
            f"sample_rate={sample_rate} Hz is outside {MIN_SAMPLE_RATE}-{MAX_SAMPLE_RATE} Hz. Resample the audio first."
        )


def power_to_db(power: float | Floats) -> Floats:
    """Turn power ratios into dB; 0 becomes -inf without a warning. Shape is kept."""
    values = np.asarray(power, dtype=np.float64)
    return 10.0 * np.log10(values, out=np.full(values.shape, -np.inf), where=values > 0)


def amplitude_to_db(amplitude: float | Floats) -> Floats:
    """Turn amplitude ratios (not below 0) into dB; 0 becomes -inf without a warning. Shape is kept."""
    return 2.0 * power_to_db(amplitude)


def sample_peak_dbfs(audio: Audio) -> float:
    """Read the largest sample of any channel, in dB below full scale.

    Args:
        audio: (channels, samples).
    Returns:
        dBFS, 0 at +-1.0; -inf for silence.
    """
    check_audio(audio)
    return float(amplitude_to_db(_sample_peak(audio)))


def rms_dbfs(audio: Audio) -> float:
    """Read the root mean square over all channels and samples.

    Args:
        audio: (channels, samples).
    Returns:
        dBFS against a mean square of 1.0, so that a full-scale sine reads -3.01; -inf for silence.
    """
    check_audio(audio)
    return float(power_to_db(_moments(audio).mean_square))


def crest_factor_db(audio: Audio) -> float:
    """Tell how far the sample peak stands above the RMS.

    Args:
        audio: (channels, samples).
    Returns:
        dB: 0 for a square wave, 3.01 for a sine, 10 to 20 for most music; 0 for silence.
    """
    return measure_audio(audio).crest_factor_db


def correlation(audio: Audio) -> float:
    """Tell how alike left and right are, as a phase meter does (the mean is not removed).

    Args:
        audio: (channels, samples).
    Returns:
        -1 (one is the other upside down) to 1 (same shape, any level; also mono). 0 when a channel is silent.
    """
    return measure_audio(audio).correlation


def width_db(audio: Audio) -> float:
    """Compare side energy with mid energy.

    Args:
        audio: (channels, samples).
    Returns:
        dB, side over mid: -inf for mono and for silence, 0 for unrelated channels or one channel alone,
        inf when left is right upside down.
    """
    return measure_audio(audio).width_db


def width_ratio(audio: Audio) -> float:
    """Tell what share of the energy is side.

    Args:
        audio: (channels, samples).
    Returns:
        0 (mono, or silence) to 1 (left is right upside down); 0.5 for unrelated channels.
    """
    return measure_audio(audio).width_ratio


def balance_db(audio: Audio) -> float:
    """Compare the level of the right channel with the left: positive leans right, as `pan` does.

    Args:
        audio: (channels, samples).
    Returns:
        dB, right over left: 0 for mono and for silence, -inf with left alone, inf with right alone.
    """
    return measure_audio(audio).balance_db


def measure_audio(audio: Audio) -> AudioMeasures:
    """Take every level and stereo measurement in one pass.

    Args:
        audio: (channels, samples).
    Returns:
        AudioMeasures.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio.
    """
    check_audio(audio)
    peak_db = float(amplitude_to_db(_sample_peak(audio)))
    moments = _moments(audio)
    rms_db = float(power_to_db(moments.mean_square))
    scale = np.sqrt(moments.left) * np.sqrt(moments.right)
    total = moments.mid + moments.side
    return AudioMeasures(
        sample_peak_dbfs=peak_db,
        rms_dbfs=rms_db,
        crest_factor_db=peak_db - rms_db if moments.mean_square > 0 else 0.0,
        correlation=float(np.clip(moments.cross / scale, -1.0, 1.0)) if scale > 0 else 0.0,
        width_db=_ratio_db(moments.side, moments.mid) if total > 0 else -np.inf,
        width_ratio=moments.side / total if total > 0 else 0.0,
        balance_db=_ratio_db(moments.right, moments.left) if total > 0 else 0.0,
    )


def power_spectrum(audio: Audio, sample_rate: int) -> PowerSpectrum:
    """Estimate power by frequency with Welch's method, losing no energy at either end.

    Hann windows of 0.75 s every 0.25 s (bins of 1.3 Hz), the audio padded with silence on both sides: at this
    step the squared windows add up to a constant, so every sample counts the same, also a hit at the very
    start, and the bins add up to the mean square exactly.

    Args:
        audio: (channels, samples).
        sample_rate: Hz.
    Returns:
        PowerSpectrum, about 0.375 * sample_rate bins; all 0 for silence or no samples.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        P. D. Welch, The use of fast Fourier transform for the estimation of power spectra, IEEE Trans. AU,
        1967; for the step, J. O. Smith, Spectral Audio Signal Processing (constant overlap-add).
    """
    check_audio(audio, sample_rate)
    hop = fft.next_fast_len(int(np.ceil(sample_rate / 4)), real=True)
    size = 3 * hop
    # In the audio's own precision: float32 transforms run twice as fast and their noise lies below -130 dB.
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(audio.dtype)
    channels, samples = audio.shape
    windows = -(-samples // hop) + 2 if samples else 0
    power = np.zeros(size // 2 + 1)
    for first in range(0, windows, _FFT_BATCH):
        count = min(_FFT_BATCH, windows - first)
        start = (first - 2) * hop
        stretch = _padded(audio, start, start + (count - 1) * hop + size)
        framed = np.lib.stride_tricks.sliding_window_view(stretch, size, axis=-1)[:, ::hop]
        bins = fft.rfft(framed * window, axis=-1)
        power += np.sum(np.square(bins.real) + np.square(bins.imag), axis=(0, 1), dtype=np.float64)
    power[1 : (size + 1) // 2] *= 2  # the negative frequencies; 0 Hz and Nyquist have none
    # 3/8 * 3 is the constant that the squared windows add up to.
    power /= max(channels * samples, 1) * size * (9 / 8)
    return PowerSpectrum(freq_hz=np.arange(size // 2 + 1) * (sample_rate / size), power=power)


def third_octave_spectrum(audio: Audio, sample_rate: int) -> ThirdOctaveSpectrum:
    """Read the level of every third-octave band from 25 Hz to 20 kHz.

    The bands are sums of Welch power-spectrum bins (`power_spectrum`), not a filter bank: steeper than
    IEC 61260-1 class 1 asks, and without ringing. A band whose centre is not below Nyquist is left out; the
    top band may be cut off by Nyquist (20 kHz at 44.1 kHz).

    Args:
        audio: (channels, samples).
        sample_rate: Hz.
    Returns:
        ThirdOctaveSpectrum, mean over the channels.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        IEC 61260-1:2014, base-10 system: centre 1000 * 10^(n/10), edges centre * 10^(+-1/20).
    """
    spectrum = power_spectrum(audio, sample_rate)
    nominal_hz = np.array(THIRD_OCTAVE_CENTRES_HZ)
    below_nyquist = nominal_hz < sample_rate / 2
    exact_hz = _EXACT_CENTRES_HZ[below_nyquist]
    power = spectrum.band_power(exact_hz / _HALF_BAND, exact_hz * _HALF_BAND)
    return ThirdOctaveSpectrum(centre_hz=nominal_hz[below_nyquist], level_db=power_to_db(power))


def band_level_db(audio: Audio, sample_rate: int, low_hz: float, high_hz: float) -> float:
    """Read the level of one frequency band (sum of Welch power-spectrum bins).

    Args:
        audio: (channels, samples).
        sample_rate: Hz.
        low_hz: lower edge, Hz, not below 0.
        high_hz: upper edge, Hz, above low_hz; what lies above Nyquist is empty.
    Returns:
        Mean-square level of the band over all channels, dBFS (a full-scale sine reads -3.01); -inf if empty.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
        ParameterError: the edges are not 0 <= low_hz < high_hz.
    """
    if not 0 <= low_hz < high_hz:
        raise ParameterError(f"low_hz={low_hz:g} and high_hz={high_hz:g} are not a band. Use 0 <= low_hz < high_hz.")
    power = power_spectrum(audio, sample_rate).band_power(np.array([low_hz]), np.array([high_hz]))
    return float(power_to_db(power)[0])


@dataclass(frozen=True)
class _Moments:
    """Means of left^2, right^2, left * right, mid^2 and side^2; mid, side = (left +- right) / 2."""

    left: float
    right: float
    cross: float
    mid: float
    side: float

    @property
    def mean_square(self) -> float:
        return (self.left + self.right) / 2


def _moments(audio: Audio) -> _Moments:
    sums = np.zeros(5)
    for chunk in _float64_chunks(audio):
        left, right = chunk[0], chunk[-1]
        # Side is formed before squaring: left^2 + right^2 - 2 left * right would lose it for near-mono audio.
        mid, side = left + right, left - right
        sums += (left @ left, right @ right, left @ right, mid @ mid / 4, side @ side / 4)
    return _Moments(*(sums / max(audio.shape[-1], 1)).tolist())


def _float64_chunks(audio: Audio) -> Iterator[Floats]:
    for start in range(0, audio.shape[-1], _CHUNK):
        yield np.ascontiguousarray(audio[:, start : start + _CHUNK], dtype=np.float64)


def _sample_peak(audio: Audio) -> float:
    return float(max(audio.max(), -audio.min())) if audio.size else 0.0


def _ratio_db(numerator: float, denominator: float) -> float:
    return float(power_to_db(numerator) - power_to_db(denominator))


def _padded(audio: Audio, start: int, stop: int) -> Audio:
    """Cut out samples start..stop, with zeros where the audio has none."""
    inside = audio[:, max(start, 0) : max(stop, 0)]
    before = max(-start, 0)
    return np.pad(inside, ((0, 0), (before, stop - start - before - inside.shape[-1])))
