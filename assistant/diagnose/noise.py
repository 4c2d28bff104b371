"""Steady tones and noise under the music: mains hum with its harmonics, hiss, and single resonances."""

import numpy as np

from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import BAND_EDGES_HZ, BAND_HZ, FINE_HZ, HUM_BINS_HZ, Signal, decibels
from assistant.request import MIX

__all__ = ["find_noise", "hiss_db", "hum_peaks", "mains_hum", "resonance"]

_MAINS_HZ = (50.0, 60.0)
_HARMONICS = 8
_QUIET_SHARE = 0.25
_STEADY_DB = 6.0
_FAINT_DB = 4.5
_FEWEST_PLAIN, _FEWEST_FAINT = 2, 3
_LOWEST_DBFS = -92.0
_MOST_CUTS = 4
_PAUSE_DB = 15.0
_RING_SHARES = (0.1, 0.2, 0.35)
_ALONE_DB = 3.0
_PARTIAL = 0.6
_RING_STATED_DB = 7.5  # as a hint; finished music in 14 has as much
_PART_MORE_DB = 2.5  # single instruments have humps of their own


def find_noise(hearing: Hearing) -> list[Finding]:
    """Return hum, hiss and resonances of every track, or of the mix where there are no tracks."""
    findings = []
    for name, signal in list(hearing.tracks.items()) or [(MIX, hearing.mix)]:
        if signal.silent:
            continue
        findings += _hum(name, signal) + _hiss(name, signal)
        instrument = hearing.instruments.get(name, "mix")
        if problem("ringing").concerns(instrument):
            findings += _ringing(name, signal)
    return findings


def hum_peaks(signal: Signal, mains_hz: float) -> list[tuple[float, float, float]]:
    """Return (frequency, height over its surroundings in dB, spread over time in dB) of each mains harmonic.

    Heights are read in the softest quarter of the moments, where music hides hum least.
    """
    freqs = HUM_BINS_HZ(signal.sample_rate)
    levels = signal.hum_db.astype(np.float64)
    if len(levels) < 2:
        return []
    bin_hz = freqs[1]
    peaks = []
    for harmonic in range(1, _HARMONICS + 1):
        centre = harmonic * mains_hz
        near = np.flatnonzero(np.abs(freqs - centre) <= 1.1 * bin_hz)
        around = np.flatnonzero((np.abs(freqs - centre) > 4 * bin_hz) & (np.abs(freqs - centre) < 14 * bin_hz))
        if not near.size or around.size < 4:
            continue
        tone = levels[:, near].max(axis=1)
        floor = np.median(levels[:, around], axis=1)
        soft = np.argsort(floor)[: max(2, int(len(floor) * _QUIET_SHARE))]
        beside = levels[
            :, np.flatnonzero((np.abs(freqs - centre) > 2.4 * bin_hz) & (np.abs(freqs - centre) < 5 * bin_hz))
        ]
        height = float(np.median(tone[soft] - np.maximum(floor[soft], beside[soft].max(axis=1) - 3.0)))
        spread = float(np.subtract(*np.quantile(tone[soft], [0.9, 0.1])))
        if np.median(tone[soft]) > _LOWEST_DBFS:
            peaks.append((centre, height, spread))
    return peaks


def mains_hum(signal: Signal) -> tuple[float, list[tuple[float, float]]] | None:
    """Return (50 or 60 Hz, [(harmonic in Hz, height in dB) ...] highest first), or None where there is no hum."""
    row = problem("hum")
    best: tuple[float, list[tuple[float, float]]] | None = None
    for mains_hz in _MAINS_HZ:
        steady = [
            (freq, height)
            for freq, height, spread in hum_peaks(signal, mains_hz)
            if height >= _FAINT_DB and spread < _STEADY_DB
        ]
        plain = [height for _, height in steady if height >= row.start]
        # 300 Hz belongs to both; it and a single line tell nothing alone.
        if not any(freq in (mains_hz, 2 * mains_hz, 3 * mains_hz) for freq, _ in steady):
            continue
        if len(plain) < _FEWEST_PLAIN and len(steady) < _FEWEST_FAINT:
            continue
        steady.sort(key=lambda one: -one[1])
        if best is None or len(steady) > len(best[1]):
            best = (mains_hz, steady)
    return best


def _hum(name: str, signal: Signal) -> list[Finding]:
    hum = mains_hum(signal)
    if hum is None:
        return []
    row = problem("hum")
    mains_hz, peaks = hum
    value = peaks[0][1]
    cuts = " and ".join(
        f"cut 18 dB at {freq:.0f} Hz on the {name} with a Q of 18" for freq, _ in sorted(peaks[:_MOST_CUTS])
    )
    expected = f"below {row.start:g} dB at {mains_hz:g} Hz and its multiples"
    band = (min(freq for freq, _ in peaks) - 2, max(freq for freq, _ in peaks) + 2)
    return [row.finding((name,), value, expected, row.severity(value), band_hz=band, cuts=cuts)]


