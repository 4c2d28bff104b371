"""What an open page shows: every panel made from the bench, and only what changed sent to the browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from assistant.web.console_view import console
from assistant.web.dialogs_view import dialogs, heading
from assistant.web.findings_view import findings
from assistant.web.history_view import history
from assistant.web.meters_view import meters
from assistant.web.options_view import options
from assistant.web.players import player
from assistant.web.reference_view import reference
from assistant.web.state import Workbench
from assistant.web.talk_view import talk

__all__ = ["ORDER", "TABS", "URL", "Seat", "changes", "render", "tab_list"]

URL = "/bench/"
"""Where the page serves each session's own files."""

TABS = (("console", "Console"), ("meters", "Meters"), ("findings", "Diagnosis"), ("options", "Options"),
         ("reference", "Reference"), ("history", "History"))  # fmt: skip
ORDER = ("head", "talk", "player", *(name for name, _ in TABS), "dialogs")
"""The panels as they are sent."""


@dataclass(eq=False)
class Seat:
    """One open page: which session it shows, and what it was sent last, so that only changes are sent."""

    token: str
    user: str
    sent: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def changes(here: Seat, bench: Workbench) -> Iterator[list[Any]]:
    """Yield the panels that changed: first what is known at once, then the sounds, then what is measured on them."""
    yield render(here, bench)
    yield render(here, bench, sounds=True)
    yield render(here, bench, sounds=True, measured=True)


def render(
    here: Seat, bench: Workbench, talk_only: bool = False, sounds: bool = False, measured: bool = False
) -> list[Any]:
    """Return an update of every panel, in `ORDER`; those that did not change are left alone.

    Args:
        here: the open page.
        bench: what it shows.
        talk_only: only the talk, while something is being done.
        sounds, measured: also what has to be rendered first, and what is measured on that.
    """
    url = f"{URL}{bench.token}/"
    makers: dict[str, Any] = {"talk": lambda: talk(bench, url)}
    if not talk_only:
        makers |= {
            "head": lambda: heading(bench),
            "console": lambda: console(bench),
            "findings": lambda: findings(bench),
            "options": lambda: options(bench),
            "reference": lambda: reference(bench),
            "history": lambda: history(bench),
            "dialogs": lambda: dialogs(bench, url),
        }
    if sounds:
        makers["player"] = lambda: player(bench, url)
    if measured:
        makers["meters"] = lambda: meters(bench)
    updates: list[Any] = []
    with here.lock:
        for name in ORDER:
            value = makers[name]() if name in makers else None
            if value is None or here.sent.get(name) == value:
                updates.append(gr.skip())
            else:
                here.sent[name] = value
                updates.append(value)
    return updates


def tab_list() -> str:
    """Return the tabs of the panels."""
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{name}" data-tab="{name}" aria-controls="panel-{name}"'
        f' aria-selected="{"true" if name == "console" else "false"}" '
        f'tabindex="{0 if name == "console" else -1}">{label}</button>'
        for name, label in TABS
    )
    return f'<div role="tablist" aria-label="Panels" class="tablist">{tabs}</div>'
