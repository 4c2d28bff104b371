"""What is measured of one signal while it streams past: levels, spectra, stereo field. Memory does not grow with time.

Signals come in equal chunks (`CHUNK`, the last one padded with silence), each preceded by the last `CONTEXT` samples,
so that windows reach over the seams and nothing depends on how the song was cut.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft

from assistant.diagnose.pairs import Pair, compared
from assistant.diagnose.timeline import Reservoir, Stretch, Stretches, Timeline

__all__ = [
    "BAND_EDGES_HZ",
    "BAND_HZ",
    "CHUNK",
    "CONTEXT",
    "FINE_HZ",
    "HOP",
    "HUM_BINS_HZ",
    "STEP",
    "Signal",
    "SignalStatistics",
    "decibels",
]

CHUNK = 1 << 17
CONTEXT = 1 << 11
HOP = 1 << 11
_WINDOW = 1 << 12
_FINE = 1 << 15
_SHORT = 1 << 14
STEP = 512
"""Samples of one step of the envelope."""
_ROWS_PER_CELL = 2  # a cell of the timeline lasts 93 ms at 44.1 kHz at first
_HUM_TOP_HZ = 1000.0


def _erb_edges(count: int = 40, first: float = 0.5) -> np.ndarray:
    """Return edges one ERB apart (Glasberg & Moore 1990): 13 Hz to 18.5 kHz."""
    return (10 ** ((first + np.arange(count + 1)) / 21.4) - 1) / 0.00437


BAND_EDGES_HZ = _erb_edges()
BAND_HZ = np.sqrt(BAND_EDGES_HZ[1:] * BAND_EDGES_HZ[:-1])
"""(40,) centres of the bands, one ERB wide each."""

FINE_EDGES_HZ = 40.0 * 2 ** (np.arange(0, 12 * 8.6 + 1) / 12)
FINE_HZ = np.sqrt(FINE_EDGES_HZ[1:] * FINE_EDGES_HZ[:-1])
"""Centres of the twelfth-octave bands, for resonances."""


def HUM_BINS_HZ(rate: int) -> np.ndarray:  # noqa: N802 - an axis, computed for a rate
    """Return the frequencies of the narrow low bins, for hum."""
    return np.arange(int(_HUM_TOP_HZ * _FINE / rate) + 1) * rate / _FINE


def decibels(power: np.ndarray | float, floor: float = 1e-13) -> np.ndarray:
    """Return 10 log10 of a power, no lower than the floor's."""
    return 10 * np.log10(np.maximum(power, floor))