def hiss_db(signal: Signal) -> tuple[float, float] | None:
    """Return (steady noise from 2 to 16 kHz against the signal's loud level in dB, its level in dBFS), or None.

    Noise is what is left in the softest tenth of the time, if it is steady there and has no pitch.
    """
    high = (BAND_HZ > 2000) & (BAND_HZ < 16000)
    cells = signal.cells
    if len(cells) < 20:
        return None
    order = np.argsort(signal.cell_power)
    soft = cells[order[: max(6, len(cells) // 12)]][:, high]
    if decibels(soft.sum(axis=1), 1e-13).min() < -100:  # digital silence: the noise was gated or there is none
        kept = soft[decibels(soft.sum(axis=1), 1e-13) > -95]
        if len(kept) < 6:
            return None
        soft = kept
    level = decibels(soft.sum(axis=1))
    density = decibels(soft.mean(axis=0) / np.diff(BAND_EDGES_HZ)[high])
    return float(np.median(level)), float(np.std(level) + 0.2 * np.std(np.diff(density)))


def _hiss(name: str, signal: Signal) -> list[Finding]:
    row = problem("noisy")
    found = hiss_db(signal)
    if found is None:
        return []
    level, wobble = found
    loud = decibels(float(np.quantile(signal.cell_power, 0.95)))
    below = level - loud
    soft = decibels(float(np.quantile(signal.cell_power, 0.05)))
    # In the pauses nothing is left but the noise itself.
    bare = soft - level < 3.0
    if below < row.start or level < -90 or wobble > 1.6 or not bare or loud - soft < _PAUSE_DB:
        return []
    expected = f"below {row.start:g} dB in the pauses of a close recording"
    return [row.finding((name,), below, expected, row.severity(below), band_hz=(2000, 16000), freq="9000")]


def resonance(signal: Signal) -> tuple[float, float] | None:
    """Return (frequency, height in dB) of the narrow hump that stands out at almost every moment, or None.

    Read in what lies between the notes' lines: those come and go, a resonance lifts all that passes through it.
    """
    levels, floor = signal.fine_db.astype(np.float64), signal.floor_db.astype(np.float64)
    loudest = levels.max(axis=1) if len(levels) else np.zeros(0)
    playing = loudest > loudest.max(initial=-200.0) - 30
    if playing.sum() < 4:
        return None
    typical = np.quantile(_over_neighbours(floor[playing]), _RING_SHARES, axis=0).mean(axis=0)
    middle = np.median(levels[playing], axis=0)
    heard = (middle > middle.max() - 45) & (FINE_HZ > 120) & (FINE_HZ < 12000)
    typical = np.where(heard, typical, -99.0)
    at = int(np.argmax(typical))
    # Notes of a scale stand out at many places alike; a resonance stands out alone.
    others = typical[np.abs(np.arange(FINE_HZ.size) - at) > 2]
    if typical[at] - others.max(initial=-99.0) < _ALONE_DB:
        return None
    multiples = [at + step for step in (-19, -12, 12, 19) if 0 <= at + step < FINE_HZ.size]
    if max(typical[max(one - 1, 0) : one + 2].max() for one in multiples) > _PARTIAL * typical[at]:
        return None  # it has an octave or a twelfth: a note that is held, not a resonance
    return float(FINE_HZ[at]), float(typical[at])


def _over_neighbours(levels: np.ndarray) -> np.ndarray:
    """Return (moments, bands): levels over the higher of both sides, 3 to 6 twelfths of an octave away."""
    padded = np.pad(levels, ((0, 0), (6, 6)), mode="edge")
    sides = [
        np.median([padded[:, 6 + step : 6 + step + FINE_HZ.size] for step in steps], axis=0)
        for steps in ((-6, -5, -4, -3), (3, 4, 5, 6))
    ]
    return np.asarray(levels - np.maximum(*sides))


def _ringing(name: str, signal: Signal) -> list[Finding]:
    row = problem("ringing")
    found = resonance(signal)
    start = _RING_STATED_DB + (0.0 if name == MIX else _PART_MORE_DB)
    if found is None or found[1] < start:
        return []
    freq, height = found
    band = (freq / 2 ** (1 / 12), freq * 2 ** (1 / 12))
    expected = f"below {start:g} dB between the notes"
    amount = f"{min(18.0, height):.1f}"
    return [
        row.finding((name,), height, expected, row.severity(height), band_hz=band, freq=f"{freq:.0f}", amount=amount)
    ]
