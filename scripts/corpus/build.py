"""Build the corpus from the table: every source to a shard, every shard to the index."""

import functools
import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.training.corpus import SAMPLE_RATE, Clip, open_corpus
from scripts.corpus.cut import choose_starts, is_audible
from scripts.corpus.fetch import Run, fetch, licence_note, run_command
from scripts.corpus.play import play_midi
from scripts.corpus.recordings import Note, Recording, find_recordings, read_recording
from scripts.corpus.sampled import patch_clips
from scripts.corpus.scores import GAP_S, compose, instrument_name, mma_chart, mma_midi, split_channels
from scripts.corpus.store import Store
from scripts.corpus.table import COMPOSED, CorpusError, Package, PackageTable
from scripts.demo_song.midi import TEMPO_BPM, midi_file

__all__ = ["Plan", "Report", "build"]

_MOST_FROM_ONE_SOURCE = 12
_MMA_CLIPS = 2
_TIMES_TRIED = 3  # sources looked at for each one needed, where renders can be made without end


@dataclass(frozen=True)
class Plan:
    """What to build.

    Attributes:
        out: the corpus folder.
        hours: of all chosen packages together; None: all they give.
        clip_s: length of a clip, s.
        seed: decides order, places and notes.
    """

    out: Path
    hours: float | None = None
    clip_s: float = 10.0
    seed: int = 0

    @property
    def clip_samples(self) -> int:
        """Length of a clip."""
        return round(self.clip_s * SAMPLE_RATE)


@dataclass
class Report:
    """What came of a package."""

    package: str
    clips: list[Clip] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class _Source:
    """One shard to be: how to make its clips, as (start_s, instrument, (2, samples)) each."""

    name: str
    score: str
    rate: int
    make: Callable[[np.random.Generator], Iterator[tuple[float, str, np.ndarray]]]


def build(
    table: PackageTable,
    names: list[str] | None,
    plan: Plan,
    run: Run = run_command,
    progress: Callable[[str, float], None] | None = None,
) -> list[Report]:
    """Fetch, render, cut and index. What is finished already is kept; broken sources and packages become notes.

    Args:
        table: the packages.
        names: which; None: all.
        plan: where to and how much.
        run: how commands are run.
        progress: called with a package and the share of it that is done.
    Returns:
        A report a package, scores left out.
    Raises:
        CorpusError: a name that is not to be used.
    """
    rows = [row for row in table.choose(names) if row.kind != "score"]
    total = sum(row.hours for row in rows)
    share = 1.0 if plan.hours is None or total == 0.0 else plan.hours / total
    reports = []
    for row in rows:
        report = Report(row.name)
        reports.append(report)
        wanted = math.ceil(row.hours * share * 3600 / plan.clip_s)
        try:
            _build_package(table, row, plan, wanted, report, run, functools.partial(progress or _no_progress, row.name))
        except CorpusError as error:
            report.notes.append((row.name, str(error)))
        _write_index(plan, reports)
    return reports


def _no_progress(package: str, share: float) -> None:
    del package, share


