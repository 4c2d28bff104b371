"""Known faults in a stretch of a song, and in a mix with its other half or another song as the reference.

They have a table of their own beside that of faults in a whole song.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from assistant.diagnose import Finding, Hearing, Reference
from assistant.diagnose.reference import find_against
from assistant.diagnose.sections import find_sections
from assistant.diagnose.statistics import BAND_HZ, Signal
from assistant.request import MIX
from benchmarks.diagnose_cases import Clean, clean_of, measured, tracks_for
from benchmarks.diagnose_faults import FAULTS, STRENGTHS, Fault, gain_fault
from benchmarks.diagnose_material import clean_songs, finished_excerpts, one_mix
from exchange import Song

__all__ = ["AGAINST", "SECTION_FAULTS", "SectionCase", "section_alarms", "section_rows", "spoilt_stretch"]

_SECTION_S = (10.0, 13.0)
_EDGE_S, _FADE_S = 4.0, 0.02
_MIX_S, _STEMS_S = 120.0, 40.0
_PLAYS_DB, _BAND_DB = 20.0, -30.0
TONE = tuple(name for name, fault in FAULTS.items() if fault.band_hz is not None and name != "hum")
SECTION_FAULTS: dict[str, Fault] = {
    **{name: FAULTS[name] for name in TONE},
    "overpowering": Fault("overpowering", gain_fault((6, 10, 15)), on="both"),
    "buried": Fault("buried", gain_fault((-6, -10, -15)), on="track"),
}
"""What is put into a stretch: faults of tone as in whole songs, and levels as between takes."""
AGAINST = ("other half", "other song")
"""What the first half of a mix has for a reference."""
Remember = Callable[[str, Callable[[], Any]], Any]


@dataclass
class SectionCase:
    """One spoilt stretch (or half).

    Attributes:
        fault, song, track, kind: what was put where; "track", "mix", or one of `AGAINST`: half of a mix.
        found: the problem is told of that place, of a stretch that shares half of both with the true one.
        late_s: distance of the farther edge from the truth, or None.
        plain: it is told at severity 0.5 or more, not as a hint.
        false: "problem@track" that are told wrongly and were not in the clean song.
    """

    fault: str
    song: str
    track: str
    kind: str
    found: bool = False
    late_s: float | None = None
    plain: bool = False
    false: list[str] = field(default_factory=list)


def section_rows(songs: int, mixes: int, remembered: Remember) -> list[dict[str, Any]]:
    """Return a row for each fault and kind of place, at "plain".

    Args:
        songs, mixes: how many multitrack songs and finished tracks.
        remembered: makes a value once for a key.
    """
    cases: list[SectionCase] = []
    clean: set[tuple[str, str, str]] = set()
    material = [one_mix(audio, name) for name, audio in finished_excerpts(_MIX_S, mixes)] if mixes else []
    for song in [*material, *clean_songs(_STEMS_S, songs)]:
        kind = "mix" if len(song.tracks) == 1 else "track"
        for one in ("mix", *AGAINST) if kind == "mix" else ("track",):
            other = _reference(material, song, one)
            rows = remembered(f"sections/{one}/{song.source}", lambda s=song, k=one, o=other: _judged(s, k, o))
            cases += [SectionCase(**row) for row in rows["cases"]]
            clean |= {(one, song.source, told) for told in rows["clean"]}
    return [row for kind in ("track", "mix", *AGAINST) for row in _rows(kind, cases, clean)]


def section_alarms(seconds: float, most: int, remembered: Remember) -> dict[str, Any]:
    """Return how many finished tracks have a stretch told at severity 0.5 or more, and any hint at all."""
    told = {}
    for name, audio in finished_excerpts(seconds, most) if most else ():

        def found(name: str = name, audio: np.ndarray = audio) -> list[tuple[str, float]]:
            hearing = clean_of(one_mix(audio, name)).hearing
            return [(finding.problem, finding.severity) for finding in find_sections(hearing)]

        told[name] = remembered(f"sections/alarm/{name}", found)
    loud = {name: rows for name, rows in told.items() if any(severity >= 0.5 for _, severity in rows)}
    return {"tracks": len(told), "with_alarm": len(loud), "with_hint": sum(map(bool, told.values())), "which": loud}


def spoilt_stretch(audio: np.ndarray, rate: int, fault: Fault, span_s: tuple[float, float], seed: int) -> np.ndarray:
    """Return (2, samples) with a fault at "plain" in a stretch, its edges crossfaded over 20 ms."""
    spoilt, _ = fault.spoil(audio.copy(), rate, STRENGTHS.index("plain"), np.random.default_rng(seed))
    time = np.arange(audio.shape[1]) / rate
    share = np.clip(np.minimum(time - span_s[0], span_s[1] - time) / _FADE_S + 0.5, 0.0, 1.0)
    return (audio * (1 - share) + spoilt * share).astype(np.float32)


def _reference(material: Sequence[Song], song: Song, kind: str) -> Song | None:
    """Return what half a mix is compared with: its other half, or another song of its package; None for a stretch."""
    if kind not in AGAINST:
        return None
    package = [one for one in material if one.source.split("/")[0] == song.source.split("/")[0]]
    at = [one.source for one in package].index(song.source)
    return _half(song if kind == "other half" else package[(at + 1) % len(package)], 1)


def _judged(song: Song, kind: str, reference: Song | None) -> dict[str, Any]:
    clean = clean_of(song if reference is None else _half(song, 0))
    other = None if reference is None else clean_of(reference).hearing
    told = [f"{one.problem}@{one.tracks[0]}" for one in _told(clean.hearing, other)]
    cases = []
    for name, fault in SECTION_FAULTS.items():
        if other is not None and name not in TONE:
            continue
        generator = np.random.default_rng(zlib.crc32(f"{song.source}/{name}/{kind}".encode()))
        for place in _places(name, fault, clean, generator):
            case = _case(clean, other, name, place, kind, generator, told)
            if case is not None:
                cases.append(asdict(case))
    return {"cases": cases, "clean": told}


def _places(name: str, fault: Fault, clean: Clean, generator: np.random.Generator) -> list[str]:
    if name in TONE:
        fits = [
            place
            for place in tracks_for(fault, clean, generator, len(clean.song.tracks))
            if _heard(fault, clean, place)
        ]
        return fits[:1]
    names = [track.name for track in clean.song.tracks]
    if len(names) == 1:
        return [MIX] if fault.on == "both" else []
    return [names[int(generator.integers(len(names)))]]


def _heard(fault: Fault, clean: Clean, place: str) -> bool:
    """Say whether a track sounds in the fault's band: within 30 dB of all of it."""
    low, high = fault.band_hz or (0.0, np.inf)
    inside = (low <= BAND_HZ) & (high >= BAND_HZ)
    return bool(clean.hearing.signal(place).spectrum_db()[inside].max() > _BAND_DB)


