"""Who is too loud, who is buried, and who hides whom."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from assistant.diagnose.expectations import ANY_KIND, Expectations, expectations, kind_of_sound
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.problems import problem
from assistant.diagnose.statistics import BAND_HZ, Signal, decibels
from ontology import load_practice

__all__ = ["LevelRange", "Masking", "find_balance", "k_weights", "level_against_rest_db", "level_range", "masking"]

_ABOVE_DB = 4.0
_SPREAD_UP_DB, _SPREAD_DOWN_DB = 10.0, 27.0  # a band, per ERB: roughly the slopes of auditory excitation
_IN_FRONT_DB = -3.0  # softer than half of all the rest, nothing but cymbals stands in front of it
_HABIT_MARGIN_DB = 6.0  # beyond what engineers aim at
_LEADS = ("lead_vocal", "backing_vocal", "electric_guitar", "piano", "keys", "synth", "snare", "kick", "bass")


def k_weights() -> np.ndarray:
    """Return (40,) power weights that follow BS.1770's K-weighting: a +4 dB shelf above 1.5 kHz, less below 60 Hz."""
    shelf = 1.0 + (10 ** (4.0 / 10) - 1.0) / (1.0 + (1500.0 / BAND_HZ) ** 4)
    return shelf / (1.0 + (38.0 / BAND_HZ) ** 4)


def level_against_rest_db(hearing: Hearing, name: str) -> float:
    """Return a track's K-weighted level while it plays against the other tracks' at those moments, dB."""
    weights = k_weights()
    own = hearing.tracks[name]
    active = own.active()
    rest = sum(
        (other.cells[: len(active)] for key, other in hearing.tracks.items() if key != name), np.zeros_like(own.cells)
    )
    return float(decibels((own.cells[active] @ weights).mean()) - decibels((rest[active] @ weights).mean(), 1e-12))


@dataclass(frozen=True)
class LevelRange:
    """Usual levels of a part against the rest, dB, and where they come from."""

    low_db: float
    high_db: float
    source: str


def level_range(instrument: str, table: Expectations) -> LevelRange:
    """Return the usual levels of an instrument: as engineers aim at them where that is known, else as arranged."""
    for habit in load_practice().conventions_of(instrument):
        if habit.about == "level":
            low, high = habit.value
            return LevelRange(
                low - _HABIT_MARGIN_DB, high + _HABIT_MARGIN_DB, f"within 6 dB of what {habit.held_by} engineers aim at"
            )
    kind = kind_of_sound(instrument)
    rows = table.readings["level_db"]
    low, high, count = rows.get(kind) or rows[ANY_KIND]
    if not problem("loud-cymbals").concerns(instrument):
        high = max(high, _IN_FRONT_DB)
    least = ", where -3 dB is still not in front" if high == _IN_FRONT_DB else ""
    kind = kind if kind in rows else ANY_KIND
    return LevelRange(low, high, f"for {kind}, from {count:.0f} parts of arrangements{least}")


@dataclass(frozen=True)
class Masking:
    """What one track hides of another.

    Attributes:
        masker, hidden: their names.
        share: of the hidden one's audible energy that lies under the masker, 0..1.
        band_hz: where most of it is.
        excess_db: by how much the masker stands over it there.
        cells: (cells,) share over time.
    """

    masker: str
    hidden: str
    share: float
    band_hz: tuple[float, float]
    excess_db: float
    cells: np.ndarray


_MASKED: WeakKeyDictionary[Hearing, list[Masking]] = WeakKeyDictionary()


def masking(hearing: Hearing) -> list[Masking]:
    """Return what every track hides of every other, most first.

    A band of a track is hidden where the other's excitation lies more than 4 dB over it; bands count by what they
    bring to that track's loudness (power to the 0.3). Worked out once for a hearing.
    """
    if hearing not in _MASKED:
        _MASKED[hearing] = _masking(hearing)
    return _MASKED[hearing]


