"""A mix in numbers: loudness, peaks, image and spectrum of the whole, loudness of every track."""

from dataclasses import dataclass

import numpy as np

from console.loudness import LoudnessSeries, integrated_lufs, loudness_range_lu, loudness_series, true_peak_dbtp
from console.measures import measure_audio, third_octave_spectrum
from exchange.bounce import render_project, tail_samples
from exchange.project import Project

__all__ = ["Sound", "hear"]


@dataclass(frozen=True)
class Sound:
    """What was measured of a mix, tails included; silence is -inf.

    Attributes:
        loudness_lufs, range_lu, true_peak_dbtp: of the master.
        crest_db: peak against RMS.
        correlation: -1..1.
        side_db: side against mid.
        centre_hz, level_db: third octaves of the master, dBFS.
        series: loudness over time.
        track_lufs: by track, after its fader.
    """

    loudness_lufs: float
    range_lu: float
    true_peak_dbtp: float
    crest_db: float
    correlation: float
    side_db: float
    centre_hz: np.ndarray
    level_db: np.ndarray
    series: LoudnessSeries
    track_lufs: dict[str, float]


def hear(project: Project) -> Sound:
    """Render a project and measure it."""
    rate = project.song.sample_rate
    mixed = render_project(project, tail_samples(project.settings, rate))
    master = mixed.master.numpy()
    plain, spectrum = measure_audio(master), third_octave_spectrum(master, rate)
    return Sound(
        loudness_lufs=integrated_lufs(master, rate),
        range_lu=loudness_range_lu(master, rate),
        true_peak_dbtp=true_peak_dbtp(master, rate),
        crest_db=plain.crest_factor_db,
        correlation=plain.correlation,
        side_db=plain.width_db,
        centre_hz=spectrum.centre_hz,
        level_db=spectrum.level_db,
        series=loudness_series(master, rate),
        track_lufs={name: integrated_lufs(audio.numpy(), rate) for name, audio in mixed.tracks.items()},
    )
