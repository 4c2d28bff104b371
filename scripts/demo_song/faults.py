"""The faults a first mix has to find: what the room and the player did, and how to measure it."""

import numpy as np
import pyloudnorm
from scipy.signal import sosfilt, welch

from demo_song.midi import SAMPLE_RATE

# (stem, filter, frequency Hz, gain dB, Q), as an unlucky microphone, pick-up or patch colours the sound.
COLOURS = (
    ("Drum Overheads", "high_shelf", 5500.0, -5.0, 0.7),
    ("Bass DI", "bell", 74.0, 14.0, 1.6),
    ("Bass DI", "bell", 99.0, 6.0, 3.0),
    ("Bass DI", "bell", 270.0, -6.0, 0.6),
    ("Keys", "bell", 310.0, 10.0, 1.2),
)
# (measure, stem, band Hz, the bands it is compared with Hz).
BUILD_UPS = (
    ("keys_200_450hz_over_100_200hz_db", "Keys", (200, 450), (100, 200)),
    ("keys_200_450hz_over_500_1000hz_db", "Keys", (200, 450), (500, 1000)),
    ("bass_60_120hz_over_160_500hz_db", "Bass DI", (60, 120), (160, 500)),
    ("overheads_6_12khz_over_2_5khz_db", "Drum Overheads", (6000, 13000), (2000, 5000)),
)
LEAD_BELOW_REST_LU = 9.0


def colour(audio, kind, freq_hz, gain_db, q):
    """Apply one RBJ Audio EQ Cookbook filter to (channels, samples)."""
    amplitude, omega = 10 ** (gain_db / 40), 2 * np.pi * freq_hz / SAMPLE_RATE
    alpha, cosine = np.sin(omega) / (2 * q), np.cos(omega)
    if kind == "bell":
        b = [1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude]
        a = [1 + alpha / amplitude, -2 * cosine, 1 - alpha / amplitude]
    else:
        up, down, root = amplitude + 1, amplitude - 1, 2 * np.sqrt(amplitude) * alpha
        b = [amplitude * (up + down * cosine + root), -2 * amplitude * (down + up * cosine)]
        b.append(amplitude * (up + down * cosine - root))
        a = [up - down * cosine + root, 2 * (down - up * cosine), up - down * cosine - root]
    return sosfilt(np.array([[*b, *a]]) / a[0], audio, axis=-1)


def loudness_lufs(audio):
    """Integrated loudness (BS.1770) of (channels, samples); a mono stem counts as one speaker."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(audio.T))


def peak_dbfs(audio):
    """Highest sample, dBFS."""
    return float(20 * np.log10(np.abs(audio).max()))


def third_octaves(audio):
    """Long-term third-octave spectrum of (channels, samples): (centres Hz, levels dB)."""
    freq_hz, power = welch(audio.mean(axis=0), SAMPLE_RATE, nperseg=16384)
    centres = 1000 * 2 ** (np.arange(-15, 13) / 3)
    edges = 2 ** (1 / 6)
    levels = [power[(freq_hz >= c / edges) & (freq_hz < c * edges)].sum() * freq_hz[1] for c in centres]
    return centres, 10 * np.log10(np.array(levels) + 1e-15)


def band_excess_db(audio, band_hz, rest_hz):
    """Mean third-octave level inside one band minus that inside another, dB."""
    centres, levels = third_octaves(audio)
    inside = (centres > band_hz[0]) & (centres < band_hz[1])
    rest = (centres > rest_hz[0]) & (centres < rest_hz[1])
    return float(levels[inside].mean() - levels[rest].mean())


def band_level_db(audio, low_hz, high_hz):
    """Power inside a band, dB."""
    freq_hz, power = welch(audio.mean(axis=0), SAMPLE_RATE, nperseg=16384)
    return float(10 * np.log10(power[(freq_hz >= low_hz) & (freq_hz < high_hz)].sum() * freq_hz[1]))


def note_levels_db(audio, notes, beat_s):
    """RMS of each bass pitch over its notes, {pitch: dB}, from (channels, samples)."""
    power = {}
    for note in notes:
        first, last = (round(beat * beat_s * SAMPLE_RATE) for beat in (note.start, note.start + note.length))
        power.setdefault(note.pitch, []).append(np.mean(audio[:, first:last] ** 2))
    return {pitch: float(10 * np.log10(np.mean(values))) for pitch, values in sorted(power.items())}
