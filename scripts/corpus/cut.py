"""Choose clips of one length from a longer sound, leaving out what is nearly silent."""

import numpy as np

__all__ = ["choose_starts", "is_audible"]

_QUIETEST_DBFS = -50.0
_FRAME_S = 0.1
_MOST_SILENT = 0.7
_SILENT_BELOW_LOUDEST_DB = 55.0


def choose_starts(samples: int, clip_samples: int, wanted: int, generator: np.random.Generator) -> list[int]:
    """Return where to cut: clips that do not overlap, spread over the whole sound.

    Args:
        samples: length of the sound.
        clip_samples: length of a clip.
        wanted: at most so many.
        generator: decides where each clip lies within its share.
    Returns:
        Starts in ascending order; empty if the sound is too short.
    """
    count = min(wanted, samples // clip_samples)
    if count < 1:
        return []
    slack = np.sort(generator.integers(0, samples - count * clip_samples + 1, size=count))
    return [int(free) + index * clip_samples for index, free in enumerate(slack)]


def is_audible(clip: np.ndarray, sample_rate: int) -> bool:
    """Say whether (channels, samples) is loud enough for long enough to learn from."""
    frame = round(_FRAME_S * sample_rate)
    whole = clip[:, : clip.shape[1] // frame * frame]
    power = np.square(whole, dtype=np.float64).reshape(clip.shape[0], -1, frame).mean(axis=(0, 2))
    if power.size == 0 or 10 * np.log10(power.mean() + 1e-20) < _QUIETEST_DBFS:
        return False
    silent = power < power.max() * 10 ** (-_SILENT_BELOW_LOUDEST_DB / 10)
    return bool(silent.mean() <= _MOST_SILENT)
