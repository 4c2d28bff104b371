"""The spectrum before and after with the tone curve over it."""

from html import escape

import numpy as np
import plotly.graph_objects as go
import torch

from assistant.eq_fit import current_curve_db
from assistant.web.takes import Take
from console.filters import cut_sections, response_db
from console.settings import Settings

__all__ = ["curve_db", "spectrum_figure"]

_TICKS_HZ = (31, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_TICK_TEXT = ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k")
_FLOOR_DB = -100.0
_QUIETEST_CURVE_DB = -60.0
_TEXT, _GRID = "#8a919e", "rgba(138,145,158,0.20)"
_BEFORE, _AFTER, _CURVE = "#8a919e", "#2f9e8f", "#d9822b"


def curve_db(settings: Settings, address: str, freqs_hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return what a channel's equaliser and its cuts do together at `freqs_hz` (points,), dB."""
    curve = current_curve_db(settings, address, freqs_hz, sample_rate)
    for processor, kind in (("highpass", "high"), ("lowpass", "low")):
        if settings.get(address, f"{processor}.on"):
            freq_hz = torch.tensor([settings.number(address, f"{processor}.freq_hz")], dtype=torch.float64)
            slope = str(settings.get(address, f"{processor}.slope_db_per_octave"))
            sections = cut_sections(sample_rate, freq_hz, slope, kind)
            curve = curve + response_db(sections, torch.as_tensor(freqs_hz), sample_rate)[0].numpy()
    return np.maximum(curve, _QUIETEST_CURVE_DB)


def spectrum_figure(
    before: Take, after: Take, curves: tuple[np.ndarray, np.ndarray], freqs_hz: np.ndarray, names: tuple[str, str]
) -> go.Figure:
    """Draw two takes' third-octave spectra and the tone curves of their channel.

    Args:
        before, after: the takes; bands where nothing sounds are left out.
        curves: (points,) each, dB, of the two versions.
        freqs_hz: (points,) of the curves.
        names: what the two versions are called.
    """
    figure = go.Figure()
    for take, name, colour, dash in (
        (before, f"Before ({names[0]})", _BEFORE, "solid"),
        (after, f"After ({names[1]})", _AFTER, "solid"),
    ):
        level = np.where(take.level_db > _FLOOR_DB, take.level_db, np.nan)
        style = {"color": colour, "width": 2, "dash": dash, "shape": "spline", "smoothing": 0.6}
        hover = "%{x:.0f} Hz  %{y:.1f} dBFS<extra>" + escape(name) + "</extra>"
        figure.add_scatter(x=take.centre_hz, y=level, name=escape(name), line=style, hovertemplate=hover)
    was, now = curves
    if was.any() and not np.allclose(was, now):
        style = {"color": _CURVE, "width": 1, "dash": "dot"}
        figure.add_scatter(x=freqs_hz, y=was, yaxis="y2", name="EQ before", line=style, hoverinfo="skip")
    figure.add_scatter(
        x=freqs_hz,
        y=now,
        yaxis="y2",
        name="EQ after" if now.any() else "EQ (flat)",
        line={"color": _CURVE, "width": 2},
        hovertemplate="%{x:.0f} Hz  %{y:+.1f} dB<extra>EQ</extra>",
    )
    _lay_out(figure, _loudest(before, after), float(max(6.0, np.abs(np.clip([was, now], -18, 18)).max() * 1.25)))
    return figure


def _loudest(before: Take, after: Take) -> float:
    levels = np.concatenate((before.level_db, after.level_db))
    levels = levels[np.isfinite(levels)]
    return float(levels.max()) if levels.size else -20.0


def _lay_out(figure: go.Figure, top_db: float, reach_db: float) -> None:
    top = 6 * np.ceil((top_db + 2) / 6)
    figure.update_layout(
        template="none",
        height=262,
        margin={"l": 46, "r": 46, "t": 26, "b": 34},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 11, "color": _TEXT},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        hovermode="x",
        dragmode=False,
    )
    figure.update_xaxes(
        type="log",
        range=[np.log10(25), np.log10(20000)],
        tickvals=_TICKS_HZ,
        ticktext=_TICK_TEXT,
        gridcolor=_GRID,
        zeroline=False,
        title={"text": "Hz, third-octave bands", "standoff": 4},
    )
    figure.update_yaxes(gridcolor=_GRID, zeroline=False)
    figure.update_layout(
        yaxis={"title": {"text": "dBFS", "standoff": 4}, "range": [top - 66, top], "dtick": 12},
        yaxis2={
            "title": {"text": "EQ, dB", "standoff": 4},
            "range": [-reach_db, reach_db],
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "tickmode": "linear",
            "tick0": 0,
            "dtick": 3 if reach_db <= 9 else 6,
            "zeroline": True,
            "zerolinecolor": "rgba(217,130,43,0.35)",
        },
    )
