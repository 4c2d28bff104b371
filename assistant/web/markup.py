"""Small parts of the page as HTML: text made safe, buttons that ask for an action, figures, tables of readings."""

import json
import math
from collections.abc import Sequence
from html import escape
from typing import Any

__all__ = ["button", "clock", "data", "decibels", "figure", "panel", "table", "text"]


def text(value: object) -> str:
    """Return text as it is, not as markup."""
    return escape(str(value), quote=True)


def data(**values: Any) -> str:
    """Return data attributes: `data(act="undo", number=2)`; underscores become hyphens, None is left out."""
    return "".join(f' data-{name.replace("_", "-")}="{text(v)}"' for name, v in values.items() if v is not None)


def button(
    label: str,
    act: str,
    *,
    name: str | None = None,
    kind: str = "",
    pressed: bool | None = None,
    disabled: bool = False,
    ident: str | None = None,
    **payload: Any,
) -> str:
    """Return a button that asks for an action.

    Args:
        label: what it reads.
        act: the action, with `payload` as its arguments.
        name: its accessible name, where the label is too short to tell.
        kind: CSS classes.
        pressed: for one that is on or off.
        disabled: whether it cannot be used now.
        ident: its id, so that focus comes back to it.
    """
    parts = ['<button type="button"']
    parts += [f' id="{text(ident)}"'] if ident else []
    parts += [f' class="{kind}"'] if kind else []
    parts += [f' aria-label="{text(name)}" title="{text(name)}"'] if name else []
    parts += [f' aria-pressed="{str(pressed).lower()}"'] if pressed is not None else []
    parts += [" disabled"] if disabled else []
    parts.append(data(act=act, payload=json.dumps(payload) if payload else None))
    return "".join(parts) + f">{text(label)}</button>"


def figure(drawn: Any, name: str, kind: str = "") -> str:
    """Return the place where the page draws a plotly figure."""
    return (
        f'<div class="figure {kind}" role="img" aria-label="{text(name)}" data-figure="{text(drawn.to_json())}"></div>'
    )


def panel(ident: str, title: str, body: str, aside: str = "") -> str:
    """Return one of the desk's panels."""
    return (
        f'<section class="panel" id="panel-{ident}" role="tabpanel" aria-labelledby="tab-{ident}" tabindex="-1">'
        f"<h2>{text(title)}{aside}</h2>{body}</section>"
    )


def decibels(value: float, unit: str = "dB", digits: int = 1) -> str:
    """Return a level with its unit; a dash for silence."""
    return f"{value:.{digits}f} {unit}".strip() if math.isfinite(value) else f"- {unit}".strip()


def clock(seconds: float) -> str:
    """Return a time as a counter shows it."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """Return a table; the first cell of a row is its heading. Cells are HTML."""
    columns = "".join(f'<th scope="col">{text(one)}</th>' for one in head)
    lines = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return f'<table aria-label="{text(name)}"><thead><tr>{columns}</tr></thead><tbody>{lines}</tbody></table>'
