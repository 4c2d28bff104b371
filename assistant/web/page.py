"""The page: its layout, and how what a visitor does comes back as new panels."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from assistant.web.acts import perform
from assistant.web.benches import Benches
from assistant.web.console_view import console
from assistant.web.dialogs_view import dialogs, heading
from assistant.web.every_act import ACTS
from assistant.web.findings_view import findings
from assistant.web.history_view import history
from assistant.web.kept import Preferences
from assistant.web.meters_view import meters
from assistant.web.options_view import options
from assistant.web.players import LOADING, player
from assistant.web.reference_view import reference
from assistant.web.state import Workbench
from assistant.web.talk_view import EXAMPLES, talk
from assistant.web.uploads import add_reference, open_files
from console.errors import StudiospeakError
from exchange import Song

__all__ = ["URL", "Seat", "build_page", "welcome"]

URL = "/bench/"
"""Where the page serves each session's own files."""

_AT_ONCE = 32
_TABS = (("console", "Console"), ("meters", "Meters"), ("findings", "Diagnosis"), ("options", "Options"),
         ("reference", "Reference"), ("history", "History"))  # fmt: skip
_BRIDGE = "studiospeak.connect((name, payload) => trigger('act', payload));"
_TOKEN = "() => [new URLSearchParams(location.search).get('session') || '']"
_COMPOSER = """<form data-form="say" class="composer"><label class="sr" for="say-text">Say what you want</label>
<textarea id="say-text" name="text" rows="2" maxlength="1000" autocomplete="off"
 placeholder="Say what you want, as you would to an engineer"></textarea>
<button type="submit" class="primary" id="send">Send</button></form>"""


@dataclass(eq=False)
class Seat:
    """One open page: which session it shows, and what it was sent last, so that only changes are sent."""

    token: str
    user: str
    sent: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def build_page(benches: Benches) -> gr.Blocks:
    """Return the page over the sessions of this machine."""
    with gr.Blocks(title="Studiospeak", analytics_enabled=False, fill_width=True) as page:
        seat = gr.State(None)
        token = gr.Textbox(visible=False)
        bridge = gr.HTML("", js_on_load=_BRIDGE, apply_default_css=False, elem_id="bridge")
        with gr.Row(elem_id="top"):
            head = gr.HTML(heading(None), elem_id="heading", js_on_load=None, apply_default_css=False)
            upload = gr.UploadButton("Open stems or a mix", file_count="multiple", size="sm", scale=0, elem_id="upload")
        with gr.Row(equal_height=False, elem_id="body"):
            with gr.Column(scale=9, min_width=320, elem_id="talk"):
                said = gr.HTML("", elem_id="said", js_on_load=None, apply_default_css=False)
                gr.HTML(_COMPOSER, elem_id="say", js_on_load=None, apply_default_css=False)
            with gr.Column(scale=23, min_width=320, elem_id="desk"):
                plays = gr.HTML(LOADING, elem_id="player", js_on_load=None, apply_default_css=False)
                gr.HTML(_tabs(), elem_id="tabs", js_on_load=None, apply_default_css=False)
                panels = {
                    name: gr.HTML("", elem_id=f"box-{name}", js_on_load=None, apply_default_css=False)
                    for name, _ in _TABS
                }
                more = gr.UploadButton("Add a reference", file_count="single", size="sm", elem_id="add-reference")
        opened = gr.HTML("", elem_id="dialogs", js_on_load=None, apply_default_css=False)

        shown = [head, said, plays, *panels.values(), opened]
        outputs = [seat, *shown]
        quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": _AT_ONCE, "api_visibility": "private"}

        def arrive(wanted: str, request: gr.Request) -> Iterator[list[Any]]:
            user = request.username or ""
            bench = benches.arrive(wanted, user)
            if not bench.lines:
                greet(bench)
            here = Seat(bench.token, user)
            for change in _changes(here, bench):
                yield [here, *change]
            busy = bench.work.busy
            for _ in bench.work.follow():
                yield [here, *_render(here, bench, talk_only=True)]
            for change in _changes(here, bench) if busy else ():
                yield [here, *change]

        def do(here: Seat | None, event: gr.EventData) -> Iterator[list[Any]]:
            asked = event._data or {}
            name, payload = str(asked.get("name", "")), asked.get("payload") or {}
            bench = None if here is None else _bench(benches, here)
            if here is None or bench is None:
                raise gr.Error("This session is closed. Reload the page.", print_exception=False)
            moved = _house_act(benches, here, bench, name, payload)
            if moved is not None:
                for change in _changes(here, moved):
                    yield [here, *change]
                return
            for _ in perform(bench, ACTS.get(name), payload):
                yield [here, *_render(here, bench, talk_only=True)]
            for change in _changes(here, bench):
                yield [here, *change]

        def load(here: Seat, files: list[str] | None) -> Iterator[list[Any]]:
            bench = _bench(benches, here)
            assert bench is not None
            fresh = open_files(benches, bench, files or [], here.user)
            if fresh is not bench:
                greet(fresh)
                here.token = fresh.token
            for change in _changes(here, fresh):
                yield [here, *change]

        def refer(here: Seat, file: str | None) -> Iterator[list[Any]]:
            bench = _bench(benches, here)
            assert bench is not None
            if file is not None:
                add_reference(bench, file)
            for change in _changes(here, bench):
                yield [here, *change]

        page.load(arrive, token, outputs, js=_TOKEN, **quiet)
        bridge.act(do, seat, outputs, trigger_mode="multiple", **quiet)
        upload.upload(load, [seat, upload], outputs, **quiet)
        more.upload(refer, [seat, more], outputs, **quiet)
    return page


