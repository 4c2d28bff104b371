"""Put one fault into clean material, diagnose, and compare with the truth."""

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from assistant.diagnose import Finding, Hearing, findings_of, hear, inspect
from assistant.diagnose.balance import level_against_rest_db, level_range
from assistant.diagnose.damage import DamageFinder
from assistant.diagnose.expectations import expectations
from assistant.diagnose.listening import chunks
from assistant.diagnose.problems import problem
from assistant.diagnose.remeasure import new_findings
from assistant.diagnose.statistics import BAND_HZ, CHUNK, Signal, SignalStatistics
from assistant.request import MIX
from benchmarks.diagnose_faults import FAULTS, STRENGTHS, Fault, true_peak_db
from console.loudness import LoudnessMeter
from console.settings import Settings
from exchange import Song, Track

__all__ = ["Case", "Clean", "case_for", "clean_of", "measured", "spoilt_song", "tracks_for"]

_TIME_S = 0.05
_HEARD_DB = -55.0
_HALF_DB = 2.0
_TREBLE_HZ = (2000.0, 16000.0)


@dataclass(frozen=True)
class Clean:
    """A clean song, what it measures and what is found in it as it is."""

    song: Song
    hearing: Hearing
    findings: tuple[Finding, ...]

    @property
    def known(self) -> set[tuple[str, str]]:
        return {(finding.problem, finding.tracks[0]) for finding in self.findings}


@dataclass
class Case:
    """One spoilt song.

    Attributes:
        fault, strength, song, track: what was put where.
        found: the problem (or one that is as right) was found anew.
        right_track, right_band, right_time: of that finding; None where there is nothing to be right about.
        late_s: distance of the nearest told time from the truth, or None.
        false: "problem@track" that were clearly absent before, are found now and are not what was put in.
        true: those of another name that the fault brought in truth, measured by other means: overs between samples.
        severity: of the right finding, 0 if missed.
    """

    fault: str
    strength: str
    song: str
    track: str
    found: bool = False
    right_track: bool | None = None
    right_band: bool | None = None
    right_time: bool | None = None
    late_s: float | None = None
    false: list[str] = field(default_factory=list)
    true: list[str] = field(default_factory=list)
    severity: float = 0.0

    def to_json(self) -> dict:
        return asdict(self)


def clean_of(song: Song) -> Clean:
    """Measure a clean song."""
    hearing = hear(song, Settings.neutral([track.name for track in song.tracks]), inspect(song))
    return Clean(song, hearing, findings_of(hearing))


def tracks_for(fault: Fault, clean: Clean, generator: np.random.Generator, most: int) -> list[str]:
    """Return where to put a fault in a song: track names, or "mix"; never where its problem is found already.

    A level fault needs a track at a usual level, a missing top one that has a top.
    """
    song = clean.song
    words = {problem(_row(fault)).word, *(problem(other).word for other in fault.also)}
    taken = {track for word, track in clean.known if word in words}
    if len(song.tracks) == 1:
        fits = fault.on in ("mix", "both") and not fault.only and MIX not in taken and _has_top(fault, clean, MIX)
        return [MIX] if fits else []
    if fault.on == "mix":
        return []
    names = [
        track.name
        for track in song.tracks
        if track.instrument not in fault.skip and (not fault.only or track.instrument in fault.only)
        and problem(_row(fault)).concerns(track.instrument)
        and track.name not in taken
        and _has_top(fault, clean, track.name)
        and _is_usual(fault, clean, track.name)
        and _is_bare(fault, clean, track.name)
    ]  # fmt: skip
    return [names[index] for index in generator.permutation(len(names))[:most]]


def _has_top(fault: Fault, clean: Clean, name: str) -> bool:
    """Say whether a track has anything where the fault would take it away."""
    if fault.least_hz is None:
        return True
    spectrum = clean.hearing.signal(name).spectrum_db()
    return bool(spectrum[fault.least_hz < BAND_HZ].max() > _HEARD_DB)


