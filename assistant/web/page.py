"""The page: its layout, and how what a visitor does comes back as new panels."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.web.acts import perform
from assistant.web.benches import Benches
from assistant.web.dialogs_view import heading
from assistant.web.every_act import ACTS
from assistant.web.kept import Preferences
from assistant.web.panels import TABS, Seat, changes, render, tab_list
from assistant.web.players import LOADING
from assistant.web.state import Workbench
from assistant.web.talk_view import EXAMPLES
from assistant.web.uploads import add_reference, open_files
from console.errors import StudiospeakError
from exchange import Song

__all__ = ["build_page", "welcome"]

_AT_ONCE = 32
_BRIDGE = "studiospeak.connect((name, payload) => trigger('act', payload));"
_TOKEN = "() => [new URLSearchParams(location.search).get('session') || '']"
_COMPOSER = """<form data-form="say" class="composer"><label class="sr" for="say-text">Say what you want</label>
<textarea id="say-text" name="text" rows="2" maxlength="1000" autocomplete="off"
 placeholder="Say what you want, as you would to an engineer"></textarea>
<button type="submit" class="primary" id="send">Send</button></form>"""


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
                gr.HTML(tab_list(), elem_id="tabs", js_on_load=None, apply_default_css=False)
                panels = {
                    name: gr.HTML("", elem_id=f"box-{name}", js_on_load=None, apply_default_css=False)
                    for name, _ in TABS
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
            for change in changes(here, bench):
                yield [here, *change]
            busy = bench.work.busy
            for _ in bench.work.follow():
                yield [here, *render(here, bench, talk_only=True)]
            for change in changes(here, bench) if busy else ():
                yield [here, *change]

        def do(here: Seat | None, event: gr.EventData) -> Iterator[list[Any]]:
            asked = event._data or {}
            name, payload = str(asked.get("name", "")), asked.get("payload") or {}
            bench = None if here is None else _bench(benches, here)
            if here is None or bench is None:
                raise gr.Error("This session is closed. Reload the page.", print_exception=False)
            moved = _house_act(benches, here, bench, name, payload)
            if moved is not None:
                for change in changes(here, moved):
                    yield [here, *change]
                return
            for _ in perform(bench, ACTS.get(name), payload):
                yield [here, *render(here, bench, talk_only=True)]
            for change in changes(here, bench):
                yield [here, *change]

        def load(here: Seat, files: list[str] | None) -> Iterator[list[Any]]:
            bench = _bench(benches, here)
            assert bench is not None
            fresh = open_files(benches, bench, files or [], here.user)
            if fresh is not bench:
                greet(fresh)
                here.token = fresh.token
            for change in changes(here, fresh):
                yield [here, *change]

        def refer(here: Seat, file: str | None) -> Iterator[list[Any]]:
            bench = _bench(benches, here)
            assert bench is not None
            if file is not None:
                add_reference(bench, file)
            for change in changes(here, bench):
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
    """Carry out what is about sessions, not within one; return the session to show, None where it is no such act."""
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
