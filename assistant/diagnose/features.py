"""Numbers that tell how a sound moves over time: peaks, micro-dynamics, attacks, decays, breathing."""

import numpy as np

from assistant.diagnose.statistics import Signal, decibels

__all__ = ["MOTION", "MOTION_UNITS", "motion"]

MOTION = (
    "peak over loudness",
    "peak over body, typical",
    "peak over body, sharpest",
    "micro-dynamics",
    "micro-dynamics of the treble",
    "micro-dynamics of the lows",
    "loud passages over typical ones",
    "typical passages over soft ones",
    "attack slope",
    "decay slope",
    "decay slope of the treble",
    "treble after each low hit",
    "treble with lows",
    "movement within bands",
    "slowest decays",
)
"""Names of the values of `motion`, all in dB or dB/s except one correlation."""
MOTION_UNITS = ("dB",) * 8 + ("dB/s",) * 3 + ("dB", "-1..1", "dB", "dB/s")
_LONG_S = 0.4


def motion(signal: Signal) -> np.ndarray | None:
    """Return (15,) as named in `MOTION`, or None where too little plays (under 2 s)."""
    envelope = signal.envelope
    power = envelope[:, 0]
    loud = np.quantile(power, 0.95) if power.size else 0.0
    active = power > max(float(loud) * 1e-3, 1e-10)
    if active.sum() * signal.step_s < 2.0:
        return None
    level = decibels(power)
    crest = decibels(envelope[:, 1]) - level
    long = max(3, round(_LONG_S / signal.step_s))
    smooth = _mean(level, long)
    passages = decibels(_mean(power, long))[active]
    treble, lows = decibels(envelope[:, 2], 1e-11), decibels(envelope[:, 3], 1e-11)
    slope = np.diff(level, append=level[-1]) / signal.step_s
    treble_slope = np.diff(_mean(treble, 8), append=treble[-1]) / signal.step_s
    falling = _mean(slope, 8)
    dip, together = _after_low_hits(treble, lows, active, signal.step_s)
    cells = decibels(signal.cells[signal.active()], 1e-12)
    heard = cells.mean(axis=0) > cells.mean(axis=0).max(initial=-200.0) - 45
    moves = np.abs(np.diff(cells[:, heard], axis=0)).mean() if len(cells) > 2 and heard.any() else 0.0
    down = falling[active & (falling < -1.0)]
    treble_down = treble_slope[active & (treble_slope < -1.0)]
    return np.array(
        [
            decibels(signal.peak**2) - decibels(float(power[active].mean())),
            np.median(crest[active]),
            np.quantile(crest[active], 0.95),
            np.std((level - smooth)[active]),
            np.std((treble - _mean(treble, long))[active]),
            np.std((lows - _mean(lows, long))[active]),
            np.quantile(passages, 0.95) - np.median(passages),
            np.median(passages) - np.quantile(passages, 0.1),
            np.quantile(slope[active], 0.97),
            -np.median(down) if down.size else 0.0,
            -np.median(treble_down) if treble_down.size else 0.0,
            dip,
            together,
            moves,
            -np.quantile(down, 0.75) if down.size else 0.0,
        ]
    )


def _mean(values: np.ndarray, width: int) -> np.ndarray:
    """Return a centred moving mean of the same length."""
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    return (sums[width:] - sums[:-width]) / width


def _after_low_hits(treble: np.ndarray, lows: np.ndarray, active: np.ndarray, step_s: float) -> tuple[float, float]:
    """Return how the treble stands 60-140 ms after low hits against 250-400 ms after, and its correlation with lows."""
    fast, slow = _mean(lows, 4), _mean(lows, max(8, round(0.25 / step_s)))
    rise = np.diff(fast, prepend=fast[0])
    hit = (rise > 1.0) & (fast > slow + 1.0) & active
    hits = np.flatnonzero(hit & ~np.roll(hit, 1))
    early, late = round(0.10 / step_s), round(0.33 / step_s)
    hits = hits[hits < treble.size - late - 4]
    change = 0.0
    if hits.size >= 4:
        soft = _mean(treble, 6)
        change = float(np.median(soft[hits + early] - soft[hits + late]))
    both = np.stack([treble - _mean(treble, 40), lows - _mean(lows, 40)])[:, active]
    together = float(np.corrcoef(both)[0, 1]) if both.std(axis=1).min() > 1e-6 else 0.0
    return change, together
