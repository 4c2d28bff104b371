"""Numbers that tell how a sound moves over time: peaks, attacks, decays, breathing, bands that move together.

Each is measured in stretches of 12 s at full resolution and averaged over the stretches, so that it means the same in
a short song and in a long one.
"""

import itertools

import numpy as np

from assistant.diagnose.statistics import BAND_HZ, HOP, STEP, Signal, decibels
from assistant.diagnose.timeline import Stretch

__all__ = ["MOTION", "MOTION_UNITS", "motion"]

_GROUPS = {"lows": (0, 250), "low middle": (250, 1000), "high middle": (1000, 4000), "treble": (4000, 20000)}  # Hz
_LEAST_S = 2.0
_HEARD_DB = -45.0
_SOFT_DB = -70.0  # levels of a group of bands go no lower, against the loudest moment
_FEWEST_HITS = 4
_TOGETHER = 0.7  # of the bands

_OF_LEVEL = (
    ("peak over body", "dB"),
    ("peak over body, typical", "dB"),
    ("peak over body, sharpest", "dB"),
    ("highest peaks over high ones", "dB"),
    ("high peaks over typical ones", "dB"),
    ("micro-dynamics", "dB"),
    ("micro-dynamics of the treble", "dB"),
    ("treble against level", "dB"),
    ("loud passages over typical ones", "dB"),
    ("typical passages over soft ones", "dB"),
    ("attack slope", "dB/s"),
    ("release slope", "dB/s"),
    ("decay slope", "dB/s"),
    ("attacks against releases", ""),
    ("attacks over what follows, typical", "dB"),
    ("attacks over what follows, sharpest", "dB"),
    ("peaks of attacks over what follows", "dB"),
    ("slow swing of the level", "dB"),
)
_OF_A_GROUP = (
    ("quick movement of the {}", "dB"),
    ("slow movement of the {}", "dB"),
    ("rises of the {}", "dB"),
    ("falls of the {}", "dB"),
    ("valleys of the {}", "dB"),
    ("fastest decays of the {}", "dB"),
)
_OF_ALL_BANDS = (
    ("bands that move together", "share"),
    ("bands that swing together", "share"),
    ("swing that all bands share", "dB"),
    ("moments in which all bands rise", "share"),
    ("moments in which all bands fall", "share"),
    ("moments in which all bands rise slowly", "share"),
    ("moments in which all bands fall slowly", "share"),
    ("movement within bands", "dB"),
    ("rises within bands", "dB"),
    ("falls within bands", "dB"),
    ("longer falls within bands", "dB"),
    ("valleys within bands", "dB"),
    ("rises against falls of all bands", ""),
    ("slow rises against falls of all bands", ""),
    ("beat of all bands", "0..1"),
)
_OF_LOW_HITS = (
    ("the rest 50 ms after a low hit", "dB"),
    ("the rest 120 ms after a low hit", "dB"),
    ("the rest 230 ms after a low hit", "dB"),
    ("the rest 370 ms after a low hit", "dB"),
    ("the rest with the lows", "-1..1"),
    ("changes of the rest with changes of the lows", "-1..1"),
)
_OF_WIDTH = tuple((f"side against middle, {name}", "dB") for name in ("lows", "middle", "treble"))
_WIDTH_EDGES_HZ = (0, 250, 2000, 20000)
_NAMED = (
    *_OF_LEVEL,
    *((name.format(group), unit) for group in _GROUPS for name, unit in _OF_A_GROUP),
    *_OF_ALL_BANDS,
    *_OF_LOW_HITS,
    *_OF_WIDTH,
)
MOTION = tuple(name for name, _ in _NAMED)
"""Names of the values of `motion`."""
MOTION_UNITS = tuple(unit for _, unit in _NAMED)


