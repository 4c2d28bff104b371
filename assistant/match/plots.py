"""Curves of a match, level left out: before, after and the references, and how far each aspect came."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from assistant.match.matching import Matched
from assistant.match.profile import Profile
from models import BAND_CENTRES_HZ

__all__ = ["draw_comparison"]

_BEFORE, _AFTER, _REFERENCE = "#9aa5b1", "#f58518", "#4c78a8"
_LOWEST_DB = -60.0


def draw_comparison(matched: Matched, references: list[Profile]) -> go.Figure:
    """Return a figure: spectra of one loudness on the left, measured aspects on the right.

    Args:
        matched: the match.
        references: what it was matched to.
    """
    figure = make_subplots(
        1, 2, column_widths=[0.62, 0.38],
        subplot_titles=("Spectrum, each band against the whole (dB)", "How far from what was wanted (dB)"),
    )  # fmt: skip
    lines = [("before", matched.before, _BEFORE, "solid"), ("after", matched.after, _AFTER, "solid")]
    lines += [(profile.name, profile, _REFERENCE, "dash") for profile in references]
    for name, profile, colour, dash in lines:
        figure.add_trace(
            go.Scatter(
                x=BAND_CENTRES_HZ, y=profile.spectrum_db.clip(_LOWEST_DB), name=name,
                line={"color": colour, "dash": dash},
            ),
            row=1, col=1,
        )  # fmt: skip
    aimed = [entry for entry in matched.measured if entry.wanted is not None and entry.unit == "dB"]
    for name, colour, values in (
        ("before", _BEFORE, [abs(entry.before - entry.wanted) for entry in aimed]),
        ("after", _AFTER, [abs(entry.after - entry.wanted) for entry in aimed]),
    ):
        figure.add_trace(
            go.Bar(y=[entry.what for entry in aimed], x=values, orientation="h", marker_color=colour, name=name,
                   showlegend=False),
            row=1, col=2,
        )  # fmt: skip
    figure.update_xaxes(type="log", title_text="Hz", row=1, col=1)
    figure.update_layout(template="plotly_white", margin={"l": 10, "r": 10, "t": 50, "b": 10})
    return figure
