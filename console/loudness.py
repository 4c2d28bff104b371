"""Loudness as people hear it: ITU-R BS.1770-4 and EBU R 128 meters.

    audio ──K-weighting──> energy of every 10 ms ──> 400 ms and 3 s windows ──> momentary, short-term
                                  └──> energy of every 100 ms, kept ──> two gates ──> integrated, range

A mono sound counts as one channel, not as two equal ones: 3 LU less than the same sound on both speakers.
Silence has no loudness: -inf LUFS.
"""

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from console.measures import Audio, check_audio, power_to_db
from console.true_peak import TruePeakMeter, true_peak_dbtp

__all__ = [
    "LoudnessMeter",
    "LoudnessSeries",
    "integrated_lufs",
    "k_weighting_sos",
    "loudness_range_lu",
    "loudness_series",
    "true_peak_dbtp",
]

Floats = NDArray[np.float64]

_OFFSET_DB = -0.691  # BS.1770-4, eq. 2: makes a 997 Hz sine read its own level
_ABSOLUTE_GATE_LUFS = -70.0
_INTEGRATED_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0  # EBU Tech 3342
_RANGE_PERCENTILES = (0.10, 0.95)

# Windows are read every 10 ms, so that the highest one is found within the 0.1 LU that EBU Tech 3341 allows
# (cases 10-14); the gates work on windows 100 ms apart, as BS.1770-4 defines them.
_STEPS_A_SECOND = 100
_STEPS_A_HOP = 10
_MOMENTARY_HOPS = 4
_SHORT_TERM_HOPS = 30
_HISTORY_STEPS = _SHORT_TERM_HOPS * _STEPS_A_HOP - 1

_CHUNK = 1 << 15  # samples filtered at once: stays in the L2 cache
_SILENT_STATE = 1e-30  # far below what can change a reading
_SILENT_POWER = 1e-20  # -200 LUFS, below the rounding of any converter: reads -inf


@dataclass(frozen=True)
class LoudnessSeries:
    """Loudness over time, a value every 100 ms once the window is full.

    Attributes:
        momentary_times_s: (m,) end of each 400 ms window, s.
        momentary_lufs: (m,) LUFS; -inf where silent.
        short_term_times_s: (s,) end of each 3 s window, s.
        short_term_lufs: (s,) LUFS; -inf where silent.
    """

    momentary_times_s: Floats
    momentary_lufs: Floats
    short_term_times_s: Floats
    short_term_lufs: Floats


def integrated_lufs(audio: Audio, sample_rate: int) -> float:
    """Measure the loudness of a whole sound, pauses and quiet passages gated out.

    Args:
        audio: (channels, samples), mono or stereo, float32 or float64.
        sample_rate: Hz.
    Returns:
        LUFS; -inf for silence, or if nothing is louder than -70 LUFS. A sound shorter than 400 ms is
        measured as one window of its own length.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        ITU-R BS.1770-4, Annex 1: 400 ms windows every 100 ms, gates at -70 LUFS and 10 LU below the mean.
    """
    return _whole(audio, sample_rate).integrated_lufs


def loudness_range_lu(audio: Audio, sample_rate: int) -> float:
    """Measure how much the short-term loudness of a whole sound varies.

    Args:
        audio: (channels, samples), mono or stereo, float32 or float64.
        sample_rate: Hz.
    Returns:
        LU, not below 0; 0 for silence and for sounds shorter than 3 s.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        EBU Tech 3342: 10th to 95th percentile of 3 s windows every 100 ms, gates at -70 LUFS and 20 LU below
        the mean.
    """
    return _whole(audio, sample_rate).range_lu


def loudness_series(audio: Audio, sample_rate: int) -> LoudnessSeries:
    """Measure momentary and short-term loudness over time.

    Args:
        audio: (channels, samples), mono or stereo, float32 or float64.
        sample_rate: Hz.
    Returns:
        LoudnessSeries; empty where the sound is shorter than the window.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        EBU Tech 3341, section 2.2.
    """
    return _whole(audio, sample_rate).series()


