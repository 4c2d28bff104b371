"""The map as a plotly figure: points by kind, arrows from the middle with their words."""

import plotly.graph_objects as go

from assistant.explore.map import SoundMap

__all__ = ["draw_map"]

_LOOK = {"version": ("#4c78a8", "circle"), "option": ("#f58518", "diamond"), "reference": ("#72b7b2", "star")}
_ARROW_COLOUR = "#888888"
_ARROW_SHARE = 0.8


def draw_map(sounds: SoundMap) -> go.Figure:
    """Return a figure whose points carry their number in `customdata`, for clicks.

    Axes have one scale, so that distances read the same in every direction.
    """
    figure = go.Figure()
    reach = max(1e-6, *(max(abs(point.x), abs(point.y)) for point in sounds.points))
    for kind, (colour, symbol) in _LOOK.items():
        rows = [(number, point) for number, point in enumerate(sounds.points) if point.kind == kind]
        if rows:
            figure.add_trace(
                go.Scatter(
                    x=[point.x for _, point in rows],
                    y=[point.y for _, point in rows],
                    text=[point.name for _, point in rows],
                    customdata=[number for number, _ in rows],
                    mode="markers+text",
                    textposition="top center",
                    hovertemplate="%{text}<extra></extra>",
                    marker={"color": colour, "symbol": symbol, "size": 13},
                    name=f"{kind}s",
                )
            )
    longest = max((abs(complex(arrow.x, arrow.y)) for arrow in sounds.arrows), default=1.0)
    for arrow in sounds.arrows:
        scale = _ARROW_SHARE * reach / max(longest, 1e-9)
        figure.add_annotation(
            x=scale * arrow.x, y=scale * arrow.y, ax=0, ay=0, xref="x", yref="y", axref="x", ayref="y",
            text="", arrowhead=2, arrowcolor=_ARROW_COLOUR, opacity=0.7,
        )  # fmt: skip
        figure.add_annotation(
            x=1.1 * scale * arrow.x, y=1.1 * scale * arrow.y, text=arrow.word, showarrow=False,
            font={"color": _ARROW_COLOUR},
        )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    figure.update_layout(
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        title={"text": f"How the sounds lie to one another ({100 * sounds.shown:.0f} % of it in two dimensions)"},
        template="plotly_white",
    )
    return figure