def _build_package(
    table: PackageTable,
    row: Package,
    plan: Plan,
    wanted: int,
    report: Report,
    run: Run,
    progress: Callable[[float], None],
) -> None:
    root = fetch(row, plan.out / "packages", run)
    licence = licence_note(root, row.name)
    if row.is_rendered:
        sources: Sequence[_Source]
        sources = _sampled(row, root, plan, wanted) if row.patches else _renders(table, row, root, plan, wanted, run)
        each = _MOST_FROM_ONE_SOURCE + 4
    else:
        recordings, report.notes[:] = find_recordings(row, root)
        order = np.random.default_rng([plan.seed, zlib.crc32(row.name.encode())]).permutation(len(recordings))
        clips_in = [int(recordings[index].seconds * SAMPLE_RATE) // plan.clip_samples for index in order]
        fair = _fair_share(clips_in, wanted)
        sources = [_recording_source(row, recordings[index], plan, fair) for index in order]
        each = fair
    recipe = {"seed": plan.seed, "clip_s": plan.clip_s, "most": each, "table": table.version, "licence": licence}
    store = Store(plan.out)
    store_row = {"package": row.name, "split": row.split, "kind": row.kind, "licence": licence}
    for source in sources:
        if len(report.clips) >= wanted:
            break
        clips = store.finished(row.name, source.name, recipe)
        if clips is None:
            try:
                clips = _write_source(store, row, source, plan, recipe, store_row)
            except CorpusError as error:
                report.notes.append((source.name, str(error)))
                continue
        report.clips += clips[: wanted - len(report.clips)]
        progress(min(1.0, len(report.clips) / wanted))
    progress(1.0)


def _write_source(
    store: Store, row: Package, source: _Source, plan: Plan, recipe: dict[str, Any], columns: dict[str, Any]
) -> list[Clip]:
    generator = np.random.default_rng([plan.seed, zlib.crc32(f"{row.name}/{source.name}".encode())])
    audio, rows = [], []
    for start_s, instrument, clip in source.make(generator):
        if is_audible(clip, SAMPLE_RATE):
            audio.append(clip)
            place = {"instrument": instrument, "source": source.name, "start_s": round(start_s, 3)}
            rows.append({**columns, **place, "source_rate": source.rate, "score": source.score})
    return store.write(row.name, source.name, recipe, audio, rows, normalise=row.is_rendered)


def _fair_share(clips_in: Sequence[int], wanted: int) -> int:
    """Return how many clips at most each source gives, so that together they give what is wanted, evenly."""
    for most in range(1, max(clips_in, default=0) + 1):
        if sum(min(count, most) for count in clips_in) >= wanted:
            return most
    return max(clips_in, default=1)


def _recording_source(row: Package, recording: Recording, plan: Plan, most: int) -> _Source:
    def make(generator: np.random.Generator) -> Iterator[tuple[float, str, np.ndarray]]:
        audio = read_recording(recording)
        for start in choose_starts(audio.shape[1], plan.clip_samples, most, generator):
            yield start / SAMPLE_RATE, row.instrument, audio[:, start : start + plan.clip_samples]

    return _Source(recording.name, "", recording.sample_rate, make)


def _renders(table: PackageTable, row: Package, root: Path, plan: Plan, wanted: int, run: Run) -> Sequence[_Source]:
    """Return the renders of a soundfont, its score sources in turn; more of them than are needed."""
    soundfont = root / row.soundfont
    if not soundfont.is_file():
        raise CorpusError(f"{row.name} has no {row.soundfont}. Correct its row in the table.")
    lists = []
    for score in row.scores:
        if score == COMPOSED:
            count = _TIMES_TRIED * math.ceil(wanted / 16)
            lists.append([_composed_source(index, soundfont, plan, run) for index in range(count)])
            continue
        tree = fetch(table.packages[score], plan.out / "packages", run)
        if score == "mma":
            count = _TIMES_TRIED * math.ceil(wanted / (5 * _MMA_CLIPS))
            lists.append([_mma_source(index, tree, soundfont, plan, run) for index in range(count)])
        else:
            files = sorted(path for path in tree.rglob("*.mid") if not path.is_symlink())
            lists.append([_midi_source(score, path.name, path.read_bytes, soundfont, plan, run) for path in files])
    longest = max(map(len, lists))
    return [column[index] for index in range(longest) for column in lists if index < len(column)]


def _sampled(row: Package, root: Path, plan: Plan, wanted: int) -> Sequence[_Source]:
    """Return composed scores played with GUS patches."""

    def make(generator: np.random.Generator) -> Iterator[tuple[float, str, np.ndarray]]:
        return patch_clips(generator, plan.clip_s, root / row.patches, row.leave)

    count = _TIMES_TRIED * math.ceil(wanted / 16)
    return [_Source(f"{COMPOSED}-{index:04d}", COMPOSED, SAMPLE_RATE, make) for index in range(count)]


def _composed_source(index: int, soundfont: Path, plan: Plan, run: Run) -> _Source:
    def make(generator: np.random.Generator) -> Iterator[tuple[float, str, np.ndarray]]:
        notes, programs, parts = compose(generator, plan.clip_s)
        end_s = parts[-1].start_s + plan.clip_s + GAP_S
        audio = play_midi(midi_file(notes, programs, end_s * TEMPO_BPM / 60), soundfont, run)
        for part in parts:
            start = round(part.start_s * SAMPLE_RATE)
            clip = audio[:, start : start + plan.clip_samples]
            if clip.shape[1] == plan.clip_samples:
                yield part.start_s, part.instrument, clip

    return _Source(f"{COMPOSED}-{index:04d}", COMPOSED, SAMPLE_RATE, make)


def _mma_source(index: int, root: Path, soundfont: Path, plan: Plan, run: Run) -> _Source:
    def make(generator: np.random.Generator) -> Iterator[tuple[float, str, np.ndarray]]:
        midi = mma_midi(mma_chart(generator, root), root, run)
        yield from _channels(midi, soundfont, plan, generator, run, _MMA_CLIPS)

    return _Source(f"mma-{index:04d}", "mma", SAMPLE_RATE, make)


def _midi_source(score: str, name: str, read: Callable[[], bytes], soundfont: Path, plan: Plan, run: Run) -> _Source:
    def make(generator: np.random.Generator) -> Iterator[tuple[float, str, np.ndarray]]:
        yield from _channels(read(), soundfont, plan, generator, run, _MMA_CLIPS)

    return _Source(f"{score}-{name}", score, SAMPLE_RATE, make)


def _channels(
    midi: bytes, soundfont: Path, plan: Plan, generator: np.random.Generator, run: Run, most: int
) -> Iterator[tuple[float, str, np.ndarray]]:
    for channel, (program, alone) in split_channels(midi).items():
        audio = play_midi(alone, soundfont, run)
        for start in choose_starts(audio.shape[1], plan.clip_samples, most, generator):
            clip = audio[:, start : start + plan.clip_samples]
            yield start / SAMPLE_RATE, instrument_name(channel, program), clip


def _write_index(plan: Plan, reports: Sequence[Report]) -> None:
    """Index the packages built now and those built before with other names."""
    built = {report.package for report in reports}
    clips = [clip for clip in _indexed(plan.out) if clip.package not in built]
    clips += [clip for report in reports for clip in report.clips]
    seconds: defaultdict[str, float] = defaultdict(float)
    for clip in clips:
        seconds[clip.package] += plan.clip_s
    about = {
        "clip_samples": plan.clip_samples,
        "seed": plan.seed,
        "hours": {name: round(value / 3600, 4) for name, value in seconds.items()},
        "notes": {report.package: report.notes for report in reports if report.notes},
    }
    Store(plan.out).write_index(sorted(clips, key=lambda clip: (clip.package, clip.shard, clip.row)), about)


def _indexed(folder: Path) -> list[Clip]:
    """Return the clips of an index that is there already, none if there is none."""
    return list(open_corpus(folder).clips) if (folder / "index.csv").is_file() else []