class LoudnessMeter:
    """Measure a sound that arrives in blocks of any size, as an EBU-mode meter does.

    The results are the same for every way of cutting the sound into blocks. Memory is constant, apart from
    80 bytes for each second of sound (the energies that the gates look back at).
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a meter.

        Args:
            sample_rate: Hz, 8000 to 192000.
            channels: 1 or 2.
        Raises:
            AudioShapeError: another rate or number of channels.
        """
        check_audio(np.zeros((channels, 0)), sample_rate)
        self._energy = _WindowEnergies(sample_rate, channels)
        self._peaks = TruePeakMeter(sample_rate, channels)

    def add(self, audio: Audio) -> None:
        """Take in the next block.

        Args:
            audio: (channels, samples), any number of samples.
        Raises:
            AudioShapeError: not the number of channels that the meter was made for, or not floating point.
        """
        self._peaks.add(audio)
        self._energy.add(audio)

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness of everything so far, LUFS; see the function of this name."""
        return self._energy.integrated_lufs

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms (to the last full 10 ms), LUFS; the time before the start is silent."""
        return self._energy.momentary_lufs

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s (to the last full 10 ms), LUFS; the time before the start is silent."""
        return self._energy.short_term_lufs

    @property
    def max_momentary_lufs(self) -> float:
        """Highest `momentary_lufs` so far, read every 10 ms."""
        return self._energy.max_momentary_lufs

    @property
    def max_short_term_lufs(self) -> float:
        """Highest `short_term_lufs` so far, read every 10 ms."""
        return self._energy.max_short_term_lufs

    @property
    def range_lu(self) -> float:
        """Loudness range of everything so far, LU; see `loudness_range_lu`."""
        return self._energy.range_lu

    @property
    def true_peak_dbtp(self) -> float:
        """True peak so far, dBTP; see the function of this name."""
        return self._peaks.true_peak_dbtp

    @property
    def sample_peak_dbfs(self) -> float:
        """Largest sample so far, dBFS; -inf for silence."""
        return self._peaks.sample_peak_dbfs

    def series(self) -> LoudnessSeries:
        """Return momentary and short-term loudness so far, a value every 100 ms."""
        return self._energy.series()


def k_weighting_sos(sample_rate: int) -> Floats:
    """Design the two K-weighting filters for any sample rate.

    BS.1770-4 prints coefficients for 48 kHz only and asks for the same response at other rates. They are the
    bilinear transform of two analogue filters, a shelf of 4 dB at 1.68 kHz (the head) and a high-pass at
    38 Hz; those are transformed again for the rate at hand. At 48 kHz the printed numbers come out; the
    response stays within 0.01 dB of them from 44.1 to 192 kHz, 0.04 dB from 22.05 kHz, and 0.3 dB at 8 kHz,
    where the shelf lies close to Nyquist.

    Args:
        sample_rate: Hz.
    Returns:
        (2, 6) second-order sections b0 b1 b2 a0 a1 a2, for `scipy.signal.sosfilt`.
    Source:
        ITU-R BS.1770-4, Annex 1, tables 1 and 2; analogue parameters after B. De Man, Evaluation of
        implementations of the EBU R128 loudness measurement, AES 145, 2018.
    """
    shelf_gain = 10.0 ** (3.999843853973347 / 20)
    shelf_middle = shelf_gain**0.4996667741545416
    shelf = _bilinear(1681.974450955533, 0.7071752369554196, (shelf_gain, shelf_middle, 1.0), sample_rate=sample_rate)
    freq_hz, q = 38.13547087602444, 0.5003270373238773
    # The printed numerator 1, -2, 1 lifts the pass band by 0.043 dB: that gain, the same at every rate.
    k = np.tan(np.pi * freq_hz / 48_000)
    high_pass = _bilinear(freq_hz, q, (1 + k / q + k * k, 0.0, 0.0), sample_rate=sample_rate)
    return np.stack((shelf, high_pass))


def _bilinear(freq_hz: float, q: float, gains: tuple[float, float, float], sample_rate: int) -> Floats:
    """Transform (g2 s^2 + g1 s/q + g0) / (s^2 + s/q + 1), s in units of freq_hz, keeping freq_hz in place."""
    k = np.tan(np.pi * freq_hz / sample_rate)
    g2, g1, g0 = gains
    numerator = np.array([g2 + g1 * k / q + g0 * k * k, 2 * (g0 * k * k - g2), g2 - g1 * k / q + g0 * k * k])
    denominator = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return np.concatenate((numerator, denominator)) / denominator[0]


class _WindowEnergies:
    """K-weighted energy in 10 ms steps, and the loudness of windows of them."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._sos = k_weighting_sos(sample_rate)
        self._state = np.zeros((2, channels, 2))
        self._samples = 0
        self._unfinished = np.zeros(0)  # squared samples of the 10 ms step that is filling up
        self._steps = 0
        self._history = np.zeros(_HISTORY_STEPS)  # energies of the latest steps; silence before the start
        self._hop_energies = array("d")  # one for each full 100 ms since the start
        self.momentary_lufs = self.max_momentary_lufs = -np.inf
        self.short_term_lufs = self.max_short_term_lufs = -np.inf

    def add(self, audio: Audio) -> None:
        """Take in (channels, samples)."""
        for start in range(0, audio.shape[1], _CHUNK):
            chunk = audio[:, start : start + _CHUNK]
            weighted, self._state = sosfilt(self._sos, chunk.astype(np.float64), axis=-1, zi=self._state)
            # When the sound stops, the states would stay at denormal numbers for good: slow on some CPUs.
            self._state[np.abs(self._state) < _SILENT_STATE] = 0.0
            self._samples += chunk.shape[1]
            # Both front channels have weight 1 (BS.1770-4, table 3): their squares simply add up.
            self._unfinished = np.concatenate((self._unfinished, np.square(weighted).sum(axis=0)))
            self._finish_steps()

    @property
    def integrated_lufs(self) -> float:
        if self._samples < self._step_start(_MOMENTARY_HOPS * _STEPS_A_HOP):
            total = self._history.sum() + self._unfinished.sum()
            lufs = float(_lufs(total / max(self._samples, 1)))
            return lufs if lufs > _ABSOLUTE_GATE_LUFS else -np.inf
        power = self._window_power(_MOMENTARY_HOPS)
        power = power[_lufs(power) > _ABSOLUTE_GATE_LUFS]
        return float(_lufs(_relative_gate(power, _INTEGRATED_GATE_LU).mean())) if power.size else -np.inf

    @property
    def range_lu(self) -> float:
        power = self._window_power(_SHORT_TERM_HOPS)
        power = power[_lufs(power) >= _ABSOLUTE_GATE_LUFS]
        if not power.size:
            return 0.0
        lufs = np.sort(_lufs(_relative_gate(power, _RANGE_GATE_LU)))
        # The nearest value, halves rounded up: the percentile of the program printed in EBU Tech 3342.
        low, high = (lufs[int((len(lufs) - 1) * share + 0.5)] for share in _RANGE_PERCENTILES)
        return float(high - low)

    def series(self) -> LoudnessSeries:
        momentary = _lufs(self._window_power(_MOMENTARY_HOPS))
        short_term = _lufs(self._window_power(_SHORT_TERM_HOPS))
        hops_a_second = _STEPS_A_SECOND / _STEPS_A_HOP
        hop_ends_s = np.arange(1, len(momentary) + _MOMENTARY_HOPS, dtype=np.float64) / hops_a_second
        return LoudnessSeries(
            momentary_times_s=hop_ends_s[_MOMENTARY_HOPS - 1 :],
            momentary_lufs=momentary,
            short_term_times_s=hop_ends_s[_SHORT_TERM_HOPS - 1 :],
            short_term_lufs=short_term,
        )

    def _step_start(self, step: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
        """First sample of a step, rounded: steps need not be a whole number of samples (22.05 kHz)."""
        return (2 * step * self._sample_rate + _STEPS_A_SECOND) // (2 * _STEPS_A_SECOND)

    def _finish_steps(self) -> None:
        """Move full steps from the squared samples to energies, and read the windows that end with them."""
        # The last step that starts at or before the end: `_step_start` solved for the step.
        steps = (2 * _STEPS_A_SECOND * self._samples + _STEPS_A_SECOND - 1) // (2 * self._sample_rate)
        if steps == self._steps:
            return
        starts = np.asarray(self._step_start(np.arange(self._steps, steps + 1)))
        starts -= starts[0]
        energies = np.add.reduceat(self._unfinished[: starts[-1]], starts[:-1])
        self._unfinished = self._unfinished[starts[-1] :]

        known = np.concatenate((self._history, energies))
        self._history = known[-_HISTORY_STEPS:]
        hops = _sliding_sum(known, _STEPS_A_HOP)  # 100 ms, one ending at each step
        ends = np.arange(self._steps + 1, steps + 1)
        self._hop_energies.extend(hops[-len(ends) :][ends % _STEPS_A_HOP == 0])
        self._steps = steps

        momentary = self._read_windows(hops, ends, _MOMENTARY_HOPS)
        short_term = self._read_windows(hops, ends, _SHORT_TERM_HOPS)
        self.momentary_lufs = float(momentary[-1])
        self.short_term_lufs = float(short_term[-1])
        self.max_momentary_lufs = max(self.max_momentary_lufs, float(momentary.max()))
        self.max_short_term_lufs = max(self.max_short_term_lufs, float(short_term.max()))

    def _read_windows(self, hops: Floats, ends: NDArray[np.int64], width: int) -> Floats:
        """Loudness of the windows of `width` hops that end at the steps `ends`."""
        energy = _sliding_sum(hops, width, _STEPS_A_HOP)[-len(ends) :]
        samples = self._step_start(ends) - self._step_start(ends - width * _STEPS_A_HOP)
        return _lufs(energy / samples)

    def _window_power(self, width: int) -> Floats:
        """Mean square of every full window of `width` hops since the start, 100 ms apart."""
        energy = _sliding_sum(np.array(self._hop_energies), width)
        ends = (np.arange(len(energy)) + width) * _STEPS_A_HOP
        return energy / (self._step_start(ends) - self._step_start(ends - width * _STEPS_A_HOP))


def _whole(audio: Audio, sample_rate: int) -> _WindowEnergies:
    check_audio(audio, sample_rate)
    energies = _WindowEnergies(sample_rate, audio.shape[0])
    energies.add(audio)
    return energies


def _lufs(power: float | Floats) -> Floats:
    """Loudness of a K-weighted mean square summed over channels, LUFS: BS.1770-4, eq. 2."""
    return _OFFSET_DB + power_to_db(np.where(np.asarray(power) < _SILENT_POWER, 0.0, power))


def _relative_gate(power: Floats, gate_lu: float) -> Floats:
    """Keep the windows above the mean of all of them plus `gate_lu`: BS.1770-4, eq. 6 and 7."""
    return power[power > power.mean() * 10.0 ** (gate_lu / 10)]


def _sliding_sum(values: Floats, width: int, spacing: int = 1) -> Floats:
    """Add up `width` values `spacing` apart, from every start: no running total, so no rounding builds up."""
    count = max(len(values) - (width - 1) * spacing, 0)
    total = np.zeros(count)
    for index in range(width):
        total += values[index * spacing : index * spacing + count]
    return total
