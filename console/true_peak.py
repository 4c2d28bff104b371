"""True peak: the highest point between the samples.

A listener's converter draws a smooth curve through the samples, and the curve may rise above all of them.
The meter draws the same curve on a finer grid (ITU-R BS.1770-4, Annex 2) and keeps the highest point.

The grid is drawn by matrix products: 32 samples and the 32 before them in, the 3 x 32 points between out.
That costs more multiplications than a polyphase loop and still runs 10 times faster than scipy's upfirdn.
"""

import numpy as np
from numpy.typing import NDArray

from console.errors import AudioShapeError
from console.measures import Audio, amplitude_to_db, check_audio

__all__ = ["TruePeakMeter", "oversampling_factor", "true_peak_dbtp"]

_TAPS = 32  # samples that shape one point between: flat to 0.01 dB up to 0.44 of the sample rate
_KAISER_BETA = 5.65  # 60 dB
_BLOCK = _TAPS  # samples a row; not less than _TAPS - 1, so that a row needs only the one before it
_ROWS = 32  # rows a product: small enough that BLAS starts no threads, which would cost more than they save
_CHUNK = 8 * _ROWS * _BLOCK  # samples worked on at once, always as many: block sizes cannot change the result


def oversampling_factor(sample_rate: int) -> int:
    """Tell how many times finer than the samples the grid is: 4 below 96 kHz, 2 below 192 kHz, else 1."""
    if sample_rate < 96_000:
        return 4
    return 2 if sample_rate < 192_000 else 1


def true_peak_dbtp(audio: Audio, sample_rate: int) -> float:
    """Measure the true peak of a whole sound, the highest of its channels.

    Args:
        audio: (channels, samples), mono or stereo, float32 or float64; silence is assumed around it.
        sample_rate: Hz.
    Returns:
        dBTP, 0 at full scale, never below the sample peak; -inf for silence.
    Raises:
        AudioShapeError: not mono or stereo floating-point audio, or the rate is outside 8-192 kHz.
    Source:
        ITU-R BS.1770-4, Annex 2. Accuracy as EBU Tech 3341 asks: +0.2/-0.4 dB.
    """
    check_audio(audio, sample_rate)
    meter = TruePeakMeter(sample_rate, audio.shape[0])
    meter.add(audio)
    return meter.true_peak_dbtp


class TruePeakMeter:
    """Measure the true peak of a sound that arrives in blocks of any size.

    The result is the same for every way of cutting the sound into blocks. Memory is constant.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a meter.

        Args:
            sample_rate: Hz, 8000 to 192000.
            channels: 1 or 2.
        Raises:
            AudioShapeError: at `add`, when a block is of another shape.
        """
        self._channels = channels
        self._sample_rate = sample_rate
        self._sample_peak = 0.0
        self._between_peak = 0.0
        filters = _interpolation_filters(oversampling_factor(sample_rate))
        self._points_between = _block_matrix(filters)
        # No point can exceed the largest sample times this: chunks too quiet to matter are skipped.
        self._gain_bound = float(np.abs(filters).sum(axis=1).max(initial=0.0)) * 1.001
        # One row of history, then the chunk that is filling up.
        self._buffer: NDArray[np.float32] = np.zeros((channels, _BLOCK + _CHUNK), dtype=np.float32)
        self._filled = 0

    def add(self, audio: Audio) -> None:
        """Take in the next block.

        Args:
            audio: (channels, samples), any number of samples.
        Raises:
            AudioShapeError: not the number of channels that the meter was made for, or not floating point.
        """
        check_audio(audio, self._sample_rate)
        if audio.shape[0] != self._channels:
            raise AudioShapeError(
                f"the block has {audio.shape[0]} channels and the meter {self._channels}. "
                f"Use LoudnessMeter or TruePeakMeter with channels={audio.shape[0]}."
            )
        if audio.size:
            self._sample_peak = max(self._sample_peak, float(audio.max()), -float(audio.min()))
        if not self._points_between.size:
            return
        start = 0
        while start < audio.shape[1]:
            count = min(_CHUNK - self._filled, audio.shape[1] - start)
            offset = _BLOCK + self._filled
            self._buffer[:, offset : offset + count] = audio[:, start : start + count]
            self._filled += count
            start += count
            if self._filled == _CHUNK:
                self._between_peak = self._highest_between(self._buffer)
                self._buffer[:, :_BLOCK] = self._buffer[:, -_BLOCK:]
                self._filled = 0

    @property
    def sample_peak_dbfs(self) -> float:
        """Largest sample so far, dBFS; -inf for silence."""
        return float(amplitude_to_db(self._sample_peak))

    @property
    def true_peak_dbtp(self) -> float:
        """True peak so far, dBTP, as if silence followed; -inf for silence."""
        between = self._between_peak
        if self._points_between.size:
            # Silence after the last sample, so that the curve can swing past it.
            tail = np.zeros((self._channels, _BLOCK + _CHUNK + _ROWS * _BLOCK), dtype=np.float32)
            tail[:, : _BLOCK + self._filled] = self._buffer[:, : _BLOCK + self._filled]
            between = self._highest_between(tail)
        return float(amplitude_to_db(max(self._sample_peak, between)))

    def _highest_between(self, buffer: NDArray[np.float32]) -> float:
        """Return the larger of the peak so far and that between the samples of a history + chunk buffer."""
        largest = max(float(buffer.max()), -float(buffer.min()))
        if largest * self._gain_bound <= max(self._sample_peak, self._between_peak):
            return self._between_peak
        rows = buffer.reshape(self._channels, -1, _BLOCK)
        pairs = np.concatenate((rows[:, :-1], rows[:, 1:]), axis=-1)  # (channels, rows, 2 * _BLOCK)
        points = pairs.reshape(-1, _ROWS, 2 * _BLOCK) @ self._points_between
        return max(self._between_peak, float(points.max()), -float(points.min()))


def _interpolation_filters(factor: int) -> NDArray[np.float64]:
    """Design the filters of a `factor` times finer grid: (factor - 1, _TAPS), one for each point between.

    Kaiser-windowed sinc, every filter scaled to pass a constant unchanged. The point on the sample itself
    needs no filter: there the sinc is 1 at the sample and 0 at all others.
    """
    fractions = np.arange(1, factor) / factor
    distance = (_TAPS // 2 - 1 + fractions)[:, None] - np.arange(_TAPS)[None, :]
    window = np.i0(_KAISER_BETA * np.sqrt(1 - (distance / (_TAPS // 2)) ** 2))
    filters = np.sinc(distance) * window
    return filters / filters.sum(axis=1, keepdims=True)


def _block_matrix(filters: NDArray[np.float64]) -> NDArray[np.float32]:
    """Lay the filters out as (2 * _BLOCK, _BLOCK * filters): two rows of samples in, points between out."""
    matrix = np.zeros((2 * _BLOCK, _BLOCK, len(filters)), dtype=np.float32)
    for sample in range(_BLOCK):
        matrix[sample + 1 : sample + 1 + _TAPS, sample] = filters.T
    return matrix.reshape(2 * _BLOCK, -1)
