"""Plots of the report: spectrum and loudness before and after, balance of the tracks, tone curves."""

from html import escape

import numpy as np
import plotly.graph_objects as go
import torch

from console.filters import cut_sections, eq_sections, response_db
from console.settings import Settings
from exchange.project import Project
from exchange.recall import channel_name
from exchange.report.sound import Sound

__all__ = ["balance_plot", "loudness_plot", "spectrum_plot", "tone_plot"]

_BEFORE, _AFTER = "#8a919e", "#2f9e8f"
_TEXT, _GRID, _SECTION = "#7d8592", "rgba(138,145,158,0.22)", "rgba(217,130,43,0.10)"
_LINES = ("#2f9e8f", "#d9822b", "#5b7fd1", "#c4527a", "#7a9a2e", "#8d62c0", "#b5892c", "#4aa3c2")
_TICKS_HZ = (31, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_TICK_TEXT = ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k")
_QUIET_DB, _QUIET_LUFS, _DEEPEST_DB = -110.0, -60.0, -24.0
_MOST_CURVES = len(_LINES)


def spectrum_plot(before: Sound, after: Sound) -> go.Figure:
    """Draw third octaves before and after."""
    figure = go.Figure()
    loudest = -20.0
    for sound, name, colour in ((before, "before", _BEFORE), (after, "after", _AFTER)):
        level = np.where(sound.level_db > _QUIET_DB, sound.level_db, np.nan)
        loudest = max([loudest, *level[np.isfinite(level)]])
        hover = "%{x:.0f} Hz  %{y:.1f} dBFS<extra>" + name + "</extra>"
        figure.add_scatter(x=sound.centre_hz, y=level, name=name, line=_line(colour), hovertemplate=hover)
    top = 6 * np.ceil((loudest + 2) / 6)
    _frame(figure, "third octave, Hz", "dBFS", [top - 66, top])
    _frequencies(figure)
    return figure


def loudness_plot(before: Sound, after: Sound, project: Project) -> go.Figure:
    """Draw short-term loudness over time (momentary where the song is shorter than 3 s), sections shaded."""
    figure = go.Figure()
    loudest = -20.0
    for sound, name, colour in ((before, "before", _BEFORE), (after, "after", _AFTER)):
        series = sound.series
        times, level = series.short_term_times_s, series.short_term_lufs
        if not len(times):
            times, level = series.momentary_times_s, series.momentary_lufs
        level = np.where(level > _QUIET_LUFS, level, np.nan)
        loudest = max([loudest, *level[np.isfinite(level)]])
        hover = "%{x:.1f} s  %{y:.1f} LUFS<extra>" + name + "</extra>"
        figure.add_scatter(x=times, y=level, name=name, line=_line(colour), hovertemplate=hover)
    for number, section in enumerate(project.sections):
        if number % 2 == 0:
            figure.add_vrect(x0=section.start_s, x1=section.end_s, fillcolor=_SECTION, line_width=0, layer="below")
        figure.add_annotation(
            x=section.start_s, y=1, xref="x", yref="paper", text=escape(section.name), showarrow=False,
            xanchor="left", yanchor="top", font={"size": 11, "color": _TEXT},
        )  # fmt: skip
    top = 3 * np.ceil((loudest + 2) / 3)
    _frame(figure, "time, s", "LUFS", [top - 30, top])
    return figure


def balance_plot(before: Sound, after: Sound) -> go.Figure:
    """Draw every track's loudness before and after, the loudest on top."""
    names = sorted(after.track_lufs, key=lambda name: after.track_lufs[name])
    figure = go.Figure()
    for sound, name, colour, symbol in (
        (before, "before", _BEFORE, "circle-open"),
        (after, "after", _AFTER, "circle"),
    ):
        level = [sound.track_lufs[track] if sound.track_lufs[track] > _QUIET_LUFS else np.nan for track in names]
        figure.add_scatter(
            x=level,
            y=[escape(_short(track)) for track in names],
            name=name,
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"width": 2, "color": colour}},
            hovertemplate="%{y}  %{x:.1f} LUFS<extra>" + name + "</extra>",
        )
    _frame(figure, "loudness after the fader, LUFS", "", None, height=90 + 26 * max(len(names), 3))
    figure.update_yaxes(automargin=True, type="category")
    return figure


def tone_plot(settings: Settings, sample_rate: int) -> go.Figure | None:
    """Draw what equaliser and cuts do on every channel that uses them; None where none does."""
    high_hz = min(20_000.0, 0.49 * sample_rate)
    freqs_hz = torch.logspace(np.log10(20.0), np.log10(high_hz), 300, dtype=torch.float64)
    tonal = [address for address in settings.addresses() if _shapes_tone(settings, address)]
    curves = {address: _curve_db(settings, address, freqs_hz, sample_rate) for address in tonal}
    curves = {address: curve for address, curve in curves.items() if np.abs(curve).max() > 0.01}
    if not curves:
        return None
    figure = go.Figure()
    strongest = sorted(curves, key=lambda address: -np.abs(curves[address]).max())[:_MOST_CURVES]
    for number, address in enumerate(address for address in curves if address in strongest):
        name = escape(_short(channel_name(address)))
        figure.add_scatter(
            x=freqs_hz.numpy(),
            y=np.where(curves[address] >= _DEEPEST_DB, curves[address], np.nan),
            name=name,
            line=_line(_LINES[number]),
            hovertemplate="%{x:.0f} Hz  %{y:+.1f} dB<extra>" + name + "</extra>",
        )
    reach = float(np.clip(max(np.abs(curve[curve > _DEEPEST_DB]).max() for curve in curves.values()), 6.0, 24.0)) + 1
    _frame(figure, "Hz", "dB", [-reach, reach])
    _frequencies(figure)
    return figure


def _shapes_tone(settings: Settings, address: str) -> bool:
    return any(name.split(".")[0] in ("eq", "highpass", "lowpass") for name in settings.channel(address))


def _curve_db(settings: Settings, address: str, freqs_hz: torch.Tensor, sample_rate: int) -> np.ndarray:
    values = settings.channel(address)
    bands = {name[3:]: float(value) for name, value in values.items() if name.startswith("eq.")}
    like = torch.zeros(1, 1, 1, dtype=torch.float64)
    sections = [eq_sections(like, sample_rate, **bands)]
    for processor, kind in (("highpass", "high"), ("lowpass", "low")):
        if settings.get(address, f"{processor}.on"):
            freq_hz = torch.tensor([settings.number(address, f"{processor}.freq_hz")], dtype=torch.float64)
            slope = str(settings.get(address, f"{processor}.slope_db_per_octave"))
            sections.append(cut_sections(sample_rate, freq_hz, slope, kind))
    return response_db(torch.cat(sections, dim=1), freqs_hz, sample_rate)[0].numpy()


def _line(colour: str) -> dict[str, object]:
    return {"color": colour, "width": 2}


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"


def _frequencies(figure: go.Figure) -> None:
    figure.update_xaxes(type="log", range=[np.log10(25), np.log10(20_000)], tickvals=_TICKS_HZ, ticktext=_TICK_TEXT)


def _frame(figure: go.Figure, across: str, up: str, limits: list[float] | None, height: int = 280) -> None:
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 52, "r": 16, "t": 28, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": _TEXT},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        hovermode="x" if limits else "closest",
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=_GRID, zeroline=False, title={"text": across, "standoff": 6})
    figure.update_yaxes(gridcolor=_GRID, zeroline=False, title={"text": up, "standoff": 6})
    if limits:
        figure.update_yaxes(range=limits)