def greet(bench: Workbench) -> None:
    """Say what was loaded and what could be said."""
    bench.say("studio", welcome(bench.session.song, bench.title))
    bench.chips = EXAMPLES


def welcome(song: Song, title: str) -> str:
    """Return the first words about a song."""
    names = ", ".join(track.name for track in song.tracks)
    count = "a stereo mix" if len(song.tracks) == 1 else f"{len(song.tracks)} tracks ({names})"
    facts = f"{title}: {count}, {song.duration_s:.0f} s at {song.sample_rate / 1000:g} kHz."
    return "\n".join((facts, *song.notes, "What should it sound like?"))


def _house_act(benches: Benches, here: Seat, bench: Workbench, name: str, payload: dict[str, Any]) -> Workbench | None:
    """Carry out what is about sessions rather than within one; return the session to show, None where it is "
    "no such act."""
    if name == "demo":
        fresh = benches.start(*benches.demo_song(), here.user)
        greet(fresh)
    elif name == "forget_session" and bench.folder == benches.folder:
        bench.notice = f"{bench.folder} was given to the program, so it stays. Delete it yourself if you mean to."
        return bench
    elif name == "forget_session":
        benches.remove(here.token, here.user)
        fresh = benches.start(*benches.demo_song(), here.user)
        greet(fresh)
        fresh.notice = f"{bench.title} is deleted."
    elif name == "prefer":
        experience = payload.get("experience")
        if experience in ("amateur", "pro-am", "professional"):
            benches.prefer(Preferences(experience=experience), here.user)
        return bench
    else:
        return None
    here.token = fresh.token
    return fresh


def _bench(benches: Benches, here: Seat) -> Workbench | None:
    try:
        return benches.get(here.token, here.user)
    except StudiospeakError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _changes(here: Seat, bench: Workbench) -> Iterator[list[Any]]:
    """Yield the panels that changed: first what is known at once, then the sounds, then what is measured on them."""
    yield _render(here, bench)
    yield _render(here, bench, sounds=True)
    yield _render(here, bench, sounds=True, measured=True)


def _render(
    here: Seat, bench: Workbench, talk_only: bool = False, sounds: bool = False, measured: bool = False
) -> list[Any]:
    """Return an update of every panel; those that did not change are left alone."""
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
    order = ("head", "talk", "player", *(name for name, _ in _TABS), "dialogs")
    updates: list[Any] = []
    with here.lock:
        for name in order:
            value = makers[name]() if name in makers else None
            if value is None or here.sent.get(name) == value:
                updates.append(gr.skip())
            else:
                here.sent[name] = value
                updates.append(value)
    return updates


def _tabs() -> str:
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{name}" data-tab="{name}" aria-controls="panel-{name}"'
        f' aria-selected="{"true" if name == "console" else "false"}" '
        f'tabindex="{0 if name == "console" else -1}">{label}</button>'
        for name, label in _TABS
    )
    return f'<div role="tablist" aria-label="Panels" class="tablist">{tabs}</div>'