def _case(
    clean: Clean, other: Hearing | None, name: str, place: str, kind: str, generator: np.random.Generator, known: list
) -> SectionCase | None:
    song = clean.song
    index = 0 if place == MIX else [track.name for track in song.tracks].index(place)
    track = song.tracks[index]
    seconds = song.length / song.sample_rate
    span = (0.0, seconds)
    if other is None:
        long = float(generator.uniform(*_SECTION_S))
        start = _start(clean, place, long, generator)
        if start is None:
            return None
        span = (start, start + long)
    audio = spoilt_stretch(track.audio, song.sample_rate, SECTION_FAULTS[name], span, int(generator.integers(1 << 31)))
    signal = measured(audio, song.sample_rate, place)
    spoilt = replace(clean.hearing, mix=signal) if place == MIX else _with(clean.hearing, place, signal)
    case = SectionCase(name, song.source, place, kind)
    for finding in _told(spoilt, other):
        shared = 1.0 if other is not None else _shared(finding, span)
        if finding.problem == name and finding.tracks[0] == place and shared >= 0.5:
            case.found, case.plain = True, finding.severity >= 0.5
            if other is None and finding.time_s:
                case.late_s = max(abs(one - true) for one, true in zip(finding.time_s[0], span, strict=True))
        elif (told := f"{finding.problem}@{finding.tracks[0]}") not in known and not _also(name, finding):
            case.false.append(told)
    return case


def _also(name: str, finding: Finding) -> bool:
    return finding.problem in SECTION_FAULTS[name].also


def _told(hearing: Hearing, other: Hearing | None) -> list[Finding]:
    if other is None:
        return find_sections(hearing)
    return find_against(replace(hearing, reference=Reference("reference", other)))


def _with(hearing: Hearing, place: str, signal: Signal) -> Hearing:
    return replace(hearing, tracks={**hearing.tracks, place: signal})


def _start(clean: Clean, place: str, long: float, generator: np.random.Generator) -> float | None:
    """Return where a stretch may begin in which the track plays, with 4 s of song on both sides; None if nowhere."""
    signal = clean.hearing.signal(place)
    power = signal.cell_power
    plays = power > np.quantile(power, 0.9) * 10 ** (-_PLAYS_DB / 10)
    fits = [
        start
        for start in np.arange(_EDGE_S, signal.seconds - long - _EDGE_S, 0.5)
        if plays[int(start / signal.cell_s) : int((start + long) / signal.cell_s)].mean() > 0.5
    ]
    return float(fits[int(generator.integers(len(fits)))]) if fits else None


def _shared(finding: Finding, span: tuple[float, float]) -> float:
    """Return the overlap of a told stretch and the true one, as a share of the longer."""
    if not finding.time_s:
        return 0.0
    start, stop = finding.time_s[0]
    common = min(stop, span[1]) - max(start, span[0])
    return max(common, 0.0) / max(stop - start, span[1] - span[0])


def _half(song: Song, which: int) -> Song:
    length = song.length // 2
    tracks = tuple(
        replace(one, audio=np.ascontiguousarray(one.audio[:, which * length : (which + 1) * length]))
        for one in song.tracks
    )
    return replace(song, tracks=tracks, length=length)


def _rows(kind: str, cases: Sequence[SectionCase], clean: set[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    """Yield a row a fault; the same wrong finding on one track of one song counts once."""
    wrong = {(song, told) for one, song, told in clean if one == kind}
    wrong |= {(case.song, told) for case in cases if case.kind == kind for told in case.false}
    for name in SECTION_FAULTS:
        mine = [case for case in cases if case.kind == kind and case.fault == name]
        if not mine:
            continue
        found = [case for case in mine if case.found]
        false = sum(told.split("@")[0] == name for _, told in wrong)
        late = [case.late_s for case in found if case.late_s is not None]
        yield {
            "problem": name,
            "kind": kind,
            "cases": len(mine),
            "recall": len(found) / len(mine),
            "plainly": sum(case.plain for case in mine) / len(mine),
            "precision": len(found) / max(len(found) + false, 1),
            "late_s": float(np.median(late)) if late else None,
        }
