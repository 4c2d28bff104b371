"""Hand a session's mix on: as stems, to another DAW, as settings, as a report, as a recall sheet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assistant.session import Session, Version
from console.errors import ProjectFileError
from exchange.bounce import FORMATS, Bounced, Normalise, bounce, bounce_mix
from exchange.dawproject import write_dawproject
from exchange.destination import new_file
from exchange.project import Project, Section
from exchange.reaper import write_reaper
from exchange.recall import recall_sheet
from exchange.report import Reading, Told, write_report
from exchange.settings_file import write_settings

__all__ = ["TARGETS", "Exported", "Options", "export", "project_of", "told"]

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Options:
    """What a person can ask of stems and mix.

    Attributes:
        audio_format: "wav24", "float" or "flac".
        normalise: bring the mix to a loudness.
        tails: let reverb and delay ring out.
    """

    audio_format: str = "wav24"
    normalise: Normalise | None = None
    tails: bool = True


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: the file or folder that was asked for.
        files: every file, `path` first where it is one.
        notes: sentences to tell.
        numbers: measurements of what was written, with units in their names.
    """

    path: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)


def export(
    session: Session,
    to: str,
    out: str | Path,
    title: str = "Mix",
    options: Options | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the mix as it stands now.

    Args:
        session: whose current version is written.
        to: a key of TARGETS.
        out: where to; gets the target's extension where it has none, and must not exist.
        title: of the song.
        options: for stems and mix.
        progress: called with the share rendered, 0..1, where something is rendered.
    Returns:
        What was written, and what to tell about it.
    Raises:
        ProjectFileError: an unknown target, something is there already, or the disk refuses.
    """
    if to not in TARGETS:
        raise ProjectFileError(f"{to!r} is nothing a mix can be exported to. Use one of {', '.join(TARGETS)}.")
    extension, write = TARGETS[to]
    path = Path(out)
    if path.exists():
        raise ProjectFileError(f"{path} already exists and is never written over. Choose another name with --out.")
    if extension and path.suffix.lower() != extension:
        path = path.with_name(path.name + extension)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectFileError(
            f"The folder {path.parent} cannot be made ({error.strerror}). Choose another."
        ) from error
    return write(session, project_of(session, title), path, options or Options(), progress)


def project_of(session: Session, title: str) -> Project:
    """Return the session's current mix with the sections it knows by name."""
    sections = [
        Section(name if len(stretches) == 1 else f"{name} {number}", start_s, end_s)
        for name, stretches in session.sections.items()
        for number, (start_s, end_s) in enumerate(stretches, 1)
    ]
    return Project(title, session.song, session.settings, tuple(sorted(sections, key=lambda part: part.start_s)))


def told(session: Session) -> list[Told]:
    """Return the turns that led to the current version, the first one first."""
    return [_told(version) for version in reversed(session.path()) if version.parent is not None]


def _told(version: Version) -> Told:
    readings = tuple(
        Reading(entry.what, entry.track, entry.before, entry.after, entry.unit, entry.wanted)
        for entry in version.measured
    )
    return Told(version.said, version.reply, version.moves, readings)


def _stems(_: Session, project: Project, path: Path, options: Options, progress: Progress | None) -> Exported:
    return _of(path, bounce(project, path, options.audio_format, options.normalise, options.tails, progress))


def _mix(_: Session, project: Project, path: Path, options: Options, progress: Progress | None) -> Exported:
    extension, _subtype = FORMATS[options.audio_format]
    if path.suffix.lower() == ".flac" and options.audio_format == "wav24":
        options, extension = Options("flac", options.normalise, options.tails), ".flac"
    if path.suffix.lower() != extension:
        path = path.with_name(path.name + extension)
    return _of(path, bounce_mix(project, path, options.audio_format, options.normalise, options.tails, progress))


def _of(path: Path, done: Bounced) -> Exported:
    numbers = {
        "samples": done.samples,
        "loudness_lufs": round(done.loudness_lufs, 2),
        "true_peak_dbtp": round(done.true_peak_dbtp, 2),
        "gain_db": round(done.gain_db, 2),
    }
    return Exported(path, done.files, done.notes, numbers)


def _dawproject(_: Session, project: Project, path: Path, __: Options, ___: Progress | None) -> Exported:
    written = write_dawproject(project, path)
    return Exported(path, (path,), written.notes)


def _rpp(_: Session, project: Project, path: Path, __: Options, ___: Progress | None) -> Exported:
    written = write_reaper(project, path)
    inside = sorted(file for file in written.media.rglob("*") if file.is_file())
    return Exported(path, (path, *inside), written.notes)


def _json(_: Session, project: Project, path: Path, __: Options, ___: Progress | None) -> Exported:
    return Exported(path, (write_settings(project.settings, path),))


def _report(session: Session, project: Project, path: Path, _: Options, __: Progress | None) -> Exported:
    _, was, now = write_report(project, session.versions[0].settings, told(session), path)
    numbers = {
        "loudness_lufs_before": round(was.loudness_lufs, 2),
        "loudness_lufs": round(now.loudness_lufs, 2),
        "true_peak_dbtp": round(now.true_peak_dbtp, 2),
    }
    return Exported(path, (path,), (), numbers)


def _recall(_: Session, project: Project, path: Path, __: Options, ___: Progress | None) -> Exported:
    with new_file(path) as partial:
        partial.write_text(recall_sheet(project), encoding="utf-8")
    return Exported(path, (path,))


TARGETS: dict[str, tuple[str, Callable[[Session, Project, Path, Options, Progress | None], Exported]]] = {
    "dawproject": (".dawproject", _dawproject),
    "rpp": (".rpp", _rpp),
    "stems": ("", _stems),
    "mix": ("", _mix),
    "json": (".json", _json),
    "report": (".html", _report),
    "recall": (".txt", _recall),
}
"""What a mix can be exported to -> extension of the file ("" for a folder or by format), and what writes it."""
