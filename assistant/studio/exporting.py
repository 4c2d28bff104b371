"""The deed of exporting: the mix handed on in any form, always as a new file in the session's folder."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from assistant.events import Written
from assistant.export import TARGETS, Exported, Options, export
from assistant.session import Session
from assistant.studio.background import Tell, progressing
from assistant.studio.deed import Doing
from assistant.studio.outcome import Outcome
from assistant.tell import say
from console.errors import RequestError
from exchange.bounce import Normalise

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["exporting"]

Kind = Literal["dawproject", "rpp", "stems", "mix", "json", "report", "recall"]
_TOLD = {
    "samples": "Length: {value:.0f} samples.",
    "loudness_lufs": "Loudness: {value:.1f} LUFS.",
    "loudness_lufs_before": "Loudness before any change: {value:.1f} LUFS.",
    "true_peak_dbtp": "True peak: {value:.1f} dBTP.",
    "gain_db": "Gain: {value:+.1f} dB.",
}
"""Measurement of an export -> the sentence that tells it."""


def exporting(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def export_mix(
        kind: Annotated[Kind, Field(description="rpp is REAPER, json the settings, recall a sheet to dial in by hand")],
        version: Annotated[int | str | None, Field(description="number or name; null: the one heard now")] = None,
        audio_format: Annotated[Literal["wav24", "float", "flac"], Field(description="of stems and mix")] = "wav24",
        loudness_lufs: Annotated[
            float | None, Field(ge=-60, le=0, description="bring stems and mix to it; null: as it is")
        ] = None,
        ceiling_dbtp: Annotated[float, Field(ge=-20, le=0, description="and under this true peak")] = -1.0,
    ) -> Doing:
        """Write the mix for elsewhere: stems, one file, a DAW project, the settings, a report or a recall sheet."""
        if studio.folder is None:
            raise RequestError("This session has no folder to export to. Open it in one: studiospeak chat FOLDER.")
        number = studio.session.current if version is None else studio.session.number_of(version)
        title = studio.folder.resolve().name
        out = studio.new_place("exports", _name(kind, number, audio_format))
        normalise = None if loudness_lufs is None else Normalise(loudness_lufs, ceiling_dbtp)
        asked = Options(audio_format, normalise)

        def work(tell: Tell) -> Exported:
            session = _as_of(studio.session, number)
            return export(session, kind, out, title, asked, lambda share: tell("render", share))

        done = yield from progressing(work)
        yield Written(done.files)
        told = [_TOLD[name].format(value=value) for name, value in done.numbers.items()]
        lines = [say("exported", number=number, path=done.path), *told]
        return Outcome("\n".join(lines), files=done.files, notes=done.notes)

    return (export_mix,)


def _as_of(session: Session, number: int) -> Session:
    """Return a session that stands at a version; the given one is not moved."""
    if number == session.current:
        return session
    view = Session(session.song, session.versions[0].settings)
    view.versions, view.sections, view.current = session.versions, session.sections, number
    return view


def _name(kind: str, number: int, audio_format: str) -> str:
    extension = TARGETS[kind][0]
    if kind == "mix":
        extension = ".flac" if audio_format == "flac" else ".wav"
    return f"{kind if kind in ('stems', 'report', 'recall') else 'mix'} {number}{extension}"
