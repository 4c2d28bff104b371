"""Write the report: numbers before and after, plots, the conversation, every channel, the recall sheet."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import metadata, resources
from pathlib import Path
from string import Template

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from console.filters import BANDS
from console.parameters import Value, spec
from console.settings import Move, Settings, Stretch
from exchange.destination import new_file
from exchange.project import Project
from exchange.recall import channel_name, channel_rows, clock, recall_sheet
from exchange.report.plots import balance_plot, loudness_plot, spectrum_plot, tone_plot
from exchange.report.sound import Sound, hear

__all__ = ["Reading", "Told", "write_report"]

_EQ_ORDER = {"db": 0, "hz": 1, "q": 2}
_CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True)
class Reading:
    """Something measured before and after a turn; `wanted` where there was a goal."""

    what: str
    track: str
    before: float
    after: float
    unit: str
    wanted: float | None = None


@dataclass(frozen=True)
class Told:
    """A turn of the conversation: the words, the answer, the knobs it turned, what was measured."""

    said: str
    reply: str
    moves: tuple[Move, ...] = ()
    measured: tuple[Reading, ...] = ()


def write_report(
    project: Project, before: Settings, told: Sequence[Told], path: str | os.PathLike[str]
) -> tuple[Path, Sound, Sound]:
    """Render the song before and after, measure it and write one HTML file that needs nothing else.

    Args:
        project: the mix as it is.
        before: settings to compare with: how it was loaded.
        told: the conversation that led from there to here, in order.
        path: must not exist.
    Returns:
        The file, and both measurements.
    Raises:
        ProjectFileError: something is there already, or the disk refuses.
    """
    path = Path(path)
    with new_file(path) as partial:
        was = hear(Project(project.title, project.song, before, project.sections))
        now = hear(project)
        partial.write_text(_page(project, was, now, told), encoding="utf-8")
    return path, was, now


def _page(project: Project, was: Sound, now: Sound, told: Sequence[Told]) -> str:
    song = project.song
    tone = tone_plot(project.settings.whole(), song.sample_rate)
    plots = [_plot(figure, name) for figure, name in (
        (spectrum_plot(was, now), "spectrum"), (loudness_plot(was, now, project), "loudness"),
        (balance_plot(was, now), "balance"))]  # fmt: skip
    library = f"<script>{get_plotlyjs()}</script>"
    tone_section = (
        "" if tone is None
        else '<section aria-label="Tone curves"><h2>Tone curves</h2>'
             f'<div class="plot">{_plot(tone, "tone")}</div></section>'
    )  # fmt: skip
    template = resources.files("exchange.report").joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        title=escape(project.title),
        subtitle=escape(
            f"{len(song.tracks)} tracks, {clock(song.duration_s)} at {song.sample_rate / 1000:g} kHz. "
            f"Mix report by Studiospeak {metadata.version('studiospeak')}."
        ),
        figures="".join(_figure(*entry) for entry in _figures(was, now)),
        summary=escape(_summary(was, now)),
        spectrum=library + plots[0],
        loudness=plots[1],
        balance=plots[2],
        tone=tone_section,
        turns="".join(map(_turn, told)) or "<p>Nothing was asked for: this is the mix as it was loaded.</p>",
        channels=_channels(project.settings),
        recall=escape(recall_sheet(project)),
    )


def _figures(was: Sound, now: Sound) -> list[tuple[str, float, float, str, int]]:
    return [
        ("Loudness", was.loudness_lufs, now.loudness_lufs, "LUFS", 1),
        ("True peak", was.true_peak_dbtp, now.true_peak_dbtp, "dBTP", 1),
        ("Loudness range", was.range_lu, now.range_lu, "LU", 1),
        ("Crest factor", was.crest_db, now.crest_db, "dB", 1),
        ("Side against mid", was.side_db, now.side_db, "dB", 1),
        ("Correlation", was.correlation, now.correlation, "", 2),
    ]


def _figure(name: str, was: float, now: float, unit: str, digits: int) -> str:
    return (
        f'<div class="figure"><span class="soft">{name}</span>'
        f"<b>{_number(now, digits)} <small>{unit}</small></b>"
        f'<span class="soft">was {_number(was, digits)}</span></div>'
    )


def _summary(was: Sound, now: Sound) -> str:
    words = []
    if math.isfinite(now.loudness_lufs) and math.isfinite(was.loudness_lufs):
        words.append(
            f"The mix is {abs(now.loudness_lufs - was.loudness_lufs):.1f} LU "
            f"{'louder' if now.loudness_lufs >= was.loudness_lufs else 'quieter'} than it was loaded."
        )
    if now.true_peak_dbtp > 0:
        words.append(f"Its true peak is {now.true_peak_dbtp:.1f} dB over full scale: turn it down or limit it.")
    elif now.true_peak_dbtp > -1:
        words.append("Its true peak is above -1 dBTP, which lossy encoders may push over full scale.")
    words.append("Plots show levels as they are, not matched in loudness.")
    return " ".join(words)


def _turn(turn: Told) -> str:
    rows = "".join(
        f"<tr><td>{escape(channel_name(channel))}</td><td>{escape(knob)}{_when(time_s)}</td>"
        f'<td class="number">{escape(was)}</td><td class="number">{escape(now)}</td></tr>'
        for channel, knob, time_s, was, now in _turned(turn.moves)
    )
    head = '<tr><th>Channel</th><th>Knob</th><th class="number">was</th><th class="number">is</th></tr>'
    table = f'<div class="scroll"><table>{head}{rows}</table></div>' if rows else ""
    read = "".join(
        f"<tr><td>{escape(r.track)}</td><td>{escape(r.what)}</td>"
        f'<td class="number">{_number(r.before, _digits(r.unit))}</td>'
        f'<td class="number">{_number(r.after, _digits(r.unit))}</td>'
        f'<td class="number">{"" if r.wanted is None else _number(r.wanted, _digits(r.unit))}</td>'
        f"<td>{escape(r.unit)}</td></tr>"
        for r in turn.measured
    )
    head = (
        '<tr><th>Track</th><th>Measured</th><th class="number">was</th><th class="number">is</th>'
        '<th class="number">wanted</th><th></th></tr>'
    )
    readings = f'<div class="scroll"><table>{head}{read}</table></div>' if read else ""
    reply = "".join(f"<p>{escape(line)}</p>" for line in turn.reply.splitlines() if line.strip())
    return f'<section class="turn"><p class="said">“{escape(turn.said)}”</p>{reply}{table}{readings}</section>'


def _turned(moves: Sequence[Move]) -> list[tuple[str, str, Stretch | None, str, str]]:
    """Return (channel, knob, section, was, is) of the moves, those of an equaliser's band as one."""
    bands: dict[tuple[str, str, Stretch | None], list[Move]] = {}
    for move in moves:
        band = next((b for b in BANDS if move.parameter.startswith(f"eq.{b}_")), None)
        label = spec(f"eq.{band}_gain_db" if band else move.parameter).label
        bands.setdefault((move.track, label, move.time_s), []).append(move)
    found = []
    for (channel, label, time_s), together in bands.items():
        together.sort(key=lambda move: _EQ_ORDER.get(move.parameter.rsplit("_", 1)[-1], 0))
        was, now = (
            ", ".join(_value(move.parameter, value) for move, value in zip(together, values, strict=True))
            for values in ([m.before for m in together], [m.after for m in together])
        )
        found.append((channel, label, time_s, was, now))
    return found


