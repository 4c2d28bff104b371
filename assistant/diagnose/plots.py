"""Figures that show the evidence: spectrum with the band shaded, masking matrix, loudness over time, stereo field."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from assistant.diagnose.balance import Masking
from assistant.diagnose.expectations import Spectra
from assistant.diagnose.finding import Finding
from assistant.diagnose.listening import Hearing
from assistant.diagnose.statistics import BAND_HZ, Signal, decibels

__all__ = ["loudness_figure", "masking_figure", "spectrum_figure", "stereo_figure", "timeline_figure"]

_INK, _GRID = "#8a919e", "rgba(138,145,158,0.20)"
_NOW, _USUAL, _SHADE, _MARK = "#2f9e8f", "rgba(138,145,158,0.25)", "rgba(217,130,43,0.22)", "#d9822b"
_TICKS_HZ = (31, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_TICK_TEXT = ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k")
_OUTER_90 = 1.645


def spectrum_figure(
    signal: Signal, title: str, band_hz: tuple[float, float] | None, usual: Spectra | None, usual_name: str = "usual"
) -> go.Figure:
    """Draw a signal's spectrum over the range 9 of 10 others have, the band in question shaded."""
    figure = go.Figure()
    spectrum = signal.spectrum_db()
    if usual is not None:
        level = float(np.median(spectrum - usual.mean_db))
        spread = _OUTER_90 * np.sqrt(np.diag(usual.covariance))
        for sign, fill in ((1, None), (-1, "tonexty")):
            figure.add_scatter(
                x=BAND_HZ, y=usual.mean_db + level + sign * spread, mode="lines", line={"width": 0}, fill=fill,
                fillcolor=_USUAL, name=f"{usual_name} (9 of 10)", showlegend=sign < 0, hoverinfo="skip",
            )  # fmt: skip
    figure.add_scatter(x=BAND_HZ, y=spectrum, mode="lines", line={"color": _NOW, "width": 2}, name=signal.name)
    if band_hz is not None:
        figure.add_vrect(x0=band_hz[0], x1=band_hz[1], fillcolor=_SHADE, line_width=0)
    _style(figure, title, "Hz", "dB of the whole")
    figure.update_xaxes(type="log", range=[np.log10(25), np.log10(18000)], tickvals=_TICKS_HZ, ticktext=_TICK_TEXT)
    top = float(spectrum.max()) + 6
    figure.update_yaxes(range=[top - 66, top])
    return figure


def masking_figure(masked: list[Masking], names: list[str]) -> go.Figure:
    """Draw who hides how much of whom: a row a hidden track, a column a masker."""
    shares = {(one.hidden, one.masker): one for one in masked}
    rows = [[100 * shares[h, m].share if (h, m) in shares else None for m in names] for h in names]
    words = [[_masking_words(shares.get((h, m))) for m in names] for h in names]
    figure = go.Figure(
        go.Heatmap(
            z=rows, x=names, y=names, text=words, hoverinfo="text", zmin=0, zmax=100, colorscale="Oranges",
            colorbar={"title": {"text": "% hidden"}},
        )
    )  # fmt: skip
    _style(figure, "Who hides whom", "masker", "hidden")
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=max(280, 26 * len(names) + 140))
    return figure


def loudness_figure(hearing: Hearing, platforms: dict[str, float] | None = None) -> go.Figure:
    """Draw short-term loudness over time, the integrated loudness and the platforms' targets as lines."""
    figure = go.Figure()
    values = np.where(np.isfinite(hearing.short_term_lufs), hearing.short_term_lufs, np.nan)
    figure.add_scatter(
        x=hearing.short_term_s, y=values, mode="lines", line={"color": _NOW, "width": 2}, name="short-term (3 s)"
    )
    if np.isfinite(hearing.loudness_lufs):
        figure.add_hline(hearing.loudness_lufs, line={"color": _INK, "dash": "dash"}, annotation_text="integrated")
    by_target: dict[float, list[str]] = {}
    for name, target in (platforms or {}).items():
        by_target.setdefault(target, []).append(name)
    for target, names in by_target.items():
        figure.add_hline(target, line={"color": _MARK, "dash": "dot", "width": 1}, annotation_text=", ".join(names))
    _style(figure, "Loudness over time", "s", "LUFS")
    heard = values[np.isfinite(values)]
    low = float(np.quantile(heard, 0.02)) - 6 if heard.size else -40.0
    figure.update_yaxes(range=[max(low, -50.0), 0])
    return figure


def stereo_figure(hearing: Hearing, names: list[str]) -> go.Figure:
    """Draw where each track stands between left and right and how wide it is; size is its loudness."""
    figure = go.Figure()
    for name in names or [hearing.mix.name]:
        signal = hearing.signal(name)
        if signal.silent:
            continue
        left, right = signal.side_power
        place = (right - left) / max(left + right, 1e-15)
        width = 1.0 - signal.correlation
        size = float(np.clip(60 + decibels(signal.power), 8, 48))
        figure.add_scatter(
            x=[place], y=[width], mode="markers+text", text=[name], textposition="top center", name=name,
            marker={"size": size, "opacity": 0.6}, showlegend=False,
            hovertemplate=f"{name}<br>balance %{{x:.2f}}<br>correlation {signal.correlation:.2f}<extra></extra>",
        )  # fmt: skip
    figure.add_hrect(y0=1.0, y1=2.0, fillcolor=_SHADE, line_width=0, annotation_text="fades in mono")
    _style(figure, "Stereo field", "left   balance   right", "1 - correlation")
    figure.update_xaxes(range=[-1, 1])
    figure.update_yaxes(range=[-0.05, 2.0])
    return figure


def timeline_figure(hearing: Hearing, finding: Finding) -> go.Figure:
    """Draw the level of the track over time with the finding's moments marked."""
    name = finding.tracks[0]
    signal = hearing.signal(name)
    figure = go.Figure()
    times = np.arange(len(signal.cells)) * signal.cell_s
    figure.add_scatter(
        x=times, y=decibels(signal.cell_power, 1e-9), mode="lines", line={"color": _NOW, "width": 1}, name=name
    )
    for start, stop in finding.time_s or ():
        figure.add_vrect(x0=start, x1=max(stop, start + 0.02), fillcolor=_MARK, line={"color": _MARK, "width": 1})
    _style(figure, f"{name}: {finding.problem}", "s", "dBFS")
    return figure


def _masking_words(one: Masking | None) -> str:
    if one is None:
        return ""
    return (
        f"{one.masker} hides {100 * one.share:.0f} % of {one.hidden}<br>"
        f"{one.band_hz[0]:.0f}-{one.band_hz[1]:.0f} Hz, {one.excess_db:.0f} dB over it"
    )


def _style(figure: go.Figure, title: str, x: str, y: str) -> None:
    layout: dict[str, Any] = {
        "template": "none",
        "height": 300,
        "margin": {"l": 52, "r": 16, "t": 52, "b": 38},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 11, "color": _INK},
        "title": {"text": title, "font": {"size": 13}, "x": 0.01, "xanchor": "left", "y": 0.97, "yanchor": "top"},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "dragmode": False,
    }
    figure.update_layout(layout)
    figure.update_xaxes(title={"text": x, "standoff": 4}, gridcolor=_GRID, zeroline=False, automargin=True)
    figure.update_yaxes(title={"text": y, "standoff": 4}, gridcolor=_GRID, zeroline=False, automargin=True)
