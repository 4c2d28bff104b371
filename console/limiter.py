"""The master's true-peak limiter."""

from torch import Tensor

from console.kernels.limiter import DETECTOR_HALF
from console.knobs import Knob, db_to_gain, knob, one_pole
from console.recursions import Memory, check_audio, limit_peaks

__all__ = ["latency", "limiter", "lookahead_samples"]

_LOOKAHEAD_MS = 2.0
# The interpolated peak of the limited audio can pass the detector's by this much; the ceiling is set below by it.
_MARGIN_DB = 0.05


def lookahead_samples(sample_rate: int) -> int:
    """Return how far the limiter looks ahead, at least one sample."""
    return max(1, round(_LOOKAHEAD_MS * sample_rate / 1000))


def latency(sample_rate: int) -> int:
    """Return by how many samples a limited stream is late."""
    return lookahead_samples(sample_rate) + DETECTOR_HALF


def limiter(
    audio: Tensor,
    sample_rate: int,
    ceiling_dbtp: Knob = -1.0,
    gain_db: Knob = 0.0,
    release_ms: Knob = 80.0,
    memory: Memory | None = None,
) -> Tensor:
    """Keep the true peak under a ceiling by looking 2 ms ahead.

    Args:
        audio: (1, channels, samples).
        sample_rate: Hz.
        ceiling_dbtp: (1,) greatest true peak of the output, dBTP.
        gain_db: (1,) gain into the limiter, dB.
        release_ms: (1,) time in which the gain recovers 63 %.
        memory: a stream's past; a stream comes out `latency(sample_rate)` samples late.
    Returns:
        (1, channels, samples).
    Raises:
        AudioShapeError: more than one item.
        ParameterError: a value is outside its range.
    Source:
        True peak: ITU-R BS.1770-4, Annex 2.
    """
    check_audio(audio, one_item=True)
    ceiling = db_to_gain(knob("limiter.ceiling_dbtp", ceiling_dbtp, 1, audio)[0] - _MARGIN_DB)
    gain = db_to_gain(knob("limiter.gain_db", gain_db, 1, audio)[0])
    pole = one_pole(knob("limiter.release_ms", release_ms, 1, audio)[0], sample_rate)
    return limit_peaks(audio * gain.to(audio.dtype), ceiling, pole, lookahead_samples(sample_rate), memory)