def _when(time_s: Stretch | None) -> str:
    return "" if time_s is None else f" ({clock(time_s[0])} to {clock(time_s[1])})"


def _digits(unit: str) -> int:
    return 2 if unit in ("", "cosine") else 1


def _channels(settings: Settings) -> str:
    rows = []
    for address in settings.addresses():
        found = channel_rows(settings, address)
        for number, (label, text) in enumerate(found):
            name = f'<th scope="rowgroup" rowspan="{len(found)}">{escape(channel_name(address))}</th>'
            rows.append(f"<tr>{name if number == 0 else ''}<td>{escape(label)}</td><td>{escape(text)}</td></tr>")
    if not rows:
        return "<p>Every channel stands as it was recorded.</p>"
    return f"<table><tr><th>Channel</th><th>Processor</th><th>Stands at</th></tr>{''.join(rows)}</table>"


def _value(parameter: str, value: Value) -> str:
    entry = spec(parameter)
    if entry.kind == "switch":
        return "on" if float(value) else "off"
    if isinstance(value, str):
        return value
    if entry.unit == "Q":
        return f"Q {value:.4g}"
    return (
        f"{value:.4g}{entry.unit}" if entry.unit == ":1" else f"{value:.4g} {'' if '..' in entry.unit else entry.unit}"
    )


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "silent"


def _plot(figure: go.Figure, name: str) -> str:
    return figure.to_html(full_html=False, include_plotlyjs=False, config=_CONFIG, div_id=f"plot-{name}")
