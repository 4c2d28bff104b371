"""Deeds of comparing: two versions of the mix, measured and written equally loud to hear; the mix and a recording."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from assistant.diagnose import Reference
from assistant.diagnose.questions import Question
from assistant.events import Compared, Measured, Measurement, Written
from assistant.hearing import hear
from assistant.measure import SongSound
from assistant.request import MIX
from assistant.session import Session
from assistant.studio.background import Tell, progressing
from assistant.studio.carrying import answered
from assistant.studio.deed import Doing
from assistant.studio.outcome import Outcome
from assistant.tell import name_channel, say
from console.errors import RequestError
from console.measures import band_level_db, crest_factor_db, width_db
from console.settings import moves
from exchange import load_tracks, write_audio

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["REGIONS_HZ", "comparing", "differences"]

REGIONS_HZ = {
    "lows": (20.0, 120.0),
    "low mids": (120.0, 500.0),
    "mids": (500.0, 2000.0),
    "high mids": (2000.0, 6000.0),
    "highs": (6000.0, 20000.0),
}
"""Regions of the spectrum that are compared, each against the whole."""
_LEAST = 0.1
_TOLD_TRACKS = 4
_NONE_DB = -60.0


def comparing(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def compare(
        one: Annotated[int | str | None, Field(description="number or name; null: the version before")] = None,
        other: Annotated[int | str | None, Field(description="number or name; null: the one heard now")] = None,
    ) -> Doing:
        """Compare two versions of the mix: what was turned between them and how they measure."""
        session = studio.session
        parent = session.version.parent
        first = session.number_of(one) if one is not None else (0 if parent is None else parent)
        second = session.number_of(other) if other is not None else session.current
        if len(session.versions) == 1:
            raise RequestError("There is only the mix as it was loaded. Change something first, then compare.")
        if first == second:
            raise RequestError(f'Version {first} cannot be compared with itself. Name two: "compare 0 and 2".')
        names = [track.name for track in session.song.tracks]

        def work(tell: Tell) -> tuple[SongSound, SongSound]:
            tell("listen", 0.0)
            sound = hear(session, session.versions[first].settings, names)
            tell("listen", 0.5)
            return sound, hear(session, session.versions[second].settings, names)

        sounds = yield from progressing(work)
        measured = differences(*sounds, session.song.sample_rate)
        yield Measured(measured, 1.0)
        yield Compared(first, second)
        turned = moves(session.versions[first].settings, session.versions[second].settings)
        lines = [_heading(studio, first, second, len(turned), tuple(dict.fromkeys(move.track for move in turned)))]
        lines += _told(measured)
        files: tuple[Path, ...] = ()
        if studio.renders and studio.folder is not None:
            files = _written(studio, (first, second), sounds)
            yield Written(files)
            lines.append(say("to_hear", folder=files[0].parent))
        return Outcome("\n".join(lines), measured=measured, files=files, compared=(first, second))

    def compare_reference(
        recording: Annotated[str, Field(description="its name, as the person said it or as listed")],
    ) -> Doing:
        """Compare the mix with a recording that the person named: loudness, dynamics, width and spectrum."""
        path = studio.references.find(recording)
        consultant = studio.assistant.consultant

        def work(tell: Tell) -> Reference:
            tell("listen", 0.0)
            return Reference(path.name, consultant.ear.listen(Session(load_tracks(path))))

        consultant.compare_with(studio.session, (yield from progressing(work)))
        question = Question("compare", (MIX,))
        return (yield from answered(consultant.reply(studio.session, question, studio.assistant.take_turn)))

    return compare, compare_reference


def differences(one: SongSound, other: SongSound, sample_rate: int) -> tuple[Measurement, ...]:
    """Measure two sounds of one song: the mix's loudness, peak, dynamics, width and spectrum, and every track's level.

    Args:
        one, other: both with the same tracks heard.
        sample_rate: Hz.
    """
    rows = [
        ("loudness", MIX, one.loudness_lufs, other.loudness_lufs, "LUFS"),
        ("true peak", MIX, one.true_peak_dbtp, other.true_peak_dbtp, "dBTP"),
        ("loudness range", MIX, one.range_lu, other.range_lu, "LU"),
        ("crest factor", MIX, crest_factor_db(one.master), crest_factor_db(other.master), "dB"),
        ("side against mid", MIX, *(max(width_db(s.master), _NONE_DB) for s in (one, other)), "dB"),
    ]
    for name, (low_hz, high_hz) in REGIONS_HZ.items():
        if low_hz < sample_rate / 2:
            rows.append((f"{name} against the whole", MIX, *(
                _share_db(sound.master, sample_rate, low_hz, min(high_hz, sample_rate / 2)) for sound in (one, other)
            ), "dB"))  # fmt: skip
    for name in one.track_lufs:
        if np.isfinite(one.track_lufs[name]) and np.isfinite(other.track_lufs[name]):
            rows.append(("level against the rest", name, one.level_lu(name), other.level_lu(name), "LU"))
    return tuple(Measurement.of(*row) for row in rows)


def _share_db(audio: np.ndarray, sample_rate: int, low_hz: float, high_hz: float) -> float:
    whole = band_level_db(audio, sample_rate, 20.0, min(20000.0, sample_rate / 2))
    return band_level_db(audio, sample_rate, low_hz, high_hz) - whole


def _told(measured: Sequence[Measurement]) -> list[str]:
    """Return what differs: the mix, then the tracks that moved most."""
    mix = [entry for entry in measured if entry.track == MIX and abs(entry.after - entry.before) >= _LEAST]
    tracks = [entry for entry in measured if entry.track != MIX and abs(entry.after - entry.before) >= _LEAST]
    tracks.sort(key=lambda entry: -abs(entry.after - entry.before))
    lines = [_line(entry) for entry in (*mix, *tracks[:_TOLD_TRACKS])]
    if len(tracks) > _TOLD_TRACKS:
        lines.append(say("more_tracks", count=len(tracks) - _TOLD_TRACKS))
    return lines or [say("compare_same")]


def _line(entry: Measurement) -> str:
    what = f"{entry.what[0].upper()}{entry.what[1:]} of {name_channel(entry.track)}"
    return f"{what}: {entry.before:.1f} to {entry.after:.1f} {entry.unit}."


def _heading(studio: "Studio", first: int, second: int, knobs: int, channels: Sequence[str]) -> str:
    names = [studio.session.title_of(number) for number in (first, second)]
    where = ", ".join(name_channel(channel) for channel in channels)
    return say("compared", one=first, first=names[0], other=second, second=names[1], knobs=knobs,
               where=f" ({where})" if where else "")  # fmt: skip


def _written(studio: "Studio", numbers: tuple[int, int], sounds: Sequence[SongSound]) -> tuple[Path, ...]:
    """Write both, the louder one turned down to the other."""
    folder = studio.new_place("renders", f"compare {numbers[0]} and {numbers[1]}")
    folder.mkdir(parents=True)
    quieter = min(sound.loudness_lufs for sound in sounds)
    files = []
    for label, number, sound in zip("AB", numbers, sounds, strict=True):
        gain_db = quieter - sound.loudness_lufs if np.isfinite(quieter) else 0.0
        audio = (sound.master * 10 ** (gain_db / 20)).astype(np.float32)
        path = folder / f"{label} version {number}.wav"
        write_audio(path, audio, studio.session.song.sample_rate, "float")
        files.append(path)
    return tuple(files)