def motion(signal: Signal) -> np.ndarray | None:
    """Return (66,) as named in `MOTION`, or None where too little plays (under 2 s in every stretch)."""
    step_s, frame_s = STEP / signal.sample_rate, HOP / signal.sample_rate
    rows = [_of_stretch(stretch, step_s, frame_s) for stretch in signal.stretches]
    told = np.array([row for row in rows if row is not None])
    if not told.size:
        return None
    known = np.isfinite(told)
    mean = np.where(known, told, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.concatenate([mean, _widths(signal)])


def _widths(signal: Signal) -> list[float]:
    found = []
    for low, high in itertools.pairwise(_WIDTH_EDGES_HZ):
        inside = (low <= BAND_HZ) & (high > BAND_HZ)
        power, cross = float(signal.band_power[inside].sum()), float(signal.band_cross[inside].sum())
        share = max(power - cross, 0.0) / max(power + cross, 1e-15)
        found.append(float(np.clip(decibels(share, 1e-9), -40, 10)))
    return found


def _of_stretch(stretch: Stretch, step_s: float, frame_s: float) -> np.ndarray | None:
    power = stretch.steps[:, 0].astype(np.float64)
    active = power > max(float(np.quantile(power, 0.95)) * 1e-3, 1e-10)
    if active.sum() * step_s < _LEAST_S:
        return None
    cells = stretch.frames.astype(np.float64)
    loud = cells.sum(axis=1)
    playing = loud > max(float(np.quantile(loud, 0.95)) * 1e-3, 1e-10)
    if playing.sum() < 20:
        return None
    return np.array(
        [
            *_levels(stretch.steps.astype(np.float64), active, step_s),
            *(value for low, high in _GROUPS.values() for value in _group(cells, playing, low, high, frame_s)),
            *_together(cells, playing, frame_s),
            *_low_hits(cells, playing, frame_s),
        ]
    )


def _levels(steps: np.ndarray, active: np.ndarray, step_s: float) -> list[float]:
    power, peaks = steps[:, 0], decibels(steps[:, 1])
    level, treble = decibels(power), decibels(steps[:, 2])
    crest = (peaks - level)[active]
    tops = peaks[active]
    long = round(0.4 / step_s)
    passages = decibels(_mean(power, long))[active]
    slope = np.diff(level, append=level[-1]) / step_s
    quick, falling = _mean(slope, 3)[active], _mean(slope, 8)[active]
    down = falling[falling < -1.0]
    median_top, high_top, highest_top = np.quantile(tops, [0.5, 0.9, 0.995])
    usual_attack, sharp_attack, peak_attack = _attacks(level, peaks, active, step_s)
    slow = _mean(level, round(1.2 / step_s))[active]
    return [
        float(decibels(steps[:, 1].max()) - decibels(power[active].mean())),
        float(np.median(crest)),
        float(np.quantile(crest, 0.95)),
        highest_top - high_top,
        high_top - median_top,
        float(np.std((level - _mean(level, long))[active])),
        float(np.std((treble - _mean(treble, long))[active])),
        float(np.median((treble - level)[active])),
        float(np.quantile(passages, 0.95) - np.median(passages)),
        float(np.median(passages) - np.quantile(passages, 0.1)),
        float(np.quantile(quick, 0.97)),
        float(-np.quantile(quick, 0.03)),
        float(-np.median(down)) if down.size else 0.0,
        _lean(quick),
        usual_attack,
        sharp_attack,
        peak_attack,
        float(np.std(slow)),
    ]


def _attacks(level: np.ndarray, peaks: np.ndarray, active: np.ndarray, step_s: float) -> tuple[float, float, float]:
    """Return how far attacks stand over the level 40 to 100 ms later: typical, sharpest, and their peaks; dB."""
    before, after = round(0.06 / step_s), (round(0.04 / step_s), round(0.10 / step_s))
    rise = level - np.minimum.reduce([np.roll(level, shift) for shift in range(1, before + 1)])
    top = (level >= np.roll(level, 1)) & (level >= np.roll(level, -1)) & (rise > 4.0) & active
    places = np.flatnonzero(top)
    places = places[(places > before) & (places < level.size - after[1] - 1)]
    if places.size < _FEWEST_HITS:
        return np.nan, np.nan, np.nan
    later = np.mean([level[places + shift] for shift in range(after[0], after[1] + 1)], axis=0)
    over = level[places] - later
    return float(np.median(over)), float(np.quantile(over, 0.9)), float(np.median(peaks[places] - later))


def _group(cells: np.ndarray, playing: np.ndarray, low: float, high: float, frame_s: float) -> list[float]:
    inside = (low <= BAND_HZ) & (high > BAND_HZ)
    power = cells[:, inside].sum(axis=1)
    top = float(np.quantile(power, 0.99))
    if top < 1e-6 * max(float(np.quantile(cells.sum(axis=1), 0.95)), 1e-12):
        return [np.nan] * len(_OF_A_GROUP)
    level = np.maximum(decibels(power / max(top, 1e-13)), _SOFT_DB)
    short, long = round(0.4 / frame_s), round(3.0 / frame_s)
    smooth = _mean(level, short)
    change = np.diff(level, append=level[-1])[playing]
    fall = -_lifted(level, 3)[playing[3:]]
    heard = level[playing]
    return [
        float(np.std((level - smooth)[playing])),
        float(np.std((smooth - _mean(level, long))[playing])),
        float(np.quantile(change, 0.95)),
        float(-np.quantile(change, 0.05)),
        float(np.median(heard) - np.quantile(heard, 0.1)),
        float(np.quantile(fall, 0.97)),
    ]


def _together(cells: np.ndarray, playing: np.ndarray, frame_s: float) -> list[float]:
    """Return how much the bands move as one: what a gain does to all of them at once."""
    level = decibels(cells, 1e-13)
    usual = level[playing].mean(axis=0)
    heard = usual > usual.max() + _HEARD_DB
    level = np.maximum(level[:, heard], usual[heard] - 40.0)
    change, fall = (_lifted(level, frames)[playing[frames:]] for frames in (2, 6))
    slow = np.stack([_mean(band, round(0.5 / frame_s)) for band in level.T], axis=1)
    swing = slow[playing] - slow[playing].mean(axis=0)
    glide = _lifted(slow, 4)[playing[4:]]
    whole = np.median(level, axis=1)
    return [
        _shared(change),
        _shared(swing),
        float(np.std(np.median(swing, axis=1))),
        float(np.mean(np.mean(change > 0.5, axis=1) > _TOGETHER)),
        float(np.mean(np.mean(change < -0.5, axis=1) > _TOGETHER)),
        float(np.mean(np.mean(glide > 0.5, axis=1) > _TOGETHER)),
        float(np.mean(np.mean(glide < -0.5, axis=1) > _TOGETHER)),
        float(np.abs(change).mean()),
        float(np.median(np.quantile(change, 0.97, axis=0))),
        float(-np.median(np.quantile(change, 0.03, axis=0))),
        float(-np.median(np.quantile(fall, 0.03, axis=0))),
        float(np.median(np.subtract(*np.quantile(level[playing], [0.5, 0.05], axis=0)))),
        _lean(np.median(change, axis=1)),
        _lean(np.median(glide, axis=1)),
        _beat(whole - _mean(whole, round(1.5 / frame_s)), frame_s),
    ]


def _lifted(rows: np.ndarray, frames: int) -> np.ndarray:
    """Return how much rows have risen since some frames ago; that many rows fewer."""
    return rows[frames:] - rows[:-frames]


def _lean(changes: np.ndarray) -> float:
    """Return the skewness: above 0 where a sound rises fast and falls slowly."""
    return float(np.clip(np.mean(changes**3) / max(float(np.mean(changes**2)) ** 1.5, 1e-9), -10, 10))


def _beat(series: np.ndarray, frame_s: float) -> float:
    """Return the highest correlation of a series with itself 0.25 to 1.2 s later."""
    size = 1 << (2 * series.size).bit_length()
    lags = np.fft.irfft(np.square(np.abs(np.fft.rfft(series, size))), size)
    first, last = round(0.25 / frame_s), round(1.2 / frame_s)
    return float(lags[first:last].max() / max(float(lags[0]), 1e-9))


def _shared(rows: np.ndarray) -> float:
    """Return the share of the bands' variance that their median has."""
    return float(np.var(np.median(rows, axis=1)) / max(float(np.var(rows, axis=0).mean()), 1e-9))


def _low_hits(cells: np.ndarray, playing: np.ndarray, frame_s: float) -> list[float]:
    """Return how everything above 400 Hz stands after low hits against before them, and how it goes with the lows."""
    lows = decibels(cells[:, BAND_HZ < 200].sum(axis=1), 1e-12)
    upper = decibels(cells[:, BAND_HZ > 400], 1e-12)
    usual = upper[playing].mean(axis=0)
    heard = usual > usual.max() + _HEARD_DB
    rest = np.median(np.maximum(upper[:, heard], usual[heard] - 40.0), axis=1)
    rise = lows - np.minimum(np.roll(lows, 1), np.roll(lows, 2))
    hit = (rise > 3.0) & (lows > _mean(lows, round(0.6 / frame_s))) & playing
    hits = np.flatnonzero(hit & ~np.roll(hit, 1))
    last = round(0.37 / frame_s)
    hits = hits[(hits > 4) & (hits < lows.size - last - 2)]
    if hits.size >= _FEWEST_HITS:
        before = np.mean([rest[hits - shift] for shift in (2, 3)], axis=0)
        after = [float(np.median(rest[hits + round(at / frame_s)] - before)) for at in (0.05, 0.12, 0.23, 0.37)]
    else:
        after = [np.nan] * 4
    still, moving = (series - _mean(series, round(1.0 / frame_s)) for series in (rest, lows))
    return [
        *after,
        _correlation(still[playing], moving[playing]),
        _correlation(np.diff(rest)[playing[1:]], np.diff(lows)[playing[1:]]),
    ]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    spread = float(one.std() * other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean())) / spread) if spread > 1e-6 else 0.0


def _mean(values: np.ndarray, width: int) -> np.ndarray:
    """Return a centred moving mean of the same length."""
    width = min(max(width, 1), values.size)
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    return (sums[width:] - sums[:-width]) / width