def _masking(hearing: Hearing) -> list[Masking]:
    names = [name for name, signal in hearing.tracks.items() if not signal.silent]
    excitation_db = {name: decibels(_excitation(hearing.tracks[name].cells)) for name in names}
    found = []
    for hidden in names:
        active = hearing.tracks[hidden].active()
        weight = np.where(active[:, None], np.power(hearing.tracks[hidden].cells * k_weights(), 0.3), 0.0)
        weight[:, hearing.tracks[hidden].spectrum_db() < -45] = 0.0
        total = weight.sum()
        if total <= 0:
            continue
        for masker in names:
            if masker == hidden:
                continue
            over_db = excitation_db[masker] - excitation_db[hidden]
            under = weight * np.clip((over_db - _ABOVE_DB) / 6.0, 0.0, 1.0)
            bands = under.sum(axis=0)
            share = float(bands.sum() / total)
            low, high = _middle_of(bands)
            inside = (low <= BAND_HZ) & (high >= BAND_HZ)
            at = (under > 0)[:, inside]
            excess = float(over_db[:, inside][at].mean()) if at.any() else 0.0
            cells = under.sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
            found.append(Masking(masker, hidden, share, (low, high), excess, cells))
    return sorted(found, key=lambda one: -one.share)


def find_balance(hearing: Hearing, table: Expectations | None = None) -> list[Finding]:
    """Return tracks that are buried or overpowering, and maskers of what should be heard."""
    if len(hearing.tracks) < 2:
        return []
    table = table or expectations()
    findings, judged = [], set()
    for name, signal in hearing.tracks.items():
        if signal.silent:
            continue
        level, usual = level_against_rest_db(hearing, name), level_range(hearing.instruments[name], table)
        off = max(usual.low_db - level, level - usual.high_db)
        if off <= 0:
            continue
        cymbals = problem("loud-cymbals")
        loud = cymbals if cymbals.concerns(hearing.instruments[name]) else problem("overpowering")
        row = problem("buried") if level < usual.low_db else loud
        where = f"{usual.low_db:.0f} to {usual.high_db:.0f} dB {usual.source}"
        findings.append(row.finding((name,), level, where, 0.5 + off / 24, amount=_amount(off + 3)))
        judged.add(name)
    return findings + _masked(hearing, judged)


def _masked(hearing: Hearing, judged: set[str]) -> list[Finding]:
    row = problem("masked")
    findings = []
    for one in masking(hearing):
        if hearing.instruments[one.hidden] not in _LEADS or {one.hidden, one.masker} & judged:
            continue
        if 100 * one.share < row.start:
            break
        times = _stretches(one.cells, hearing.tracks[one.hidden])
        centre = round(float(np.sqrt(one.band_hz[0] * one.band_hz[1])), -1)
        amount = f"{min(6.0, max(2.0, one.excess_db / 2)):.1f}"
        findings.append(
            row.finding(
                (one.hidden, one.masker),
                100 * one.share,
                f"below {row.start:g} % for a part that should be followed",
                row.severity(100 * one.share),
                band_hz=one.band_hz,
                time_s=times,
                freq=f"{centre:.0f}",
                amount=amount,
                mendable=True,
            )
        )
    return findings[:3]


def _excitation(cells: np.ndarray) -> np.ndarray:
    """Spread (cells, 40) power to neighbouring bands, one ERB apart, as the ear does."""
    steps = np.arange(BAND_HZ.size)
    distance = steps[None, :] - steps[:, None]
    slope = np.where(distance >= 0, -_SPREAD_UP_DB * distance, _SPREAD_DOWN_DB * distance)
    return cells @ 10 ** (np.maximum(slope, -100) / 10)


def _middle_of(bands: np.ndarray) -> tuple[float, float]:
    """Return the band that holds the middle half of something spread over bands."""
    total = bands.sum()
    if total <= 0:
        return float(BAND_HZ[0]), float(BAND_HZ[-1])
    share = np.cumsum(bands) / total
    low, high = int(np.searchsorted(share, 0.25)), int(np.searchsorted(share, 0.75))
    return float(BAND_HZ[max(low - 1, 0)]), float(BAND_HZ[min(high + 1, BAND_HZ.size - 1)])


def _stretches(cells: np.ndarray, signal: Signal, most: int = 8) -> tuple[tuple[float, float], ...]:
    """Return the longest stretches in which more than half is hidden, in order of time."""
    hidden = np.concatenate([[0], (cells > 0.5).astype(int), [0]])
    change = np.flatnonzero(np.diff(hidden))
    spans = [
        (start * signal.cell_s, stop * signal.cell_s) for start, stop in zip(change[::2], change[1::2], strict=True)
    ]
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:most]
    return tuple((round(start, 2), round(stop, 2)) for start, stop in sorted(longest))


def _amount(value: float) -> str:
    return f"{min(12.0, value):.1f}"