@lru_cache(maxsize=8)
def _band_matrix(rate: int) -> np.ndarray:
    """Return (bins, 40): which bin belongs to which band; bins at an edge are shared."""
    bins = np.arange(_WINDOW // 2 + 1) * rate / _WINDOW
    width = rate / _WINDOW
    low, high = bins - width / 2, bins + width / 2
    overlap = np.minimum(high[:, None], BAND_EDGES_HZ[1:]) - np.maximum(low[:, None], BAND_EDGES_HZ[:-1])
    matrix = np.maximum(overlap, 0.0) / width
    matrix[:2] = 0.0  # where the window smears DC
    return np.asarray(matrix, dtype=np.float32)


@lru_cache(maxsize=8)
def _window(length: int) -> np.ndarray:
    """Return a Hann window scaled so that the summed power of a frame is the signal's mean square."""
    window = np.hanning(length + 1)[:-1]
    return (window * np.sqrt(2.0 / length / np.square(window).sum())).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Signal:
    """Everything measured of one signal. Powers are mean squares; full scale is 1.

    Attributes:
        name: the track's, or "mix".
        sample_rate: Hz.
        samples: how long it is.
        peak: highest absolute sample.
        mean: (2,) DC of each side.
        side_power: (2,) mean square of left and right.
        cross: mean of left x right.
        band_power: (40,) mean over both sides.
        band_cross: (40,) mean of left x right in each band.
        cells: (cells, 40) band power over time.
        cell_s: how long a cell is.
        envelope: (steps, 4) power, highest peak squared, power above 2 kHz, power below 150 Hz, over time.
        step_s: how long a step of the envelope is.
        fine_db: (moments, bands) twelfth-octave levels at up to 128 moments, dB.
        floor_db: (moments, bands) mean level in dB of the bins of those bands: single tones hardly raise it.
        hum_db: (moments, bins) narrow bins up to 1 kHz, dB.
        spectrum: (bins,) mean power a bin of the whole song.
        mean_error: how far `mean` may lie from 0 by chance, from how the means of short stretches differ.
        stretches: about 12 s each, up to 7 of them, spread over the song: steps of 512 samples (power, highest peak
            squared, power of the differences from sample to sample: a treble without delay), frames of 2048 samples
            ((40,) band power).
        sides: left against right; None where both are the same.
    """

    name: str
    sample_rate: int
    samples: int
    peak: float
    mean: np.ndarray
    side_power: np.ndarray
    cross: float
    band_power: np.ndarray
    band_cross: np.ndarray
    cells: np.ndarray
    cell_s: float
    envelope: np.ndarray
    step_s: float
    fine_db: np.ndarray
    floor_db: np.ndarray
    hum_db: np.ndarray
    spectrum: np.ndarray
    mean_error: float = 0.0
    stretches: tuple[Stretch, ...] = ()
    sides: Pair | None = None

    @property
    def power(self) -> float:
        """Mean square of both sides."""
        return float(self.side_power.mean())

    @property
    def silent(self) -> bool:
        return self.peak < 1e-4

    @property
    def seconds(self) -> float:
        return self.samples / self.sample_rate

    @property
    def correlation(self) -> float:
        """Of left and right, -1..1."""
        return float(self.cross / np.sqrt(np.prod(np.maximum(self.side_power, 1e-20))))

    @property
    def cell_power(self) -> np.ndarray:
        """(cells,) power over time."""
        return self.cells.sum(axis=1)

    def active(self) -> np.ndarray:
        """(cells,) true where the signal plays: within 30 dB of its loud passages."""
        power = self.cell_power
        return power > max(float(np.quantile(power, 0.95)) * 1e-3, 1e-10) if power.size else power > 0

    def spectrum_db(self) -> np.ndarray:
        """(40,) band levels against the whole while it plays, dB, no lower than -70."""
        active = self.active()
        power = self.cells[active].mean(axis=0) if active.any() else self.band_power
        return np.maximum(decibels(power, 1e-16) - decibels(power.sum(), 1e-16), -70.0)


class SignalStatistics:
    """Measure one signal chunk by chunk."""

    def __init__(self, name: str, sample_rate: int):
        self.name, self.rate = name, sample_rate
        self._samples = 0
        self._peak = 0.0
        self._sum = np.zeros(2)
        self._square = np.zeros(2)
        self._cross = 0.0
        self._short = np.zeros(3)  # how many short stretches, their means' sum and sum of squares
        bands = BAND_HZ.size
        self._band_power, self._band_cross = np.zeros(bands), np.zeros(bands)
        self._frames = 0
        bins = _WINDOW // 2 + 1
        self._spectrum = np.zeros(bins)
        self._sides = np.zeros((3, bins), np.complex128)  # cross-spectrum, power of left, of right
        self._cells = Timeline(bands, _ROWS_PER_CELL)
        self._envelope = Timeline(4, 1, cells=1 << 14)
        self._stretches = Stretches()
        self._fine = Reservoir(FINE_HZ.size)
        self._floor = Reservoir(FINE_HZ.size)
        self._hum = Reservoir(HUM_BINS_HZ(sample_rate).size)

    def add(self, audio: np.ndarray, valid: int) -> np.ndarray:
        """Add one chunk.

        Args:
            audio: (2, CONTEXT + CHUNK) float32; the first CONTEXT samples were the end of the last chunk.
            valid: samples of this chunk that belong to the song.
        Returns:
            (frames, bins) complex64: the middle's spectrum, for comparing tracks.
        """
        fresh = audio[:, CONTEXT : CONTEXT + valid]
        same = np.array_equal(audio[0], audio[1])
        self._levels(fresh, same)
        spectra, power, bands = self._spectra(audio, same, -(-valid // HOP))
        steps = self._steps(audio[:, CONTEXT - 1 :], power, valid)
        self._stretches.add(steps, bands)
        self._moments(fresh)
        return spectra[0] if same else (spectra[0] + spectra[1]) / 2

    def result(self) -> Signal:
        """Return what was measured so far."""
        samples, frames = max(self._samples, 1), max(self._frames, 1)
        envelope = self._envelope
        return Signal(
            name=self.name,
            sample_rate=self.rate,
            samples=self._samples,
            peak=self._peak,
            mean=self._sum / samples,
            side_power=self._square / samples,
            cross=self._cross / samples,
            band_power=self._band_power / frames,
            band_cross=self._band_cross / frames,
            cells=self._cells.values,
            cell_s=self._cells.rows_per_cell * HOP / self.rate,
            envelope=envelope.values,
            step_s=envelope.rows_per_cell * STEP / self.rate,
            fine_db=self._fine.values,
            floor_db=self._floor.values,
            hum_db=self._hum.values,
            spectrum=self._spectrum / frames,
            mean_error=self._mean_error(),
            stretches=self._stretches.values,
            sides=self._side_pair(),
        )

    def _levels(self, fresh: np.ndarray, same: bool) -> None:
        sides = fresh[:1] if same else fresh
        squares = np.einsum("cs,cs->c", sides, sides, dtype=np.float64)
        sums = sides.sum(axis=1, dtype=np.float64)
        self._samples += fresh.shape[1]
        self._square += squares
        self._sum += sums
        self._cross += float(squares[0] if same else np.einsum("s,s->", fresh[0], fresh[1], dtype=np.float64))
        count = fresh.shape[1] // _SHORT
        means = fresh[:, : count * _SHORT].reshape(2, count, _SHORT).mean(axis=(0, 2))
        self._short += count, means.sum(), np.square(means, dtype=np.float64).sum()
        if fresh.size:
            self._peak = max(self._peak, float(sides.max()), -float(sides.min()))

    def _side_pair(self) -> Pair | None:
        cross, left, right = self._sides
        if min(left.real.sum(), right.real.sum()) <= 0:
            return None
        return compared(("left", "right"), cross, left.real, right.real, self.rate)

    def _mean_error(self) -> float:
        count, total, squares = self._short
        return float(np.sqrt(max(squares / count - (total / count) ** 2, 0.0) / count)) if count > 1 else 0.0

    def _spectra(self, audio: np.ndarray, same: bool, frames: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (1 or 2, frames, bins) complex64, one where both sides are the same; (frames, bins) and (frames, 40)
        mean power.
        """
        sides = audio[:1] if same else audio
        framed = np.lib.stride_tricks.sliding_window_view(sides, _WINDOW, axis=1)[:, ::HOP][:, :frames]
        spectra = scipy.fft.rfft(framed * _window(_WINDOW), axis=-1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        matrix = _band_matrix(self.rate)
        mean = power.mean(axis=0)
        bands = mean @ matrix
        if same:
            cross = bands
        else:
            product = np.einsum("fb,fb->b", spectra[0].conj(), spectra[1])
            cross = product.real @ matrix
            self._sides += np.stack([product, power[0].sum(axis=0), power[1].sum(axis=0)])
        self._band_power += bands.sum(axis=0)
        self._band_cross += cross.sum(axis=0) if same else cross
        self._spectrum += mean.sum(axis=0)
        self._cells.add(bands)
        self._frames += frames
        return spectra, mean, bands

    def _steps(self, known: np.ndarray, frame_power: np.ndarray, valid: int) -> np.ndarray:
        """Add the steps of a chunk that has one sample before it; return (steps, 3) for the stretches."""
        steps = -(-valid // STEP)
        cut = known[:, 1 : steps * STEP + 1].reshape(2, steps, STEP)
        change = np.diff(known[:, : steps * STEP + 1], axis=1).reshape(2, steps, STEP)
        power = np.einsum("csn,csn->s", cut, cut) / (2 * STEP)
        peak = np.square(np.maximum(cut.max(axis=(0, 2)), -cut.min(axis=(0, 2))))
        high, low = int(2000 * _WINDOW / self.rate), int(150 * _WINDOW / self.rate) + 1
        split = np.stack([frame_power[:, high:].sum(axis=1), frame_power[:, 2:low].sum(axis=1)], axis=1)
        split = np.repeat(split, HOP // STEP, axis=0)[:steps]
        self._envelope.add(np.column_stack([power, peak, split]))
        return np.column_stack([power, peak, np.einsum("csn,csn->s", change, change) / (2 * STEP)])

    def _moments(self, fresh: np.ndarray) -> None:
        for start in range(0, fresh.shape[1] - _FINE + 1, _FINE):
            if not self._fine.wants():
                self._fine.skip()
                self._floor.skip()
                self._hum.skip()
                continue
            middle = fresh[:, start : start + _FINE].mean(axis=0)
            spectrum = scipy.fft.rfft(middle * _window(_FINE))
            power = np.square(spectrum.real) + np.square(spectrum.imag)
            edges = np.minimum(np.round(FINE_EDGES_HZ * _FINE / self.rate).astype(int), power.size - 1)
            self._fine.add(decibels(np.add.reduceat(power, edges)[:-1]))
            width = np.maximum(np.diff(edges), 1)
            self._floor.add(np.add.reduceat(decibels(power, 1e-18), edges)[:-1] / width)
            self._hum.add(decibels(power[: self._hum.values.shape[1]], 1e-16))