def _is_bare(fault: Fault, clean: Clean, name: str) -> bool:
    """Say whether white noise of the fault's level lies over a track's own treble in its softest twelfth."""
    if fault.bare_db is None:
        return True
    signal = clean.hearing.signal(name)
    power = signal.cell_power
    body = power[power >= 0.01 * np.quantile(power, 0.95)].mean()
    high = (_TREBLE_HZ[0] < BAND_HZ) & (_TREBLE_HZ[1] > BAND_HZ)
    noise = body * 10 ** (fault.bare_db / 10) * (_TREBLE_HZ[1] - _TREBLE_HZ[0]) / (signal.sample_rate / 2)
    soft = np.argsort(power)[: max(1, len(power) // 12)]
    return bool(signal.cells[soft][:, high].sum(axis=1).mean() < noise)


def _is_usual(fault: Fault, clean: Clean, name: str) -> bool:
    """Say whether a track stands in the half of the usual levels that a level fault leads out of."""
    word = problem(_row(fault)).word
    if word not in ("buried", "overpowering"):
        return True
    usual = level_range(clean.hearing.instruments[name], expectations())
    middle = (usual.low_db + usual.high_db) / 2
    level = level_against_rest_db(clean.hearing, name)
    return level <= middle + _HALF_DB if word == "buried" else level >= middle - _HALF_DB


def _row(fault: Fault) -> str:
    return next(name for name, entry in FAULTS.items() if entry is fault)


def case_for(clean: Clean, name: str, strength: str, place: str) -> Case:
    """Spoil, diagnose, judge."""
    fault = FAULTS[name]
    song, span = spoilt_song(clean.song, name, strength, place)
    base, known = clean, clean.known
    if fault.second:
        base = _doubled(clean, place)
        known = base.known
    hearing = _heard_again(base, song, name, place)
    findings = findings_of(hearing)
    case = Case(name, strength, clean.song.source, place)
    word = problem(name).word
    right = {word, *(problem(other).word for other in fault.also)}
    new = [finding for finding in findings if (finding.problem, finding.tracks[0]) not in known]
    mine = [f for f in new if f.problem in right and (f.problem == word or place in f.tracks)]
    mine.sort(key=lambda f: (place not in f.tracks, f.problem != word, -f.severity))
    brought = {problem(other).word for other in fault.brings}
    for finding in new_findings(base.hearing, hearing):
        if finding.problem not in right | brought:
            told = case.true if _came_true(finding, base.song, song) else case.false
            told.append(f"{finding.problem}@{finding.tracks[0]}")
    if not mine:
        return case
    best = mine[0]
    case.found, case.severity = True, best.severity
    case.right_track = place in best.tracks
    if fault.band_hz is not None and best.band_hz is not None:
        case.right_band = _overlap(best.band_hz, fault.band_hz)
    if span is not None:
        starts = [start for finding in mine for start, _ in finding.time_s or ()]
        case.late_s = min((abs(start - span[0]) for start in starts), default=None)
        case.right_time = case.late_s is not None and case.late_s <= _TIME_S
    return case


def _came_true(finding: Finding, clean: Song, song: Song) -> bool:
    """Say whether peaks between samples that are told are there now and were not before, by another meter."""
    row = problem("intersample-peaks")
    if finding.evidence.measure != row.measure:
        return False
    before, now = (true_peak_db(np.sum([one.audio for one in each.tracks], axis=0)) for each in (clean, song))
    return before <= row.start < now


def spoilt_song(song: Song, name: str, strength: str, place: str) -> tuple[Song, tuple[float, float] | None]:
    """Return the song with a fault in one track (or its only one), and the stretch of time it takes."""
    fault = FAULTS[name]
    seed = zlib.crc32(f"{song.source}/{name}/{place}".encode())
    generator = np.random.default_rng(seed)
    index = 0 if place == MIX else [track.name for track in song.tracks].index(place)
    audio = song.tracks[index].audio
    if fault.second:
        audio = _second_microphone(audio, seed)
    spoilt, span = fault.spoil(audio.copy(), song.sample_rate, STRENGTHS.index(strength), generator)
    tracks = list(song.tracks)
    if fault.second:
        tracks.append(_track(song.tracks[index], spoilt, f"{place} 2"))
    else:
        tracks[index] = _track(song.tracks[index], spoilt, song.tracks[index].name)
    return replace(song, tracks=tuple(tracks)), span


def _track(like: Track, audio: np.ndarray, name: str) -> Track:
    silent = bool(np.abs(audio).max() < 1e-5)
    return replace(like, audio=np.ascontiguousarray(audio, dtype=np.float32), name=name, silent=silent)


def _second_microphone(audio: np.ndarray, seed: int) -> np.ndarray:
    """Return what another microphone on the same source hears: other tone, its own noise, a little softer."""
    generator = np.random.default_rng(seed + 1)
    taps = np.zeros(96)
    taps[0] = 1.0
    taps[1:] = generator.normal(size=95) * 0.12 * np.exp(-np.arange(95) / 20)
    heard = np.stack([np.convolve(side, taps)[: side.size] for side in audio]) * 0.7
    noise = generator.normal(size=audio.shape) * np.sqrt(np.square(heard).mean()) * 10 ** (-45 / 20)
    return (heard + noise).astype(np.float32)


def _doubled(clean: Clean, place: str) -> Clean:
    """Return the clean song with a sound second microphone, as the state before the fault."""
    track = next(track for track in clean.song.tracks if track.name == place)
    seed = zlib.crc32(f"{clean.song.source}/second/{place}".encode())
    second = _track(track, _second_microphone(track.audio, seed), f"{place} 2")
    return clean_of(replace(clean.song, tracks=(*clean.song.tracks, second)))


def _heard_again(clean: Clean, song: Song, name: str, place: str) -> Hearing:
    """Measure a spoilt song; tracks that are as they were are not measured again."""
    if len(song.tracks) == 1 or FAULTS[name].second:
        return hear(song, Settings.neutral([track.name for track in song.tracks]), inspect(song))
    track = next(track for track in song.tracks if track.name == place)
    signals = {place: measured(track.audio, song.sample_rate, place)}
    total = np.sum([one.audio for one in song.tracks], axis=0, dtype=np.float32)
    meter = LoudnessMeter(song.sample_rate, 2)
    meter.add(total)
    series = meter.series()
    return replace(
        clean.hearing,
        mix=measured(total, song.sample_rate, MIX),
        tracks={**clean.hearing.tracks, **signals},
        pairs=(),
        loudness_lufs=meter.integrated_lufs,
        true_peak_dbtp=meter.true_peak_dbtp,
        loudness_range_lu=meter.range_lu,
        short_term_lufs=series.short_term_lufs,
        short_term_s=series.short_term_times_s,
        damage={**clean.hearing.damage, place: _damage(track.audio, song.sample_rate)},
    )


def _chunks(audio: np.ndarray):
    return chunks(([audio[:, start : start + CHUNK]] for start in range(0, audio.shape[1], CHUNK)), 1)


def measured(audio: np.ndarray, rate: int, name: str) -> Signal:
    """Measure (2, samples) without a console."""
    statistics = SignalStatistics(name, rate)
    for chunk, valid in _chunks(audio):
        statistics.add(chunk[0], valid)
    return statistics.result()


def _damage(audio: np.ndarray, rate: int):
    finder = DamageFinder(rate)
    for chunk, valid in _chunks(audio):
        finder.add(chunk[0], valid)
    return finder.result()


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    """Say whether two bands share at least half of the narrower one, in octaves."""
    low, high = max(one[0], other[0], 1.0), min(one[1], other[1])
    if high <= low:
        return False
    widths = [np.log2(max(band[1], 2.0) / max(band[0], 1.0)) for band in (one, other)]
    return bool(np.log2(high / low) >= 0.5 * min(widths))
